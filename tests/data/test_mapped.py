"""Arrays in files: zeros, space taken at once, and a full disk that is said."""

import errno

import numpy as np
import pytest

from msiss.data import mapped
from msiss.errors import DataError


def test_zeros_in_a_file_or_in_memory(tmp_path) -> None:
    array = mapped.zeros(tmp_path, "a", (2, 3, 4))
    assert isinstance(array, np.memmap)
    assert not array.any()
    array[1] = 5
    array.flush()
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), array)
    assert not isinstance(mapped.zeros(None, "a", (2, 3)), np.memmap)


def test_no_images_take_no_room(tmp_path) -> None:
    assert mapped.zeros(tmp_path, "none", (0, 3, 4)).shape == (0, 3, 4)


def test_a_full_disk_is_said_before_anything_is_written(tmp_path, monkeypatch) -> None:
    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(DataError, match=r"need 1\.20 GB on the disk of .*: the disk is full"):
        mapped.zeros(tmp_path, "a", (300, 1000, 1000))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at_once", [0, 2**20])
def test_what_is_filled_in_is_in_the_file(tmp_path, monkeypatch, at_once) -> None:
    monkeypatch.setattr(mapped, "AT_ONCE", at_once)
    expected = np.random.default_rng(0).random((3, 40, 50)).astype(np.float32)
    rooms = []

    def fill(room: np.ndarray) -> None:
        rooms.append(isinstance(room, np.memmap))
        room += expected

    array = mapped.filled(tmp_path, "a", expected.shape, fill)
    assert isinstance(array, np.memmap)
    assert rooms == [at_once == 0]
    np.testing.assert_array_equal(array, expected)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), expected)
    np.testing.assert_array_equal(mapped.filled(None, "a", expected.shape, fill), expected)
