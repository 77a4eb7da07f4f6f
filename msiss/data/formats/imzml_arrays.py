"""One pass over the .ibd file: spectra in the order in which they lie there, block by block, vectorised over peaks."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.imzml_file import ArrayLayout, ImzmlFile
from msiss.data.intensities import clean
from msiss.data.progress import Progress

# A block holds about a million peaks, some 50 MB with its temporary arrays, and few enough spectra for a dense
# (ions, spectra) table.
PEAKS_PER_BLOCK = 2**20
SPECTRA_PER_BLOCK = 4096

# No mass spectrometer for imaging reaches this, in Th. Slightly negative m/z occur at the start of time-of-flight axes.
LARGEST_MZ, SMALLEST_MZ = 1e6, -1.0


@dataclass
class Statistics:
    """What the values of all spectra look like; filled during a pass."""

    values: int = 0
    not_numbers: int = 0
    negative: int = 0
    total: float = 0.0
    empty: int = 0
    unsorted: int = 0
    wrong_mz: int = 0
    wrong_mz_spectrum: int = -1
    lowest_mz: float = np.inf
    highest_mz: float = -np.inf


@dataclass(frozen=True)
class Windows:
    """Which ions an m/z belongs to: those whose window of +-ppm holds it."""

    order: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def around(cls, mz: np.ndarray, ppm: float) -> "Windows":
        """Return the windows around `mz`, shape (N,)."""
        order = np.argsort(mz, kind="stable")
        return cls(order, mz[order] * (1 - ppm * 1e-6), mz[order] * (1 + ppm * 1e-6))

    def matches(self, mz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs (ion, index into `mz`) of all m/z that lie in a window.

        Windows sorted by m/z have sorted bounds, so the ions of one m/z are neighbours: from the first window that has
        not ended to the last that has begun.
        """
        first = np.searchsorted(self.high, mz, side="left")
        last = np.searchsorted(self.low, mz, side="right")
        hit = np.flatnonzero(last > first)
        times = (last - first)[hit]
        start = np.repeat(first[hit], times)
        step = np.arange(len(start)) - np.repeat(np.cumsum(times) - times, times)
        return self.order[start + step], np.repeat(hit, times)


@dataclass(frozen=True)
class Block:
    """Some spectra: their indices (n,), and all their values in a row (P,) with the spectrum 0..n-1 of each.

    Where all spectra share one m/z axis, `mz` is that axis (A,), and P = n * A.
    """

    spectra: np.ndarray
    mz: np.ndarray
    intensity: np.ndarray
    owner: np.ndarray


