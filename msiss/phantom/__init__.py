"""Simulated sections with known classes, isotopes and adducts.

For the demo, the tests and the benchmarks. The package may import `msiss.data` and what that imports; the command line
and the dashboard may import it.
"""
