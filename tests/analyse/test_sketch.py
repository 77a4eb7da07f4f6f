"""Sketches: what they keep of the vectors, and that many ions give what few would."""

import numpy as np
import pytest

from msiss.analyse import measures, sketch
from msiss.analyse.representations import measure_names
from msiss.analyse.similarity import cosine_similarity
from msiss.analyse.sketch import fit_sketch, landmarks, shorten


@pytest.fixture
def small_sketches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketch, "AXES", 8)
    monkeypatch.setattr(sketch, "RANDOM", 256)


def patterns(number: int, pixels: int, noise: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(number, 8)) @ rng.normal(size=(8, pixels))
    return (shared + noise * rng.normal(size=(number, pixels))).astype(np.float32)


def test_landmarks_are_spread_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketch, "LANDMARKS", 5)
    assert landmarks(3).tolist() == [0, 1, 2]
    assert landmarks(41).tolist() == [0, 10, 20, 30, 40]


@pytest.mark.usefixtures("small_sketches")
def test_what_all_share_is_kept_exactly() -> None:
    vectors = patterns(60, 500, noise=0)
    small = vectors @ fit_sketch(vectors[::3])  # a third of them spans the eight directions
    assert small.shape == (60, 8 + 256)
    np.testing.assert_allclose(cosine_similarity(small), cosine_similarity(vectors), atol=1e-5)


def test_vectors_of_few_directions_are_kept_exactly_whatever_rounding_adds() -> None:
    vectors = patterns(60, 500, noise=0)  # eight directions, far fewer than there may be axes
    matrix = fit_sketch(vectors[::3])
    assert matrix.shape == (500, 8 + sketch.RANDOM)
    np.testing.assert_allclose(matrix[:, :8].T @ matrix[:, :8], np.eye(8), atol=1e-4)
    np.testing.assert_allclose(cosine_similarity(vectors @ matrix), cosine_similarity(vectors), atol=1e-5)


@pytest.mark.usefixtures("small_sketches")
@pytest.mark.parametrize("noise", [1, 3, 10])
def test_cosines_of_noisy_vectors_err_as_stated(noise: float) -> None:
    vectors = patterns(80, 2000, noise)
    found = cosine_similarity(vectors @ fit_sketch(vectors[::2]))
    error = (found - cosine_similarity(vectors))[~np.eye(80, dtype=bool)]
    left = noise**2 / (8 + noise**2)  # of a squared length, as the eight shared directions have variance 1
    assert np.sqrt((error**2).mean()) < 1.5 * left / 256**0.5
    assert abs(error.mean()) < 0.2 * left / 256**0.5  # not more alike than they are


@pytest.mark.usefixtures("small_sketches")
def test_only_many_long_vectors_are_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = patterns(40, 500, noise=0)
    assert shorten(vectors).shape == (40, 40)  # all that 40 vectors span
    np.testing.assert_allclose(cosine_similarity(shorten(vectors)), cosine_similarity(vectors), atol=1e-5)
    monkeypatch.setattr(sketch, "MOST_EXACT", 39)
    assert shorten(vectors).shape == (40, 8 + 256)
    np.testing.assert_allclose(cosine_similarity(shorten(vectors)), cosine_similarity(vectors), atol=1e-5)
    short = vectors[:, : 8 + 256]
    assert shorten(short) is short


@pytest.mark.usefixtures("small_sketches")
def test_vectors_without_any_signal_stay_zero() -> None:
    sample = np.zeros((10, 500), dtype=np.float32)
    assert not (sample @ fit_sketch(sample)).any()


@pytest.mark.usefixtures("small_sketches")
@pytest.mark.parametrize("limit", ["MOST_EXACT", "MOST_NUMBERS"])
@pytest.mark.parametrize("representation", measure_names())
def test_measures_of_many_ions_are_sketches_of_the_exact_ones(
    representation: str, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    mask = np.ones((20, 24), dtype=bool)
    rates = 5 * np.exp(patterns(30, 480, noise=0) / 6).reshape(30, 20, 24)
    images = rng.poisson(rates).astype(np.float32)
    exact = cosine_similarity(measures.vectors(representation, images, mask))
    monkeypatch.setattr(sketch, limit, 29)
    monkeypatch.setattr(measures, "BLOCK", 7)
    sketched = measures.vectors(representation, images, mask)
    assert sketched.dtype == np.float32
    assert sketched.shape[0] == 30
    assert sketched.shape[1] <= 8 + 256
    assert np.sqrt(((cosine_similarity(sketched) - exact) ** 2).mean()) < 1 / 256**0.5
    assert np.corrcoef(cosine_similarity(sketched).ravel(), exact.ravel())[0, 1] > 0.95
