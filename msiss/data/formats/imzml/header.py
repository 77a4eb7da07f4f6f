"""Reading of imzML headers: what images need of them, from the tree of the head and the table of the spectra."""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from msiss.data.findings import DataStop, raise_or_warn
from msiss.data.formats.imzml import index, spectrum_kinds
from msiss.data.formats.imzml.array_layouts import INTENSITY, MZ, ArrayLayouts, is_mobility
from msiss.data.formats.imzml.damage import UNREADABLE, explain, no_spectra
from msiss.data.formats.imzml.file import DeclaredType, ImzmlFile
from msiss.data.formats.imzml.fitting import fitted
from msiss.data.formats.imzml.head_terms import Term, groups_of, terms_in
from msiss.data.formats.imzml.measurement import measurement
from msiss.data.formats.imzml.mobility import with_readable_mobility
from msiss.data.formats.imzml.pair import first_look
from msiss.data.formats.imzml.positions import positions
from msiss.data.formats.imzml.scan import Scan
from msiss.data.formats.imzml.spectrum_kinds import CENTROID, NEGATIVE, POSITIVE, PROFILE, WORDED, Description, meant
from msiss.data.progress import Progress, ignore
from msiss.data.stored_images import Polarity

# Accession or name of a length unit -> micrometres, which are the default of the standard.
MICROMETRES = {
    "UO:0000017": 1.0,
    "UO:0000018": 1e-3,
    "UO:0000016": 1e3,
    "UO:0000015": 1e4,
    "UO:0000008": 1e6,
    "micrometer": 1.0,
    "micron": 1.0,
    "um": 1.0,
    "nanometer": 1e-3,
    "nm": 1e-3,
    "millimeter": 1e3,
    "mm": 1e3,
    "centimeter": 1e4,
    "cm": 1e4,
    "meter": 1e6,
    "m": 1e6,
}
_LENGTH = re.compile(r"([-+]?[\d.,]+(?:e[-+]?\d+)?)\s*(\D*)", re.IGNORECASE)  # a number, and a unit after it
CHECKSUMS = {"IMS:1000091": "sha1", "IMS:1000092": "sha256", "IMS:1000090": "md5"}
UUID, WIDTH, HEIGHT = "IMS:1000080", "IMS:1000046", "IMS:1000047"
CONTINUOUS, PROCESSED = "IMS:1000030", "IMS:1000031"
PIXELS = {"x": "IMS:1000042", "y": "IMS:1000043"}


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
    return with_readable_mobility(fitted(file))


def _parse(path: Path, ibd_path: Path, progress: Progress) -> ImzmlFile:
    scan = Scan()
    try:
        scan.read(path, progress)
    except UNREADABLE as error:
        raise DataStop(explain(error, scan), path.name) from error
    if scan.head is None or not len(scan.spectra):
        raise DataStop(no_spectra(scan), path.name)
    return header(scan.head, scan, path, ibd_path)


def header(root: Element, scan: Scan, path: Path, ibd_path: Path) -> ImzmlFile:
    """Return the header from the head of `path` and the table of its spectra.

    Raises
    ------
    DataStop
        If it is not known which arrays hold m/z and intensities, or the positions have no regular step.
    """
    groups, spectra = groups_of(root), scan.spectra
    content = list(terms_in(root, "fileDescription", groups))
    every = [*content, *(term for group in groups.values() for term in group)]
    terms = {term.accession for term in every}
    arrays = ArrayLayouts(spectra, groups)
    raise_or_warn(arrays.problems(), path.name)

    def group(name: str) -> Description:
        terms = [(term.accession, term.value) for term in groups.get(name, ())]
        return tuple(one for term in terms for one in (meant(*term) if term[0] in WORDED else (term,)))

    remarks = list(_other_arrays(arrays.others))
    coordinates, stage = positions(spectra, remarks, path.name)
    described = _polarity({term.accession for term in content}) or _polarity(terms)
    kinds, kind = spectrum_kinds.spectrum_kinds(
        list(spectra.descriptions),
        spectra.described,
        group,
        precursors=_first_of(*(spectra.numbers(name) for name in ("isolated", "selected", "filtered"))),
        voltages=spectra.numbers("voltage"),
        otherwise=described if described in ("positive", "negative") else "unknown",
    )
    signs = {one.polarity for one in kinds} - {"unknown"}
    return ImzmlFile(
        path=path,
        ibd_path=ibd_path,
        coordinates=coordinates,
        mz=arrays.layout(MZ),
        intensity=arrays.layout(INTENSITY),
        mode="continuous" if CONTINUOUS in terms else "processed" if PROCESSED in terms else "unknown",
        spectrum_type=_spectrum_type(_said_types(spectra.descriptions, group), every, remarks),
        polarity="mixed" if len(signs) > 1 else signs.pop() if signs else described or "unknown",
        pixel_size=_pixel_size(list(terms_in(root, "scanSettings", groups)), remarks),
        uuid=_value(content, UUID) or _value(terms_in(root, root.tag, groups), UUID),
        checksum=next(
            ((function, digest) for term, function in CHECKSUMS.items() if (digest := _value(content, term))), None
        ),
        declared=_declared(root, list(terms_in(root, "scanSettings", groups))) | {"other arrays": arrays.other_bytes},
        remarks=tuple(remarks),
        about=measurement(root),
        kinds=kinds,
        kind=kind,
        types=tuple(_types_of_kinds(spectra, kind, group)) if len(kinds) > 1 else (),
        mobility=_known(spectra.numbers("mobility")),
        mobility_array=arrays.mobility(),
        windows=_windows(spectra.numbers("lowest m/z"), spectra.numbers("highest m/z")),
        stage=stage,
    )


