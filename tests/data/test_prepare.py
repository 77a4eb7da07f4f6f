import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, clean, describe, mean_images, pixel_factors, prepare
from msiss.data.prepare_steps import pixel_factor
from msiss.errors import SettingError

intensities = st.floats(0, 1e6, width=32).map(lambda value: 0.0 if value < 1e-3 else value)
stacks = st.tuples(st.integers(1, 5), st.integers(1, 7), st.integers(1, 7)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=intensities)
)


def ion_images(images: np.ndarray, mask: np.ndarray | None = None, **more) -> IonImages:
    images = np.asarray(images, dtype=np.float32)
    mask = np.ones(images.shape[1:], dtype=bool) if mask is None else mask
    return IonImages(images=images * mask, mz=np.arange(1.0, len(images) + 1), mask=mask, **more)


def full(images: np.ndarray) -> np.ndarray:
    return np.ones(images.shape[1:], dtype=bool)


def test_tic_of_the_whole_spectrum_is_used():
    stack = ion_images(np.ones((1, 1, 3), dtype=np.float32), tic=np.array([[2.0, 1.0, 0.0]]))
    cleaned = clean(stack, PrepareConfig(normalisation="tic", hotspot_quantile=1))
    np.testing.assert_allclose(cleaned, [[[0.5, 1.0, 0.0]]])


def test_a_rare_ion_survives_clipping():
    image = np.zeros((1, 100, 100), dtype=np.float32)
    image[0, 5, 5] = 7
    assert clean(ion_images(image), PrepareConfig(hotspot_quantile=0.5)).max() == 1


def test_a_reference_peak_divides_each_pixel():
    stack = ion_images(np.array([[[2.0, 4.0, 0.0]], [[6.0, 4.0, 5.0]]], dtype=np.float32))
    config = PrepareConfig(normalisation="reference", reference_mz=float(stack.mz[0]), hotspot_quantile=1)
    np.testing.assert_allclose(clean(stack, config), [[[1, 1, 0]], [[1, 1 / 3, 0]]], rtol=1e-6)
    with pytest.raises(SettingError, match="nearest is"):
        clean(stack, PrepareConfig(normalisation="reference", reference_mz=5000.0))


@pytest.mark.parametrize(("typed", "taken"), [(1000.09, True), (1000.11, False), (999.91, True), (999.89, False)])
def test_the_reference_peak_is_an_ion_within_100_ppm(typed, taken):
    images = np.array([[[2.0, 4.0]], [[6.0, 4.0]]], dtype=np.float32)
    stack = IonImages(images=images, mz=np.array([900.0, 1000.0]), mask=full(images))
    config = PrepareConfig(normalisation="reference", reference_mz=typed, hotspot_quantile=1)
    if taken:
        np.testing.assert_allclose(clean(stack, config), [[[1 / 3, 1]], [[1, 1]]], rtol=1e-6)
    else:
        with pytest.raises(SettingError, match=r"nearest is m/z 1000"):
            clean(stack, config)


def test_what_was_done_is_said_in_a_line():
    assert describe(PrepareConfig()) == "not normalised, clipped at the 0.999 quantile"
    config = PrepareConfig(normalisation="reference", reference_mz=760.5851, median_filter=True, transform="log")
    assert describe(config) == "normalised to m/z 760.5851, clipped at the 0.999 quantile, 3 × 3 median, log"


@given(
    images=stacks,
    normalisation=st.sampled_from(["none", "tic", "rms", "median"]),
    quantile=st.floats(0.5, 1),
    transform=st.sampled_from(["none", "square root", "log"]),
)
def test_cleaned_images_span_zero_to_one(images, normalisation, quantile, transform):
    stack = ion_images(images)
    before = images.copy()
    config = PrepareConfig(normalisation=normalisation, hotspot_quantile=quantile, transform=transform)
    cleaned = clean(stack, config)
    assert cleaned.dtype == np.float32
    assert cleaned.min() >= 0
    np.testing.assert_allclose(cleaned.max(axis=(1, 2)), (images > 0).any(axis=(1, 2)))
    np.testing.assert_array_equal(stack.images, before)