class SpectrumReader:
    """Reads the arrays of an imzML file whose header was found to be sound.

    Attributes
    ----------
    statistics : Statistics
        Of the last pass.
    """

    def __init__(self, file: ImzmlFile) -> None:
        self.file = file
        self.statistics = Statistics()
        self._ibd = np.memmap(file.ibd_path, dtype=np.uint8, mode="r").data
        self._ends = np.unique(np.concatenate([file.mz.offsets, file.intensity.offsets, [len(self._ibd)]]))

    def ion_images(self, mz: np.ndarray, ppm: float, *, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
        """Sum the intensities within +-`ppm` of each m/z in every pixel; several spectra of a pixel are averaged.

        Returns
        -------
        images : ndarray of shape (N, H, W), float32
        tic : ndarray of shape (H, W), float32
            Sum of the whole spectrum.
        """
        file, windows = self.file, Windows.around(mz, ppm)
        spectra = np.maximum(file.spectra_per_pixel, 1)
        images = np.zeros((len(mz), spectra.size), dtype=np.float32)
        tic = np.zeros(spectra.size)
        members: sparse.csr_array | None = None  # of a shared m/z axis, (ions, points of the axis)
        for block in self.blocks(progress):
            pixels, local = np.unique(file.pixels[block.spectra], return_inverse=True)
            if file.shared_axis:
                if members is None:
                    ion, point = windows.matches(block.mz)
                    members = sparse.csr_array((np.ones(len(ion)), (ion, point)), shape=(len(mz), len(block.mz)))
                to_pixel = sparse.csr_array((np.ones(len(local)), (local, np.arange(len(local)))))
                sums = members @ (to_pixel @ block.intensity.reshape(len(local), -1)).T
            else:
                ion, peak = windows.matches(block.mz)
                cell = ion * len(pixels) + local[block.owner[peak]]
                sums = np.bincount(cell, weights=block.intensity[peak], minlength=len(mz) * len(pixels))
            images[:, pixels] += sums.reshape(len(mz), len(pixels)) / spectra[pixels]
            tic[pixels] += np.bincount(local[block.owner], weights=block.intensity, minlength=len(pixels))
        tic /= spectra
        return images.reshape(len(mz), *file.shape), tic.astype(np.float32).reshape(file.shape)

    def blocks(self, progress: Progress) -> Iterator[Block]:
        """Yield all spectra in the order in which they lie in the .ibd file, and fill `statistics`."""
        file = self.file
        self.statistics = Statistics(empty=int((file.intensity.lengths == 0).sum()))
        axis = None
        order = np.argsort(file.intensity.offsets, kind="stable")
        ends = np.cumsum(file.intensity.lengths[order])
        done = 0
        while done < len(order):
            before = ends[done - 1] if done else 0
            stop = int(np.searchsorted(ends, before + PEAKS_PER_BLOCK, side="right"))
            stop = min(max(stop, done + 1), done + SPECTRA_PER_BLOCK)
            spectra = order[done:stop]
            intensity = self._arrays(file.intensity, spectra)
            owner = np.repeat(np.arange(len(spectra)), file.intensity.lengths[spectra])
            self._clean(intensity)
            if not file.shared_axis:
                mz = self._arrays(file.mz, spectra)
                self._look_at_mz(mz, spectra, owner)
            elif axis is None:
                mz = axis = self._arrays(file.mz, spectra[:1])
                self._look_at_mz(axis, spectra, np.zeros(len(axis), dtype=np.int64))
            yield Block(spectra, mz if axis is None else axis, intensity, owner)
            done = stop
            progress(done / len(order), f"Reading {done:,} of {len(order):,} spectra of {file.path.name}")

    def _arrays(self, layout: ArrayLayout, spectra: np.ndarray) -> np.ndarray:
        """Return the arrays of some spectra in a row, float64."""
        assert layout.dtype is not None
        parts = []
        for spectrum in spectra:
            offset, length = int(layout.offsets[spectrum]), int(layout.lengths[spectrum])
            data, start = (self._ibd, offset) if layout.compression == "none" else (self._inflate(layout, spectrum), 0)
            parts.append(np.frombuffer(data, dtype=layout.dtype, count=length, offset=start))
        with np.errstate(invalid="ignore"):  # NaN are counted and dealt with by the caller
            return np.concatenate(parts, dtype=np.float64)

    def _inflate(self, layout: ArrayLayout, spectrum: int) -> bytes:
        """Return one decompressed array; its compressed bytes end before the next array begins."""
        start, size = layout.offsets[spectrum], int(layout.sizes[spectrum])
        end = self._ends[np.searchsorted(self._ends, start, side="right")]
        if not size:
            return b""
        try:
            data = zlib.decompressobj().decompress(self._ibd[start:end], size + 1)  # one more would be too many
        except zlib.error:
            data = b""
        if len(data) != size:
            raise DataStop(
                HealthRow(
                    "compression",
                    "stop",
                    f"The zlib-compressed data of {self.file.place(spectrum)} cannot be decompressed to "
                    f"{layout.lengths[spectrum]:,} values.",
                    "The .ibd file is damaged, or is not compressed as the header says.",
                    "Copy both files again, or export them without compression.",
                ),
                self.file.path.name,
            )
        return data

    def _clean(self, intensity: np.ndarray) -> None:
        """Set values that cannot be intensities to 0 and count them."""
        not_numbers, negative = clean(intensity)
        self.statistics.values += len(intensity)
        self.statistics.not_numbers += not_numbers
        self.statistics.negative += negative
        self.statistics.total += float(intensity.sum())

    def _look_at_mz(self, mz: np.ndarray, spectra: np.ndarray, owner: np.ndarray) -> None:
        statistics = self.statistics
        good = (mz >= SMALLEST_MZ) & (mz <= LARGEST_MZ)
        if not good.all():
            if not statistics.wrong_mz:
                statistics.wrong_mz_spectrum = int(spectra[owner[~good][0]])
            statistics.wrong_mz += int((~good).sum())
            mz = mz[good]
        if len(mz):
            statistics.lowest_mz = min(statistics.lowest_mz, float(mz.min()))
            statistics.highest_mz = max(statistics.highest_mz, float(mz.max()))
        falls = (np.diff(mz) < 0) & (np.diff(owner[good]) == 0)
        statistics.unsorted += len(np.unique(owner[good][1:][falls]))
