"""Findings that do not depend on the format."""

from dataclasses import replace

import numpy as np
import pytest

from msiss.data.axis import RAMAN
from msiss.data.formats.image_findings import hot_pixels_row, image_rows, pixel_size_row
from msiss.data.ion_images import IonImages


def place(index: int) -> str:
    return f"<{index}>"


@pytest.mark.parametrize("pixels", [20, 100, 1000])
def test_the_brightest_hot_pixels_are_named_first(pixels) -> None:
    tic = np.full(pixels, 7.0)
    assert hot_pixels_row(tic, place).level == "pass"
    tic[3] = 70.0
    assert hot_pixels_row(tic, place).level == "pass"  # not more than ten times
    tic[3] = 71.0
    assert "1 pixel has more than 10 times" in hot_pixels_row(tic, place).found
    assert hot_pixels_row(tic, place).found.endswith(": <3>.")


def test_hot_pixels_are_named_up_to_a_few() -> None:
    tic = np.ones(2000)
    tic[100:107] = np.arange(20, 27)
    assert hot_pixels_row(tic, place).found.endswith(": <106>, <105>, <104>, <103>, <102>, ....")


def test_pixels_without_signal_make_no_other_pixel_hot() -> None:
    tic = np.zeros(10_000)
    tic[:50] = 1.0
    assert hot_pixels_row(tic, place).level == "pass"
    assert "too few" in hot_pixels_row(tic[31:], place).found


@pytest.mark.parametrize(("size", "level"), [(None, "pass"), ((10.0, 10.0), "pass"), ((1e-3, 10.0), "warning")])
def test_pixel_sizes(size, level) -> None:
    assert pixel_size_row(size).level == level


def test_ions_of_one_mz_that_differ_in_mobility_are_not_repeated() -> None:
    images = np.arange(36, dtype=np.float32).reshape(3, 3, 4)
    for third, level in (("1.1 to 1.2", "pass"), ("0.9 to 1", "warning")):
        stack = IonImages(images=images, mz=[500.0] * 3, annotations={"mobility": ("", "0.9 to 1", third)})
        assert next(row for row in image_rows(stack) if row.check == "repeated ions").level == level


def test_ion_images_are_described() -> None:
    images = np.ones((3, 5, 6), dtype=np.float32)
    images[1] = 0
    images[:, 4, 5] = 50, 0, 50
    mask = np.ones((5, 6), dtype=bool)
    mask[0, 0] = False
    images[:, 0, 0] = 0
    stack = IonImages(images=images, mz=np.array([100.0, 200.0, 100.0]), mask=mask, polarity="negative")
    rows = {row.check: row for row in image_rows(stack)}
    assert rows["images"].found == "3 ion images, m/z 100.0000 to 200.0000."
    assert rows["pixels"].found == "5 rows x 6 columns, 29 pixels measured, 1 not measured and masked."
    assert rows["repeated ions"].found == "1 ion image has the m/z of another one."
    assert rows["empty images"].found == "1 ion image is 0 in every pixel."
    assert rows["copied images"].found == "1 ion image is an exact copy of another one."
    assert rows["hot pixels"].found.endswith(": row 5, column 6.")
    assert rows["polarity"].found == "Declared as negative."
    assert {name for name, row in rows.items() if row.level == "warning"} == {
        "repeated ions",
        "empty images",
        "copied images",
        "hot pixels",
    }


def test_a_black_frame_is_told_with_what_to_do() -> None:
    images = np.ones((3, 20, 30), dtype=np.float32)
    mask = np.ones((20, 30), dtype=bool)
    mask[:, 29] = False
    images[:, :, 29] = 0
    framed = images.copy()
    framed[:, :, :5] = 0
    stack = IonImages(images=images, mz=np.array([100.0, 200.0, 300.0]), mask=mask)
    (row,) = (row for row in image_rows(stack) if row.check == "black frame")
    assert (row.level, row.found) == ("pass", "There is no black frame around the section.")
    (row,) = (row for row in image_rows(replace(stack, images=framed)) if row.check == "black frame")
    assert row.level == "warning"
    assert row.found.startswith("100 measured pixels along the edge (17.2% of all) are 0 in every ion image")
    assert "clusters follow the frame" in row.meaning
    assert "the tab Pixels of the page Prepare" in row.action


def test_only_mass_spectra_have_a_polarity() -> None:
    stack = IonImages(
        images=np.ones((1, 2, 2), dtype=np.float32), mz=np.ones(1), mask=np.ones((2, 2), bool), axis=RAMAN
    )
    assert "polarity" not in {row.check for row in image_rows(stack)}


def test_empty_images_are_no_copies_of_one_another() -> None:
    images = np.zeros((4, 2, 2), dtype=np.float32)
    images[2:, 0] = [[1, 2], [2, 1]]
    stack = IonImages(images=images, mz=np.arange(1.0, 5), mask=np.ones((2, 2), bool))
    rows = {row.check: row for row in image_rows(stack)}
    assert rows["copied images"].level == "pass"
    assert rows["empty images"].found == "2 ion images are 0 in every pixel."
