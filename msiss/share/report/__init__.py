"""The report of a run: everything about it in one file, as HTML or PDF.

The content is gathered once, as a list of blocks; each format writes the same blocks.
"""
