"""Runs: their folders, the engine that trains them outside the dashboard, and analyses of their results.

The package may import `msiss.learn` and what that imports; `msiss.share`, the dashboard, the command line and the
notebook interface may import it.
"""
