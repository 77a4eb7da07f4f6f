"""Statistics of a set of ion images that need no truth but for the last ones, for `benchmarks/realism.py`.

They say in which respects a phantom is like a real section. Square roots are taken before correlations, as an ion of a
hundred times the counts has ten times their noise.
"""

import numpy as np
from scipy.stats import skew
from truths import Truth

from msiss.analyse.halves import halves
from msiss.analyse.measures.pixels import centred_unit
from msiss.data.ion_images import IonImages

LAGS = (1, 2, 4, 8)  # pixels
NEIGHBOURS = 10

# What is printed of each, in this order.
STATISTICS = {
    "zeros": "share of zeros, median over the ions",
    "zeros, spread": "difference of its 90 % and 10 % quantiles",
    "dynamic range": "log10 of the 99 % quantile over the mean of an ion image, median",
    "intensity, spread": "standard deviation over the ions of log10 of their mean",
    "neighbours": "correlation of neighbouring pixels in an ion image, median",
    "neighbours at 4 px": "the same of pixels 4 apart",
    "neighbours, spread": "difference of the 90 % and 10 % quantiles of the first",
    "slope": "slope of the variogram of the mean image over 1 to 8 px, log-log: 0 for noise, 2 for smooth gradients",
    "halves": "correlation of an ion's image of the even pixels with that of the odd ones, median",
    "first component": "share of the first principal component of the ions",
    "ten components": "share of the first ten",
    "dimensions": "participation ratio of the components, log10",
    "hubs": "skewness of how often an ion is among the ten nearest of others",
    "alike": "correlation of two ions, median over all",
    "alike, spread": "standard deviation of it over all pairs of ions",
    "common noise": "correlation of two ions' differences from the neighbouring pixels, median over all",
    "common noise, spread": "standard deviation of it",
    "totals": "standard deviation of log10 of the pixels' totals",
    "totals, steps": "standard deviation of the differences of neighbouring pixels' log10 totals",
    "lines": "the same across lines relative to along them, absolute log",
    "noise of a pair": "correlation of differences from neighbouring pixels in pairs, median, less that of all",
    "pair": "correlation in pairs, median, less that of all",
    "class": "correlation within classes, mean, less that between classes, in standard deviations of the latter",
    "noise of a class": "the same of the differences from neighbouring pixels",
}


def statistics(truth: Truth) -> dict[str, float]:
    """Return the statistics by the names of `STATISTICS`; those of pairs or classes only where the truth has some."""
    images = truth.images
    mask = images.mask
    counts = np.asarray(images.images)[:, mask].astype(np.float64)  # (N, P)
    alive = counts.any(axis=1)
    mean = counts[alive].mean(axis=1)
    zeros = (counts == 0).mean(axis=1)
    stack = np.sqrt(np.asarray(images.images, np.float32) / np.where(alive, counts.mean(axis=1), 1)[:, None, None])
    roots = centred_unit(stack[:, mask])
    residuals = centred_unit(_differences(stack, mask), made_of=stack[:, mask])
    alike, noise = roots @ roots.T, residuals @ residuals.T
    shares = np.linalg.eigvalsh(_centred(alike))[::-1].clip(0)
    shares = shares / max(shares.sum(), 1e-12)  # 0 if all images are the same
    near = {lag: _autocorrelation(stack, mask, lag)[alive] for lag in (1, 4)}
    total = np.where(mask, (stack**2).sum(axis=0), 0)
    logs = np.log10(np.maximum(total, 0.01 * total[mask].mean()))
    steps = [_steps(logs, mask, axis) for axis in (0, 1)]
    pairs = ~np.eye(len(alike), dtype=bool)
    found = {
        "zeros": np.median(zeros),
        "zeros, spread": _spread(zeros),
        "dynamic range": np.median(np.log10(np.quantile(counts[alive], 0.99, axis=1).clip(1e-9) / mean)),
        "intensity, spread": np.log10(mean).std(),
        "neighbours": np.median(near[1]),
        "neighbours at 4 px": np.median(near[4]),
        "neighbours, spread": _spread(near[1]),
        "slope": _slope(stack.mean(axis=0), mask),
        "halves": np.median(_halves(images)[alive]),
        "first component": shares[0],
        "ten components": shares[:10].sum(),
        "dimensions": -np.log10(max(np.square(shares).sum(), 1e-12)),
        "hubs": skew(_occurrences(alike)),
        "alike": np.median(alike[pairs]),
        "alike, spread": alike[pairs].std(),
        "common noise": np.median(noise[pairs]),
        "common noise, spread": noise[pairs].std(),
        "totals": logs[mask].std(),
        "totals, steps": np.concatenate(steps).std(),
        "lines": abs(np.log(steps[0].std() / steps[1].std())),
    }
    if len(truth.pairs):
        i, j = truth.pairs.T
        found["noise of a pair"] = np.median(noise[i, j]) - found["common noise"]
        found["pair"] = np.median(alike[i, j]) - found["alike"]
    if images.labels is not None and len(np.unique(images.labels[images.labels >= 0])) > 1:
        found["class"] = _apart(alike, images.labels)
        found["noise of a class"] = _apart(noise, images.labels)
    return {name: float(value) for name, value in found.items()}


