"""msiss in a notebook: a few functions and objects that lead from a file to clusters, figures and tables.

They only call what the other packages have, and are what ``import msiss`` offers.
"""
