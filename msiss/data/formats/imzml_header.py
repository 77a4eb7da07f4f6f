"""From what pyimzML parsed to the header that msiss works with."""

import math
import warnings
from pathlib import Path
from typing import IO, Any, Literal
from xml.etree.ElementTree import ParseError

import numpy as np
from pyimzml.ImzMLParser import ImzMLParser

from msiss.data.findings import DataStop, HealthRow, settle
from msiss.data.formats.imzml_damage import explain, first_look
from msiss.data.formats.imzml_file import ArrayLayout, ImzmlFile
from msiss.data.ion_images import Polarity
from msiss.data.progress import Progress, ignore

ENCODED_LENGTH, ZLIB = "IMS:1000104", "MS:1000574"
# What pyimzML is asked to collect for every spectrum.
SPECTRUM_TERMS = (ENCODED_LENGTH, ZLIB)

# Accession of a number type -> NumPy's little-endian type, which imzML prescribes.
NUMBER_TYPES = {
    "MS:1000520": "<f2",
    "MS:1000521": "<f4",
    "MS:1000523": "<f8",
    "MS:1000519": "<i4",
    "MS:1000522": "<i8",
    "IMS:1000141": "<i4",
    "IMS:1000142": "<i8",
    "IMS:1100000": "<i1",
    "IMS:1100001": "<i2",
}
# Accession of a length unit -> micrometres. Without a unit the number is taken as micrometres, as the standard says.
MICROMETRES = {
    "UO:0000017": 1.0,
    "UO:0000018": 1e-3,
    "UO:0000016": 1e3,
    "UO:0000015": 1e4,
    "UO:0000008": 1e6,
    None: 1.0,
}
CHECKSUMS = {"IMS:1000091": "sha1", "IMS:1000092": "sha256", "IMS:1000090": "md5"}


# pyimzML corrects misspelt terms of the controlled vocabulary and says so for each; the images do not depend on them.
warnings.filterwarnings("ignore", module=r"pyimzml\.")

# What a header that does not follow the standard makes pyimzML raise.
PARSER_ERRORS = (ParseError, AttributeError, TypeError, ValueError, LookupError, OverflowError, RuntimeError)


def open_imzml(path: Path, *, progress: Progress = ignore) -> ImzmlFile:
    """Read the header of an imzML file.

    Parameters
    ----------
    path : Path
        The .imzML file, with its .ibd file beside it.
    progress : callable, optional
        Told how far the reading is.

    Raises
    ------
    DataError
        Where one of the two files is missing, empty or not what its name says, or the header cannot be understood.
    """
    path = Path(path)
    rows, ibd_path = first_look(path)
    settle(rows, path.name)
    source = HeaderSource(path, progress)
    try:
        with source.file:
            parser = ImzMLParser(source, ibd_file=None, include_spectra_metadata=SPECTRUM_TERMS)
        return header(parser, path, ibd_path)
    except PARSER_ERRORS as error:
        if source.stopped:  # the progress callback asked for it
            raise
        raise DataStop(explain(path), path.name) from error


