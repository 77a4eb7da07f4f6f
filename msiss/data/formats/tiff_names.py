"""What a TIFF file says about its pages: their names, the size of a pixel, and the measurement."""

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

from msiss.data.formats.ome_about import measurement

# Micrometres per unit of OME's PhysicalSizeXUnit; the default is µm (OME schema 2016-06), and ImageJ writes words.
UNITS = {"µm": 1.0, "μm": 1.0, "um": 1.0, "nm": 1e-3, "mm": 1e3, "cm": 1e4, "m": 1e6, "pm": 1e-6, "Å": 1e-4}
_WORDS = {"micron": 1.0, "microns": 1.0, "micrometer": 1.0, "inch": 25400.0}
_RESOLUTION_UNITS = {2: 25400.0, 3: 1e4}  # micrometres per unit of the tag: inch and centimetre
_SCREENS = (72, 75, 96, 100, 120, 144, 150, 200, 240, 300, 400, 600, 720, 1200, 2400)  # dpi that say nothing
_LISTS = ("mz", "m/z", "mzs", "mz_values", "masses", "names", "channel_names", "channels", "labels", "Labels")
_NO_NAME = re.compile(r"\s*(\{|\[|<|ImageJ=|SCIFIO=)")
_SPLIT = re.compile(r"[;\n\t]|,\s|,(?=\d+\.)")
MOST_TEXT = 2**20  # characters of a description that are searched for a list


def page_names(file: Any, series: Any, place: int, number: int) -> dict[str, list[str]]:
    """Return the names that the `number` images of a series of a `tifffile.TiffFile` may have, by where they stand.

    Parameters
    ----------
    place : int
        Index of the series.
    """
    found: dict[str, list[str]] = {}
    if file.is_ome and file.ome_metadata:
        with contextlib.suppress(ElementTree.ParseError, ValueError, IndexError):
            image = _ome_images(file)[place]
            found["Image"] = [image.get("Name", "")]
            found["Channel"] = [element.get("Name", "") for element in _children(_pixels(image), "Channel")]
    else:
        labels = (file.imagej_metadata or {}).get("Labels") if file.is_imagej else None
        found["Labels"] = [str(label) for label in labels or []]
        pages = _pages(series)
        found |= {name: [_tag(page, name) for page in pages] for name in ("PageName", "ImageDescription")}
        found["target"] = [_target(page) for page in pages]
        found["list"] = _listed(_text(pages[0], "ImageDescription"), number) if pages else []
    return {kind: names for kind, names in found.items() if len(names) == number and any(names)}


def pixel_size(file: Any, place: int) -> tuple[float, float] | None:
    """Return height and width of a pixel in micrometres, if the file says them and they are no dpi of a screen."""
    with contextlib.suppress(ElementTree.ParseError, ValueError, IndexError, ZeroDivisionError, TypeError):
        if file.is_ome and file.ome_metadata:
            pixels = _pixels(_ome_images(file)[place])
            sizes = [_physical(pixels, side) for side in ("Y", "X")]
        else:
            sizes = _by_resolution(file)
        if all(0 < size < float("inf") for size in sizes):
            return sizes[0], sizes[1]
    return None


def about(file: Any) -> dict[str, str]:
    """Return what an OME-TIFF says about the measurement."""
    with contextlib.suppress(ElementTree.ParseError, ValueError):
        if file.is_ome and file.ome_metadata:
            return measurement(_ome(file))
    return {}


def _physical(pixels: ElementTree.Element, side: str) -> float:
    unit = UNITS.get(pixels.get(f"PhysicalSize{side}Unit", "µm"), 0)
    return float(pixels.get(f"PhysicalSize{side}", "nan")) * unit


def _by_resolution(file: Any) -> list[float]:
    tags = file.pages[0].tags
    if file.is_imagej:
        unit = str((file.imagej_metadata or {}).get("unit", "")).replace("\\u00B5", "µ")
        each = UNITS.get(unit, _WORDS.get(unit, 0.0))
        screens: Sequence[float] = ()
    else:
        each = _RESOLUTION_UNITS.get(int(tags["ResolutionUnit"].value), 0.0) if "ResolutionUnit" in tags else 0.0
        screens = _SCREENS
    sizes = []
    for name in ("YResolution", "XResolution"):
        times, over = tags[name].value if name in tags else (0, 1)
        size = each * over / times
        if any(abs(25400 / size / dpi - 1) < 0.01 for dpi in screens):
            return [0.0, 0.0]
        sizes.append(size)
    return sizes


def _ome_images(file: Any) -> list[ElementTree.Element]:
    return _children(_ome(file), "Image")


def _ome(file: Any) -> ElementTree.Element:
    return ElementTree.fromstring(file.ome_metadata)  # `tiff.open_tiff` has refused entities


def _pixels(image: ElementTree.Element) -> ElementTree.Element:
    return _children(image, "Pixels")[0]


def _children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [child for child in element if child.tag.rpartition("}")[2] == name]


def _text(page: Any, name: str) -> str:
    tag = page.tags.get(name) if hasattr(page, "tags") else None
    return str(tag.value).strip() if tag is not None and tag.value else ""


def _pages(series: Any) -> list[Any]:
    """Return the pages of a series with all that they say; behind the first page of ImageJ are only numbers."""
    return [page.aspage() for page in series.pages if page is not None and not getattr(page, "is_virtual", False)]


def _tag(page: Any, name: str) -> str:
    """Return a text of a page, if it is a name and not what a program says to itself."""
    text = _text(page, name)
    return "" if _NO_NAME.match(text) else text


def _target(page: Any) -> str:
    """Return mass and target of a page of MIBI, whose description is JSON."""
    about = _json(_text(page, "ImageDescription"))
    mass, target = about.get("channel.mass"), about.get("channel.target")
    return f"m/z {mass} {target or ''}".strip() if mass is not None else str(target or "")


def _listed(text: str, number: int) -> list[str]:
    """Return a list of this length in a description that is JSON, or numbers with separators."""
    about = _json(text)
    for found in _lists(about):
        if len(found) == number:
            return [str(one) for one in found]
    if len(text) > MOST_TEXT or _NO_NAME.match(text):
        return []
    parts = [part.strip() for part in _SPLIT.split(text) if part.strip()]
    return parts if number > 1 and len(parts) == number else []


def _lists(about: dict[str, Any]) -> Iterator[list[Any]]:
    channel = about.get("Channel")
    if isinstance(channel, dict) and isinstance(channel.get("Name"), list):
        yield channel["Name"]
    yield from (about[name] for name in _LISTS if isinstance(about.get(name), list))


def _json(text: str) -> dict[str, Any]:
    if text.startswith("{") and len(text) <= MOST_TEXT:
        with contextlib.suppress(ValueError, RecursionError):
            found = json.loads(text)
            return found if isinstance(found, dict) else {}
    return {}
