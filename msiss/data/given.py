"""Arrays as people have them, taken as the arrays that msiss works with."""

from typing import Any

import numpy as np

from msiss.errors import DataError


def as_array(given: Any, name: str, dtype: type[np.generic]) -> np.ndarray:
    """Return what was given as an array of the type `dtype`: the same array where it is one already.

    Parameters
    ----------
    given : array_like
        Numbers, such as a list or an array of another type; what is memory-mapped stays so.
    name : str
        What an error calls it.
    dtype : type
        A NumPy type.

    Raises
    ------
    DataError
        If it holds something else than numbers, or numbers that are not whole where these are needed.
    """
    try:
        array = np.asanyarray(given)
    except ValueError as error:  # lists of several lengths
        raise DataError(f"{name} is not an array: {error}.") from error
    if array.dtype == dtype:
        return array
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} must hold numbers; what was given is of type {array.dtype.name}.")
    if array.dtype.kind == "f" and np.dtype(dtype).kind in "iu" and not np.array_equal(array, np.trunc(array)):
        raise DataError(f"{name} must hold whole numbers; what was given is of type {array.dtype.name}.")
    with np.errstate(over="ignore"):  # what becomes infinite is refused as such
        return array.astype(dtype)
