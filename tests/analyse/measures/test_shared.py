"""What all ions share is left out."""

import numpy as np

from msiss.analyse.measures.shared import without_direction, without_mean


def rows_of(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float64)


def test_without_direction_is_the_partial_correlation() -> None:
    images = np.random.default_rng(0).gamma(1, size=(8, 4, 5))
    centred = rows_of(images) - rows_of(images).mean(axis=1, keepdims=True)
    vectors = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    mean = vectors.mean(axis=0)
    rest = [vector - mean * (vector @ mean) / (mean @ mean) for vector in vectors]
    found = without_direction(lambda some: vectors[: len(some)], images)(images)
    np.testing.assert_allclose(found, rest, atol=1e-6)
    np.testing.assert_allclose(found @ mean, 0, atol=1e-6)


def test_without_mean_centres_over_the_ions_and_zero_vectors_stay_zero() -> None:
    images = np.random.default_rng(0).gamma(1, size=(8, 4, 5))
    images[3] = 0
    measure = without_mean(rows_of, images)
    mean = rows_of(images).mean(axis=0)
    expected = rows_of(images) - mean
    expected[3] = 0
    np.testing.assert_allclose(measure(images), expected, atol=1e-5)
    np.testing.assert_allclose(measure(images[:2]), expected[:2], atol=1e-5)
