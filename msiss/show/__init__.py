"""Figures, thumbnails and HTML of ion images, from plain arrays.

Nothing here reads files or knows of the dashboard. The package may import the modules at the top of msiss
alone; every other package but `msiss.analyse` may import it.
"""
