"""A panel of measures without training, for `benchmarks/realism.py`: the product's, and variants that it does not have.

A setting says how ion images become vectors; what learns is fitted to the gallery alone. Each is asked plainly and with
hub correction (CSLS, Conneau et al. 2018), which takes from a similarity half of what both images have with their ten
nearest.
"""

from collections.abc import Callable

import numpy as np
from scipy.stats import rankdata

from msiss.analyse import measures
from msiss.analyse.measures import Transform, bands
from msiss.analyse.measures.pixels import centred_unit, measured, shrink, smooth
from msiss.analyse.measures.whitening import fit_whitening

# Fits a setting to cleaned images (N, H, W) and their mask (H, W).
Fit = Callable[[np.ndarray, np.ndarray], Transform]

HUB_NEIGHBOURS = 10
LONGEST = 256  # pixels: only the bladder and the mosaic of hippocampi are larger, by 2 and 17 %
# Measures of the product. Two of the panel measured in RESULTS.md, a median-filtered correlation and a fusion of bands
# with whitened pixels, have been replaced since, so that a repetition has one setting less and another one.
PRODUCT = ("image-vectors", "metaspace", "spearman", "bands", "whitened", "joint")

SCALES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "raw": lambda x: x,
    "sqrt": np.sqrt,
    "log": np.log1p,
    "rank": lambda x: rankdata(x, axis=1).astype(np.float32),
}


def correlated(scale: str) -> Fit:
    """Pearson correlation at the measured resolution."""
    return lambda _gallery, mask: lambda images: centred_unit(SCALES[scale](measured(images, mask)))


def smoothed(sigma: float, scale: str = "sqrt") -> Fit:
    """Pearson correlation of images smoothed by `sigma` pixels."""

    def fit(_gallery: np.ndarray, mask: np.ndarray) -> Transform:
        def transform(images: np.ndarray) -> np.ndarray:
            small, inside = shrink(images, mask, LONGEST)
            return centred_unit(SCALES[scale](smooth(small, inside, sigma)[:, inside].clip(0)))

        return transform

    return fit


def whitened(base: Fit, ridge: float) -> Fit:
    """Whiten the principal components of another setting."""

    def fit(gallery: np.ndarray, mask: np.ndarray) -> Transform:
        transform = base(gallery, mask)
        whitening = fit_whitening(transform(gallery), ridge)
        return lambda images: whitening(transform(images))

    return fit


def centred(base: Fit) -> Fit:
    """Subtract the mean over the ions from the vectors of another setting."""

    def fit(gallery: np.ndarray, mask: np.ndarray) -> Transform:
        transform = base(gallery, mask)
        mean = transform(gallery).mean(axis=0)
        return lambda images: transform(images) - mean

    return fit


def denoised(base: Fit, components: int) -> Fit:
    """Keep the first principal components of another setting."""

    def fit(gallery: np.ndarray, mask: np.ndarray) -> Transform:
        transform = base(gallery, mask)
        vectors = transform(gallery)
        mean = vectors.mean(axis=0)
        axes = np.linalg.svd(vectors - mean, full_matrices=False)[2][:components]
        return lambda images: (transform(images) - mean) @ axes.T

    return fit


def per_total(scale: str) -> Fit:
    """Divide by the pixel's total, to which every ion contributes alike, before correlating."""

    def fit(gallery: np.ndarray, mask: np.ndarray) -> Transform:
        total = measured(gallery, mask).mean(axis=0)
        total = np.maximum(total, 0.05 * total.mean())  # a pixel of nearly nothing is no evidence
        return lambda images: centred_unit(SCALES[scale](measured(images, mask) / total))

    return fit


def binary(quantile: float) -> Fit:
    """Correlate which pixels are above a quantile of their image."""

    def fit(_gallery: np.ndarray, mask: np.ndarray) -> Transform:
        def transform(images: np.ndarray) -> np.ndarray:
            pixels = images[:, mask]
            threshold = np.quantile(pixels, quantile, axis=1, keepdims=True)
            return centred_unit(((pixels >= threshold) & (pixels > 0)).astype(np.float32))

        return transform

    return fit


def _product(name: str) -> Fit:
    return lambda gallery, mask: measures.fit(name, gallery, mask)


PANEL: dict[str, Fit] = {
    **{name: _product(name) for name in PRODUCT},
    **{scale: correlated(scale) for scale in ("raw", "sqrt", "log")},
    **{f"{scale}, centred": centred(correlated(scale)) for scale in ("raw", "sqrt", "rank")},
    "bands, centred": centred(bands.fit),
    **{f"smoothed {sigma:g}": smoothed(sigma) for sigma in (0.7, 1, 2, 4, 8)},
    **{f"smoothed {sigma:g}, raw": smoothed(sigma, "raw") for sigma in (0.7, 2)},
    **{f"smoothed {sigma:g}, centred": centred(smoothed(sigma)) for sigma in (1, 2)},
    **{
        f"{scale}, whitened {ridge:g}": whitened(correlated(scale), ridge)
        for scale in ("raw", "sqrt")
        for ridge in (0.01, 0.1, 1)
    },
    **{f"smoothed 1, whitened {ridge:g}": whitened(smoothed(1), ridge) for ridge in (0.1, 1)},
    **{f"{scale} per total": per_total(scale) for scale in ("raw", "sqrt")},
    **{f"{number} components": denoised(correlated("sqrt"), number) for number in (5, 10, 20)},
    **{f"above {quantile:g}": binary(quantile) for quantile in (0.5, 0.75, 0.9)},
}


def without_hubs(cosines: np.ndarray) -> np.ndarray:
    """Return ``cos_ij - (r_i + r_j) / 2`` of the cosines (N, N) of the same N ions in two stacks, or in one.

    r_i is the mean cosine of query i with its ten nearest in the gallery, r_j that of gallery image j with its ten
    nearest queries; an ion is no neighbour of itself.
    """
    others = cosines.copy()
    np.fill_diagonal(others, -np.inf)
    k = min(HUB_NEIGHBOURS, len(cosines) - 1)
    r_queries, r_gallery = (
        np.partition(others, -k, axis=axis).take(range(-k, 0), axis=axis).mean(axis=axis, keepdims=True)
        for axis in (1, 0)
    )
    return cosines - (r_queries + r_gallery) / 2
