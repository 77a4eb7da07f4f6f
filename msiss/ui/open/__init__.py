"""The page Open: data files, uploads, imports, and the list of data sets."""