def _other_arrays(names: list[str]) -> Iterator[str]:
    for name in names:
        if not name:
            yield "The spectra also hold an array of which the header does not say what it is. It is ignored."
        elif not is_mobility(name):
            yield f'The spectra also hold the array "{name}", which is ignored.'


def _said_types(descriptions: Any, group: Any) -> set[str]:
    """Return the types, as accessions, that the first spectrum which gives one says."""
    for description in descriptions:
        for terms in spectrum_kinds.described(description, group):
            if found := {CENTROID, PROFILE} & terms.keys():
                return found
    return set()


def _types_of_kinds(spectra: Any, kind: np.ndarray, group: Any) -> Iterator[DeclaredType]:
    """Yield the type that the first spectrum of each kind gives itself."""
    descriptions = list(spectra.descriptions)
    for first in np.unique(kind, return_index=True)[1].tolist():
        said = _said_types([descriptions[spectra.described[first]]], group)
        yield "unknown" if len(said) != 1 else "profile" if PROFILE in said else "centroid"


def _spectrum_type(said: set[str], every: list[Term], remarks: list[str]) -> DeclaredType:
    terms = {term.accession for term in every}
    if PROFILE not in terms and any(term.written == "profile spectrum" for term in every):
        remarks.append(
            'The name "profile spectrum" stands beside the accession of another term; the spectra are read as profile.'
        )
        return "profile"
    terms = said or terms
    return "profile" if PROFILE in terms else "centroid" if CENTROID in terms else "unknown"


def _polarity(terms: set[str]) -> Polarity | None:
    positive, negative = POSITIVE in terms, NEGATIVE in terms
    return "mixed" if positive and negative else "positive" if positive else "negative" if negative else None


def _pixel_size(settings: list[Term], remarks: list[str]) -> tuple[float, float] | None:
    """Return height and width in micrometres; pixels are square if only x is given."""
    sizes: dict[str, float] = {}
    for term in settings:
        if term.accession not in (WIDTH, HEIGHT):
            continue
        value, beside = _length(term.value)
        units = {MICROMETRES.get(unit) for unit in (term.unit or _unit(term.unit_name), beside) if unit} or {1.0}
        factor = units.pop()
        if factor is not None and not units and math.isfinite(value) and value > 0:
            sizes[term.accession] = value * factor
        else:
            given = f'The pixel size "{term.value:.50}" with the unit "{term.unit_name or term.unit:.50}"'
            remarks.append(f"{given} is not a length and is left out.")
            return None
    if not sizes:
        return None
    width = sizes.get(WIDTH, sizes.get(HEIGHT, 0.0))
    return sizes.get(HEIGHT, width), width


def _length(text: str) -> tuple[float, str]:
    """Return the number in a text, NaN if it is none, and the unit that may stand after it."""
    written = _LENGTH.fullmatch(text)
    return (_number(written[1].replace(",", ".")), _unit(written[2])) if written else (math.nan, "")


def _unit(name: str) -> str:
    letters = name.strip().lower().replace("µ", "u").replace("μ", "u")
    return letters.replace("metre", "meter").removesuffix("s")


def _declared(root: Element, settings: list[Term]) -> dict[str, int]:
    numbers = {name: _integer(_value(settings, accession)) for name, accession in PIXELS.items()}
    spectra = next(root.iter("spectrumList"), None)
    numbers["spectra"] = -1 if spectra is None else _integer(spectra.get("count", ""))
    return {name: number for name, number in numbers.items() if number >= 0}


def _known(values: np.ndarray) -> np.ndarray | None:
    return None if np.isnan(values).all() else values


def _windows(lowest: np.ndarray, highest: np.ndarray) -> np.ndarray | None:
    """Return the ranges of m/z (n, 2), None where they are not known or all alike."""
    windows = np.stack([lowest, highest], axis=1)
    return windows if (lowest < highest).all() and (windows != windows[0]).any() else None


def _first_of(first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """Return the first of several values that is known, NaN if none is."""
    for other in others:
        first = np.where(np.isnan(first), other, first)
    return first


def _value(terms: Any, accession: str) -> str:
    return next((term.value for term in terms if term.accession == accession and term.value), "")


def _integer(value: str) -> int:
    """Return an integer within 64 bits, or -1."""
    number = _number(value)
    return int(number) if 0 <= number < 2**62 else -1


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan
