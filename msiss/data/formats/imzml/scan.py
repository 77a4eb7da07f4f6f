"""One pass over the XML of an imzML file: the head as a tree, and the metadata of all spectra as a table.

pyimzML builds an element tree of every spectrum, which takes most of the time of opening a file. Here Expat calls one
function per element, and only what images need is kept of a spectrum.
"""

from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element
from xml.parsers import expat

from msiss.data.formats.imzml import spectrum_kinds, text
from msiss.data.formats.imzml.head import Head, TooMuchXml
from msiss.data.formats.imzml.ontology import corrected
from msiss.data.formats.imzml.table import ArrayRow, SpectrumRow, SpectrumTable
from msiss.data.progress import Progress

# Largest size of an element with its attributes, or of a comment: parsers restart it with each block.
LONGEST_TOKEN = 4 * text.CHUNK
LARGEST_POSITION = 2**62  # so that differences fit into 64 bits
UNDECLARED = -1
_AFTER_THE_END = expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]

OTHER, SPECTRUM, ARRAY, REFERENCE, TERM, USER_TERM, PRECURSOR = range(7)
_ELEMENTS = {
    "spectrum": SPECTRUM,
    "binaryDataArray": ARRAY,
    "referenceableParamGroupRef": REFERENCE,
    "cvParam": TERM,
    "userParam": USER_TERM,
    "precursor": PRECURSOR,
}
_POSITIONS = {"IMS:1000050": 0, "IMS:1000051": 1, "IMS:1000052": 2}
_USER_POSITIONS = {"positionx": 0, "positiony": 1, "positionz": 2, "x": 0, "y": 1, "z": 2}
OFFSET, LENGTH, ENCODED = "IMS:1000102", "IMS:1000103", "IMS:1000104"
_ARRAY_NUMBERS = {OFFSET: "offset", LENGTH: "length", ENCODED: "encoded length"}
_NUMBERS = {
    "MS:1000827": "isolated",
    "MS:1000744": "selected",
    "MS:1001581": "voltage",
    "MS:1002815": "mobility",
    "MS:1002476": "mobility",
    "IMS:1000053": "stage x",
    "IMS:1000054": "stage y",
}
_USER_NUMBERS = {"3dpositionx": "stage x", "3dpositiony": "stage y"}


class Scan:
    """What an imzML file says, filled by `read`.

    Attributes
    ----------
    spectra : SpectrumTable
        All spectra.
    """

    def __init__(self) -> None:
        self.spectra = SpectrumTable()
        self._head = Head()

    @property
    def head(self) -> Element | None:
        """The document with its first spectrum only."""
        return self._head.root

    def line(self, error: expat.ExpatError) -> int:
        """Return the line of the file in which an error was found."""
        return error.lineno

    def read(self, path: Path, progress: Progress) -> None:
        """Read the file.

        Raises
        ------
        EntitiesDeclared, TooMuchXml
            If it declares entities, or exceeds the limits of this package.
        SpectrumProblem
            If a spectrum lacks what nobody can do without.
        expat.ExpatError
            If it is not well-formed.
        """
        parser = expat.ParserCreate("utf-8")
        parser.EntityDeclHandler = _refuse_entities
        reading = _Reading(self._head, self.spectra)
        parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
        fed = 0
        try:
            for piece, share in text.utf8(path):
                parser.Parse(piece, False)
                fed += len(piece)
                if fed - parser.CurrentByteIndex > LONGEST_TOKEN:
                    raise TooMuchXml
                progress(share, f"Reading the header of {path.name}")
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            if error.code != _AFTER_THE_END:  # programs pad files, and nothing that follows belongs to the document
                raise


