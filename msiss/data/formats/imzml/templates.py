"""Reading of spectra by templates of others, as most files repeat one text with other numbers.

A template comes from a spectrum that Expat has read: its text, in which only attributes may differ that the reader has
taken a number from, or that it has not looked at. It is used only where it gives for that text what Expat gave.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from msiss.data.formats.imzml.roles import IGNORED, NUMBER, TAKEN, VALUE_IGNORED, Role, array_role, place_role
from msiss.data.formats.imzml.table import ENCODED, LENGTH, OFFSET, SpectrumRow, SpectrumTable
from msiss.data.formats.imzml.template_kernel import ANYTHING, DECIMAL, INTEGER, NOTHING, UNFINISHED, match

MOST_TEMPLATES = 16
LONGEST_TEXT = 2**16  # bytes
AT_ONCE = 4096  # spectra

_TAG = re.compile(rb"""<[^\s"'<>/=]+(?:\s+[^\s"'<>/=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*/?>""")
_ATTRIBUTE = re.compile(rb"""([^\s"'<>/=]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_HOLDS = {
    ANYTHING: re.compile(rb"[ !#-%(-;=-~]{0,1000}"),
    INTEGER: re.compile(rb"-?[0-9]{1,18}"),
    DECIMAL: re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"),
}


@dataclass(frozen=True)
class _Field:
    start: int
    stop: int
    holds: int
    role: Role


class Template:
    """The text of a spectrum with fields.

    Parameters
    ----------
    text : bytes
        From the end of the spectrum before to its own end.
    marks : sequence of (int, Role)
        The places of its elements in the text, and their roles.
    row : SpectrumRow
        What Expat gave.

    Raises
    ------
    ValueError
        If the text cannot be a template.

    Attributes
    ----------
    literals : list of bytes
        The parts of the text that may not differ.
    holds : list of (int, int)
        What the field holds that follows each of them, and its first column.
    width : int
        The number of columns.
    uses : int
        The number of spectra that were read by it.
    """

    def __init__(self, text: bytes, marks: Sequence[tuple[int, Role]], row: SpectrumRow) -> None:
        roles = [role for _, role in marks if role not in (IGNORED, VALUE_IGNORED, TAKEN)]
        if len(text) > LONGEST_TEXT or len(roles) != len(set(roles)):
            raise ValueError("The text is too long, or two elements give the same number.")
        self.uses = 0
        self._row = row
        self._columns: dict[Role, int] = {}
        self.literals: list[bytes] = []
        self.holds: list[tuple[int, int]] = []
        self.width = done = 0
        for field in sorted((one for mark in marks for one in _fields(text, *mark)), key=lambda field: field.start):
            self.literals.append(text[done : field.start])
            self.holds.append((field.holds, self.width))
            if field.holds != ANYTHING:
                self._columns[field.role] = self.width
                self.width += 2 if field.holds == DECIMAL else 1
            done = field.stop
        self.literals.append(text[done:])
        self.holds.append((NOTHING, 0))
        for number, (_, _, length, _) in enumerate(row.arrays):
            given = [array_role(number, column) in self._columns for column in (OFFSET, LENGTH)]
            if not length and given == [False, True]:
                raise ValueError("An array that is empty here need not be so elsewhere, and then has no offset.")

    def rows(self, data: bytes, found: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
        """Return the places (n, 3), the numbers and the arrays (n, arrays, 4) of what was `found` (n, width)."""
        count = len(found)

        def column(role: Role, constant: int) -> np.ndarray:
            return found[:, self._columns[role]] if role in self._columns else np.full(count, constant)

        places = np.stack([column(place_role(axis), self._row.place[axis]) for axis in range(3)], axis=1)
        numbers = {name: np.full(count, value) for name, value in self._row.numbers.items()}
        for (kind, *name), first in self._columns.items():
            if kind == NUMBER:
                numbers[str(name[0])] = _decimals(data, found[:, first : first + 2])
        arrays = np.empty((count, len(self._row.arrays), 4), dtype=np.int64)
        for number, constants in enumerate(self._row.arrays):
            for place, constant in enumerate(constants):
                arrays[:, number, place] = column(array_role(number, place), constant)
        arrays[:, :, ENCODED] = np.maximum(arrays[:, :, ENCODED], -1)
        arrays[:, :, OFFSET] *= arrays[:, :, LENGTH] != 0
        return places, numbers, arrays

    @property
    def description(self) -> int:
        """The number of the description of the spectra."""
        return self._row.description


class Templates:
    """The templates of a file."""

    def __init__(self) -> None:
        self._templates: list[Template] = []

    def __len__(self) -> int:
        return len(self._templates)

    def learn(self, text: bytes, marks: Sequence[tuple[int, Role]], row: SpectrumRow) -> bool:
        """Take the text of a spectrum as a template, unless it cannot be one; return whether there is one more.

        If there are many templates already, it takes the place of the one that was of least use.
        """
        try:
            template = Template(text, marks, row)
        except ValueError:
            return False
        alone, expected, found = Templates(), SpectrumTable(), SpectrumTable()
        alone._add(template)
        stop, _ = alone.read(text, 0, found)
        expected.append(row)
        if stop != len(text) or not _same(found.columns(), expected.columns()):
            return False
        full = len(self) == MOST_TEMPLATES
        if full:
            self._templates.remove(min(self._templates, key=lambda one: one.uses))
        self._add(template)
        return not full

    def read(self, data: bytes, start: int, table: SpectrumTable) -> tuple[int, bool]:
        """Add the spectra that fit templates from `start` on; return where they end, and whether one is unfinished."""
        values = np.frombuffer(data, dtype=np.uint8)
        found, which = np.empty((AT_ONCE, self._width), dtype=np.int64), np.empty(AT_ONCE, dtype=np.int64)
        count, state = AT_ONCE, UNFINISHED
        while count == AT_ONCE:
            count, start, state = match(values, start, self._text, self._parts, self._firsts, found, which)
            if count:
                self._append(data, found[:count], which[:count], table)
        return start, state == UNFINISHED

    def _append(self, data: bytes, found: np.ndarray, which: np.ndarray, table: SpectrumTable) -> None:
        """Add spectra of several templates to the table in their order."""
        count = len(which)
        places, described = np.empty((count, 3), dtype=np.int64), np.empty(count, dtype=np.int64)
        numbers: dict[str, np.ndarray] = {}
        arrays = []
        for number in np.unique(which).tolist():
            template, spectra = self._templates[number], np.flatnonzero(which == number)
            places[spectra], some_numbers, some_arrays = template.rows(data, found[spectra])
            described[spectra] = template.description
            template.uses += len(spectra)
            for name, values in some_numbers.items():
                numbers.setdefault(name, np.full(count, np.nan))[spectra] = values
            of = np.repeat(spectra, some_arrays.shape[1])
            arrays.append(np.column_stack([of, some_arrays.reshape(-1, some_arrays.shape[2])]))
        joined = np.concatenate(arrays)
        table.extend(places, described, numbers, joined[np.argsort(joined[:, 0], kind="stable")])

    def _add(self, template: Template) -> None:
        self._templates.append(template)
        literals = [literal for one in self._templates for literal in one.literals]
        holds = [part for one in self._templates for part in one.holds]
        ends = np.cumsum([0, *map(len, literals)])
        self._text = np.frombuffer(b"".join(literals), dtype=np.uint8)
        self._parts = np.column_stack([ends[:-1], ends[1:], np.array(holds)])
        self._firsts = np.cumsum([0, *(len(one.literals) for one in self._templates)])
        self._width = max(1, max(one.width for one in self._templates))


def _decimals(data: bytes, spans: np.ndarray) -> np.ndarray:
    """Return the numbers that stand in places (n, 2) of a text, shape (n,), which often have the same one."""
    start, stop = spans.T
    size = int(stop[0] - start[0])
    text = np.frombuffer(data, dtype=np.uint8)
    alike = (stop - start == size).all()
    if alike and all((text[start + place] == text[start[0] + place]).all() for place in range(size)):
        return np.full(len(spans), float(data[start[0] : stop[0]]))
    return np.array([float(data[begin:end]) for begin, end in spans.tolist()])


def _same(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


def _fields(text: bytes, place: int, role: Role) -> Iterator[_Field]:
    """Yield the fields of an element at a place of the text."""
    if role == TAKEN:
        return
    tag = _TAG.match(text, place)
    if tag is None:
        raise ValueError("The element is none that is understood here.")
    for attribute in _ATTRIBUTE.finditer(text, *tag.span()):
        start, stop = attribute.span(2 if attribute[2] is not None else 3)
        value = text[start:stop]
        if role != IGNORED and attribute[1] != b"value":
            continue
        holds = ANYTHING if role in (IGNORED, VALUE_IGNORED) else DECIMAL if role[0] == NUMBER else INTEGER
        if _HOLDS[holds].fullmatch(value):
            yield _Field(start, stop, holds, role)
