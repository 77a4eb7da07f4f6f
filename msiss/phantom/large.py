"""Simulated files of any size, for tests of scalability: simple patterns, many pixels, many peaks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from msiss.data.formats.imzml.writer import Spectrum, write_imzml

LOWEST_MZ, HIGHEST_MZ = 150.0, 1500.0
SCATTER_PPM = 2.0  # of centroids between pixels
PATTERNS = 8
COUNTS = 200.0  # mean intensity, with Poisson noise


def write_large(
    path: Path, *, pixels: int, peaks: int = 1000, mode: Literal["processed", "continuous"] = "processed", seed: int = 0
) -> Path:
    """Write an imzML file of a square section row by row, with little memory.

    Parameters
    ----------
    path : Path
        The .imzML file.
    pixels : int
        Least number of spectra; all rows are complete.
    peaks : int
        Peaks of each spectrum, spread over m/z 150 to 1500.
    mode : {"processed", "continuous"}
        Whether every spectrum has its own m/z, scattered by `SCATTER_PPM`, or all have the same.
    seed : int
        The same seed gives the same bytes.
    """
    width = round(pixels**0.5)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_imzml(path, _spectra(width, -(-pixels // width), peaks, mode, seed), mode=mode, pixel_size=(20.0, 20.0))
    return path


def ions(peaks: int, seed: int = 0) -> np.ndarray:
    """Return the m/z of the ions in such a file, shape (peaks,), ascending."""
    rng = np.random.default_rng(seed)
    grid = np.geomspace(LOWEST_MZ, HIGHEST_MZ, peaks)
    step = np.log(HIGHEST_MZ / LOWEST_MZ) / max(peaks - 1, 1)
    return grid * np.exp(rng.uniform(-0.3, 0.3, peaks) * step)


def _spectra(width: int, height: int, peaks: int, mode: str, seed: int) -> Iterator[Spectrum]:
    mz = ions(peaks, seed)
    rng = np.random.default_rng([seed, 1])
    centres, spreads = rng.uniform(0, 1, (PATTERNS, 2)), rng.uniform(0.1, 0.4, PATTERNS)
    pattern, mean = rng.integers(0, PATTERNS, peaks), COUNTS * rng.lognormal(0, 1, peaks)
    across = np.linspace(0, 1, width)
    for row in range(height):
        down = row / max(height - 1, 1)
        squared = (across[None] - centres[:, :1]) ** 2 + (down - centres[:, 1:]) ** 2
        shape = 0.05 + np.exp(-squared / (2 * spreads[:, None] ** 2))  # (patterns, width)
        expected = mean[:, None] * shape[pattern]  # (peaks, width)
        values = rng.normal(expected, np.sqrt(expected)).clip(0).astype(np.float32).T
        places = mz[None] * (1 + rng.normal(0, SCATTER_PPM * 1e-6, (width, peaks))) if mode == "processed" else None
        for column in range(width):
            yield column + 1, row + 1, mz if places is None else places[column], values[column]
