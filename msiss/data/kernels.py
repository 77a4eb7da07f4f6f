"""The loops over all peaks of a file and over all pixels of an image, compiled by numba and releasing the GIL.

Kernels over peaks take the bytes of some spectra with the offset of each array in them. The values of each spectrum are
copied to 64-bit floats, checked and cleaned, then summed while they are in the processor's cache. The number type of
the bytes is given by an empty array of that type. The compiled code is cached on disk.
"""

import math

import numpy as np
from numba import njit

from msiss.data.intensities import LARGEST_INTENSITY

# Limits of m/z in Th, beyond any instrument for imaging. Time-of-flight axes may start at slightly negative m/z.
LARGEST_MZ, SMALLEST_MZ = 1e6, -1.0

# Indices in the array of counts.
VALUES, NOT_NUMBERS, NEGATIVE, ZEROS, WRONG_MZ, FIRST_WRONG, UNSORTED = range(7)
COUNTS = 7

# Spectra whose sums are placed together: their 32-bit floats fill a line of the processor's cache in each image.
TOGETHER = 16


@njit(nogil=True, cache=True, fastmath={"reassoc"})
def load_intensities(data, start, like, out, counts):  # type: ignore[no-untyped-def]
    """Copy the intensities of one spectrum to `out`, invalid ones as 0; return their sum."""
    values = data[start : start + len(out) * like.itemsize].view(like.dtype)
    total = 0.0
    good = zeros = 0
    for index in range(len(out)):  # without branches, so that the loop is vectorised
        value = float(values[index])
        possible = value >= 0.0 and value <= LARGEST_INTENSITY
        value = value if possible else 0.0
        good += possible
        zeros += value == 0.0
        out[index] = value
        total += value
    counts[VALUES] += len(out)
    counts[ZEROS] += zeros - (len(out) - good)
    if good < len(out):
        for index in range(len(out)):
            value = float(values[index])
            if value < 0.0 and value >= -LARGEST_INTENSITY:
                counts[NEGATIVE] += 1
            elif not (value >= 0.0 and value <= LARGEST_INTENSITY):
                counts[NOT_NUMBERS] += 1
    return total


@njit(nogil=True, cache=True)
def load_mz(data, start, like, out, spectrum, counts, span):  # type: ignore[no-untyped-def]
    """Copy the m/z of one spectrum to `out`, invalid ones as NaN, and extend `span` to include them."""
    values = data[start : start + len(out) * like.itemsize].view(like.dtype)
    if len(out) == 0:
        return
    falls = 0
    out[0] = values[0]
    for index in range(1, len(out)):
        out[index] = values[index]
        falls += not values[index] >= values[index - 1]
    if falls == 0 and out[0] >= SMALLEST_MZ and out[-1] <= LARGEST_MZ:  # then all between are valid, too
        span[0], span[1] = min(span[0], out[0]), max(span[1], out[-1])
        return
    previous = -math.inf
    ascending = True
    for index in range(len(out)):
        mz = out[index]
        if mz >= SMALLEST_MZ and mz <= LARGEST_MZ:
            span[0], span[1] = min(span[0], mz), max(span[1], mz)
            ascending = ascending and mz >= previous
            previous = mz
        else:
            if counts[WRONG_MZ] == 0:
                counts[FIRST_WRONG] = spectrum
            counts[WRONG_MZ] += 1
            out[index] = math.nan
    if not ascending:
        counts[UNSORTED] += 1


@njit(nogil=True, cache=True)
def _place(sums, start, target):  # type: ignore[no-untyped-def]
    """Add the sums (b, N) of the spectra from `start` on to their pixels, see `sum_windows`; they are overwritten."""
    images, pixels, weights, (own, lowest, highest) = target
    for row in range(len(sums)):
        if weights[start + row] != 1.0:
            sums[row] *= weights[start + row]
        if len(own):
            for ion in range(sums.shape[1]):
                if math.isfinite(lowest[ion]) and not lowest[ion] <= own[start + row] <= highest[ion]:
                    sums[row, ion] = 0.0  # also where it is not known
    for ion in range(sums.shape[1]):
        for row in range(len(sums)):
            images[ion, pixels[start + row]] += sums[row, ion]


