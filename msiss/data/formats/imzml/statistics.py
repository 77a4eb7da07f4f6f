"""Statistics of the values of the spectra of an imzML file."""

from dataclasses import dataclass, field

import numpy as np

from msiss.data import kernels


@dataclass
class Statistics:
    """Statistics of the values of all spectra of a pass.

    Attributes
    ----------
    tic : ndarray of shape (n,), float64
        Sum of the intensities of each spectrum; 0 for spectra that were left out of the pass.
    """

    tic: np.ndarray = field(default_factory=lambda: np.zeros(0))
    values: int = 0
    not_numbers: int = 0
    negative: int = 0
    zeros: int = 0
    empty: int = 0
    unsorted: int = 0
    wrong_mz: int = 0
    wrong_mz_spectrum: int = -1
    lowest_mz: float = np.inf
    highest_mz: float = -np.inf

    @property
    def total(self) -> float:
        """Sum of all intensities."""
        return float(self.tic.sum())


class Counter:
    """Counts of the kernels for one block."""

    def __init__(self, spectra: int) -> None:
        self.counts = np.zeros(kernels.COUNTS, dtype=np.int64)
        self.span = np.array([np.inf, -np.inf])
        self.tic = np.zeros(spectra)

    def add_to(self, statistics: Statistics, spectra: np.ndarray) -> None:
        """Add the counts to the statistics of the pass."""
        counts = self.counts
        statistics.tic[spectra] = self.tic
        statistics.values += int(counts[kernels.VALUES])
        statistics.not_numbers += int(counts[kernels.NOT_NUMBERS])
        statistics.negative += int(counts[kernels.NEGATIVE])
        statistics.zeros += int(counts[kernels.ZEROS])
        statistics.unsorted += int(counts[kernels.UNSORTED])
        if counts[kernels.WRONG_MZ] and not statistics.wrong_mz:
            statistics.wrong_mz_spectrum = int(counts[kernels.FIRST_WRONG])
        statistics.wrong_mz += int(counts[kernels.WRONG_MZ])
        statistics.lowest_mz = min(statistics.lowest_mz, float(self.span[0]))
        statistics.highest_mz = max(statistics.highest_mz, float(self.span[1]))
