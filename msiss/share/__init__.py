"""What is taken away from a run: tables, an archive of the results, and the text of a methods section.

The package may import `msiss.runs` and what that imports; the dashboard, the command line and the notebook interface
may import it.
"""
