import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msiss.phantom.anatomy import (
    CLASSES,
    MATRIX,
    class_profiles,
    nested_profiles,
    patch_profiles,
    smooth_field,
    tissue_parts,
)

shapes = st.tuples(st.integers(24, 90), st.integers(24, 90))
seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=20)
@given(shape=shapes, seed=seeds, scale=st.floats(0.03, 0.3))
def test_smooth_fields_are_standardised_and_smooth(shape, seed, scale):
    field = smooth_field(shape, scale, np.random.default_rng(seed))
    assert field.shape == shape
    assert field.mean() == pytest.approx(0, abs=1e-9)
    assert field.std() == pytest.approx(1)
    sigma = scale * max(shape)
    # Between neighbours, white noise after a Gaussian of this sigma changes by about 0.7 / sigma.
    assert np.abs(np.diff(field, axis=0)).mean() < 2 / sigma
    assert np.abs(np.diff(field, axis=1)).mean() < 2 / sigma


@settings(max_examples=20)
@given(shape=shapes, seed=seeds)
def test_parts_are_shares_and_fill_the_image(shape, seed):
    parts = tissue_parts(shape, np.random.default_rng(seed))
    for part in parts.values():
        assert part.shape == shape
        assert part.min() >= 0
        assert part.max() <= 1
    np.testing.assert_allclose(parts["section"] + parts["lumen"] + parts["outside"], 1, atol=0.05)
    assert (parts["upper stroma"] <= parts["stroma"]).all()


def test_parts_lie_where_their_names_say():
    shape = (88, 116)
    for seed in range(5):
        parts = tissue_parts(shape, np.random.default_rng(seed))
        y, x = np.mgrid[: shape[0], : shape[1]]
        middle = [(parts["lumen"] * axis).sum() / parts["lumen"].sum() for axis in (y, x)]
        distance = np.hypot(y - middle[0], x - middle[1])
        order = ["lumen", "epithelium", "stroma", "inner muscle", "outer muscle", "serosa"]
        away = [(parts[name] * distance).sum() / parts[name].sum() for name in order]
        assert away == sorted(away)
        assert (parts["upper stroma"] * y).sum() / parts["upper stroma"].sum() < middle[0]
        assert 0.25 < parts["section"].mean() < 0.75


def test_profiles_are_scaled_alike_and_no_two_are_the_same():
    for seed in range(5):
        profiles = class_profiles((88, 116), np.random.default_rng(seed))
        assert len(profiles) == len(CLASSES)
        np.testing.assert_allclose(np.square(profiles).mean(axis=(1, 2)), 1)
        alike = np.corrcoef(profiles.reshape(len(profiles), -1)) - np.eye(len(profiles))
        assert alike.max() < 0.97
        assert alike.max() > 0.8  # some classes are meant to be close


def test_matrix_is_brightest_outside_the_section():
    rng = np.random.default_rng(3)
    matrix = class_profiles((88, 116), rng)[MATRIX]
    parts = tissue_parts((88, 116), np.random.default_rng(3))
    assert matrix[parts["outside"] > 0.95].min() > matrix[parts["section"] > 0.95].max()


@settings(max_examples=15)
@given(shape=shapes, seed=seeds)
def test_patches_are_as_many_profiles_scaled_alike_and_the_same_for_the_same_generator(shape, seed):
    profiles = patch_profiles(shape, np.random.default_rng(seed))
    assert profiles.shape == (len(CLASSES), *shape)
    assert profiles.min() >= 0
    np.testing.assert_allclose(np.square(profiles).mean(axis=(1, 2)), 1)
    np.testing.assert_array_equal(profiles, patch_profiles(shape, np.random.default_rng(seed)))


def test_patches_lie_elsewhere_in_another_section_and_some_classes_are_close():
    closest = []
    for seed in range(10):
        first, second = (patch_profiles((60, 80), np.random.default_rng(number)) for number in (seed, seed + 100))
        assert not np.allclose(first, second, atol=0.5)
        alike = np.corrcoef(first.reshape(len(first), -1)) - np.eye(len(first))
        closest.append(alike.max())
        assert np.median(alike) < 0.6
    assert np.median(closest) > 0.7


def test_the_last_of_the_patches_is_the_matrix_outside_the_section():
    for seed in range(5):
        profiles = patch_profiles((60, 80), np.random.default_rng(seed))
        matrix = profiles[MATRIX]
        outside, inside = matrix > 0.95 * matrix.max(), matrix < 0.2 * matrix.max()
        assert min(outside.mean(), inside.mean()) > 0.05
        for profile in np.delete(profiles, MATRIX, axis=0):
            assert profile[outside].mean() < 0.1 * profile[inside].mean()


@settings(max_examples=15)
@given(shape=shapes, seed=seeds, classes=st.integers(4, 15), sharpness=st.floats(0.5, 8))
def test_nested_profiles_are_as_many_as_asked_scaled_alike_and_the_same_for_the_same_generator(
    shape, seed, classes, sharpness
):
    first, again = (
        nested_profiles(shape, np.random.default_rng(seed), classes=classes, scale=0.15, sharpness=sharpness)
        for _ in range(2)
    )
    assert first.shape == (classes, *shape)
    assert first.min() >= 0
    np.testing.assert_allclose(np.square(first).mean(axis=(1, 2)), 1)
    np.testing.assert_array_equal(first, again)


def test_a_tissue_lies_in_its_organ_and_regions_are_flat_where_borders_are_sharp():
    flat = []
    for sharpness in (1, 8):
        profiles = nested_profiles((60, 80), np.random.default_rng(4), classes=13, scale=0.2, sharpness=sharpness)
        organs, tissues = profiles[:4], profiles[4:-1]
        for number, tissue in enumerate(tissues):  # 8 tissues, two of each organ
            alike = [np.corrcoef(organ.ravel(), tissue.ravel())[0, 1] for organ in organs]
            assert np.argmax(alike) == number % 4
        flat.append(np.mean([profile.std() / profile.mean() for profile in organs]))
    assert flat[1] > 1.5 * flat[0]
