"""Measures, clusterings and scores of ion images: plain arrays in, plain results out.

Nothing here reads files or knows of training. The package may import the modules at the top of msiss alone; every
other package but `msiss.show` may import it.
"""
