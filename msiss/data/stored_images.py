"""A stack of ion images on disk: which arrays and values the folder of a data set holds."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel, PositiveFloat, ValidationError

from msiss.data import stored
from msiss.data.axis import MZ, Axis
from msiss.errors import DataError, MsissWarning

if TYPE_CHECKING:
    from msiss.data.ion_images import IonImages

Polarity = Literal["positive", "negative", "mixed", "unknown"]

ANNOTATIONS = ("formula", "adduct", "class", "mobility")
TYPES: dict[str, type[np.generic]] = {
    "images": np.float32,
    "mz": np.float64,
    "mask": np.bool_,
    "labels": np.int64,
    "tic": np.float32,
    "regions": np.int16,
    "positions": np.int64,
    "stage": np.float64,
    "picture": np.uint8,
}
ARRAYS = tuple(TYPES)
LARGE = ("images", "picture")  # stay on disk
REQUIRED = ("images", "mz", "mask")


class Meta(BaseModel):
    """The content of ``meta.json``: everything of a stack that is not an array."""

    names: tuple[str, ...]
    polarity: Polarity
    pixel_size: tuple[PositiveFloat, PositiveFloat] | None
    source: str
    axis: Axis = MZ
    annotations: dict[str, tuple[str, ...]] = {}
    region_names: tuple[str, ...] = ()
    recipe: dict[str, Any] = {}
    about: dict[str, str] = {}
    fingerprint: str


def write(folder: Path, images: "IonImages", *, scratch: Path | None = None) -> None:
    """Write a stack into a new folder; see `IonImages.save`."""
    arrays = {name: getattr(images, name) for name in ARRAYS}
    present = {name: array for name, array in arrays.items() if array is not None}
    stored.write(folder, present, _meta(images), scratch=scratch)


def read(folder: Path) -> tuple[dict[str, Any], str]:
    """Read the attributes of a stack.

    Returns
    -------
    attributes : dict
        Those of `IonImages`; large arrays are memory-mapped.
    fingerprint : str
        As it was when the stack was saved.

    Raises and warns as `IonImages.load`.
    """
    written = stored.read_meta(folder)
    arrays = {name: stored.read_array(folder, name, mapped=name in LARGE) for name in ARRAYS}
    for name, array in arrays.items():
        if array is None and name in REQUIRED:
            raise stored.damaged(folder, f"{name}.npy is missing")
        if array is not None and array.dtype != TYPES[name]:
            expected = np.dtype(TYPES[name]).name
            raise stored.damaged(folder, f"{name} must be of type {expected}; it is {array.dtype.name}")
    try:
        meta = dict(Meta.model_validate(written))
    except ValidationError as error:
        first = error.errors()[0]
        where = " → ".join(map(str, first["loc"]))
        raise stored.damaged(folder, f"{where} in {stored.META}: {first['msg']}") from error
    annotations = meta["annotations"]
    meta["annotations"] = {key: annotations[key] for key in ANNOTATIONS if key in annotations}
    if later := (set(written) - set(Meta.model_fields)) | (set(annotations) - set(ANNOTATIONS)):
        warnings.warn(
            f"{folder.name} was saved by a later version of msiss, and this one does not know what it says about "
            f"{', '.join(sorted(later))}. The ion images are used without that.",
            MsissWarning,
            stacklevel=3,
        )
    fingerprint = meta.pop("fingerprint")
    return arrays | meta, fingerprint


def holds(folder: Path, images: "IonImages") -> bool:
    """Return whether `folder` is a saved stack with the same content as `images`."""
    try:
        written = Meta.model_validate(stored.read_meta(folder))  # an earlier version knew fewer fields
        if written.model_dump(mode="json") != _meta(images):  # includes the fingerprint of most arrays
            return False
        for name in ("regions", "positions", "stage", "picture"):
            there, own = stored.read_array(folder, name, mapped=True), getattr(images, name)
            if (there is None) != (own is None) or (there is not None and not _same(there, own)):
                return False
    except (DataError, ValidationError):
        return False
    return True


def _meta(images: "IonImages") -> dict[str, Any]:
    return Meta(**{name: getattr(images, name) for name in Meta.model_fields}).model_dump(mode="json")


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
