"""One pass over the XML of an imzML file: positions and offsets of all spectra, and the head for pyimzML.

pyimzML builds an element tree of every spectrum, which takes most of the time of opening a file. Here Expat calls one
function per element, and only seven numbers per spectrum are kept.
"""

from array import array
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

import numpy as np

from msiss.data.progress import Progress

CHUNK = 2**20  # bytes

OTHER, SPECTRUM, CHROMATOGRAM, ARRAY, GROUP_REFERENCE, TERM, SPECTRUM_LIST = range(7)
_ELEMENTS = {
    "spectrum": SPECTRUM,
    "chromatogram": CHROMATOGRAM,
    "binaryDataArray": ARRAY,
    "referenceableParamGroupRef": GROUP_REFERENCE,
    "cvParam": TERM,
    "spectrumList": SPECTRUM_LIST,
}
_POSITIONS = {"IMS:1000050": 0, "IMS:1000051": 1, "IMS:1000052": 2}
_ARRAY_NUMBERS = {"IMS:1000102": 0, "IMS:1000103": 1, "IMS:1000104": 2}  # offset, length, encoded length
_NUMBERS = {*_POSITIONS, *_ARRAY_NUMBERS}
_NO_NUMBER = -1
# Limits on depth and number of the elements up to the first spectrum.
DEEPEST, LONGEST_HEAD = 100, 1_000_000
# Largest size of an element with its attributes, or of a comment: parsers restart it with each block.
LONGEST_TOKEN = 4 * CHUNK
LARGEST_POSITION = 2**62  # so that differences fit into 64 bits


