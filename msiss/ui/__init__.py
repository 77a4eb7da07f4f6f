"""The dashboard: one package per section of its pages, and what they share.

Only here is streamlit imported. Only the pages, ``app.py`` and the command ``msiss app`` may import this package.
"""
