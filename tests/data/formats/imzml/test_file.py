"""Pixels and places of a header."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from msiss.data.formats.imzml.file import ArrayLayout, ImzmlFile


def file(coordinates: list[tuple[int, int, int]], offsets: list[int]) -> ImzmlFile:
    number = len(offsets)
    layout = ArrayLayout(
        offsets=np.array(offsets),
        lengths=np.full(number, 3),
        encoded=np.full(number, -1),
        dtype=np.dtype("<f8"),
    )
    return ImzmlFile(
        path=Path("a.imzML"),
        ibd_path=Path("a.ibd"),
        coordinates=np.array(coordinates),
        mz=layout,
        intensity=layout,
    )


def test_pixels_count_row_by_row_in_the_measured_box() -> None:
    header = file([(5, 2, 1), (7, 2, 1), (6, 3, 1), (6, 3, 1)], [16, 40, 64, 88])
    assert header.shape == (2, 3)
    np.testing.assert_array_equal(header.pixels, [0, 2, 4, 4])
    np.testing.assert_array_equal(header.spectra_per_pixel, [1, 0, 1, 0, 2, 0])
    assert header.place(2) == "spectrum 3 (pixel x=6, y=3)"


def test_an_axis_is_shared_where_all_offsets_agree() -> None:
    pixels = [(1, 1, 1), (2, 1, 1)]
    assert file(pixels, [16, 16]).shared_axis
    assert not file(pixels, [16, 40]).shared_axis


def test_sizes_are_in_bytes() -> None:
    np.testing.assert_array_equal(file([(1, 1, 1)], [16]).mz.sizes, [24])


@pytest.mark.parametrize(("rule", "weights"), [("mean", [0.5, 0.5, 1, 1]), ("sum", None), ("last", [0, 1, 1, 1])])
def test_spectra_of_one_pixel_and_mobility_count_by_the_rule(rule, weights) -> None:
    header = file([(1, 1, 1), (1, 1, 1), (1, 1, 1), (2, 1, 1)], [16, 40, 64, 88])
    of_two = replace(header, per_pixel=rule, mobility=np.array([0.9, 0.9, 1.1, np.nan]))
    assert (of_two.weights is None) == (weights is None)
    if weights is not None:
        np.testing.assert_array_equal(of_two.weights, weights)
    assert replace(of_two, mobility=np.array([0.9, 1.0, 1.1, np.nan])).weights is None
    assert file([(1, 1, 1), (2, 1, 1)], [16, 40]).weights is None


def test_a_part_of_a_file_numbers_its_spectra_as_the_whole() -> None:
    part = file([(1, 1, 1), (2, 1, 1), (3, 1, 1)], [16, 40, 64]).of(np.array([1, 2])).of(np.array([1]))
    assert part.place(0) == "spectrum 3 (pixel x=3, y=1)"
