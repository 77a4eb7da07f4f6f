"""Runs: their folders, the engine that computes them outside the dashboard, and what is computed from their results.

The package may import `msiss.learn` and what that imports; `msiss.share`, the dashboard, the command line and the
notebook interface may import it.
"""
