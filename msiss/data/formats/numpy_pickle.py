"""Object arrays of NumPy, which are pickles, decoded into plain data without calling functions named in the pickle.

A pickle is a program for a stack machine (opcodes as in Python's pickletools). Only the few opcodes of NumPy's pickles
of arrays, numbers and text are supported; calls are recorded rather than executed, and arrays are constructed from the
recorded shapes, number types and bytes once these are validated.
"""

import math
import pickletools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, cast

import numpy as np

from msiss.data.formats.budget import Budget

# Approximate memory for an opcode and its result while a pickle is decoded.
_BYTES_EACH, _AT_A_TIME = 100, 1000
_LONGEST_LINE = 200
MOST_DIMENSIONS = 8
# Names in a pickle of NumPy, by the last part of the module and the name. The module was numpy.core before NumPy 2;
# Python 3 writes bytes as encoded text in protocol 2.
_NAMES = {
    "numpy ndarray": "ndarray",
    "numpy dtype": "dtype",
    "_codecs encode": "encode",
    **{
        f"numpy.{core}.{name}": name.rpartition(" ")[2]
        for core in ("core", "_core")
        for name in ("multiarray _reconstruct", "multiarray scalar", "numeric _frombuffer")
    },
}
_TYPE = re.compile(r"([<>|=]?)(?:\?|b1|[iu][1248]|f[248]|[US][1-9][0-9]{0,7})")
_OTHERS = {"c": "complex numbers", "O": "objects", "V": "records", "M": "dates", "m": "times"}


class NotPlain(ValueError):
    """A file has other content than arrays of numbers and text."""


@dataclass
class _Name:
    """A name in the pickle that unpickling would call."""

    name: str


@dataclass
class _Type:
    """A number type under construction; `order` follows `code`."""

    code: str
    order: str = "|"

    def numbers(self) -> np.dtype:
        return simple_type(self.code if self.order == "|" else self.order + self.code)


@dataclass
class _Array:
    """An array under construction; its `value` is set with its content."""

    value: np.ndarray | None = None


def simple_type(text: str) -> np.dtype:
    """Return the NumPy type of a code such as "<f4": of numbers up to 64 bits, booleans or text.

    Raises
    ------
    NotPlain
        If it is another type.
    """
    if not isinstance(text, str) or not _TYPE.fullmatch(text):
        kind = _OTHERS.get(str(text).lstrip("<>|=")[:1], f"values of the type {str(text)[:40]}")
        raise NotPlain(f"it holds {kind}, not numbers or text")
    return np.dtype(text)


def array_of(
    data: bytes | bytearray | np.ndarray, dtype: np.dtype, shape: Sequence[int], *, fortran: bool
) -> np.ndarray:
    """Return an array over `data`, whose length must match type and shape.

    Raises
    ------
    NotPlain
        If the length does not match.
    """
    if size_of(dtype, shape) != len(data):
        raise NotPlain(f"an array of the shape {tuple(shape)} and the type {dtype} has {len(data):,} bytes")
    return np.frombuffer(data, dtype=dtype).reshape(shape, order="F" if fortran else "C")


def size_of(dtype: np.dtype, shape: Sequence[int]) -> int:
    """Return the bytes of an array.

    Raises
    ------
    NotPlain
        If the shape is invalid.
    """
    if len(shape) > MOST_DIMENSIONS or any(length < 0 for length in shape):
        raise NotPlain(f"an array has {len(shape)} dimensions or a negative length")
    if math.prod(max(1, length) for length in shape) * dtype.itemsize >= 2**62:
        raise NotPlain(f"an array has the impossible shape {tuple(shape)}")
    return math.prod(shape) * dtype.itemsize


def decode(file: IO[bytes], size: int, budget: Budget) -> np.ndarray:
    """Return the array of arrays, numbers and text in a pickle.

    Parameters
    ----------
    file : binary file
        At the beginning of the pickle.
    size : int
        Number of remaining bytes of the file.
    budget : Budget
        Budget for the array.

    Returns
    -------
    ndarray of objects
        Each an array without objects, a number, text or bytes.

    Raises
    ------
    NotPlain
        If it has other content.
    DataStop
        If it is too large.
    """
    machine = _Machine(budget)
    try:
        for number, (opcode, argument, _) in enumerate(pickletools.genops(cast("IO[bytes]", _Source(file, size)))):
            if number % _AT_A_TIME == 0:
                budget.unpack(_BYTES_EACH * _AT_A_TIME, "The list of its arrays")
            machine.do(opcode.name, argument)
    except NotPlain:
        raise
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise NotPlain(f"its list of arrays is damaged ({type(error).__name__})") from error
    found = machine.result.value if isinstance(machine.result, _Array) else None
    if found is None or found.dtype != object:
        raise NotPlain("it does not hold an array")
    flat = found.reshape(-1)  # a view
    for place, entry in enumerate(flat):
        flat[place] = _plain(entry)
    return found


def _plain(entry: object) -> object:
    if isinstance(entry, _Array):
        entry = entry.value
        if entry is None or entry.dtype == object:
            raise NotPlain("an array in it has no content, or holds objects itself")
    elif not isinstance(entry, bool | int | float | str | bytes | np.generic | None):
        raise NotPlain(f"it holds a {type(entry).__name__}, not an array, a number or text")
    return entry