@njit(nogil=True, cache=True)
def sum_windows(data, places, mz_like, intensity_like, windows, target, tic, counts, span, mobility):  # type: ignore[no-untyped-def]
    """Add each peak to the windows that contain it, and the sums of the windows to the images.

    Parameters
    ----------
    data : ndarray of uint8
        Bytes with the arrays.
    places : tuple of four ndarray of shape (B,), int64
        Number of the spectrum, first byte of its m/z and of its intensities in `data`, and their number.
    windows : tuple of three ndarray of shape (N,)
        Ions in the order of their windows, and the lower and upper bounds; both ascending.
    target : tuple
        The images (N, P), updated in place; the pixel and the weight of each spectrum, shape (B,); and the ion mobility
        of each spectrum, shape (B,), with the lowest and the highest of each image, shape (N,): a spectrum counts only
        between them. No mobilities, shape (0,), if these do not matter.
    mobility : tuple of four arrays, optional
        First byte of the mobilities of each spectrum, shape (B,), their type, and the lowest and the highest mobility
        of each window, shape (N,): a peak counts only between them. Without it, the check is compiled away.
    tic : ndarray of shape (B,), float64
        Set to the sum of each spectrum.
    """
    spectra, mz_starts, intensity_starts, lengths = places
    ions, low, high = windows
    longest = lengths.max() if len(lengths) else 0
    mz_buffer, intensity_buffer = np.empty(longest), np.empty(longest)
    table = np.zeros((TOGETHER, len(ions)))
    for row in range(len(spectra)):
        mz, intensity = mz_buffer[: lengths[row]], intensity_buffer[: lengths[row]]
        tic[row] = load_intensities(data, intensity_starts[row], intensity_like, intensity, counts)
        load_mz(data, mz_starts[row], mz_like, mz, spectra[row], counts, span)
        sums = table[row % TOGETHER]
        if mobility is not None:
            starts, like, lowest, highest = mobility
            drift = data[starts[row] : starts[row] + lengths[row] * like.itemsize].view(like.dtype)
        first = 0  # of the windows that may contain the next peak
        previous = -math.inf
        for peak in range(len(mz)):
            value = mz[peak]
            if value < previous:
                first = np.searchsorted(high, value)
            previous = value
            while first < len(high) and high[first] < value:
                first += 1
            window = first
            while window < len(low) and low[window] <= value:
                if mobility is None or lowest[window] == -math.inf or lowest[window] <= drift[peak] <= highest[window]:
                    sums[ions[window]] += intensity[peak]
                window += 1
        if row % TOGETHER == TOGETHER - 1 or row == len(spectra) - 1:
            _place(table[: row % TOGETHER + 1], row - row % TOGETHER, target)
            table[:] = 0.0


@njit(nogil=True, cache=True)
def sum_points(data, places, intensity_like, members, target, tic, counts):  # type: ignore[no-untyped-def]
    """Add up the points of a shared m/z axis that belong to each ion; parameters as in `sum_windows`.

    `members` is the first point of each ion, for ions of several points their other points, concatenated, and the
    offsets of those of each such ion, and those ions. The last point of the buffer is 0, for ions without points.
    """
    spectra, _, starts, lengths = places
    first, ions, points, begins = members
    buffer = np.zeros((lengths[0] if len(lengths) else 0) + 1)
    table = np.empty((TOGETHER, len(first)))
    for row in range(len(spectra)):
        tic[row] = load_intensities(data, starts[row], intensity_like, buffer[:-1], counts)
        sums = table[row % TOGETHER]
        for ion in range(len(first)):  # most ions have one point
            sums[ion] = buffer[first[ion]]
        for several in range(len(ions)):
            for member in range(begins[several], begins[several + 1]):
                sums[ions[several]] += buffer[points[member]]
        if row % TOGETHER == TOGETHER - 1 or row == len(spectra) - 1:
            _place(table[: row % TOGETHER + 1], row - row % TOGETHER, target)


