"""What the head of an imzML file says about the measurement: instrument, software, date, how the stage moved.

Names of people, addresses and folders are not read. A name of an instrument or a program is that of its term, or the
value of a general term beside it.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PureWindowsPath
from xml.etree import ElementTree

from msiss.data import about
from msiss.data.formats.imzml.terms import SCANS

_SERIAL_NUMBER, _MATRIX = "MS:1000529", "MS:1000834"
_ORIGIN = {"x": "IMS:1000053", "y": "IMS:1000054"}  # absolute position offsets
_LOWEST_MZ, _HIGHEST_MZ = "MS:1000501", "MS:1000500"
_RESOLUTIONS = ("MS:1000800", "MS:1000011")  # mass resolving power, mass resolution
# General terms, whose value says which one it is; and what else stands beside the model of an instrument.
_GENERAL = {"MS:1000031", "MS:1000463", "MS:1000531", "MS:1000799"}
_BESIDE = {_SERIAL_NUMBER, "MS:1000032"}  # and customization
_DIRECTIONS = {SCANS[name] for name in SCANS if name.endswith(("up", "down", "left", "right", "direction"))}
_COMPONENTS = {"source": about.ION_SOURCE, "analyzer": about.ANALYZER, "detector": about.DETECTOR}
# Terms of the preparation with a matrix, which stand among those of the source.
_MATRICES = {"MS:1000832", "MS:1000833", _MATRIX, "MS:1000835", "MS:1000836", "MS:1000837", "MS:1000838"}


def measurement(root: ElementTree.Element) -> dict[str, str]:
    """Return texts about the measurement by their titles, see `msiss.data.about`.

    Parameters
    ----------
    root : Element
        The document up to its first spectrum, in any namespace or none.
    """
    groups = {group.get("id", ""): group for group in _named(root, "referenceableParamGroup")}
    every = list(_terms(root, groups, deep=True))
    values = {term.get("accession", ""): term.get("value", "").strip() for term in every}
    scans = [term.get("accession", "") for term in every if term.get("accession") in SCANS.values()]
    said = {
        about.INSTRUMENT: _joined(
            _name(term)
            for one in _named(root, "instrumentConfiguration")
            for term in _terms(one, groups)
            if term.get("accession") not in _BESIDE
        ),
        about.SERIAL_NUMBER: values.get(_SERIAL_NUMBER, ""),
        about.SOFTWARE: _joined(_program(one, groups) for one in _named(root, "software")),
        about.MEASURED_ON: _date(next((run.get("startTimeStamp", "") for run in _named(root, "run")), "")),
        about.SOURCE_FILE: _joined(PureWindowsPath(one.get("name", "")).name for one in _named(root, "sourceFile")),
        about.ORIGIN: _origin(term for one in _named(root, "scanSettings") for term in _terms(one, groups)),
        about.SCAN_PATTERN: _joined(_words(scan) for scan in scans if scan not in _DIRECTIONS),
        about.SCAN_DIRECTION: _joined(_words(scan) for scan in scans if scan in _DIRECTIONS),
        about.MZ_RANGE: _range(values.get(_LOWEST_MZ, ""), values.get(_HIGHEST_MZ, "")),
        about.RESOLVING_POWER: next((values[one] for one in _RESOLUTIONS if values.get(one)), ""),
        about.MATRIX: values.get(_MATRIX, ""),
    }
    for kind, title in _COMPONENTS.items():
        terms = (term for one in _named(root, kind) for term in _terms(one, groups))
        said[title] = _joined(
            term.get("name", "") for term in terms if not term.get("value") and term.get("accession") not in _MATRICES
        )
    own = (one for content in _named(root, "fileContent") for one in _named(content, "userParam"))  # written by msiss
    return about.told(said | {name: one.get("value", "") for one in own if (name := one.get("name")) in about.TITLES})


def _named(root: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)


def _terms(
    element: ElementTree.Element, groups: Mapping[str, ElementTree.Element], *, deep: bool = False
) -> Iterator[ElementTree.Element]:
    """Yield the terms of an element and of the groups that it refers to, in all parts of it if `deep`."""
    for child in element.iter() if deep else element:
        kind = child.tag.rpartition("}")[2]
        if kind == "cvParam":
            yield child
        elif kind == "referenceableParamGroupRef" and child.get("ref", "") in groups and not deep:
            yield from _named(groups[child.get("ref", "")], "cvParam")


def _name(term: ElementTree.Element) -> str:
    general = term.get("accession") in _GENERAL
    return term.get("value", "") if general else term.get("name", "")


def _program(software: ElementTree.Element, groups: Mapping[str, ElementTree.Element]) -> str:
    names = [_name(term) for term in _terms(software, groups)]
    return f"{next(filter(None, names), software.get('id', ''))} {software.get('version', '')}".strip()


def _words(accession: str) -> str:
    return next(name for name, known in SCANS.items() if known == accession)


def _origin(settings: Iterable[ElementTree.Element]) -> str:
    """Return where the stage began; an empty text where no program has entered it, which is at 0."""
    terms = {term.get("accession", ""): term for term in settings}
    offsets = {axis: terms[accession] for axis, accession in _ORIGIN.items() if accession in terms}
    if not any(term.get("value", "").strip(" 0.+-") for term in offsets.values()):
        return ""
    return ", ".join(
        f"{axis} = {term.get('value', '').strip()} {term.get('unitName') or 'micrometer'}"
        for axis, term in offsets.items()
    )


def _date(text: str) -> str:
    """Return a date with its time, without one that is not known."""
    return text.strip().removesuffix("Z").removesuffix("T00:00:00").replace("T", " ")


def _range(lowest: str, highest: str) -> str:
    try:
        return f"m/z {float(lowest):,g} to {float(highest):,g}"
    except ValueError:
        return ""


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(text.strip() for text in texts if text.strip()))
