"""Which pixels are neighbours on the raster that was measured: not everywhere those that share an edge."""

import itertools

import numpy as np

# Pixels farther apart are no neighbours.
REACH = 4
# Pairs per pixel at a distance above which it is one of the raster, and those that suffice of scattered pixels.
ENOUGH_PAIRS, SUFFICIENT_PAIRS = 0.25, 1.0

# All distances (rows, columns) up to that, each in one of its two directions; the nearest first.
_DISTANCES = sorted(
    (
        (rows, columns)
        for rows in range(REACH + 1)
        for columns in range(-REACH, REACH + 1)
        if (rows, columns) > (0, 0) and rows**2 + columns**2 <= REACH**2
    ),
    key=lambda distance: (distance[0] ** 2 + distance[1] ** 2, distance),
)


def neighbours(mask: np.ndarray) -> np.ndarray:
    """Return the distances between neighbouring pixels of a mask (H, W), shape (K, 2), int64: rows and columns.

    These are the two shortest that many pairs of pixels have, in different directions: (0, 1) and (1, 0) in an ordinary
    section, (1, -1) and (1, 1) on a chess board, (0, 1) and (2, 0) where every second row was measured. If pixels are
    scattered, so that few have the same distance, they are all distances up to that of enough pairs. There are none
    if all pixels are far apart.
    """
    pixels = np.count_nonzero(mask)
    chosen: list[tuple[int, int]] = []
    pairs = {}
    for rows, columns in _DISTANCES:
        if any(rows * other[1] == columns * other[0] for other in chosen):  # in the same direction
            continue
        pairs[rows, columns] = count_pairs(mask, np.array([(rows, columns)]))
        if pairs[rows, columns] >= ENOUGH_PAIRS * pixels:
            chosen.append((rows, columns))
            if len(chosen) == 2:
                break
    if not chosen:
        for _, ring in itertools.groupby(_DISTANCES, key=lambda distance: distance[0] ** 2 + distance[1] ** 2):
            chosen += [distance for distance in ring if pairs[distance]]
            if sum(pairs[distance] for distance in chosen) >= SUFFICIENT_PAIRS * pixels:
                break
    return np.array(chosen, dtype=np.int64).reshape(-1, 2)


def count_pairs(mask: np.ndarray, distances: np.ndarray) -> int:
    """Return how many pairs of pixels of the mask (H, W) have one of the `distances` (K, 2)."""
    height, width = mask.shape
    total = 0
    for rows, columns in distances.tolist():
        left = max(0, -columns)
        first = mask[: max(0, height - rows), left : max(left, width - max(0, columns))]
        second = mask[rows:, left + columns : left + columns + first.shape[1]]
        total += int(np.count_nonzero(first & second))
    return total