class HeaderSource:
    """The .imzML file as the parser reads it: reports progress, and refuses XML entities.

    No imzML needs entities, and a few lines of them can be made to fill the memory.
    """

    def __init__(self, path: Path, progress: Progress) -> None:
        self.file: IO[bytes] = path.open("rb")
        self.stopped = False
        self._name, self._size = path.name, path.stat().st_size
        self._progress = progress
        self._told = 0
        self._tail = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes of the file."""
        chunk = self.file.read(size)
        self.stopped = True
        if b"<!ENTITY" in (self._tail + chunk).replace(b"\0", b""):  # without the zeros of UTF-16
            raise DataStop(
                HealthRow(
                    "header",
                    "stop",
                    "The .imzML file declares XML entities.",
                    "imzML does not use them, and they can be made to fill the memory.",
                    "Do not use this file unless you know where it comes from; export the data again.",
                ),
                self._name,
            )
        if self.file.tell() - self._told >= self._size / 100:
            self._told = self.file.tell()
            self._progress(self._told / self._size, f"Reading the header of {self._name}")
        self.stopped = False
        self._tail = chunk[-16:]
        return chunk


def header(parser: Any, path: Path, ibd_path: Path) -> ImzmlFile:
    """Return what a pyimzML parser found in `path`.

    Raises
    ------
    KeyError, TypeError, ValueError, OverflowError
        Where the header lacks something essential or holds an impossible number.
    """
    groups = parser.metadata.referenceable_param_groups
    spectra = parser.spectrum_metadata_fields
    content = parser.metadata.file_description
    scopes = [content, *groups.values()]
    terms = {accession for scope in scopes for accession in scope.param_by_accession}
    names = {str(term[3]) for scope in scopes for term in scope.cv_params}
    zlib = any(value is not None for value in spectra[ZLIB])
    remarks: list[str] = []
    return ImzmlFile(
        path=path,
        ibd_path=ibd_path,
        coordinates=np.array(parser.coordinates, dtype=np.int64).reshape(-1, 3),
        mz=_layout(groups[parser.mzGroupId], parser.mzOffsets, parser.mzLengths, zlib),
        intensity=_layout(groups[parser.intGroupId], parser.intensityOffsets, parser.intensityLengths, zlib),
        encoded_lengths=np.array([_integer(value) for value in spectra[ENCODED_LENGTH]], dtype=np.int64),
        mode="continuous" if "IMS:1000030" in terms else "processed" if "IMS:1000031" in terms else "unknown",
        spectrum_type=_spectrum_type(parser, terms, names, remarks),
        polarity=_polarity(parser, terms),
        pixel_size=_pixel_size(parser.metadata.scan_settings, remarks),
        uuid=_text(content, "IMS:1000080"),
        checksum=next(
            ((function, _text(content, term)) for term, function in CHECKSUMS.items() if _text(content, term)), None
        ),
        declared=_declared(parser),
        remarks=tuple(remarks),
    )


def _layout(group: Any, offsets: list[int], lengths: list[int], zlib: bool) -> ArrayLayout:
    names = {str(term[0]).lower() for term in group.cv_params}
    compressions = {name for name in names if "compression" in name or "numpress" in name} - {"no compression"}
    if zlib:
        compressions.add("zlib compression")
    types = {NUMBER_TYPES[term[1]] for term in group.cv_params if term[1] in NUMBER_TYPES}
    return ArrayLayout(
        offsets=np.array(offsets, dtype=np.int64),
        lengths=np.array(lengths, dtype=np.int64),
        dtype=np.dtype(types.pop()) if len(types) == 1 else None,
        compression=" + ".join(sorted(compressions)).replace("zlib compression", "zlib") or "none",
    )


def _spectrum_type(
    parser: Any, terms: set[str], names: set[str], remarks: list[str]
) -> Literal["centroid", "profile", "unknown"]:
    if "profile spectrum" in names and "MS:1000128" not in terms:
        remarks.append(
            'The name "profile spectrum" stands beside the accession of another term; the spectra are read as profile.'
        )
        return "profile"
    if parser.spectrum_mode:
        return parser.spectrum_mode
    return "profile" if "MS:1000128" in terms else "centroid" if "MS:1000127" in terms else "unknown"


def _polarity(parser: Any, terms: set[str]) -> Polarity:
    if parser.polarity:
        return parser.polarity
    positive, negative = "MS:1000130" in terms, "MS:1000129" in terms
    return "mixed" if positive and negative else "positive" if positive else "negative" if negative else "unknown"


def _pixel_size(scan_settings: dict[str, Any], remarks: list[str]) -> tuple[float, float] | None:
    """Return height and width in micrometres; where only x is given, the pixels are square."""
    sizes: dict[str, float] = {}
    for term in (term for settings in scan_settings.values() for term in settings.cv_params):
        accession, value, unit = term[1], _number(term[4]), term[6]
        if accession not in ("IMS:1000046", "IMS:1000047"):
            continue
        if unit in MICROMETRES and math.isfinite(value) and value > 0:
            sizes[accession] = value * MICROMETRES[unit]
        else:
            remarks.append(f'The pixel size "{term[4]}" with the unit "{term[5]}" is not a length and is left out.')
            return None
    if not sizes:
        return None
    width = sizes.get("IMS:1000046", sizes.get("IMS:1000047", 0.0))
    return sizes.get("IMS:1000047", width), width


def _declared(parser: Any) -> dict[str, int]:
    numbers = {
        "x": parser.imzmldict.get("max count of pixels x"),
        "y": parser.imzmldict.get("max count of pixels y"),
        "spectra": next((element.get("count") for element in parser.root.iter(f"{parser.sl}spectrumList")), None),
    }
    return {name: _integer(number) for name, number in numbers.items() if _integer(number) >= 0}


def _text(scope: Any, accession: str) -> str:
    value = scope.param_by_accession.get(accession)
    return value.strip() if isinstance(value, str) else ""


def _integer(value: object) -> int:
    """Return a whole number that fits into 64 bits, or -1."""
    number = _number(value)
    return int(number) if 0 <= number < 2**62 else -1


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return math.nan
