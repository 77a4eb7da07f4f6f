"""Explanations why the header of an imzML file cannot be read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from msiss.data.findings import HealthRow
from msiss.data.formats.imzml.scan import CHUNK, DEEPEST, LONGEST_HEAD

CONVERT = "Export the data again, or convert it with another program."
COPY_AGAIN = "Copy or download both files again, or export them again from the instrument's software."

TOO_MUCH_XML = HealthRow(
    "header", "stop", "The .imzML file has more XML in one place than any imzML file needs.", "", CONVERT
)
_REQUIRED = (
    "fileDescription",
    "fileContent",
    "referenceableParamGroupList",
    "scanSettingsList",
    "instrumentConfigurationList",
)


def explain(path: Path) -> HealthRow:
    """Determine why the header of `path` could not be read, in a second, slower pass."""
    spectra = depth = elements = 0
    root = ""
    seen = set()
    try:
        for event, element in _elements(path):
            name = element.tag.rpartition("}")[2]
            depth += 1 if event == "start" else -1
            elements = 0 if event == "end" and name == "spectrum" else elements + 1
            if depth > DEEPEST or elements > LONGEST_HEAD:
                return TOO_MUCH_XML
            seen.add(name)
            if not root:
                root = name
                if root != "mzML":
                    return _stop(
                        "header", f"The file is XML, but not imzML: it begins with <{root}>.", "Export it as imzML."
                    )
            if event == "end" and name == "spectrum":
                spectra += 1
                problem = _spectrum_problem(element)
                if problem:
                    return HealthRow("header", "stop", f"Spectrum {spectra:,} {problem}.", "", COPY_AGAIN)
                element.clear()
    except ElementTree.ParseError as error:
        line = error.position[0]
        if not root:
            return _stop("header", "The .imzML file is not XML.", COPY_AGAIN)
        return HealthRow(
            "header",
            "stop",
            f"The .imzML file is cut off or damaged at line {line:,}, after {spectra:,} complete spectra ({error}).",
            "",
            COPY_AGAIN,
        )
    except (ValueError, LookupError) as error:
        return _stop("header", f"The text of the .imzML file cannot be decoded ({error}).", COPY_AGAIN)
    if not spectra:
        return _stop("spectra", "The .imzML file lists no spectra.", COPY_AGAIN)
    missing = [name for name in _REQUIRED if name not in seen]
    if missing:
        return _stop("header", f"The .imzML file has no <{missing[0]}>, which the standard requires.", CONVERT)
    return HealthRow(
        "header",
        "stop",
        "The header does not follow the imzML standard.",
        "The descriptions of the m/z and the intensity arrays (referenceableParamGroup) are missing or contradictory.",
        CONVERT,
    )


def _elements(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the start and end events of all elements, like `ElementTree.iterparse`, but from larger blocks."""
    parser: ElementTree.XMLPullParser[Any] = ElementTree.XMLPullParser(("start", "end"))
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            parser.feed(chunk)
            yield from parser.read_events()  # type: ignore[misc]
    parser.close()
    yield from parser.read_events()  # type: ignore[misc]


def _spectrum_problem(spectrum: Any) -> str:
    """Return what is missing in a <spectrum>, or an empty text."""
    scan = next((element for element in spectrum.iter() if element.tag.endswith("}scan")), None)
    for name, accession in (("x", "IMS:1000050"), ("y", "IMS:1000051")):
        value = None if scan is None else _value(scan, accession)
        if value is None:
            return f"has no position {name}, so its pixel is unknown"
        if not _is_integer(value):
            return f'has the position {name}="{value}", which is not a usable whole number'
    arrays = [element for element in spectrum.iter() if element.tag.endswith("}binaryDataArray")]
    if len(arrays) < 2:
        return f"describes {len(arrays)} arrays instead of two, m/z and intensity"
    for array in arrays:
        for name, accession in (("offset", "IMS:1000102"), ("length", "IMS:1000103")):
            value = _value(array, accession)
            if value is None or not _is_integer(value):
                return f'gives "{value}" as the {name} of an array, which is not a usable whole number'
    return ""


def _value(element: Any, accession: str) -> str | None:
    param = next((child for child in element if child.get("accession") == accession), None)
    return None if param is None else param.get("value")


def _is_integer(value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return number.is_integer() and abs(number) < 2**62


def _stop(check: str, found: str, action: str) -> HealthRow:
    return HealthRow(check, "stop", found, "", action)
