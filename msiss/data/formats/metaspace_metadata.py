"""What METASPACE knows about the measurement of a data set: the metadata that its submitter fills in.

They are nested by the sections of the form, in its own spelling; who submitted the data set is not read.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from msiss.data import about

Find = Callable[..., object]  # returns the value at a path of keys, or None

_PATHS = {
    about.ION_SOURCE: ("MS_Analysis", "Ionisation_Source"),
    about.ANALYZER: ("MS_Analysis", "Analyzer"),
    about.ORGANISM: ("Sample_Information", "Organism"),
    about.TISSUE: ("Sample_Information", "Organism_Part"),
    about.CONDITION: ("Sample_Information", "Condition"),
    about.PREPARATION: ("Sample_Preparation", "Sample_Stabilisation"),
    about.MATRIX: ("Sample_Preparation", "MALDI_Matrix"),
}
_POWER = ("MS_Analysis", "Detector_Resolving_Power")


def in_mapping(metadata: Mapping[str, Any]) -> Find:
    """Return the function that finds a value in nested mappings."""

    def find(*keys: str) -> object:
        value: Any = metadata
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    return find


def measurement(find: Find) -> dict[str, str]:
    """Return texts about the measurement by their titles, see `msiss.data.about`."""
    said = {title: _text(find(*path)) for title, path in _PATHS.items()}
    power = _number(find(*_POWER, "Resolving_Power"))
    if power is not None:
        at = _number(find(*_POWER, "mz"))
        said[about.RESOLVING_POWER] = f"{power:,.0f}" + (f" at m/z {at:g}" if at is not None else "")
    return about.told(said)


def pixel_size(find: Find) -> tuple[float, float] | None:
    """Return height and width of a pixel in micrometres; None if they are not given."""
    height, width = (_number(find("MS_Analysis", "Pixel_Size", side)) for side in ("Yaxis", "Xaxis"))
    return (height, width) if height is not None and width is not None else None


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    """Return a positive number; None if it is something else."""
    try:
        number = float(value)  # type: ignore[arg-type]  # a text as well
    except (TypeError, ValueError):
        return None
    return number if 0 < number < np.inf else None
