"""From a cube of numbers to ion images."""

import numpy as np
import pytest

from msiss.data.axis import RAMAN
from msiss.data.findings import DataStop
from msiss.data.formats.assemble import assemble


@pytest.fixture
def cube() -> np.ndarray:
    return np.arange(1, 25, dtype=np.float32).reshape(2, 3, 4)


def test_pixels_that_are_nan_in_all_images_are_off_the_mask(cube) -> None:
    cube[:, 0, 0] = np.nan
    cube[0, 1, 1] = np.nan
    cube[1, 1, 2] = -4
    images, rows = assemble(cube, np.array([2.0, 1.0]), name="a.csv", names=["", "b"], axis=RAMAN)
    assert np.argwhere(~images.mask).tolist() == [[0, 0]]
    assert images.images[0, 1, 1] == images.images[1, 1, 2] == 0
    assert images.names == ("2.0", "b")
    assert images.source == "a.csv"
    warning = next(row for row in rows if row.level == "warning")
    assert warning.found.startswith("1 of 22 intensities are not numbers")
    assert "1 of 22 intensities are negative" in warning.found


def test_images_without_signal_and_empty_annotations_are_left_out(cube) -> None:
    cube[0] = 0
    annotations = {"formula": ["a", "b"], "adduct": ["", ""]}
    images, rows = assemble(cube, np.array([100.0, 200.0]), name="a.csv", annotations=annotations)
    assert images.mz.tolist() == [200]
    assert images.annotations == {"formula": ("b",)}
    assert rows[-1].found == "1 ion without signal, such as 100.0000."


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.full((2, 3, 4), np.nan), "No intensity is a number"),
        (np.zeros((2, 3, 4)), "All intensities are 0"),
        (np.zeros((0, 3, 4)), "0 ion images"),
        (np.ones((2, 1, 1)), "2 ion images of 1 x 1 pixels"),
    ],
)
def test_nothing_to_look_at(values, message) -> None:
    with pytest.raises(DataStop, match=rf"^a\.csv: .*{message}"):
        assemble(values.astype(np.float32), np.arange(1.0, len(values) + 1), name="a.csv")
