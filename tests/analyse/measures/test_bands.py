"""Bands: against loops over pixels and bands, and what they are for: faint images."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from msiss.analyse.measures import bands
from msiss.analyse.measures.bands import reliability
from msiss.analyse.similarity import cosine_similarity, image_vectors

SIGMAS = (1.0, 2.0, 4.0, 8.0, 16.0)  # pixels
COARSEST_WEIGHT, LEAST_RELIABILITY = 0.3, 0.001


def band_oracle(image: np.ndarray, counted: list[tuple[int, int]], shown: list[tuple[int, int]]) -> list[np.ndarray]:
    """Return the bands, fine to coarse, of one image: the mean of the counted pixels around each one shown."""
    smoothed = []
    for sigma in SIGMAS:
        means = []
        for row, column in shown:
            weights = [np.exp(-((row - r) ** 2 + (column - c) ** 2) / (2 * sigma**2)) for r, c in counted]
            means.append(np.average([image[place] for place in counted], weights=weights))
        smoothed.append(np.sqrt(means))
    return [fine - coarse for fine, coarse in pairwise(smoothed)] + [smoothed[-1]]


def similarity_oracle(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the weighted mean of the bands' correlations, relative to that of each image with itself."""
    shown = [tuple(place) for place in np.argwhere(mask)]
    even, odd = ([place for place in shown if sum(place) % 2 == rest] for rest in (0, 1))
    similarity = np.zeros((len(images), len(images)))
    for band, weight in enumerate([1.0] * (len(SIGMAS) - 1) + [COARSEST_WEIGHT]):
        whole = [band_oracle(image, shown, shown)[band] for image in images]
        trusted = []
        for image in images:
            halves = [band_oracle(image, half, shown)[band] for half in (even, odd)]
            agreement = np.corrcoef(*halves)[0, 1]
            trusted.append(min(max(2 * agreement / (1 + abs(agreement)), LEAST_RELIABILITY), 1))
        similarity += weight * np.sqrt(np.outer(trusted, trusted)) * np.corrcoef(whole)
    return similarity / np.sqrt(np.outer(np.diag(similarity), np.diag(similarity)))


def test_bands_against_the_oracle(images: np.ndarray, mask: np.ndarray) -> None:
    few, small = images[:4, 2:10, 3:13], mask[2:10, 3:13]
    found = cosine_similarity(bands.fit(few, small)(few))
    np.testing.assert_allclose(found, similarity_oracle(few, small), atol=1e-4)


@pytest.mark.parametrize(
    ("agreement", "expected"), [(1, 1), (0.5, 2 / 3), (0, LEAST_RELIABILITY), (-0.9, LEAST_RELIABILITY)]
)
def test_reliability_is_the_spearman_brown_formula(agreement: float, expected: float) -> None:
    first, second = np.array([[1.0, 0.0]]), np.array([[agreement, np.sqrt(1 - agreement**2)]])
    assert reliability(first, second)[0] == pytest.approx(expected)


def test_reliability_tells_how_a_whole_would_agree_with_another_whole() -> None:
    rng = np.random.default_rng(0)
    signal = rng.normal(size=200_000)
    halves = [signal + 2 * rng.normal(size=200_000) for _ in range(4)]
    units = [half[None] / np.linalg.norm(half) for half in halves[:2]]
    expected = np.corrcoef(halves[0] + halves[1], halves[2] + halves[3])[0, 1]
    assert reliability(*units)[0] == pytest.approx(expected, abs=0.01)


def test_a_faint_image_is_recognised_by_its_bands_where_its_pixels_are_not_enough() -> None:
    rng = np.random.default_rng(0)
    shape = (48, 48)
    fields = np.stack([gaussian_filter(rng.normal(size=shape), 4) for _ in range(30)])
    patterns = np.exp(fields / fields.std() / 4)
    patterns /= patterns.sum(axis=(1, 2), keepdims=True)
    gallery, faint = rng.poisson(20_000 * patterns), rng.poisson(300 * patterns)
    mask = np.ones(shape, dtype=bool)

    def found(vectors: np.ndarray) -> float:
        cosine = cosine_similarity(vectors)[:30, 30:]
        return float((cosine.argmax(axis=1) == np.arange(30)).mean())

    both = np.concatenate([faint, gallery])
    by_bands, by_pixels = found(bands.fit(gallery, mask)(both)), found(image_vectors(both, mask))
    assert by_bands > 0.8
    assert by_bands > by_pixels + 0.2


def test_noise_without_a_pattern_is_hardly_trusted() -> None:
    rng = np.random.default_rng(0)
    mask = np.ones((40, 40), dtype=bool)
    rows = np.mgrid[:40, :40][0]
    images = np.stack([rng.poisson(5, size=(40, 40)), rng.poisson(rows)])
    noise, ramp = np.linalg.norm(bands.fit(images, mask)(images), axis=1)
    assert noise < ramp
