"""Conversion of array-like arguments to the array types of msiss."""

from typing import Any

import numpy as np

from msiss.errors import DataError


def as_array(given: Any, name: str, dtype: type[np.generic]) -> np.ndarray:
    """Return an array of the type `dtype`, without a copy if it is one already.

    Parameters
    ----------
    given : array_like
        Numbers, such as a list or an array of another type; memory-mapped arrays remain memory-mapped.
    name : str
        Its name in error messages.
    dtype : type
        A NumPy type.

    Raises
    ------
    DataError
        If it is not numeric, or has fractional values for an integer type.
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
    with np.errstate(over="ignore"):  # values that become infinite are refused later
        return array.astype(dtype)