class _Reading:
    """The state between the elements, which Expat tells one by one."""

    def __init__(self, head: Head, spectra: SpectrumTable) -> None:
        self._head = head
        self._spectra = spectra
        self._codes: dict[str, tuple[int, str]] = {}
        self._groups: dict[str, dict[str, str]] = {}  # lengths and offsets in groups of terms, found when needed
        self._inside = self._in_array = False
        self._default_length = ""
        self._place: list[int | None] = []
        self._description: list[tuple[str, str]] = []
        self._numbers: dict[str, float] = {}
        self._arrays: list[ArrayRow] = []
        self._array: dict[str, str] = {}
        self._array_kind: list[tuple[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        known = self._codes.get(name)
        if known is None:
            local = name.rpartition(":")[2]
            known = self._codes[name] = (_ELEMENTS.get(local, OTHER), local)
        code, local = known
        if not self._head.whole:
            self._head.start(local, attributes)
        if not self._inside:
            if code == SPECTRUM:
                self._begin(attributes)
        elif code == TERM:
            self._term(attributes)
        elif code == USER_TERM:
            self._user_term(attributes)
        elif code == REFERENCE:
            (self._array_kind if self._in_array else self._description).append(("", attributes.get("ref", "")))
        elif code == ARRAY:
            self._in_array = True
            self._array = {LENGTH: attributes.get("arrayLength", "")}
            self._array_kind = []
        elif code == PRECURSOR:
            self._description.append((spectrum_kinds.PRECURSOR, ""))

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if not self._head.whole:
            self._head.end()
        code = self._codes[name][0]
        if code == ARRAY and self._in_array:
            self._end_array()
        elif code == SPECTRUM and self._inside:
            self._end()

    def _begin(self, attributes: Mapping[str, str]) -> None:
        self._inside = True
        self._in_array = False
        self._default_length = attributes.get("defaultArrayLength", "")
        self._place = [None, None, None]
        self._description, self._numbers, self._arrays = [], {}, []

    def _term(self, attributes: Mapping[str, str]) -> None:
        accession, value = attributes.get("accession", ""), attributes.get("value", "")
        if self._in_array:
            if accession in _ARRAY_NUMBERS:
                self._array[accession] = value
            else:
                self._array_kind.append((accession, attributes.get("name", "")))
        elif accession in _POSITIONS:
            self._position(_POSITIONS[accession], value)
        elif accession in spectrum_kinds.TERMS:
            self._description.append((corrected(accession, attributes.get("name", ""))[0], value))
        elif accession in _NUMBERS:
            self._number(_NUMBERS[accession], value)

    def _user_term(self, attributes: Mapping[str, str]) -> None:
        name, value = attributes.get("name", "").lower(), attributes.get("value", "")
        name = "".join(letter for letter in name if letter not in " _-")
        if self._in_array:
            return
        if name in _USER_POSITIONS:
            self._position(_USER_POSITIONS[name], value)
        elif name in spectrum_kinds.USER_TERMS:
            meanings = spectrum_kinds.USER_TERMS[name]
            accession = meanings.get(value.strip().lower().removesuffix(" scan"), meanings.get(""))
            if accession:
                self._description.append((accession, value))
        elif name in _USER_NUMBERS:
            self._number(_USER_NUMBERS[name], value)

    def _position(self, axis: int, value: str) -> None:
        if self._place[axis] is None:  # of several scans of a spectrum, the first
            number = _whole(value, LARGEST_POSITION)
            if number is None:
                raise self._problem(f'has the position {"xyz"[axis]}="{value:.50}", which is not a usable whole number')
            self._place[axis] = number

    def _number(self, name: str, value: str) -> None:
        try:
            self._numbers.setdefault(name, float(value))
        except ValueError:
            return

    def _end_array(self) -> None:
        self._in_array = False
        kinds = self._spectra.array_kinds
        kind = tuple(self._array_kind)
        length = self._array_number(LENGTH, self._default_length)
        encoded = _whole(self._array.get(ENCODED, ""))
        self._arrays.append(
            (
                kinds.setdefault(kind, len(kinds)),
                self._array_number(OFFSET) if length else 0,
                length,
                UNDECLARED if encoded is None else max(encoded, UNDECLARED),
            )
        )

    def _array_number(self, accession: str, otherwise: str = "") -> int:
        """Return the offset or the length of the array, by its own terms or those of its group."""
        value = self._array.get(accession) or self._of_groups(accession) or otherwise
        number = _whole(value)
        if number is None:
            what = _ARRAY_NUMBERS[accession]
            if not value:
                raise self._problem(f"does not give the {what} of an array in the .ibd file")
            raise self._problem(f'gives "{value:.50}" as the {what} of an array, which is not a usable whole number')
        return number

    def _of_groups(self, accession: str) -> str:
        root = self._head.root
        if not self._groups and root is not None:
            for group in root.iter("referenceableParamGroup"):
                numbers = {term.get("accession", ""): term.get("value", "") for term in group.iter("cvParam")}
                self._groups[group.get("id", "")] = numbers
        found = (self._groups.get(name, {}).get(accession) for term, name in self._array_kind if not term)
        return next((value for value in found if value), "")

    def _end(self) -> None:
        self._inside = False
        x, y, z = self._place
        if x is None or y is None:
            raise self._problem(f"has no position {'x' if x is None else 'y'}, so its pixel is unknown")
        descriptions = self._spectra.descriptions
        description = tuple(self._description)
        number = descriptions.setdefault(description, len(descriptions))
        self._spectra.append(SpectrumRow((x, y, 1 if z is None else z), number, self._numbers, self._arrays))

    def _problem(self, text: str) -> "SpectrumProblem":
        return SpectrumProblem(len(self._spectra) + 1, text)


def _whole(text: str, limit: int = 2**63) -> int | None:
    """Return an integer within 64 bits, or None; some programs write 1.2e+06."""
    try:
        number = int(text)
    except ValueError:
        try:
            value = float(text)
        except ValueError:
            return None
        if not value.is_integer():
            return None
        number = int(value)
    return number if abs(number) < limit else None


class EntitiesDeclared(Exception):
    """The file declares XML entities, which imzML does not need and which may expand to fill the memory."""


class SpectrumProblem(Exception):
    """A spectrum, by its number from 1, lacks what nobody can do without."""

    def __init__(self, spectrum: int, text: str) -> None:
        super().__init__(f"Spectrum {spectrum:,} {text}.")


def _refuse_entities(*_: object) -> None:
    raise EntitiesDeclared