class _Source:
    """The input of pickletools, which limits reads to the size of the file."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int) -> bytes:
        if size > self._left:
            raise NotPlain("it is cut off")
        self._left -= size
        return self._file.read(size)

    def readline(self) -> bytes:
        line = self._file.readline(_LONGEST_LINE)
        self._left -= len(line)
        return line


class _Machine:
    """The stack, the memo, and the supported opcodes."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._stack: list[Any] = []
        self._marks: list[int] = []  # heights of the stack
        self._memory: dict[int, Any] = {}
        self._has_objects = False
        self.result: Any = None

    def do(self, name: str, argument: Any) -> None:
        """Execute one opcode."""
        stack = self._stack
        if name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _VALUES:
            if isinstance(argument, int) and not -(2**63) <= argument < 2**64:
                raise NotPlain("it holds a number of more than 64 bits")
            if isinstance(argument, bytes | bytearray | str):
                self._budget.unpack(len(argument), "An array in it")
            stack.append(argument)
        elif name in _PUTS:
            self._memory[len(self._memory) if argument is None else argument] = stack[-1]
        elif name in _GETS:
            stack.append(self._memory[argument])
        elif name in _TUPLES:
            rest = len(stack) - _TUPLES[name]
            stack[rest:] = [tuple(stack[rest:])]
        elif name not in ("PROTO", "FRAME"):
            method = getattr(self, f"_{name.lower()}", None)
            if method is None:
                raise NotPlain(f"it has the instruction {name}, which no array of NumPy needs")
            method(argument)

    def _stop(self, _: None) -> None:
        (self.result,) = self._stack or (None,)

    def _mark(self, _: None) -> None:
        self._marks.append(len(self._stack))

    def _empty_list(self, _: None) -> None:
        self._stack.append([])

    def _append(self, _: None) -> None:
        item = self._stack.pop()
        self._last_list().append(item)

    def _appends(self, _: None) -> None:
        items = self._from_mark()
        self._last_list().extend(items)

    def _last_list(self) -> list[Any]:
        found = self._stack[-1]
        if not isinstance(found, list):
            raise NotPlain("it is damaged: something is appended to what is no list")
        return found

    def _tuple(self, _: None) -> None:
        self._stack.append(tuple(self._from_mark()))

    def _from_mark(self) -> list[Any]:
        place = self._marks.pop()
        items = self._stack[place:]
        del self._stack[place:]
        return items

    def _global(self, argument: str) -> None:
        if argument not in _NAMES:
            raise NotPlain(f"it asks for {argument.replace(' ', '.')}, which is not a NumPy array")
        self._stack.append(_Name(_NAMES[argument]))

    def _stack_global(self, _: None) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        self._global(f"{module} {name}"[:_LONGEST_LINE])

    def _reduce(self, _: None) -> None:
        arguments, called = self._stack.pop(), self._stack.pop()
        if not isinstance(called, _Name) or not isinstance(arguments, tuple):
            raise NotPlain("it calls something that is no function of NumPy")
        self._stack.append(self._made(called.name, *arguments[:4]))

    def _made(self, called: str, *arguments: Any) -> Any:
        """Return the object that NumPy would create."""
        if called == "dtype":
            return _Type(arguments[0])
        if called == "_reconstruct":
            return _Array()
        if called == "scalar":
            dtype, content = arguments
            return self._array(content, dtype, (), fortran=False)[()]
        if called == "_frombuffer":
            content, dtype, shape, order = arguments
            return _Array(self._array(content, dtype, shape, fortran=order == "F"))
        if called == "encode" and arguments[1] == "latin1":
            self._budget.unpack(len(arguments[0]), "An array in it")
            return arguments[0].encode("latin1")
        raise NotPlain("it makes an array without content")

    def _build(self, _: None) -> None:
        state, built = self._stack.pop(), self._stack[-1]
        if isinstance(built, _Type):
            _, built.order, parts, names, fields, *_rest = state[:8]
            if (parts, names, fields) != (None, None, None):
                raise NotPlain("it holds records of several fields")
        elif isinstance(built, _Array):
            _, shape, dtype, fortran, content = state
            built.value = self._array(content, dtype, shape, fortran=bool(fortran))
        else:
            raise NotPlain("it changes something that is no array")

    def _array(self, content: Any, dtype: Any, shape: Any, *, fortran: bool) -> np.ndarray:
        """Return an array from bytes, or an array of objects from a list."""
        if not isinstance(dtype, _Type) or not isinstance(shape, tuple) or not all(type(side) is int for side in shape):
            raise NotPlain("the shape or the type of an array in it is damaged")
        if dtype.code not in ("O8", "O4", "O"):
            if not isinstance(content, bytes | bytearray):
                raise NotPlain("an array in it has no content")
            return array_of(content, dtype.numbers(), shape, fortran=fortran)
        if not isinstance(content, list) or size_of(np.dtype(np.uint8), shape) != len(content) or self._has_objects:
            raise NotPlain("it holds a list of objects that does not have the shape of the array, or several lists")
        self._has_objects = True
        array = np.empty(len(content), dtype=object)
        for place, item in enumerate(content):
            array[place] = item
        return array.reshape(shape)  # NumPy pickles objects in C order for either memory order


_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_VALUES = {
    *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
    *("SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    *("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
}
_PUTS, _GETS = {"BINPUT", "LONG_BINPUT", "MEMOIZE"}, {"BINGET", "LONG_BINGET"}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
