"""Order of the axes of a cube of numbers in a file that does not name them.

Programs save ion images as (m/z, rows, columns) or as (rows, columns, m/z). Lengths that are known decide,
otherwise the data. Neighbouring pixels are alike, so an image changes little from one row or column to the next, while
ion images that are neighbours in m/z are hardly more alike than others.
"""

import math

import numpy as np

from msiss.data.findings import DataStop, HealthRow

# How many times less alike neighbours must be along the axis of the m/z than along the others. It is 1.3 or more for
# seven sections of tissue and cells, and about 1 for noise, with a standard deviation of about 1 / sqrt(numbers).
MARGIN, CHANCE = 1.15, 4
FEWEST = 4  # slices along an axis for a comparison of neighbours with others
MOST_SLICES, MOST_POSITIONS = 100, 20_000  # that are compared, for speed
DISTANCES = 8  # between slices that are no neighbours
_TINY = 1e-9

FIRST, LAST, MIDDLE = "mz rows columns", "rows columns mz", "rows mz columns"
TURNED = {FIRST: "mz columns rows", LAST: "columns rows mz", MIDDLE: "columns mz rows"}  # the images are transposed
Order = tuple[int, int, int]


def order_of(
    cube: np.ndarray, axes: str, name: str, *, ions: int | None = None, mask: tuple[int, ...] | None = None
) -> tuple[Order, list[HealthRow]]:
    """Return the permutation of the axes of a cube to (m/z, rows, columns), and what was decided.

    Parameters
    ----------
    cube : ndarray of three axes
        Intensities; of pixels that were not measured NaN or 0.
    axes : str
        The setting `msiss.data.recipe.ReadConfig.axes`; empty if nothing is chosen.
    name : str
        Name of the file, for messages.
    ions : int, optional
        Number of m/z, if it is known.
    mask : tuple of int, optional
        Rows and columns of a mask of the images, if there is one.

    Returns
    -------
    tuple of three int, list of HealthRow
        For `numpy.transpose`. There is no row if the lengths decide, a note if the data decide, and a warning if
        nothing does. Then the order is (m/z, rows, columns) if that is possible.

    Raises
    ------
    DataStop
        If the chosen order does not fit the lengths.
    """
    if axes:
        if not _fits(cube.shape, axes, ions, mask):
            raise _stop(cube.shape, axes, name, ions, mask)
        return _permutation(axes), []
    fitting = [order for order in (FIRST, LAST, MIDDLE) if _fits(cube.shape, order, ions, mask)]
    usual = [order for order in fitting if order != MIDDLE]
    if fitting == usual and len(usual) < 2:
        return _permutation(usual[0] if usual else FIRST), []
    evident = _evident(cube, fitting)
    if not evident and len(usual) < 2:
        return _permutation(usual[0] if usual else FIRST), []
    order = evident or usual[0]
    orders = dict.fromkeys((order, *fitting, *(TURNED[other] for other in fitting if not mask)))
    options = tuple((other, _read_as(cube.shape, other)) for other in orders)
    shape = f"The array has the shape {_in_words(cube.shape)} and does not name its axes."
    meaning = f"It is read as {_read_as(cube.shape, order)}"
    if evident:
        why = "neighbouring pixels are alike along rows and columns, and neighbouring m/z are not."
        row = HealthRow("axes", "note", shape, f"{meaning}: {why}", setting="axes", options=options)
    else:
        action = 'Look at the images. If they are wrong, choose another "Order of the axes" (--axes).'
        row = HealthRow("axes", "warning", shape, f"{meaning}.", action, setting="axes", options=options)
    return _permutation(order), [row]


def three_axes(array: np.ndarray) -> np.ndarray:
    """Return an array of more than three axes without those of length 1, from the first, that are too many."""
    while array.ndim > 3 and 1 in array.shape:
        array = np.squeeze(array, axis=array.shape.index(1))
    return array


def _fits(shape: tuple[int, ...], order: str, ions: int | None, mask: tuple[int, ...] | None) -> bool:
    number, height, width = (shape[place] for place in _permutation(order))
    return ions in (None, number) and mask in (None, (height, width))


def _permutation(order: str) -> Order:
    places = order.split()
    return places.index("mz"), places.index("rows"), places.index("columns")


