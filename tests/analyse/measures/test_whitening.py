"""Whitening: the closed form of the kernel, and galleries that are too large or too plain."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msiss.analyse import sketch
from msiss.analyse.measures.whitening import fit_whitening
from msiss.analyse.vectors import unit


def kernel_oracle(similarity: np.ndarray, ridge: float) -> np.ndarray:
    """Return S (S + ridge mu_1 I)^-1, scaled to a diagonal of 1."""
    largest = np.linalg.eigvalsh(similarity)[-1]
    whitened = similarity @ np.linalg.inv(similarity + ridge * largest * np.eye(len(similarity)))
    diagonal = np.sqrt(np.diag(whitened))
    return whitened / diagonal[:, None] / diagonal


@pytest.mark.parametrize("ridge", [0.01, 0.1, 1.0])
@pytest.mark.parametrize("dimensions", [5, 60])  # fewer and more than there are vectors
@pytest.mark.parametrize("unit_rows", [False, True])
def test_it_is_the_whitened_kernel(ridge: float, dimensions: int, unit_rows: bool) -> None:
    gallery = np.random.default_rng(0).normal(size=(20, dimensions)) * np.linspace(0.2, 3, dimensions) + 4
    whitened = fit_whitening(gallery, ridge, unit_rows=unit_rows)(gallery)
    centred = gallery - gallery.mean(axis=0)
    if unit_rows:
        centred = unit(centred)
    np.testing.assert_allclose(whitened @ whitened.T, kernel_oracle(centred @ centred.T, ridge), atol=1e-5)


def test_what_all_share_counts_less_than_what_tells_them_apart() -> None:
    rng = np.random.default_rng(0)
    kind = np.repeat([0, 1], 20)
    gallery = np.concatenate([100 * rng.normal(size=(40, 1)), np.eye(2)[kind] + 0.1 * rng.normal(size=(40, 2))], axis=1)
    same = kind[:, None] == kind
    cosines = []
    for vectors in (unit(gallery - gallery.mean(axis=0)), fit_whitening(gallery, 1e-6)(gallery)):
        cosine = vectors @ vectors.T
        cosines.append(cosine[same].mean() - cosine[~same].mean())
    assert cosines[0] < 0.05
    assert cosines[1] > 0.5


def test_vectors_of_length_1_come_out_and_nothing_stays_nothing() -> None:
    gallery = np.random.default_rng(0).normal(size=(12, 7))
    whitened = fit_whitening(gallery, 0.1)(np.concatenate([gallery[:3] * 50, np.zeros((1, 7))]))
    np.testing.assert_allclose(np.linalg.norm(whitened, axis=1), [1, 1, 1, 0], atol=1e-6)


def test_a_large_gallery_is_known_by_ions_spread_evenly_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = np.random.default_rng(0).normal(size=(101, 6)) + np.arange(101)[:, None]
    expected = fit_whitening(gallery[::10], 0.1)(gallery)
    monkeypatch.setattr(sketch, "LANDMARKS", 11)
    np.testing.assert_allclose(fit_whitening(gallery, 0.1)(gallery), expected, atol=1e-6)


@given(number=st.integers(1, 6), dimensions=st.integers(1, 6), kind=st.sampled_from(["zero", "constant", "one axis"]))
@settings(max_examples=40)
def test_a_gallery_without_differences_gives_no_warning(number: int, dimensions: int, kind: str) -> None:
    gallery = {
        "zero": np.zeros((number, dimensions)),
        "constant": np.ones((number, dimensions)),
        "one axis": np.outer(np.arange(number), np.ones(dimensions)),
    }[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(fit_whitening(gallery, 0.1, unit_rows=True)(gallery)).all()
