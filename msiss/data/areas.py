"""Named regions that a person keeps with a data set: drawn on the section, or loaded from a file.

They are kept in ``areas.jsonl`` in the folder of the data set, one line per change: lines are only ever appended, so
that every change can be undone and several people can work on one data set. The images and results are not affected.
"""

import contextlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from msiss.data.ion_images import IonImages
from msiss.data.masks import decode_mask, polygon
from msiss.durable import append_line, keeping, read_lines
from msiss.errors import DataError, SettingError, reason

FILE = "areas.jsonl"  # in the folder of a data set
LONGEST_NAME = 60
REST = "Rest of the tissue"
Point = tuple[float, float]
Ring = Annotated[tuple[Point, ...], Field(min_length=3)]


class Area(BaseModel):
    """A named region.

    Attributes
    ----------
    name : str
    polygons : tuple of tuple of rings
        Drawn areas, of which each is a ring and the holes in it, by the even-odd rule. A ring is a tuple of its corners
        (row, column) in pixels of the section; (0, 0) is the centre of the first pixel.
    mask : str
        The pixels of a loaded area: a PNG in base64; empty if it was drawn.
    source : str
        Name of the file it was loaded from; empty if it was drawn.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    polygons: tuple[tuple[Ring, ...], ...] = ()
    mask: str = ""
    source: str = ""

    @model_validator(mode="after")
    def _has_pixels(self) -> "Area":
        if bool(self.polygons) == bool(self.mask):
            raise ValueError("an area has either polygons or a mask")
        return self

    def pixels(self, shape: tuple[int, int]) -> np.ndarray:
        """Return which pixels lie inside, shape (H, W), bool.

        Raises
        ------
        SettingError
            If it was loaded for images of another size.
        """
        if self.mask:
            return decode_mask(self.mask, shape)
        inside = np.zeros(shape, dtype=bool)
        for rings in self.polygons:
            inside |= np.logical_xor.reduce([polygon(ring, shape) for ring in rings])
        return inside


class Added(BaseModel):
    """Areas were added."""

    what: Literal["added"] = "added"
    areas: tuple[Area, ...]


class Renamed(BaseModel):
    """An area got another name."""

    what: Literal["renamed"] = "renamed"
    name: str
    to: str = Field(min_length=1, max_length=LONGEST_NAME)


class Deleted(BaseModel):
    """An area was deleted."""

    what: Literal["deleted"] = "deleted"
    name: str


class Undone(BaseModel):
    """The last change that was not undone yet was undone."""

    what: Literal["undone"] = "undone"


Change = Added | Renamed | Deleted | Undone
_CHANGE: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="what")])


@dataclass(frozen=True)
class AreaFile:
    """The areas kept in the folder of a data set.

    Parameters
    ----------
    folder : Path
    taken : tuple of str
        Names that its areas cannot have, such as those of the data set's own regions.
    """

    folder: Path
    taken: tuple[str, ...] = ()

    def read(self) -> tuple[Area, ...]:
        """Return the areas, in the order in which they were added.

        Raises
        ------
        DataError
            If the file cannot be read.
        """
        return self._states()[-1]

    def can_undo(self) -> str:
        """Return what `undo` would undo, such as "adding region 1"; empty if nothing."""
        done = self._done()
        if not done:
            return ""
        match done[-1]:
            case Added(areas=areas):
                return f"adding {areas[0].name}" + (f" and {len(areas) - 1} more" if len(areas) > 1 else "")
            case Renamed(name=name):
                return f"renaming {name}"
            case Deleted(name=name):
                return f"deleting {name}"
        return ""

    def add(self, areas: Sequence[Area]) -> tuple[str, ...]:
        """Add areas and return their names; a name that is taken gets a number."""
        taken = {*self.taken, REST, *(area.name for area in self.read())}
        named = []
        for area in areas:
            name = _free(area.name, taken)
            taken.add(name)
            named.append(area.model_copy(update={"name": name}))
        if named:
            self._append(Added(areas=tuple(named)))
        return tuple(area.name for area in named)

    def rename(self, name: str, to: str) -> None:
        """Give an area another name.

        Raises
        ------
        SettingError
            If there is no such area, or the name is empty, too long or taken.
        """
        names = [area.name for area in self.read()]
        to = to.strip()
        if name not in names:
            raise SettingError(f"There is no area “{name}” any more.")
        if not 0 < len(to) <= LONGEST_NAME:
            raise SettingError(f"The name of an area has 1 to {LONGEST_NAME} letters.")
        if to == name:
            return
        if to in (*names, *self.taken, REST):
            raise SettingError(f"There is an area “{to}” already. Choose another name.")
        self._append(Renamed(name=name, to=to))

    def delete(self, name: str) -> None:
        """Delete an area; deleting one that is gone does nothing."""
        if any(area.name == name for area in self.read()):
            self._append(Deleted(name=name))

    def undo(self) -> None:
        """Undo the last change, if there is one."""
        if self._done():
            self._append(Undone())

    def _changes(self) -> list[Change]:
        try:
            lines = read_lines(self.folder / FILE)
        except OSError as error:
            raise DataError(f"{self.folder / FILE} cannot be read: {reason(error)}.") from error
        changes = []
        for line in lines:
            with contextlib.suppress(ValidationError):  # a line that is being written, or was cut off
                changes.append(_CHANGE.validate_json(line))
        return changes

    def _done(self) -> list[Change]:
        """Return the changes that are not undone."""
        done: list[Change] = []
        for change in self._changes():
            if not isinstance(change, Undone):
                done.append(change)
            elif done:
                done.pop()
        return done

    def _states(self) -> list[tuple[Area, ...]]:
        states: list[tuple[Area, ...]] = [()]
        for change in self._done():
            states.append(_applied(states[-1], change))
        return states

    def _append(self, change: Change) -> None:
        path = self.folder / FILE
        with keeping("The areas", path, DataError):
            append_line(path, json.dumps(change.model_dump(mode="json")))


def all_areas(images: IonImages, kept: Iterable[Area]) -> dict[str, np.ndarray]:
    """Return the measured pixels of each region of the data set itself and of each kept area, by name.

    Areas that were loaded for images of another size, and those without a measured pixel, are left out.
    """
    found: dict[str, np.ndarray] = {}
    if images.regions is not None:
        for number, name in enumerate(images.region_names, 1):
            found[name] = (images.regions == number) & images.mask
    for area in kept:
        with contextlib.suppress(SettingError):
            found[area.name] = area.pixels(images.shape) & images.mask
    return {name: pixels for name, pixels in found.items() if pixels.any()}


def _applied(areas: tuple[Area, ...], change: Change) -> tuple[Area, ...]:
    match change:
        case Added(areas=more):
            return (*areas, *more)
        case Renamed(name=name, to=to):
            return tuple(area.model_copy(update={"name": to}) if area.name == name else area for area in areas)
        case Deleted(name=name):
            return tuple(area for area in areas if area.name != name)
    return areas


def _free(name: str, taken: set[str]) -> str:
    cleaned = name.strip()[:LONGEST_NAME] or "area"
    free, number = cleaned, 2
    while free in taken:
        ending = f" {number}"
        free = cleaned[: LONGEST_NAME - len(ending)] + ending
        number += 1
    return free