def _differences(stack: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return each measured pixel less the mean of its measured neighbours above, below, left and right, (N, P)."""
    sums, number = np.zeros_like(stack), np.zeros(mask.shape)
    inside = stack * mask
    for axis, shift in ((0, 1), (0, -1), (1, 1), (1, -1)):
        beside = _shifted(mask, shift, axis)
        number += beside
        sums += _shifted(inside, shift, axis + 1)
    lonely = number == 0
    return np.where(lonely, 0, stack - sums / np.where(lonely, 1, number))[:, mask]


def _shifted(values: np.ndarray, shift: int, axis: int) -> np.ndarray:
    """Return the values moved by one along an axis, with zeros (or False) where nothing came from."""
    moved = np.roll(values, shift, axis)
    moved[(slice(None),) * axis + (0 if shift > 0 else -1,)] = 0
    return moved


def _autocorrelation(stack: np.ndarray, mask: np.ndarray, lag: int) -> np.ndarray:
    """Return the correlation of pixels `lag` apart, along rows and columns, (N,); 0 where no two are that far apart."""
    deviations = np.where(mask, stack - stack[:, mask].mean(axis=1)[:, None, None], 0)
    variance = np.square(deviations).sum(axis=(1, 2)) / mask.sum()
    products, number = np.zeros(len(stack)), 0
    for axis in (0, 1):
        first, second = _apart_by(lag, axis)
        both = mask[first] & mask[second]
        products += (deviations[:, *first] * deviations[:, *second] * both).sum(axis=(1, 2))
        number += both.sum()
    return products / max(number, 1) / np.where(variance > 0, variance, 1)


def _apart_by(lag: int, axis: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    every = slice(None)
    near, far = slice(None, -lag), slice(lag, None)
    return ((near, every), (far, every)) if axis == 0 else ((every, near), (every, far))


def _slope(image: np.ndarray, mask: np.ndarray) -> float:
    """Return the slope of the log of the mean squared difference over the log of the distance."""
    values = []
    for lag in LAGS:
        squares = [
            np.square(image[first] - image[second])[mask[first] & mask[second]]
            for first, second in (_apart_by(lag, axis) for axis in (0, 1))
        ]
        values.append(np.concatenate(squares).mean())
    return float(np.polyfit(np.log(LAGS), np.log(values), 1)[0])


def _steps(logs: np.ndarray, mask: np.ndarray, axis: int) -> np.ndarray:
    first, second = _apart_by(1, axis)
    return (logs[second] - logs[first])[mask[first] & mask[second]]


def _halves(images: IonImages) -> np.ndarray:
    """Return the correlation of each ion's two halves, (N,)."""
    even, odd = (centred_unit(np.sqrt(half[:, images.mask])) for half in halves(images.images, images.mask))
    return (even * odd).sum(axis=1)


def _occurrences(similarity: np.ndarray) -> np.ndarray:
    """Return how often each ion is among the ten most similar of another, (N,)."""
    others = similarity - 2 * np.eye(len(similarity))
    nearest = np.argsort(-others, axis=1, kind="stable")[:, :NEIGHBOURS]
    return np.bincount(nearest.ravel(), minlength=len(similarity)).astype(float)


def _centred(similarity: np.ndarray) -> np.ndarray:
    """Return the inner products of vectors less their mean, from those of the vectors (N, N)."""
    rows = similarity.mean(axis=1, keepdims=True)
    return similarity - rows - rows.T + similarity.mean()


def _apart(similarity: np.ndarray, labels: np.ndarray) -> float:
    known = labels >= 0
    similarity, labels = similarity[np.ix_(known, known)], labels[known]
    same = labels[:, None] == labels
    within, between = similarity[same & ~np.eye(len(labels), dtype=bool)], similarity[~same]
    return float((within.mean() - between.mean()) / between.std())


def _spread(values: np.ndarray) -> float:
    low, high = np.quantile(values, (0.1, 0.9))
    return float(high - low)