def _read_as(shape: tuple[int, ...], order: str) -> str:
    number, height, width = (shape[place] for place in _permutation(order))
    return f"{number:,} ion images of {height:,} rows x {width:,} columns ({_named(order)})"


def _named(order: str) -> str:
    return order.replace(" ", ", ").replace("mz", "m/z")


def _evident(cube: np.ndarray, fitting: list[str]) -> str:
    """Return the order that the data show; empty if they show none."""
    margins = {}
    for axis in range(3):  # if it were that of the m/z
        # The outline of the tissue shows rows and columns, but pixels that are missing here and there hide them.
        measured = np.asarray((cube > 0).any(axis=axis, keepdims=True))
        margins[axis] = max(_margin(cube, measured, axis), _margin(cube, np.ones((1, 1, 1), dtype=bool), axis))
    axis = max(margins, key=margins.__getitem__)
    if margins[axis] < MARGIN + CHANCE / math.sqrt(cube.size):
        return ""
    return next((order for order in fitting if _permutation(order)[0] == axis), "")


def _margin(cube: np.ndarray, measured: np.ndarray, axis: int) -> float:
    """Return how many times less alike neighbours are along an axis than along the two others."""
    others = max(_unlikeness(cube, measured, other) for other in range(3) if other != axis)
    return _unlikeness(cube, measured, axis) / max(others, _TINY)


def _unlikeness(cube: np.ndarray, measured: np.ndarray, axis: int) -> float:
    """Return how unlike neighbouring slices across an axis are, in units of slices that are no neighbours.

    It is 1 minus the correlation of the measured numbers at the same place in two slices, after the square root, which
    makes the variance of counts equal. Each slice counts the same, as m/z differ in intensity. Returns 1 if there are
    too few slices or numbers.
    """
    there = _sampled(np.broadcast_to(measured, cube.shape), axis)
    values = np.sqrt(np.clip(np.nan_to_num(_sampled(cube, axis).astype(np.float64), posinf=0), 0, None))
    number = np.maximum(there.sum(axis=1, keepdims=True), 1)
    values = np.where(there, values, 0)
    values = np.where(there, values - values.sum(axis=1, keepdims=True) / number, 0)
    spread = np.sqrt((values**2).sum(axis=1, keepdims=True) / number)
    used = spread[:, 0] > 0
    values, there = values[used] / spread[used], there[used]
    if len(values) < FEWEST:
        return 1.0
    apart = np.unique(np.linspace(2, len(values) - 2, DISTANCES).astype(int))
    far = np.mean([_distance(values, there, int(steps)) for steps in apart])
    near = _distance(values, there, 1)
    return float(near / far) if far > 0 else 1.0


def _sampled(cube: np.ndarray, axis: int) -> np.ndarray:
    """Return slices across an axis from its middle, as rows, each at some of its positions."""
    slices = np.moveaxis(cube, axis, 0)
    start = max(0, (len(slices) - MOST_SLICES) // 2)
    step = max(1, math.ceil(math.sqrt(slices[0].size / MOST_POSITIONS)))
    slices = slices[start : start + MOST_SLICES, ::step, ::step]
    return slices.reshape(len(slices), -1)


def _distance(values: np.ndarray, there: np.ndarray, steps: int) -> float:
    """Return 1 minus the correlation of slices that are so many steps apart, where both were measured."""
    one, other = values[steps:], values[:-steps]
    both = there[steps:] & there[:-steps]
    product = (one * other).sum()
    norm = math.sqrt((one**2 * both).sum() * (other**2 * both).sum())
    return 1 - float(product) / norm if norm else 1.0


def _in_words(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{length:,}" for length in shape)


def _stop(shape: tuple[int, ...], axes: str, name: str, ions: int | None, mask: tuple[int, ...] | None) -> DataStop:
    known = [f"{ions:,} m/z"] if ions is not None else []
    known += [f"a mask of {_in_words(mask)} pixels"] if mask is not None else []
    found = f"The array has the shape {_in_words(shape)}, which is not {_named(axes)} with {' and '.join(known)}."
    return DataStop(HealthRow("axes", "stop", found, "", 'Set another "Order of the axes" (--axes), or none.'), name)
