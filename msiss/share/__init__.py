"""Output of a run for use elsewhere: tables, an archive of the results, and the methods text.

The package may import `msiss.runs` and what that imports; the dashboard, the command line and the notebook interface
may import it.
"""
