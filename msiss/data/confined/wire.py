"""Encoding of the messages between a process and its child: JSON, with arrays as text.

Nothing is unpickled, so that a compromised child cannot execute code in its parent process.
"""

import base64
import binascii
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

_ARRAY = "array of numbers"
_TYPE = re.compile(r"[<>|][fiub][1248]")  # numbers only


def to_text(value: Any) -> str:
    """Return one line of text for plain data, paths and arrays of numbers."""
    return json.dumps(value, default=_plain)


def from_text(text: str | bytes) -> Any:
    """Return the argument of `to_text`, with paths as absolute paths in text.

    Raises
    ------
    ValueError
        If the text is not a valid message.
    """
    try:
        return json.loads(text, object_hook=_array)
    except (RecursionError, TypeError, KeyError, binascii.Error) as error:
        raise ValueError(f"not understood: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value.absolute())  # the child has another working directory
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and _TYPE.fullmatch(value.dtype.str):
        data = base64.b64encode(np.ascontiguousarray(value).data).decode()
        return {_ARRAY: data, "dtype": value.dtype.str, "shape": value.shape}
    raise TypeError(f"{type(value).__name__} is no plain data")


def _array(value: dict[str, Any]) -> Any:
    if _ARRAY not in value:
        return value
    if not _TYPE.fullmatch(value["dtype"]):
        raise ValueError("not an array of numbers")
    return np.frombuffer(base64.b64decode(value[_ARRAY]), dtype=value["dtype"]).reshape(value["shape"]).copy()
