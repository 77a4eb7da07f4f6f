"""Exact masses in Da.

Main isotopes and 37Cl: NIST, Atomic Weights and Isotopic Compositions (Atomic Mass Evaluation 2012). Electron: CODATA
2018.
"""

MASS = {
    "C": 12.0,
    "H": 1.00782503223,
    "N": 14.00307400443,
    "O": 15.99491461957,
    "P": 30.97376199842,
    "Na": 22.9897692820,
    "K": 38.9637064864,
    "Cl": 34.968852682,
}
ELECTRON = 0.000548579909
# Mass of the heavy isotope minus that of the main one.
CARBON_13 = 1.00335483507
CHLORINE_37 = 36.965902602 - MASS["Cl"]
