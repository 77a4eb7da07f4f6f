"""Reading of imzML headers: the terms by pyimzML, the spectra by our own scan."""

import io
import math
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

import numpy as np
from pyimzml.ImzMLParser import ImzMLParser
from pyimzml.ontology.ontology import convert_term_name

from msiss.data.findings import DataStop, HealthRow, raise_or_warn
from msiss.data.formats.imzml import index
from msiss.data.formats.imzml.damage import TOO_MUCH_XML, explain
from msiss.data.formats.imzml.file import ArrayLayout, ImzmlFile
from msiss.data.formats.imzml.fitting import fitted
from msiss.data.formats.imzml.measurement import measurement
from msiss.data.formats.imzml.pair import first_look
from msiss.data.formats.imzml.scan import EntitiesDeclared, SpectrumScan, TooMuchXml
from msiss.data.progress import Progress, ignore
from msiss.data.stored_images import Polarity

# Accession of a number type -> little-endian NumPy type, as prescribed by imzML.
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
# Accession of a length unit -> micrometres. The default unit of the standard is micrometres.
MICROMETRES = {
    "UO:0000017": 1.0,
    "UO:0000018": 1e-3,
    "UO:0000016": 1e3,
    "UO:0000015": 1e4,
    "UO:0000008": 1e6,
    None: 1.0,
}
CHECKSUMS = {"IMS:1000091": "sha1", "IMS:1000092": "sha256", "IMS:1000090": "md5"}


# pyimzML corrects misspelt terms of the controlled vocabulary with a warning for each; the images do not depend on
# them.
warnings.filterwarnings("ignore", module=r"pyimzml\.")

# Exceptions of pyimzML for headers that violate the standard.
PARSER_ERRORS = (
    ExpatError,
    ParseError,
    AttributeError,
    TypeError,
    ValueError,
    LookupError,
    OverflowError,
    RuntimeError,
)

ENTITIES = HealthRow(
    "header",
    "stop",
    "The .imzML file declares XML entities.",
    "imzML does not use them, and they can be made to fill the memory.",
    "Do not use this file unless you know where it comes from; export the data again.",
)


def open_imzml(path: Path, *, progress: Progress = ignore) -> ImzmlFile:
    """Read the header of an imzML file, or its cached index if the same file was opened before.

    Parameters
    ----------
    path : Path
        The .imzML file, with its .ibd file beside it.
    progress : callable, optional
        Receives the progress.

    Raises
    ------
    DataError
        If one of the two files is missing, empty or of another type, or the header is invalid.
    """
    path = Path(path)
    rows, ibd_path = first_look(path)
    raise_or_warn(rows, path.name)
    name = index.fingerprint(path)
    file = index.load(name, path, ibd_path)
    if file is None:
        file = _parse(path, ibd_path, progress)
        index.store(name, file)
    progress(1.0, f"Reading the header of {path.name}")
    return fitted(file)


def _parse(path: Path, ibd_path: Path, progress: Progress) -> ImzmlFile:
    scan = SpectrumScan()
    guarded = _GuardedProgress(progress)
    try:
        scan.read(path, guarded)
        head = ImzMLParser(io.BytesIO(scan.head), ibd_file=None)
        return header(head, scan, path, ibd_path)
    except EntitiesDeclared as error:
        raise DataStop(ENTITIES, path.name) from error
    except TooMuchXml as error:
        raise DataStop(TOO_MUCH_XML, path.name) from error
    except PARSER_ERRORS as error:
        if guarded.raised:  # the progress callback asked for it
            raise
        raise DataStop(explain(path), path.name) from error


class _GuardedProgress:
    """Forwards progress, and records whether an exception was raised by the callback rather than by the parser."""

    def __init__(self, progress: Progress) -> None:
        self.raised = False
        self._progress = progress

    def __call__(self, fraction: float, text: str) -> None:
        self.raised = True
        self._progress(fraction, text)
        self.raised = False


