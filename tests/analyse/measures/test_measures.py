"""What all measures without training have in common, and their interface."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msiss.analyse.context import contextual_vectors
from msiss.analyse.measures import fit, vectors
from msiss.analyse.representations import IMAGE_VECTORS, REPRESENTATIONS, measure_names
from msiss.analyse.similarity import cosine_similarity
from msiss.analyse.vectors import unit

CENTRED = [name for name in measure_names() if name not in (IMAGE_VECTORS, "hub-corrected", "metaspace")]


@pytest.mark.parametrize("name", measure_names())
def test_one_vector_per_image_of_at_most_as_many_numbers(name: str, images: np.ndarray, mask) -> None:
    compacted = vectors(name, images, mask)
    assert compacted.dtype == np.float32
    assert compacted.shape[0] == len(images) >= compacted.shape[1]
    whole, share = fit(name, images, mask)(images), REPRESENTATIONS[name].context
    expected = cosine_similarity(whole if share is None else contextual_vectors(whole, share))
    np.testing.assert_allclose(cosine_similarity(compacted), expected, atol=1e-5)


@pytest.mark.parametrize("name", sorted(set(REPRESENTATIONS.names) - set(measure_names())))
def test_what_has_to_be_trained_is_no_measure(name: str, images: np.ndarray, mask: np.ndarray) -> None:
    with pytest.raises(ValueError, match=f"{name} has to be trained"):
        fit(name, images, mask)


def test_every_representation_has_a_title_of_its_own() -> None:
    titles = {one.title for one in REPRESENTATIONS}
    assert len(titles) == len(REPRESENTATIONS)


@pytest.mark.parametrize("name", measure_names())
@given(scale=st.floats(1e-4, 1e6))
@settings(max_examples=10)
def test_the_brightness_of_an_image_does_not_matter(name: str, scale: float) -> None:
    rng = np.random.default_rng(0)
    mask = rng.random((11, 9)) < 0.8
    images = (rng.gamma(1, size=(5, 11, 9)) + np.arange(9)).astype(np.float32)
    measure = fit(name, images, mask)
    expected = unit(measure(images))
    images[1:3] *= scale
    np.testing.assert_allclose(unit(measure(images)), expected, atol=1e-5)
    np.testing.assert_allclose(np.abs(unit(fit(name, images, mask)(images)) @ expected.T).max(axis=1), 1, atol=1e-4)


@pytest.mark.parametrize("name", measure_names())
def test_what_lies_outside_the_mask_does_not_matter(name: str, images: np.ndarray, mask) -> None:
    expected = fit(name, images * mask, mask)(images * mask)
    outside = np.where(mask, images, np.random.default_rng(1).uniform(0, 100, images.shape).astype(np.float32))
    np.testing.assert_array_equal(fit(name, outside, mask)(outside), expected)


@pytest.mark.parametrize("name", measure_names())
def test_an_image_is_measured_alike_in_any_company_and_order(name: str, images: np.ndarray, mask) -> None:
    measure = fit(name, images, mask)
    together = measure(images)
    order = [7, 2, 9]
    np.testing.assert_allclose(measure(images[order]), together[order], atol=1e-5)
    shuffled = fit(name, images[::-1], mask)(images)
    np.testing.assert_allclose(cosine_similarity(shuffled), cosine_similarity(together), atol=1e-4)


@pytest.mark.parametrize("name", measure_names())
def test_an_image_without_signal_is_like_nothing(name: str, images: np.ndarray, mask: np.ndarray) -> None:
    images[3] = 0
    measured = fit(name, images, mask)(images)
    assert not measured[3].any()
    assert np.isfinite(measured).all()
    assert measured[[0, 1, 2, 4]].any(axis=1).all()


@pytest.mark.parametrize("name", CENTRED)
@pytest.mark.parametrize("value", [0.1, 1, 33_333.3])
def test_an_even_image_is_like_nothing(name: str, value: float, images: np.ndarray, mask) -> None:
    images[3] = value
    assert not fit(name, images, mask)(images)[3].any()


@pytest.mark.parametrize("name", measure_names())
@pytest.mark.parametrize(
    "plain",
    [
        np.zeros((4, 8, 8), np.float32),
        np.ones((4, 8, 8), np.float32),
        np.repeat(np.arange(64, dtype=np.float32).reshape(1, 8, 8), 4, axis=0),
        np.arange(64, dtype=np.float32).reshape(1, 8, 8),
        np.eye(64, dtype=np.float32)[:2].reshape(2, 8, 8),
    ],
    ids=["empty", "even", "all the same", "one image", "single pixels"],
)
def test_plain_data_give_finite_vectors_without_warnings(name: str, plain: np.ndarray) -> None:
    mask = np.ones((8, 8), dtype=bool)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(vectors(name, plain, mask)).all()


@pytest.mark.parametrize("name", measure_names())
def test_a_section_of_one_line(name: str) -> None:
    images = np.random.default_rng(0).gamma(1, size=(5, 1, 30)).astype(np.float32)
    found = cosine_similarity(vectors(name, images, np.ones((1, 30), dtype=bool)))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(np.diag(found), 1, rtol=1e-5)
