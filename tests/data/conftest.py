"""Small imzML files whose content is known, and what ion images a slow, obvious reader makes of them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats.imzml.reader import write_imzml
from msiss.data.health import check
from msiss.errors import DataError

Spectrum = tuple[int, int, np.ndarray, np.ndarray]

# Two of them are 8 ppm apart, so that windows of 5 ppm overlap.
IONS = np.array([150.02, 300.1, 300.1024, 455.5, 700.25, 900.4])


@pytest.fixture
def spectra() -> list[Spectrum]:
    """Return spectra of a 4 x 5 grid that begins at x=3, y=2 and lacks two pixels; m/z scatter by a few ppm."""
    rng = np.random.default_rng(7)
    result = []
    for y in range(2, 6):
        for x in range(3, 8):
            if (x, y) in {(4, 3), (7, 5)}:
                continue
            mz = np.sort(np.concatenate([IONS * (1 + rng.normal(0, 3e-6, len(IONS))), rng.uniform(100, 1000, 9)]))
            result.append((x, y, mz, rng.gamma(2, 50, len(mz)).astype(np.float32)))
    return result


@pytest.fixture
def continuous_spectra(spectra: list[Spectrum]) -> list[Spectrum]:
    """Return the same pixels with the m/z of the first spectrum for all."""
    return [(x, y, spectra[0][2], intensity) for x, y, _, intensity in spectra]


@pytest.fixture
def imzml(tmp_path: Path, spectra: list[Spectrum]) -> Path:
    """Return a good imzML file in processed mode."""
    path = tmp_path / "good.imzML"
    write_imzml(path, spectra, polarity="positive", pixel_size=(20.0, 10.0))
    return path


@pytest.fixture
def edit() -> Callable[[Path, str, str], None]:
    """Return a function that replaces the first occurrence of a text in a file."""

    def replace(path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


@pytest.fixture
def refuses() -> Callable[[Path, str], None]:
    """Return a check that import and health report both refuse a damaged ``good.imzML``, the first with a message."""

    def refused(path: Path, message: str) -> None:
        with pytest.raises(DataError, match=message) as error:
            read_ions(path, mz=np.array([150.02]))
        assert str(error.value).startswith("good.imzML: ")
        assert not check(path).usable

    return refused


@pytest.fixture
def slow_images() -> Callable[[Sequence[Spectrum], np.ndarray, float], np.ndarray]:
    """Return a reader that loops over pixels and ions, (N, H, W)."""

    def read(spectra: Sequence[Spectrum], ions: np.ndarray, ppm: float) -> np.ndarray:
        left, top = min(s[0] for s in spectra), min(s[1] for s in spectra)
        right, bottom = max(s[0] for s in spectra), max(s[1] for s in spectra)
        images = np.zeros((len(ions), bottom - top + 1, right - left + 1))
        for x, y, mz, intensity in spectra:
            for index, ion in enumerate(ions):
                inside = np.abs(mz - ion) <= ion * ppm * 1e-6
                images[index, y - top, x - left] = intensity[inside].astype(np.float64).sum()
        return images

    return read