def header(head: Any, scan: SpectrumScan, path: Path, ibd_path: Path) -> ImzmlFile:
    """Return the header from the result of pyimzML for the head of `path`, and the scan of its spectra.

    Raises
    ------
    KeyError, TypeError, ValueError, OverflowError
        If the header lacks an essential term or has an invalid number.
    """
    groups = head.metadata.referenceable_param_groups
    content = head.metadata.file_description
    scopes = [content, *groups.values()]
    terms = {accession for scope in scopes for accession in scope.param_by_accession}
    names = {str(term[3]) for scope in scopes for term in scope.cv_params}
    remarks: list[str] = []
    mz, intensity = (_layout(scan, groups, array) for array in ("m/z array", "intensity array"))
    remarks += _other_arrays(scan, groups)
    return ImzmlFile(
        path=path,
        ibd_path=ibd_path,
        coordinates=scan.coordinates,
        mz=mz,
        intensity=intensity,
        mode="continuous" if "IMS:1000030" in terms else "processed" if "IMS:1000031" in terms else "unknown",
        spectrum_type=_spectrum_type(head, terms, names, remarks),
        polarity=_polarity(head, terms),
        pixel_size=_pixel_size(head.metadata.scan_settings, remarks),
        uuid=_text(content, "IMS:1000080"),
        checksum=next(
            ((function, _text(content, term)) for term, function in CHECKSUMS.items() if _text(content, term)), None
        ),
        declared=_declared(head, scan),
        remarks=tuple(remarks),
        about=measurement(ElementTree.fromstring(scan.head)),
    )


def _layout(scan: SpectrumScan, groups: Mapping[str, Any], array: str) -> ArrayLayout:
    """Return the layout of all arrays of one name."""
    kinds = {number: terms for number, kind in enumerate(scan.kinds) if array in (terms := _terms(kind, groups))}
    offsets, lengths, encoded = scan.arrays(set(kinds))
    found = {name: accession for terms in kinds.values() for name, accession in terms.items()}
    types = {NUMBER_TYPES[accession] for accession in found.values() if accession in NUMBER_TYPES}
    compressions = {name for name in found if "compression" in name or "numpress" in name} - {"no compression"}
    return ArrayLayout(
        offsets=offsets,
        lengths=lengths,
        encoded=encoded,
        dtype=np.dtype(types.pop()) if len(types) == 1 else None,
        compression=" + ".join(sorted(compressions)).replace("zlib compression", "zlib") or "none",
    )


def _terms(kind: tuple[str, ...], groups: Mapping[str, Any]) -> dict[str, str]:
    """Return the names and accessions of the terms of an array, including those of its group.

    pyimzML has corrected terms of the group with contradictory names and accessions.
    """
    group, *own = kind
    terms = {str(term[0]).lower(): term[1] for term in groups[group].cv_params} if group in groups else {}
    return terms | {convert_term_name(accession).lower(): accession for accession in own}


def _other_arrays(scan: SpectrumScan, groups: Mapping[str, Any]) -> Iterator[str]:
    names = {name for kind in scan.kinds for name in _terms(kind, groups) if name.endswith(" array")}
    for name in sorted(names - {"m/z array", "intensity array"}):
        mobility = " Ions of one m/z that differ in mobility share an image." if "mobility" in name else ""
        yield f'The spectra also hold the array "{name}", which is ignored.{mobility}'


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
    """Return height and width in micrometres; pixels are square if only x is given."""
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


def _declared(head: Any, scan: SpectrumScan) -> dict[str, int]:
    numbers = {
        "x": _integer(head.imzmldict.get("max count of pixels x")),
        "y": _integer(head.imzmldict.get("max count of pixels y")),
        "spectra": scan.announced,
    }
    return {name: number for name, number in numbers.items() if number >= 0}


def _text(scope: Any, accession: str) -> str:
    value = scope.param_by_accession.get(accession)
    return value.strip() if isinstance(value, str) else ""


def _integer(value: object) -> int:
    """Return an integer within 64 bits, or -1."""
    number = _number(value)
    return int(number) if 0 <= number < 2**62 else -1


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return math.nan
