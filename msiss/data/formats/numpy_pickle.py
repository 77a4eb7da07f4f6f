"""Read .npy files that hold an object array, a pickle, without running what the pickle asks for."""

import pickle
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

# All that a pickled array of arrays, numbers and text needs; anything else could run code. The functions are those that
# NumPy itself writes into a pickle; their module was called numpy.core before NumPy 2.
_FUNCTIONS = {
    ("multiarray", "_reconstruct"): np.zeros(1).__reduce__()[0],
    ("multiarray", "scalar"): np.float64(0).__reduce__()[0],
    ("numeric", "_frombuffer"): np.zeros(1).__reduce_ex__(5)[0],
}
_ALLOWED = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    **{
        (f"numpy.{core}.{module}", name): function
        for core in ("core", "_core")
        for (module, name), function in _FUNCTIONS.items()
    },
}


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is not a NumPy array") from None


def load_object_array(path: Path) -> np.ndarray:
    """Return the array in `path`, of objects or of numbers, admitting NumPy arrays, plain numbers and text only.

    Raises
    ------
    pickle.UnpicklingError
        Where the pickle asks for anything else; nothing of it has been run.
    ValueError
        Where the file is not a .npy file.
    """
    with path.open("rb") as file:
        if not _is_object_array(file):
            file.seek(0)
            return np.load(file, allow_pickle=False)
        array = _ArraysOnly(file).load()
    if not isinstance(array, np.ndarray):
        raise pickle.UnpicklingError("it does not hold an array")
    return array


def _is_object_array(file: BinaryIO) -> bool:
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return bool(read(file)[2].hasobject)
