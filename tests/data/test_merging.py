"""Several sections as one data set: nothing lost, nothing mixed up, and differences said."""

from dataclasses import replace

import numpy as np
import pytest

from msiss.data.axis import RAMAN
from msiss.data.merging import GAP, side_by_side
from msiss.errors import DataError, MsissWarning


def test_each_section_is_a_region_with_its_own_pixels(small_images, tmp_path) -> None:
    other = replace(small_images.subset(range(12)), images=small_images.images[:, :10] * 2, mask=small_images.mask[:10])
    both = side_by_side([small_images, other], ["a", "b"], ppm=5, scratch=tmp_path)
    assert both.shape == (16, 20 + GAP + 20)
    np.testing.assert_array_equal(both.images[:, :, :20], small_images.images)
    np.testing.assert_array_equal(both.images[:, :10, 20 + GAP :], other.images)
    assert not both.mask[:, 20 : 20 + GAP].any()
    assert both.mask.sum() == small_images.mask.sum() + other.mask.sum()
    assert both.region_names == ("a", "b")
    assert ((both.regions == 1) == np.pad(small_images.mask, ((0, 0), (0, GAP + 20)))).all()
    assert isinstance(both.images, np.memmap)
    np.testing.assert_array_equal(both.labels, small_images.labels)


def test_what_the_files_say_about_themselves_is_kept(small_images) -> None:
    one = replace(small_images, about={"Instrument": "Q Exactive HF", "Software": "Xcalibur"})
    other = replace(small_images, about={"Instrument": "Q Exactive HF", "Software": "ftmsControl"})
    both = side_by_side([one, other], ["a", "a"], ppm=5)
    assert both.about == {"Instrument": "Q Exactive HF", "Software": "a (1): Xcalibur; a (2): ftmsControl"}


def test_each_section_keeps_the_positions_of_its_file(small_images) -> None:
    positions = np.arange(small_images.mask.size * 2).reshape(*small_images.shape, 2)
    placed = replace(small_images, positions=positions, stage=positions / 4)
    both = side_by_side([placed, placed], ["a", "b"], ppm=5)
    np.testing.assert_array_equal(both.positions[:, :20], placed.positions)
    np.testing.assert_array_equal(both.positions[:, 20 + GAP :], placed.positions)
    np.testing.assert_array_equal(both.stage[:, 20 + GAP :], placed.stage)
    assert np.isnan(both.stage[:, 20 : 20 + GAP]).all()
    mixed = side_by_side([placed, small_images], ["a", "b"], ppm=5)
    assert (mixed.positions, mixed.stage) == (None, None)


def test_ions_are_matched_by_mz_whatever_their_order(small_images) -> None:
    order = np.random.default_rng(0).permutation(12)
    shuffled = replace(small_images.subset(order), mz=small_images.mz[order] * (1 + 3e-6))
    both = side_by_side([small_images, shuffled], ["a", "b"], ppm=5)
    np.testing.assert_array_equal(both.mz, small_images.mz)
    np.testing.assert_array_equal(both.images[:, :, 20 + GAP :], small_images.images)


def test_ions_of_one_mz_stay_apart_where_the_lists_are_equal(small_images) -> None:
    isomers = replace(small_images, mz=np.repeat(small_images.mz[:6], 2))
    both = side_by_side([isomers, isomers], ["a", "b"], ppm=5)
    np.testing.assert_array_equal(both.images[:, :, :20], isomers.images)
    np.testing.assert_array_equal(both.images[:, :, 20 + GAP :], isomers.images)


def test_ions_that_are_not_in_all_are_left_out_with_a_warning(small_images) -> None:
    with pytest.warns(MsissWarning, match="7 ions are in all files, of up to 12"):
        both = side_by_side([small_images, small_images.subset(range(5, 12))], ["a", "b"], ppm=5)
    np.testing.assert_array_equal(both.mz, small_images.mz[5:])
    assert both.names == small_images.names[5:]


def test_sections_of_one_name_are_told_apart(small_images) -> None:
    assert side_by_side([small_images, small_images], ["a", "a"], ppm=5).region_names == ("a (1)", "a (2)")


def test_differences_are_said(small_images) -> None:
    with pytest.warns(MsissWarning) as caught:
        side_by_side(
            [small_images, replace(small_images, polarity="negative", pixel_size=(50.0, 50.0))], ["a", "b"], ppm=5
        )
    said = " ".join(str(warning.message) for warning in caught)
    assert "differ in polarity" in said
    assert "differ in pixel size" in said


def test_what_cannot_be_set_side_by_side(small_images) -> None:
    with pytest.raises(DataError, match="different kinds of imaging"):
        side_by_side([small_images, replace(small_images, axis=RAMAN)], ["a", "b"], ppm=5)
    with pytest.raises(DataError, match="no m/z in common within 5 ppm"):
        side_by_side([small_images, replace(small_images, mz=small_images.mz + 1)], ["a", "b"], ppm=5)
