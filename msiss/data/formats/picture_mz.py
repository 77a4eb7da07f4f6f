"""The m/z of pictures, by their names or by the user, and the finding about them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from msiss.data.axis import MZ, NUMBER
from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.assemble import assemble
from msiss.data.formats.name_numbers import bare
from msiss.data.formats.picture_names import read_names
from msiss.data.ion_images import IonImages
from msiss.data.recipe import LONGEST_FILE_NAME, PictureMz, ReadConfig
from msiss.words import count

CHECK, SETTING = "m/z", "picture_mz"
_CORRECT = "Correct it in the table of the m/z (--picture-mz), or rename the pictures."


def mz_of(
    names: Sequence[str], config: ReadConfig, *, file: str, what: str, labels: Sequence[str] = ()
) -> tuple[list[float | None], list[HealthRow]]:
    """Return the m/z of pictures, and what is to be said about them.

    Parameters
    ----------
    names : sequence of N str
        Of the pictures; may be empty.
    config : ReadConfig
        With the m/z that the user gives some of them.
    file : str
        Name of the folder or file, for messages.
    what : {"picture", "page"}
        What the names are of.
    labels : sequence of N str, optional
        By which the user tells the pictures apart, each different from the others; by default the names.

    Returns
    -------
    list of N float or None, list of HealthRow
        The m/z are None for all pictures if no name has one, and for those that are left out.

    Raises
    ------
    DataStop
        If the names can be read in two ways, or two pictures have the same m/z.
    """
    labels = labels or names
    given = _given(labels, config.picture_mz, file)
    reading = read_names(names)
    mz = [given.get(label, value) for label, value in zip(labels, reading.mz, strict=True)]
    options = tuple((label, "" if value is None else f"{value:.10g}") for label, value in zip(labels, mz, strict=True))

    def row(level: str, found: str, meaning: str = "", action: str = "") -> HealthRow:
        return HealthRow(CHECK, level, found, meaning, action, setting=SETTING, options=options)  # type: ignore[arg-type]

    known = [value for value in mz if value is not None]
    if not known and reading.doubt:
        action = 'Put "mz" before the m/z in the names, or give the m/z in a table (--picture-mz).'
        raise DataStop(row("stop", reading.doubt, "", action), file)
    if not known:
        found = "The file does not say which m/z its pages belong to."
        found = found if what == "page" else f"No picture has an m/z in its name, such as {labels[0]}."
        action = "Give the m/z of each in a table (--picture-mz), or put it into the names."
        return mz, [row("warning", found, "The images are numbered from 1, in place of an m/z.", action)]
    for value, times in Counter(known).items():
        if times > 1:
            same = ", ".join(label for label, other in zip(labels, mz, strict=True) if other == value)
            raise DataStop(row("stop", f"Several {what}s have the m/z {value:.10g}: {same}.", "", _CORRECT), file)
    span = f"m/z {min(known):.10g} to {max(known):.10g}, as read in the names."
    rows: list[HealthRow] = []
    if without := [label for label, value in zip(labels, mz, strict=True) if value is None]:
        found = f"{count(len(without), what)} without a clear m/z in the name, such as {without[0]}."
        rows.append(row("warning", found, "Left out.", f"Name each {what} by its m/z."))
    if len(given) < len(known) and (reading.doubt or reading.note):
        level = "warning" if reading.doubt else "note"
        rows.append(row(level, reading.doubt or reading.note, span, _CORRECT if reading.doubt else ""))
    return mz, rows or [row("pass", span)]


def assemble_named(
    cube: np.ndarray, mz: Sequence[float | None], names: Sequence[str], **known: Any
) -> tuple[IonImages, list[HealthRow]]:
    """Return the images whose m/z are known, or all of them, numbered from 1, if none is; and the findings.

    Parameters
    ----------
    cube : ndarray of shape (N, H, W), float32
    mz : sequence of N float or None
        As `mz_of` returns them.
    names : sequence of N str
        What images without an m/z are called; those that are empty are called by their number.
    **known
        As `assemble` takes them.
    """
    kept = [place for place, value in enumerate(mz) if value is not None]
    if not kept:
        return assemble(cube, np.arange(1.0, len(cube) + 1), axis=NUMBER, names=names, **known)
    values = np.array([mz[place] for place in kept])
    return assemble(cube if len(kept) == len(cube) else cube[kept], values, axis=MZ, **known)


def distinct(names: Sequence[str]) -> list[str]:
    """Return names by which the user can tell pages apart: their own, or their numbers."""
    short = [name.strip()[:LONGEST_FILE_NAME] for name in names]
    times = Counter(short)
    return [name if name and times[name] == 1 else str(place + 1) for place, name in enumerate(short)]


def _given(names: Sequence[str], corrections: Sequence[PictureMz], file: str) -> dict[str, float]:
    """Return the m/z that the user gives; the case and the ending of a name do not matter."""
    places = {bare(name).casefold(): name for name in names} | {name.casefold(): name for name in names}
    given = {}
    for one in corrections:
        name = places.get(one.file.casefold()) or places.get(bare(one.file).casefold())
        if name is None:
            found = f"An m/z is given for {one.file}, which is not among the pictures; the first is {names[0]}."
            action = "Correct the name in the table of the m/z (--picture-mz)."
            raise DataStop(HealthRow(CHECK, "stop", found, "", action), file)
        given[name] = one.mz
    return given
