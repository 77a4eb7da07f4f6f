"""Object arrays are read; a pickle that wants more is refused and nothing of it runs."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from msiss.data.formats.numpy_pickle import load_object_array


class _Attack:
    """Pickles as a call that creates a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple:
        return Path.touch, (self.target,)


def test_object_arrays_are_the_same_as_numpy_reads_them(tmp_path) -> None:
    array = np.empty((3, 2), dtype=object)
    for row in range(3):
        array[row] = np.full((2, 4, 3), row, dtype=np.uint8), np.int64(row)
    array[2, 1] = "text"
    np.save(tmp_path / "a.npy", array)

    read = load_object_array(tmp_path / "a.npy")

    for row in range(3):
        np.testing.assert_array_equal(read[row, 0], array[row, 0])
    assert read[:, 1].tolist() == [0, 1, "text"]


@pytest.mark.parametrize("protocol", range(3, pickle.HIGHEST_PROTOCOL + 1))  # numpy.save writes 3 or 4
def test_every_protocol_is_read(tmp_path, protocol) -> None:
    array = np.empty(2, dtype=object)
    array[:] = [np.arange(3.0), np.arange(4, dtype=np.uint8)]
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": (2,)})
        pickle.dump(array, file, protocol=protocol)
    read = load_object_array(tmp_path / "a.npy")
    np.testing.assert_array_equal(read[0], [0, 1, 2])
    assert read[1].dtype == np.uint8


def test_plain_arrays_are_read_too(tmp_path) -> None:
    np.save(tmp_path / "a.npy", np.eye(3))
    np.testing.assert_array_equal(load_object_array(tmp_path / "a.npy"), np.eye(3))


def test_a_malicious_pickle_is_refused_and_not_run(tmp_path) -> None:
    target = tmp_path / "attacked"
    array = np.empty((1, 2), dtype=object)
    array[0] = np.zeros((2, 2, 3)), _Attack(target)
    np.save(tmp_path / "a.npy", array)

    with pytest.raises(pickle.UnpicklingError, match="which is not a NumPy array"):
        load_object_array(tmp_path / "a.npy")
    assert not target.exists()

    np.load(tmp_path / "a.npy", allow_pickle=True)  # proof that the file is dangerous
    assert target.exists()


def test_a_pickle_of_something_else_is_refused(tmp_path) -> None:
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": (2,)})
        pickle.dump([1, 2], file)
    with pytest.raises(pickle.UnpicklingError, match="does not hold an array"):
        load_object_array(tmp_path / "a.npy")
