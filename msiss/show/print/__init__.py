"""Figures for print with matplotlib, from plain arrays: white, sized in millimetres, with all text as text.

Only what draws or saves a figure imports these modules, as matplotlib takes a while to import.
"""
