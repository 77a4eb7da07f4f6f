"""Ion images before training: reading, checks, selection, preparation, and the library of data sets on disk.

The formats are in `msiss.data.formats`. The package may import `msiss.analyse`, `msiss.show` and the modules at the top
of msiss; the packages from `msiss.learn` upwards may import it.
"""
