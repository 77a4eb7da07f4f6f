"""The black frame around a section: found where there is one, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import GOOD_FILES, read_ions

from msiss.data.black_frame import black_frame
from msiss.data.formats import read
from msiss.data.importing import apply_recipe
from msiss.data.ion_images import IonImages
from msiss.data.masks import encode_mask
from msiss.data.recipe import MaskConfig, ReadConfig, Recipe

SHAPE = (40, 50)


def stack(frame=(), *, ions=4, shape=SHAPE, mask=None, tic=None, zeros=0.0) -> IonImages:
    """Return images of random counts above 0 that are 0 in the given places, and in a share of all others at random."""
    rng = np.random.default_rng(1)
    images = rng.uniform(1, 9, (ions, *shape)).astype(np.float32)
    for place in frame:
        images[:, *place] = 0
    images[:, rng.random(shape) < zeros] = 0
    mask = np.ones(shape, dtype=bool) if mask is None else mask
    return IonImages(images=images * mask, mz=np.arange(1.0, ions + 1), mask=mask, tic=tic)


def area(*places: tuple) -> np.ndarray:
    found = np.zeros(SHAPE, dtype=bool)
    for place in places:
        found[place] = True
    return found


TOP, LEFT, LOW = np.s_[:3, :], np.s_[:, :7], np.s_[-1:, :]


@pytest.mark.parametrize("places", [(TOP,), (LEFT,), (LOW,), (TOP, LEFT), (TOP, LEFT, LOW, np.s_[:, -2:])])
def test_the_frame_is_where_all_images_are_0_along_the_edge(places) -> None:
    np.testing.assert_array_equal(black_frame(stack(places)), area(*places))


def test_corners_of_a_turned_picture_are_a_frame() -> None:
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    corners = (rows + columns < 12) | (rows + columns > sum(SHAPE) - 14)
    images = stack()
    images = replace(images, images=images.images * ~corners)
    np.testing.assert_array_equal(black_frame(images), corners)


def test_an_ion_that_has_signal_there_alone_contradicts_it() -> None:
    images = stack([LEFT]).images.copy()
    images[2][LEFT] = 1
    assert not black_frame(replace(stack(), images=images)).any()


def test_single_counts_in_it_are_part_of_it_and_structures_are_not() -> None:
    images = stack([np.s_[:, :15]]).images.copy()
    images[0, 10, 4] = images[1, 20, 6] = 1
    images[:, 30:36, 4:10] = 5  # 36 pixels
    expected = area(np.s_[:, :15])
    expected[30:36, 4:10] = False
    np.testing.assert_array_equal(black_frame(replace(stack(), images=images)), expected)


def test_holes_inside_the_section_are_no_frame() -> None:
    hole = np.s_[12:24, 15:25]
    assert not black_frame(stack([hole])).any()
    np.testing.assert_array_equal(black_frame(stack([hole, LEFT])), area(LEFT))


def test_what_lies_at_pixels_that_were_not_measured_is_at_the_edge() -> None:
    mask = ~area(np.s_[:, :10])
    np.testing.assert_array_equal(black_frame(stack([np.s_[:, :16]], mask=mask)), area(np.s_[:, 10:16]))
    assert not black_frame(stack([np.s_[:, :10]], mask=mask)).any()
    inside = ~area(np.s_[20, 20])
    assert not black_frame(stack([np.s_[15:26, 15:26]], mask=inside)).any()


def test_a_hundredth_of_the_measured_pixels_is_the_least() -> None:
    shape = (60, 80)  # 4,800 pixels
    assert black_frame(stack([np.s_[:6, :8]], shape=shape)).sum() == 48
    assert not black_frame(stack([np.s_[:6, :7]], shape=shape)).any()
    assert not black_frame(stack([np.s_[:1, :]], shape=(20, 24))).any()  # fewer than 25
    assert black_frame(stack([np.s_[:1, :]], shape=(20, 25))).sum() == 25


@pytest.mark.parametrize("zeros", [0.05, 0.2, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("shape", [(20, 24), SHAPE, (200, 300)])
def test_zeros_of_sparse_images_are_no_frame(zeros, shape) -> None:
    assert not black_frame(stack(shape=shape, zeros=zeros)).any()


def test_a_frame_is_found_beside_a_few_scattered_zeros() -> None:
    images = stack([LEFT], zeros=0.03)
    found = black_frame(images)
    assert found[LEFT].all()
    assert not found[:, 9:].any()  # zeros that touch it go with it
    assert not black_frame(stack([LEFT], zeros=0.2)).any()


@pytest.mark.parametrize(("counts", "is_frame"), [(0.0, True), (0.5, True), (2.0, False), (40.0, False)])
def test_spectra_with_signal_are_no_frame_though_no_ion_is_of_it(counts, is_frame) -> None:
    tic = np.full(SHAPE, 100.0, dtype=np.float32)
    tic[LEFT] = counts
    assert black_frame(stack([LEFT], tic=tic)).any() == is_frame


def test_images_without_any_signal_have_no_frame() -> None:
    assert not black_frame(stack([np.s_[:, :]])).any()


def test_a_recipe_that_leaves_it_out_makes_the_same_of_the_same_files() -> None:
    images = stack([LEFT])
    recipe = Recipe(mask=MaskConfig(loaded=encode_mask(~black_frame(images))))
    made = apply_recipe(images, Recipe.model_validate(recipe.said()))
    np.testing.assert_array_equal(made.mask, ~area(LEFT))
    assert not black_frame(made).any()


@pytest.mark.filterwarnings("ignore:.*:msiss.errors.MsissWarning")
def test_a_picture_with_a_frame_and_real_sections_without(test_data) -> None:
    pictures = read([test_data / "sims"], ReadConfig())
    found = black_frame(pictures)
    empty = ~pictures.images.any(axis=0)
    assert found[0].all()
    assert 0.96 < (found & empty).sum() / empty.sum() < 1
    assert (found & ~empty).sum() < 0.05 * found.sum()
    assert not found[50:560, 60:820].any()
    for name in ("bladder/bladder79.npz", "real/barley101.npz", "real/cerebellum.npz", "real/mob.npz"):
        assert not black_frame(read([test_data / name], ReadConfig())).any(), name
    counts = np.load(test_data / "real/mibi2203.npz")  # a third of its pixels are 0 in all channels
    channels = IonImages(images=counts["cube"], mz=np.arange(1.0, 42), mask=counts["mask"].astype(bool))
    assert not black_frame(channels).any()


@pytest.mark.filterwarnings("ignore:.*:msiss.errors.MsissWarning")
@pytest.mark.parametrize("name", [*GOOD_FILES, "brains/WT_rep1.imzML"])
def test_spectra_of_real_files_have_no_frame(test_data, name) -> None:
    assert not black_frame(read_ions(test_data / name, peaks=20)).any()
