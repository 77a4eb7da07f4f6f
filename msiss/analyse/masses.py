"""Exact masses in Da, and the tolerance of their differences.

Main isotopes and 37Cl: NIST, Atomic Weights and Isotopic Compositions (Atomic Mass Evaluation 2012). Electron: CODATA
2018.
"""

from dataclasses import dataclass

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

USUAL_PPM = 5.0  # tolerance of mass differences: the accuracy of an Orbitrap or a well calibrated TOF


@dataclass(frozen=True)
class Tolerance:
    """The tolerance of a mass difference.

    Attributes
    ----------
    ppm : float
        In ppm of the heavier m/z.
    least : float
        In Th, where that is more than `ppm`: the step to which the m/z are rounded, for light ions.
    """

    ppm: float
    least: float = 0.0

    def __str__(self) -> str:
        return f"{self.ppm:g} ppm" + (f", or {self.least:g} Th if that is more" if self.least else "")