class SpectrumScan:
    """The metadata of the spectra of an imzML file, filled by `read`.

    Attributes
    ----------
    head : bytes
        The document with the first spectrum only, for pyimzML.
    announced : int
        Declared number of spectra; -1 if not declared.
    """

    def __init__(self) -> None:
        self.head = b""
        self.announced = _NO_NUMBER
        self._positions = (array("q"), array("q"), array("q"))
        self._arrays = tuple(array("q") for _ in range(5))  # spectrum, kind, offset, length, encoded length
        self._kinds: dict[tuple[str, ...], int] = {}

    def __len__(self) -> int:
        return len(self._positions[0])

    @property
    def coordinates(self) -> np.ndarray:
        """Column, row and layer of each spectrum, shape (n, 3), int64."""
        return np.stack([np.frombuffer(axis, dtype=np.int64) for axis in self._positions], axis=1)

    @property
    def kinds(self) -> list[tuple[str, ...]]:
        """The kinds of arrays: the referenced group of terms ("" for none), and the array's own terms."""
        return list(self._kinds)

    def arrays(self, kinds: set[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return offset, length and encoded length (-1 where not given) of each spectrum's array of these kinds.

        Raises
        ------
        ValueError
            If a spectrum has no such array or several.
        """
        spectrum, kind, *numbers = (np.frombuffer(column, dtype=np.int64) for column in self._arrays)
        chosen = np.flatnonzero(np.isin(kind, list(kinds)))
        if not np.array_equal(spectrum[chosen], np.arange(len(self))):
            raise ValueError("A spectrum has no such array, or several.")
        offsets, lengths, encoded = (column[chosen] for column in numbers)
        return _unwrapped(offsets), lengths, encoded

    def read(self, path: Path, progress: Progress) -> None:
        """Read the file.

        Raises
        ------
        EntitiesDeclared, TooMuchXml
            If it declares entities, or exceeds the limits of this module.
        expat.ExpatError, ValueError, LookupError
            If it is not well-formed, or a spectrum lacks a required number.
        """
        parser = expat.ParserCreate()
        parser.EntityDeclHandler = _refuse_entities
        head = _Head(parser)
        parser.StartElementHandler = self._handler(head)
        parser.EndElementHandler = head.end
        size = path.stat().st_size
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk, False)
                if file.tell() - parser.CurrentByteIndex > LONGEST_TOKEN:
                    raise TooMuchXml
                progress(file.tell() / size, f"Reading the header of {path.name}")
        parser.Parse(b"", True)
        self._finish()
        self.head = head.document()

    def _handler(self, head: "_Head") -> Callable[[str, dict[str, str]], None]:
        """Return the function that Expat calls for every element; its state is in local variables for speed."""
        codes: dict[str, int] = {}
        place: list[int | None] = [None, None, None]
        numbers: list[int | None] = [None, None, _NO_NUMBER]
        kind: list[str] = []
        columns, positions = self._arrays, self._positions
        inside = in_array = False

        def end_array() -> None:
            nonlocal in_array
            in_array = False
            offset, length, encoded = numbers
            if offset is None or length is None or encoded is None:
                raise ValueError("An array has no offset or no length.")
            values = (len(positions[0]), self._kinds.setdefault(tuple(kind), len(self._kinds)), offset, length, encoded)
            for column, value in zip(columns, values, strict=True):
                column.append(value)

        def end_spectrum() -> None:
            nonlocal inside
            if in_array:
                end_array()
            if inside:
                x, y, z = place
                if x is None or y is None:
                    raise ValueError("A spectrum has no position.")
                for axis, value in zip(positions, (x, y, 1 if z is None else z), strict=True):
                    axis.append(value)
            inside = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside, in_array
            code = codes.get(name)
            if code is None:
                code = codes[name] = _ELEMENTS.get(name.rpartition(":")[2], OTHER)
            if not head.whole:
                head.start(name, code, attributes)
            if code == TERM:
                if not inside:
                    return
                accession = attributes["accession"]
                if in_array:
                    slot = _ARRAY_NUMBERS.get(accession)
                    if slot is None:
                        kind.append(accession)
                    elif slot == 2:
                        numbers[2] = _declared(attributes.get("value", ""))
                    else:
                        numbers[slot] = _whole(attributes["value"])
                elif accession in _POSITIONS:
                    place[_POSITIONS[accession]] = _whole(attributes["value"], LARGEST_POSITION)
            elif code == ARRAY:
                if in_array:
                    end_array()
                if inside:
                    in_array = True
                    numbers[:] = None, None, _NO_NUMBER
                    kind[:] = [""]
            elif code == GROUP_REFERENCE:
                if in_array:
                    kind[0] = attributes["ref"]
            elif code == SPECTRUM:
                end_spectrum()
                inside = True
                place[:] = None, None, None
            elif code == CHROMATOGRAM:
                end_spectrum()
            elif code == SPECTRUM_LIST:
                self.announced = _declared(attributes.get("count", ""))

        self._finish = end_spectrum
        return start


class _Head:
    """Collects the elements up to the end of the first spectrum, without text, as imzML terms have none."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.whole = False
        self._parser = parser
        self._written: list[str] = []
        self._open: list[str] = []
        self._spectra = 0

    def start(self, name: str, code: int, attributes: dict[str, str]) -> None:
        if code == SPECTRUM:
            self._spectra += 1
            if self._spectra == 2:
                self.whole = True
                self._parser.EndElementHandler = None
                return
        if self._spectra and attributes.get("accession") in _NUMBERS:  # pyimzML accepts one notation only
            attributes = attributes | {"value": "1"}
        self._open.append(name)
        if len(self._open) > DEEPEST or len(self._written) > LONGEST_HEAD:
            raise TooMuchXml
        self._written.append(f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes.items())}>")

    def end(self, _name: str) -> None:
        self._written.append(f"</{self._open.pop()}>")

    def document(self) -> bytes:
        """Return the collected document, with all open elements closed."""
        return "".join([*self._written, *(f"</{name}>" for name in reversed(self._open))]).encode()


def _whole(text: str, limit: int = 2**63) -> int:
    """Return an integer within 64 bits; some programs write 1.2e+06.

    Raises
    ------
    ValueError
        If it is not such a number.
    """
    try:
        number = int(text)
    except ValueError:
        value = float(text)
        if not value.is_integer():
            raise ValueError(f"{text} is not a whole number.") from None
        number = int(value)
    if abs(number) >= limit:
        raise ValueError(f"{text} is too large.")
    return number


def _declared(text: str) -> int:
    """Return an optional integer, or -1 if it is invalid."""
    try:
        return max(_whole(text), _NO_NUMBER)
    except ValueError:
        return _NO_NUMBER


def _unwrapped(offsets: np.ndarray) -> np.ndarray:
    """Correct offsets of 2 GiB and more that programs wrote with signed 32-bit overflow."""
    negative = offsets < 0
    if not negative.any():
        return offsets
    return offsets + 2**32 * np.cumsum(np.diff(negative.astype(np.int64), prepend=0) > 0)


class EntitiesDeclared(Exception):
    """The file declares XML entities, which imzML does not need and which may expand to fill the memory."""


class TooMuchXml(Exception):
    """The XML exceeds the limits of any valid imzML file, and might exhaust memory or time."""


def _refuse_entities(*_: object) -> None:
    raise EntitiesDeclared
