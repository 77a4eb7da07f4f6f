"""Passes over the .ibd file: blocks of spectra in the order of the file, on all cores."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Lock
from typing import Any

import numpy as np

from msiss.data import kernels
from msiss.data.formats.imzml.bytes import Spectra
from msiss.data.formats.imzml.file import ImzmlFile
from msiss.data.formats.imzml.statistics import Counter, Statistics
from msiss.data.peaks import MeanSpectrum
from msiss.data.progress import Progress

# m/z and intensities of a block: few megabytes for each thread, and enough that handing it over takes little of the
# time that its reading takes. With a quarter of it, a pass over a continuous file takes half as long again.
NUMBERS_PER_BLOCK = 2**20
SPECTRA_PER_BLOCK = 2**12
# More threads do not help, as they share the memory bandwidth.
MOST_THREADS = 8

Kernel = Callable[[Spectra, np.ndarray, Counter], None]
Target = tuple[np.ndarray, np.ndarray, np.ndarray, tuple[np.ndarray, ...]]  # see `kernels.sum_windows`


class SpectrumReader:
    """Reads the arrays of an imzML file with a valid header.

    Attributes
    ----------
    statistics : Statistics
        Statistics of the last pass.
    """

    def __init__(self, file: ImzmlFile) -> None:
        self.file = file
        self.statistics = Statistics()

    def scan(self, progress: Progress) -> Statistics:
        """Compute the statistics of all values."""
        self.ion_images(np.zeros(0), 1.0, np.zeros((0, *self.file.shape), dtype=np.float32), progress=progress)
        return self.statistics

    def ion_images(
        self,
        mz: np.ndarray,
        ppm: float,
        images: np.ndarray,
        *,
        mobility: np.ndarray | None = None,
        rows: np.ndarray | None = None,
        columns: np.ndarray | None = None,
        progress: Progress,
    ) -> None:
        """Sum the intensities within +-`ppm` of each m/z in every pixel; several spectra count by their weights.

        Parameters
        ----------
        mz : ndarray of shape (N,)
            In Th.
        ppm : float
            Half width of the windows.
        images : ndarray of shape (N, H, W), float32
            Zeros, which are replaced in measured pixels; may be memory-mapped.
        mobility : ndarray of shape (N, 2), optional
            Lowest and highest ion mobility of each image; infinite for all of them.
        rows, columns : ndarray of shape (H of the file,) and (W of the file,), int64, optional
            The row and the column of `images` for each row and column of the file; -1 for rows that are left out.
        progress : callable
            Receives the progress.
        """
        file = self.file
        spectra, pixels = np.arange(len(file)), file.pixels
        if rows is not None:
            row, column = np.divmod(file.pixels, file.shape[1])
            column = column if columns is None else columns[column]
            spectra, pixels = np.flatnonzero(rows[row] >= 0), rows[row] * images.shape[2] + column
        flat = images.reshape(len(mz), images.shape[1] * images.shape[2])
        weights, own, limits = self._weights(), np.zeros(0), np.zeros((2, 0))
        cut = mobility is not None and np.isfinite(mobility).any()
        by_array = cut and file.mobility_array is not None
        if by_array:
            kernel = self._windows(mz, ppm, mobility)
        else:
            kernel = self._points(mz, ppm) if file.shared_axis else self._windows(mz, ppm)
            if mobility is not None and cut and file.mobility is not None:
                own, limits = file.mobility, mobility.T.copy()

        def add(source: Spectra, block: np.ndarray, counter: Counter) -> None:
            between = (own[block] if len(own) else own, *limits)
            kernel(source, block, counter, (flat, pixels[block], weights[block], between))

        # Sums into one pixel must not be concurrent, and need a fixed order to be reproducible.
        threads = 1 if file.spectra_per_pixel.max() > 1 else None
        self._pass(add, spectra, progress, threads=threads, with_mobility=by_array)

    def mean_spectrum(self, mean: MeanSpectrum, *, progress: Progress) -> None:
        """Add all spectra to a mean spectrum, by their weights."""
        writing, weights = Lock(), self._weights()

        def add(source: Spectra, block: np.ndarray, counter: Counter) -> None:
            data, places = source.read(block, with_mz=True)
            likes = (source.mz_like, source.intensity_like)
            with writing:
                told = (counter.tic, counter.counts, counter.span)
                kernels.bin_spectra(data, places, *likes, weights[block], mean.grid, *told)

        self._pass(add, np.arange(len(self.file)), progress)

    def mean_on_axis(self, *, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
        """Return the shared m/z axis and the sum of all spectra by their weights, each (A,)."""
        axis, weights = self._axis(), self._weights()
        total = np.zeros(len(axis))
        writing = Lock()

        def add(source: Spectra, block: np.ndarray, counter: Counter) -> None:
            part = np.zeros(len(axis))
            data, places = source.read(block, with_mz=False)
            told = (counter.tic, counter.counts)
            kernels.add_spectra(data, places, source.intensity_like, weights[block], part, *told)
            with writing:
                np.add(total, part, out=total)

        self._pass(add, np.arange(len(self.file)), progress)
        return axis, total

    def tic(self) -> np.ndarray:
        """Return the total ion count of each pixel after a pass over all spectra, shape (H, W), float32."""
        height, width = self.file.shape
        tic = np.bincount(self.file.pixels, weights=self._weights() * self.statistics.tic, minlength=height * width)
        return tic.astype(np.float32).reshape(height, width)

    def _weights(self) -> np.ndarray:
        return np.ones(len(self.file)) if self.file.weights is None else self.file.weights

    def _windows(self, mz: np.ndarray, ppm: float, mobility: np.ndarray | None = None) -> Callable[..., None]:
        ions = np.argsort(mz, kind="stable")
        windows = (ions, mz[ions] * (1 - ppm * 1e-6), mz[ions] * (1 + ppm * 1e-6))
        lowest, highest = np.zeros((2, 0)) if mobility is None else mobility[ions].T.copy()

        def kernel(source: Spectra, block: np.ndarray, counter: Counter, target: Target) -> None:
            data, places = source.read(block, with_mz=True)
            likes = (source.mz_like, source.intensity_like)
            told = (counter.tic, counter.counts, counter.span)
            drifts = None if mobility is None else (places[4], source.mobility_like, lowest, highest)
            kernels.sum_windows(data, places[:4], *likes, windows, target, *told, drifts)

        return kernel

    def _points(self, mz: np.ndarray, ppm: float) -> Callable[..., None]:
        axis = self._axis()
        order = np.argsort(axis, kind="stable")
        first = np.searchsorted(axis[order], mz * (1 - ppm * 1e-6), side="left")
        last = np.searchsorted(axis[order], mz * (1 + ppm * 1e-6), side="right")
        several = np.flatnonzero(last - first > 1)
        others = [order[first[ion] + 1 : last[ion]] for ion in several]
        members = (
            np.append(order, len(axis))[np.where(last > first, first, len(axis))],
            several,
            np.concatenate([np.zeros(0, dtype=np.int64), *others]),
            np.concatenate([[0], np.cumsum([len(points) for points in others])]).astype(np.int64),
        )

        def kernel(source: Spectra, block: np.ndarray, counter: Counter, target: Target) -> None:
            data, places = source.read(block, with_mz=False)
            kernels.sum_points(data, places, source.intensity_like, members, target, counter.tic, counter.counts)

        return kernel

    def _axis(self) -> np.ndarray:
        """Return the shared m/z axis of all spectra, shape (A,), float64."""
        with Spectra(self.file) as source:
            return source.one(0)[0]

    def _pass(
        self,
        work: Kernel,
        spectra: np.ndarray,
        progress: Progress,
        *,
        threads: int | None = None,
        with_mobility: bool = False,
    ) -> None:
        """Apply `work` to blocks of `spectra`, in the order of the .ibd file, and compute the statistics."""
        file = self.file
        self.statistics = Statistics(tic=np.zeros(len(file)), empty=int((file.intensity.lengths == 0).sum()))
        threads = threads or min(MOST_THREADS, _cores())
        sources: SimpleQueue[Spectra] = SimpleQueue()

        def do(block: np.ndarray) -> tuple[np.ndarray, Counter]:
            counter = Counter(len(block))
            source = sources.get()
            try:
                work(source, block, counter)
            finally:
                sources.put(source)
            return block, counter

        if file.shared_axis and not with_mobility:  # its m/z are checked once
            self._look_at_axis()
        done = 0
        opened = [Spectra(file, with_mobility=with_mobility) for _ in range(threads)]
        try:
            for source in opened:
                sources.put(source)
            with ThreadPoolExecutor(threads) as pool:
                for block, counter in _in_order(pool, do, self._blocks(spectra), ahead=2 * threads):
                    counter.add_to(self.statistics, block)
                    done += len(block)
                    progress(done / len(spectra), f"Reading {done:,} of {len(spectra):,} spectra of {file.path.name}")
        finally:
            for source in opened:
                source.close()

    def _look_at_axis(self) -> None:
        counter = Counter(0)
        with Spectra(self.file) as source:
            data, (_, starts, _, lengths) = source.read(np.zeros(1, dtype=np.int64), with_mz=True)
            room = np.empty(int(lengths[0]))
            kernels.load_mz(data, starts[0], source.mz_like, room, 0, counter.counts, counter.span)
        counter.add_to(self.statistics, np.zeros(0, dtype=np.int64))

    def _blocks(self, spectra: np.ndarray) -> Iterator[np.ndarray]:
        """Yield blocks of spectra in the order of the file."""
        order = spectra[np.argsort(self.file.intensity.offsets[spectra], kind="stable")]
        ends = np.cumsum(self.file.intensity.lengths[order]) * (1 if self.file.shared_axis else 2)
        done = 0
        while done < len(order):
            before = ends[done - 1] if done else 0
            stop = int(np.searchsorted(ends, before + NUMBERS_PER_BLOCK, side="right"))
            stop = min(max(stop, done + 1), done + SPECTRA_PER_BLOCK)
            yield order[done:stop]
            done = stop


def _cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_order(pool: ThreadPoolExecutor, do: Callable[[Any], Any], items: Iterator[Any], *, ahead: int) -> Iterator[Any]:
    """Yield the results of `do` in the order of the items, with at most `ahead` of them pending."""
    running: deque[Future[Any]] = deque()
    try:
        for item in items:
            running.append(pool.submit(do, item))
            if len(running) >= ahead:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        for future in running:
            future.cancel()