def test_prepared_images_are_masked_squares_in_zero_to_one():
    rng = np.random.default_rng(2)
    mask = rng.uniform(size=(40, 90)) > 0.1
    prepared = prepare(ion_images(rng.poisson(0.3, (6, 40, 90)), mask), PrepareConfig(side=72))
    assert prepared.images.shape == (6, 72, 72)
    assert prepared.mask.shape == (72, 72)
    assert prepared.images.dtype == np.float32
    np.testing.assert_allclose(prepared.images.max(axis=(1, 2)), 1)
    assert not prepared.images[:, ~prepared.mask].any()


def test_prepared_images_have_the_true_shape_of_the_section():
    stack = ion_images(np.ones((1, 10, 40)), pixel_size=(80.0, 20.0))
    assert prepare(stack, PrepareConfig(side=64)).mask.all()


def test_preparing_twice_gives_the_same_numbers():
    rng = np.random.default_rng(3)
    stack = ion_images(rng.poisson(1, (3, 33, 21)))
    first, second = (prepare(stack, PrepareConfig(side=64)).images for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_prepared_images_come_with_the_cleaned_ones_and_some_of_them_can_be_taken() -> None:
    rng = np.random.default_rng(0)
    mask = rng.random((20, 30)) < 0.8
    stack, config = ion_images(rng.poisson(3, (6, 20, 30)), mask), PrepareConfig(side=64, transform="square root")
    prepared = prepare(stack, config)
    assert len(prepared) == 6
    np.testing.assert_array_equal(prepared.cleaned, clean(stack, config))
    np.testing.assert_array_equal(prepared.measured, mask)
    some = prepared[np.array([4, 1])]
    np.testing.assert_array_equal(some.images, prepared.images[[4, 1]])
    np.testing.assert_array_equal(some.cleaned, prepared.cleaned[[4, 1]])
    assert some.mask is prepared.mask


@pytest.mark.parametrize("normalisation", ["none", "tic", "rms", "median", "reference"])
def test_means_of_clusters_are_those_of_the_cleaned_images(small_images, monkeypatch, normalisation):
    monkeypatch.setattr("msiss.data.prepare.MEAN_BLOCK", 5)  # twelve ions are no whole number of blocks
    config = PrepareConfig(
        normalisation=normalisation, reference_mz=small_images.mz[2], hotspot_quantile=0.9, transform="log"
    )
    clusters = np.array([0, 0, 3, 3, 3, 1, 1, 1, 1, 0, 0, 3])
    found = mean_images(small_images, config, clusters)
    cleaned = clean(small_images, config)
    some = mean_images(small_images, config, np.where(np.arange(12) < 6, clusters, -1))
    assert sorted(found) == [0, 1, 3]
    np.testing.assert_allclose(some[3], cleaned[2:5].mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(some[1], cleaned[5], atol=1e-6)
    for cluster, mean in found.items():
        np.testing.assert_allclose(mean, cleaned[clusters == cluster].mean(axis=0), atol=1e-6)


def test_factors_of_pixels_are_those_of_the_normalisation(small_images):
    assert pixel_factors(small_images, PrepareConfig()) is None
    factors = pixel_factors(small_images, PrepareConfig(normalisation="rms"))
    signal = np.sqrt(np.square(small_images.images, dtype=np.float64).mean(axis=0))
    np.testing.assert_array_equal(factors, pixel_factor(signal, small_images.mask))


@pytest.mark.parametrize("normalisation", ["none", "tic", "rms", "median", "reference"])
def test_some_images_are_cleaned_as_among_all(small_images, normalisation):
    config = PrepareConfig(normalisation=normalisation, reference_mz=small_images.mz[2], median_filter=True)
    some = clean(small_images, config, np.array([7, 2, 3]))
    np.testing.assert_array_equal(some, clean(small_images, config)[[7, 2, 3]])
    assert clean(small_images, config, np.array([], dtype=int)).shape == (0, *small_images.shape)
