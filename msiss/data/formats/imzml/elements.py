"""What Expat tells of the elements of an imzML file, as a head and rows of a table."""

import contextlib
import math
from collections.abc import Mapping
from xml.parsers import expat

from msiss.data.formats.imzml import spectrum_kinds
from msiss.data.formats.imzml.head import Head, refuse_entities
from msiss.data.formats.imzml.ontology import NON_STANDARD, accession_of, array_name, corrected
from msiss.data.formats.imzml.roles import IGNORED, TAKEN, VALUE_IGNORED, Role, array_role, number_role, place_role
from msiss.data.formats.imzml.table import ENCODED, LENGTH, OFFSET, ArrayRow, SpectrumRow, SpectrumTable

LARGEST_POSITION = 2**62  # so that differences fit into 64 bits
UNDECLARED = -1

OTHER, SPECTRUM, ARRAY, REFERENCE, TERM, USER_TERM, PRECURSOR = range(7)
_ELEMENTS = {
    "spectrum": SPECTRUM,
    "binaryDataArray": ARRAY,
    "referenceableParamGroupRef": REFERENCE,
    "cvParam": TERM,
    "userParam": USER_TERM,
    "precursor": PRECURSOR,
}
EXACT = ("exact x", "exact y", "exact z")  # positions that are no whole numbers, in the column of a number
_POSITIONS = {"IMS:1000050": 0, "IMS:1000051": 1, "IMS:1000052": 2}
_USER_POSITIONS = {"positionx": 0, "positiony": 1, "positionz": 2, "x": 0, "y": 1, "z": 2}
OFFSET_TERM, LENGTH_TERM, ENCODED_TERM = "IMS:1000102", "IMS:1000103", "IMS:1000104"
_ARRAY_NUMBERS = {OFFSET_TERM: OFFSET, LENGTH_TERM: LENGTH, ENCODED_TERM: ENCODED}
_NAMES = {OFFSET_TERM: "offset", LENGTH_TERM: "length"}
_NUMBERS = {
    "MS:1000827": "isolated",
    "MS:1000744": "selected",
    "MS:1001581": "voltage",
    "MS:1002815": "mobility",
    "MS:1002476": "mobility",
    "IMS:1000053": "stage x",
    "IMS:1000054": "stage y",
    "MS:1000501": "lowest m/z",
    "MS:1000500": "highest m/z",
}
_NO_LAYER = {"", "na", "n/a", "nan", "none", "null"}  # which most files do not have anyway
_USER_NUMBERS = {
    "3dpositionx": "stage x",
    "3dpositiony": "stage y",
    "drifttime": "mobility",
    "ionmobility": "mobility",
    "inversereducedionmobility": "mobility",
    "faimscompensationvoltage": "voltage",
}