@njit(nogil=True, cache=True)
def add_spectra(data, places, intensity_like, weights, total, tic, counts):  # type: ignore[no-untyped-def]
    """Sum whole spectra with a shared m/z axis into `total` (A,), each times its weight (B,)."""
    spectra, _, starts, lengths = places
    buffer = np.empty(lengths[0] if len(lengths) else 0)
    for row in range(len(spectra)):
        tic[row] = load_intensities(data, starts[row], intensity_like, buffer, counts)
        for point in range(len(total)):
            total[point] += weights[row] * buffer[point]


@njit(nogil=True, cache=True)
def bin_spectra(data, places, mz_like, intensity_like, weights, grid, tic, counts, span):  # type: ignore[no-untyped-def]
    """Sum whole spectra of any m/z, each times its weight (B,), on a grid; see `add_to_grid`."""
    spectra, mz_starts, intensity_starts, lengths = places
    longest = lengths.max() if len(lengths) else 0
    mz_buffer, intensity_buffer = np.empty(longest), np.empty(longest)
    for row in range(len(spectra)):
        mz, intensity = mz_buffer[: lengths[row]], intensity_buffer[: lengths[row]]
        tic[row] = load_intensities(data, intensity_starts[row], intensity_like, intensity, counts)
        load_mz(data, mz_starts[row], mz_like, mz, spectra[row], counts, span)
        if weights[row] != 1.0:
            intensity *= weights[row]
        add_to_grid(mz, intensity, grid)


@njit(nogil=True, cache=True)
def add_to_grid(mz, intensity, grid):  # type: ignore[no-untyped-def]
    """Add peaks to a grid of equal steps in log m/z.

    `grid` holds m/z of its first bin and step in log m/z, number of empty bins at either end, and the sums of
    intensity and of intensity times m/z, each (bins,).
    """
    lowest, step, margin, total, weighted = grid
    for peak in range(len(mz)):
        value, amount = mz[peak], intensity[peak]
        if value >= lowest and value <= LARGEST_MZ and amount > 0.0:
            place = margin + int(math.log(value / lowest) / step)
            if place < len(total) - margin:
                total[place] += amount
                weighted[place] += amount * value


@njit(nogil=True, cache=True, fastmath={"reassoc"})
def neighbour_moments(image, mask, distances):  # type: ignore[no-untyped-def]
    """Return the terms of Moran's I of the square root of an image (H, W) over the pixels of a mask.

    Parameters
    ----------
    distances : ndarray of shape (K, 2), int64
        Rows, not negative, and columns between two neighbours.

    Returns
    -------
    squares, products : float
        Sum of the squared deviations from the mean, and sum of the products of the deviations of two neighbours.
    """
    height, width = image.shape
    deviations = np.zeros((height, width))  # 0 outside the mask, so that such pairs add nothing
    total, pixels = 0.0, 0
    for row in range(height):
        for column in range(width):
            if mask[row, column]:
                deviations[row, column] = math.sqrt(image[row, column])
                total += deviations[row, column]
                pixels += 1
    mean = total / max(pixels, 1)
    squares = 0.0
    for row in range(height):
        for column in range(width):
            if mask[row, column]:
                deviations[row, column] -= mean
                squares += deviations[row, column] ** 2
    products = 0.0
    for number in range(len(distances)):
        rows, columns = distances[number]
        left, right = max(0, -columns), width - max(0, columns)
        for row in range(height - rows):
            for column in range(left, right):
                products += deviations[row, column] * deviations[row + rows, column + columns]
    return squares, products
