"""Overlays that a person has saved under a name: channels with colours and limits.

They are kept in ``overlays.json`` in the folder of the data set.
"""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from msiss.durable import keeping, replace_text
from msiss.errors import DataError, SettingError

FILE = "overlays.json"  # in the folder of a data set
LONGEST_NAME = 60
MOST = 100  # overlays of one data set
MOST_CHANNELS = 7


class Channel(BaseModel):
    """One channel of an overlay.

    Attributes
    ----------
    what : {"ion", "cluster"}
        Whether it is an ion image, or the mean image of a cluster.
    number : int
        Of the ion, or of the cluster.
    colour : str
        Such as "#00aaff".
    low, high : float
        Quantiles of the measured pixels between which it becomes visible.
    gamma : float
        Below 1, weak intensities become visible.
    opacity : float
        From 0 to 1.
    """

    model_config = ConfigDict(frozen=True)

    what: Literal["ion", "cluster"] = "ion"
    number: int = Field(ge=0)
    colour: str = Field(pattern="^#[0-9a-fA-F]{6}$")
    low: float = Field(0.0, ge=0, le=1)
    high: float = Field(0.999, ge=0, le=1)
    gamma: float = Field(1.0, ge=0.1, le=5)
    opacity: float = Field(1.0, ge=0, le=1)

    @property
    def key(self) -> str:
        """What it shows, such as "ion 3"."""
        return f"{self.what} {self.number}"


class Overlay(BaseModel):
    """Channels over each other, and what is below them.

    Attributes
    ----------
    channels : tuple of Channel
        The first one is the lowest.
    blend : {"light", "paint"}
        See `msiss.show.overlay.blend`.
    dark : bool
        Whether the background is black.
    picture : float
        Opacity of the picture of the tissue; 0 hides it.
    run, by, clusters : optional
        The run whose clusters are channels, their representation and number.
    """

    model_config = ConfigDict(frozen=True)

    channels: tuple[Channel, ...] = Field(max_length=MOST_CHANNELS)
    blend: Literal["light", "paint"] = "light"
    dark: bool = True
    picture: float = Field(0.0, ge=0, le=1)
    run: str = ""
    by: str = ""
    clusters: int = 0


_OVERLAYS: TypeAdapter[dict[str, Overlay]] = TypeAdapter(dict[str, Overlay])


def read_overlays(folder: Path) -> dict[str, Overlay]:
    """Return the overlays kept in the folder of a data set, by name.

    Raises
    ------
    DataError
        If their file cannot be read.
    """
    path = folder / FILE
    try:
        return _OVERLAYS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise DataError(f"The saved overlays in {path} cannot be read. Move that file away to save others.") from error


def keep_overlay(folder: Path, name: str, overlay: Overlay) -> None:
    """Keep an overlay under a name; one of the same name is replaced.

    Raises
    ------
    SettingError
        If the name is empty or too long, or there are too many.
    DataError
        If the file cannot be read or written.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise SettingError(f"The name of an overlay has 1 to {LONGEST_NAME} letters.")
    kept = read_overlays(folder)
    if name not in kept and len(kept) >= MOST:
        raise SettingError(f"There are {MOST} overlays already. Delete one first.")
    _write(folder, kept | {name: overlay})


def delete_overlay(folder: Path, name: str) -> None:
    """Delete an overlay; deleting one that is gone does nothing.

    Raises
    ------
    DataError
        If the file cannot be read or written.
    """
    kept = read_overlays(folder)
    if kept.pop(name, None) is not None:
        _write(folder, kept)


def _write(folder: Path, overlays: dict[str, Overlay]) -> None:
    content = {name: overlay.model_dump() for name, overlay in overlays.items()}
    with keeping("The overlay", folder / FILE, DataError):
        replace_text(folder / FILE, json.dumps(content, indent=1))