class Reading:
    """The state between the elements, which Expat tells one by one.

    Attributes
    ----------
    parser : XMLParserType
        The parser.
    marks : list of (int, Role), optional
        Receives the places of the elements in the text that the parser was given, and what was taken from them.
    row : SpectrumRow
        The last spectrum.
    spectrum_end : int
        Where its end tag begins; -1 before.
    """

    def __init__(self, head: Head, spectra: SpectrumTable) -> None:
        self.parser = expat.ParserCreate("utf-8")
        self.parser.EntityDeclHandler = refuse_entities
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.marks: list[tuple[int, Role]] | None = None
        self.row = SpectrumRow((0, 0, 0), 0)
        self.spectrum_end = -1
        self._head = head
        self._spectra = spectra
        self._codes: dict[str, tuple[int, str]] = {}
        self._groups: dict[str, dict[str, str]] = {}  # lengths and offsets in groups of terms, found when needed
        self._inside = self._in_array = False
        self._default_length = ""
        self._begun = self._array_begun = 0  # the marks of the spectrum and of the array themselves
        self._encoded_here = False  # whether the values of the array stand in the XML
        self._place: list[int | None] = []
        self._user_place: dict[int, tuple[str, int]] = {}  # and the mark of each, for where terms give none
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
            role = self._begin(attributes) if code == SPECTRUM else TAKEN
        elif code == TERM:
            role = self._term(attributes)
        elif code == USER_TERM:
            role = self._user_term(attributes)
        elif code == REFERENCE:
            (self._array_kind if self._in_array else self._description).append(("", attributes.get("ref", "")))
            role = TAKEN
        elif code == ARRAY:
            role = self._begin_array(attributes)
        else:
            role = IGNORED
            if code == PRECURSOR:
                self._description.append((spectrum_kinds.PRECURSOR, ""))
        if self.marks is not None:
            self.marks.append((self.parser.CurrentByteIndex, role))

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if not self._head.whole:
            self._head.end()
        code = self._codes[name][0]
        if code == ARRAY and self._in_array:
            self._end_array()
        elif code == SPECTRUM and self._inside:
            self._end()
            self.spectrum_end = self.parser.CurrentByteIndex

    def _begin(self, attributes: Mapping[str, str]) -> Role:
        self._inside = True
        self._in_array = False
        self._default_length = attributes.get("defaultArrayLength", "")
        self._place = [None, None, None]
        self._description, self._numbers, self._arrays = [], {}, []
        self._user_place = {}
        self._begun = len(self.marks or ())
        return IGNORED

    def _begin_array(self, attributes: Mapping[str, str]) -> Role:
        self._in_array = True
        length = attributes.get("arrayLength", "")
        self._array = {LENGTH_TERM: length}
        self._array_kind = []
        self._array_begun = len(self.marks or ())
        self._encoded_here = attributes.get("encodedLength", "").strip() not in ("", "0")
        return TAKEN if length else IGNORED

    def _term(self, attributes: Mapping[str, str]) -> Role:
        accession, name = attributes.get("accession", ""), attributes.get("name", "")
        accession, value = accession_of(accession, name), attributes.get("value", "")
        if self._in_array:
            if accession in _ARRAY_NUMBERS:
                self._array[accession] = value
                return array_role(len(self._arrays), _ARRAY_NUMBERS[accession])
            if accession:
                self._array_kind.append((accession, array_name(accession, name, value)))
                return TAKEN if accession == NON_STANDARD else VALUE_IGNORED
        elif accession in _POSITIONS:
            return self._position(_POSITIONS[accession], value)
        elif accession in spectrum_kinds.TERMS:
            self._description.append((corrected(accession, name)[0], value))
            return TAKEN
        elif accession in _NUMBERS:
            return self._number(_NUMBERS[accession], value)
        elif accession in spectrum_kinds.WORDED:
            self._description.extend(spectrum_kinds.meant(accession, value))
            if accession == spectrum_kinds.FILTER:
                self._numbers = spectrum_kinds.numbers_of_filter(value) | self._numbers
            return TAKEN
        return VALUE_IGNORED

    def _user_term(self, attributes: Mapping[str, str]) -> Role:
        name, value = attributes.get("name", "").lower(), attributes.get("value", "")
        name = "".join(letter for letter in name if letter not in " _-")
        if self._in_array:
            return VALUE_IGNORED
        if name in _USER_POSITIONS:
            self._user_place.setdefault(_USER_POSITIONS[name], (value, len(self.marks or ())))
        if name in spectrum_kinds.WORDED:
            self._description.extend(spectrum_kinds.meant(name, value))
            return TAKEN
        if name in _USER_NUMBERS:
            return self._number(_USER_NUMBERS[name], value)
        return VALUE_IGNORED

    def _position(self, axis: int, value: str) -> Role:
        if self._place[axis] is not None:  # of several scans of a spectrum, the first
            return VALUE_IGNORED
        if axis == 2 and value.strip().lower() in _NO_LAYER:
            return TAKEN
        number = _whole(value, LARGEST_POSITION)
        if number is None:
            exact = _decimal(value)
            if exact.is_integer() or not abs(exact) < LARGEST_POSITION:
                raise self._problem(f'has the position {"xyz"[axis]}="{value:.50}", which is not a usable number')
            self._place[axis] = 0
            self._number(EXACT[axis], value)
            return TAKEN
        self._place[axis] = number
        return place_role(axis)

    def _number(self, name: str, value: str) -> Role:
        if name in self._numbers:  # the first counts, as of several windows of a scan
            return VALUE_IGNORED
        with contextlib.suppress(ValueError):
            self._numbers[name] = float(value)
        return number_role(name)

    def _end_array(self) -> None:
        self._in_array = False
        kinds = self._spectra.array_kinds
        kind = tuple(self._array_kind)
        if not self._array.get(OFFSET_TERM):
            self._mark(self._array_begun, TAKEN)
            if self._encoded_here and not self._of_groups(OFFSET_TERM):
                raise self._problem("has its values in the .imzML file, as mzML files have them, not in the .ibd file")
        default = self._default_length.strip()
        if default in ("", "0"):  # which programs write where the length is in the .ibd file, or nothing is there
            default = "" if self._array.get(OFFSET_TERM) else "0"
        length = self._array_number(LENGTH_TERM, default)
        encoded = _whole(self._array.get(ENCODED_TERM, ""))
        self._arrays.append(
            (
                kinds.setdefault(kind, len(kinds)),
                self._array_number(OFFSET_TERM) if length else 0,
                length,
                UNDECLARED if encoded is None else max(encoded, UNDECLARED),
            )
        )

    def _array_number(self, accession: str, otherwise: str = "") -> int:
        """Return the offset or the length of the array, by its own terms or those of its group."""
        value = self._array.get(accession) or self._of_groups(accession)
        if not value and otherwise:
            value = otherwise
            self._mark(self._begun, TAKEN)
        number = _whole(value)
        if number is None:
            what = _NAMES[accession]
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
        for axis, (value, mark) in self._user_place.items():
            if self._place[axis] is None:
                self._mark(mark, self._position(axis, value))
        x, y, z = self._place
        if x is None or y is None:
            raise self._problem(f"has no position {'x' if x is None else 'y'}, so its pixel is unknown")
        descriptions = self._spectra.descriptions
        description = tuple(self._description)
        number = descriptions.setdefault(description, len(descriptions))
        self.row = SpectrumRow((x, y, 1 if z is None else z), number, self._numbers, self._arrays)
        self._spectra.append(self.row)

    def _mark(self, mark: int, role: Role) -> None:
        """Change a mark where it turns out what was taken from its element."""
        if self.marks is not None:
            self.marks[mark] = (self.marks[mark][0], role)

    def _problem(self, text: str) -> "SpectrumProblem":
        return SpectrumProblem(len(self._spectra) + 1, text)


def _whole(text: str, limit: int = 2**63) -> int | None:
    """Return an integer within 64 bits, or None; some programs write 1.2e+06."""
    try:
        number = int(text)
    except ValueError:
        value = _decimal(text)
        if not value.is_integer():
            return None
        number = int(value)
    return number if abs(number) < limit else None


def _decimal(text: str) -> float:
    """Return a number, NaN if the text is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


class SpectrumProblem(Exception):
    """A spectrum, by its number from 1, lacks what nobody can do without."""

    def __init__(self, spectrum: int, text: str) -> None:
        super().__init__(f"Spectrum {spectrum:,} {text}.")
