"""Metadata of the pages of a TIFF file: names and the size of a pixel."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from msiss.data.formats.ome_about import measurement

# Micrometres per unit of OME's PhysicalSizeXUnit; the default is µm (OME schema 2016-06).
UNITS = {"µm": 1.0, "μm": 1.0, "um": 1.0, "nm": 1e-3, "mm": 1e3, "cm": 1e4, "m": 1e6}


@dataclass(frozen=True)
class Pages:
    """Names of the pages, empty if they have none, height and width of a pixel in micrometres, and more."""

    names: list[str]
    pixel_size: tuple[float, float] | None = None
    about: Mapping[str, str] = field(default_factory=dict)


def describe_pages(file: Any, number: int) -> Pages:
    """Return the metadata of the `number` pages of a `tifffile.TiffFile`."""
    if file.is_ome and file.ome_metadata:  # `tiff.open_tiff` has refused entities
        with contextlib.suppress(ElementTree.ParseError, ValueError, StopIteration):
            return _from_ome(file.ome_metadata, number)
    if file.is_imagej:
        labels = (file.imagej_metadata or {}).get("Labels") or []
        if len(labels) == number:
            return Pages([str(label) for label in labels])
    names = []
    for page in file.pages:
        tags = (page.tags.get(name) for name in ("PageName", "ImageDescription"))
        names.append(next((str(tag.value).strip() for tag in tags if tag is not None and tag.value), ""))
    return Pages(names if len(names) == number else [""] * number)


def _from_ome(text: str, number: int) -> Pages:
    root = ElementTree.fromstring(text)
    pixels = next(element for element in root.iter() if element.tag.endswith("}Pixels"))
    channels = [element for element in pixels if element.tag.endswith("}Channel")]
    names = [channel.get("Name", "") for channel in channels]
    sizes = []
    for side in ("Y", "X"):
        value = float(pixels.get(f"PhysicalSize{side}", "nan")) * UNITS.get(
            pixels.get(f"PhysicalSize{side}Unit", "µm"), 0
        )
        sizes.append(value)
    pixel_size = (sizes[0], sizes[1]) if all(0 < size < float("inf") for size in sizes) else None
    return Pages(names if len(names) == number else [""] * number, pixel_size, measurement(root))
