"""The interface for notebooks: functions and objects from a file to clusters, figures and tables.

They are what ``import msiss`` offers, and only call the other packages; no other package but msiss itself may import
this one.
"""
