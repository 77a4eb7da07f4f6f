"""IonImages: the stack of ion images that everything else works on."""

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from mmap import mmap
from pathlib import Path
from typing import Any, Literal

import numpy as np

from msiss.data.axis import MZ, Axis
from msiss.errors import DataError

Polarity = Literal["positive", "negative", "mixed", "unknown"]

UNLABELLED = -1

ANNOTATIONS = ("formula", "adduct", "class")


@dataclass(frozen=True, eq=False, kw_only=True)
class IonImages:
    """The ion images of one data set, registered pixel by pixel.

    Attributes
    ----------
    images : ndarray of shape (N, H, W), float32
        Intensities, finite and not negative, 0 outside the mask. Row before column. Memory-mapped when loaded.
    mz : ndarray of shape (N,), float64
        m/z of each image in Th; its position on `axis` where that is not m/z.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.
    names : tuple of N str, optional
        What each ion is called; by default its m/z.
    polarity : {"positive", "negative", "mixed", "unknown"}
        Polarity of the measurement.
    pixel_size : tuple of two float, optional
        Height and width of a pixel in micrometres; None where the file does not say.
    labels : ndarray of shape (N,), int64, optional
        Known class of each ion, `UNLABELLED` where it has none.
    tic : ndarray of shape (H, W), float32, optional
        Total ion count of the whole spectrum of each pixel, where whole spectra were read.
    source : str
        Name of the file the images come from.
    axis : Axis
        What `mz` is, with its unit; m/z in Th unless the images come from another kind of imaging.
    annotations : mapping of str to tuple of N str
        What else is known about each ion, empty text where nothing is; of the keys in `ANNOTATIONS`.
    regions : ndarray of shape (H, W), int16, optional
        Number of the region of each pixel, from 1 in the order of `region_names`; 0 where it has none.
    region_names : tuple of str
        What the regions are called.
    picture : ndarray of shape (h, w, 3), uint8, optional
        A picture of the tissue, such as an H&E stain, at its own resolution.
    recipe : dict
        How the images were made from their files, as `msiss.data.recipe.Recipe` writes it; empty where unknown.

    Raises
    ------
    DataError
        Where shapes do not agree, or a value is not a possible intensity or m/z.
    """

    images: np.ndarray
    mz: np.ndarray
    mask: np.ndarray
    names: tuple[str, ...] = ()
    polarity: Polarity = "unknown"
    pixel_size: tuple[float, float] | None = None
    labels: np.ndarray | None = None
    tic: np.ndarray | None = None
    source: str = ""
    axis: Axis = MZ
    annotations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    regions: np.ndarray | None = None
    region_names: tuple[str, ...] = ()
    picture: np.ndarray | None = None
    recipe: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.names:
            object.__setattr__(self, "names", tuple(self.axis.number(mz) for mz in self.mz))
        self._check_shapes()
        if not isinstance(self.images, np.memmap):  # a memory-mapped stack was checked before it was saved
            self._check_values()

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the images in pixels."""
        return self.images.shape[1], self.images.shape[2]

    @cached_property
    def fingerprint(self) -> str:
        """Hexadecimal SHA-256 of everything that can change a result; names, source and the like do not count."""
        digest = hashlib.sha256()
        for array in (self.images, self.mz, self.mask, self.labels, self.tic):
            if array is None:
                digest.update(b"none")
            else:
                digest.update(str((array.dtype, array.shape)).encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def subset(self, ions: Sequence[int] | np.ndarray) -> "IonImages":
        """Return the images at the indices `ions`, in that order."""
        ions = np.asarray(ions, dtype=np.int64)
        return replace(
            self,
            images=np.asarray(self.images[ions]),
            mz=self.mz[ions],
            names=tuple(self.names[i] for i in ions),
            annotations={key: tuple(values[i] for i in ions) for key, values in self.annotations.items()},
            labels=None if self.labels is None else self.labels[ions],
        )

    def save(self, folder: Path) -> None:
        """Write the stack into the new folder `folder`, which appears only once it is whole.

        Raises
        ------
        DataError
            Where `folder` exists.
        """
        if folder.exists():
            raise DataError(f"{folder} exists already. Choose another name, or delete that data set first.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
        try:
            unfinished.mkdir()
            for name, array in self._arrays().items():
                _write(array, unfinished / f"{name}.npy")
            (unfinished / "meta.json").write_text(json.dumps(self._meta(), indent=1), encoding="utf-8")
            unfinished.rename(folder)
        except OSError as error:
            raise DataError(
                f"The data set could not be saved to {folder}: {error.strerror or error}. "
                "Check the free space and the rights of that folder, then import again."
            ) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    @classmethod
    def load(cls, folder: Path) -> "IonImages":
        """Open a saved stack; its images stay on disk and are memory-mapped.

        Raises
        ------
        DataError
            Where `folder` is not a saved stack.
        """
        try:
            meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            fingerprint = meta.pop("fingerprint")
            meta["names"] = tuple(meta["names"])
            meta["region_names"] = tuple(meta.get("region_names", ()))
            meta["annotations"] = {key: tuple(values) for key, values in meta.get("annotations", {}).items()}
            meta["axis"] = Axis(**meta["axis"]) if "axis" in meta else MZ
            meta["pixel_size"] = tuple(meta["pixel_size"]) if meta["pixel_size"] else None
            arrays = {
                file.stem: np.load(file, mmap_mode="r" if file.stem == "images" else None)
                for file in folder.glob("*.npy")
            }
            loaded = cls(**arrays, **meta)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{folder} is not a data set of msiss, or it is damaged. Import the data again.") from error
        loaded.__dict__["fingerprint"] = fingerprint
        return loaded

    def _arrays(self) -> dict[str, np.ndarray]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}

    def _meta(self) -> dict[str, object]:
        return {
            "names": self.names,
            "polarity": self.polarity,
            "pixel_size": self.pixel_size,
            "source": self.source,
            "axis": asdict(self.axis),
            "annotations": dict(self.annotations),
            "region_names": self.region_names,
            "recipe": self.recipe,
            "fingerprint": self.fingerprint,
        }

    def _check_shapes(self) -> None:
        if self.images.ndim != 3 or 0 in self.images.shape:
            raise DataError(
                f"A stack of ion images has the shape (ions, rows, columns); this one has {self.images.shape}."
            )
        number, height, width = self.images.shape
        pixels = (height, width)
        expected = {"mz": (number,), "mask": pixels, "labels": (number,), "tic": pixels, "regions": pixels}
        for name, shape in expected.items():
            array = getattr(self, name)
            if array is not None and array.shape != shape:
                raise DataError(
                    f"The ion images have the shape {self.images.shape}, so {name} must have the shape {shape}; "
                    f"it has {array.shape}."
                )
        if len(self.names) != number:
            raise DataError(f"There are {number} ion images but {len(self.names)} names.")
        for key, values in self.annotations.items():
            if key not in ANNOTATIONS or len(values) != number:
                raise DataError(f"There are {number} ion images but {len(values)} entries of {key}.")
        if self.regions is not None and self.regions.max() > len(self.region_names):
            raise DataError(f"There are {self.regions.max()} regions but {len(self.region_names)} names of regions.")
        if self.picture is not None and (self.picture.ndim != 3 or self.picture.shape[2] != 3):
            raise DataError(f"A picture of the tissue has the shape (rows, columns, 3), not {self.picture.shape}.")
        types = {
            "images": np.float32,
            "mz": np.float64,
            "mask": np.bool_,
            "labels": np.int64,
            "tic": np.float32,
            "regions": np.int16,
            "picture": np.uint8,
        }
        for name, dtype in types.items():
            array = getattr(self, name)
            if array is not None and array.dtype != dtype:
                raise DataError(f"{name} must be of type {np.dtype(dtype).name}; it is {array.dtype.name}.")

    def _check_values(self) -> None:
        bad = ~np.isfinite(self.mz) | (self.mz <= 0)
        if bad.any():
            raise DataError(
                f"{bad.sum()} of {len(self.mz)} {self.axis.name} values are not positive numbers; "
                f"the first is number {bad.argmax() + 1}: {self.mz[bad.argmax()]}."
            )
        if not self.mask.any():
            raise DataError("The mask is empty: no pixel was measured.")
        for mz, image in zip(self.mz, self.images, strict=True):
            which = f"The ion image of {self.axis.text(mz)}"
            if not np.isfinite(image).all():
                raise DataError(f"{which} holds values that are not numbers (NaN or infinite).")
            if image.min() < 0:
                raise DataError(f"{which} holds negative intensities, down to {image.min():g}.")
            if image[~self.mask].any():
                raise DataError(f"{which} is not 0 outside the measured pixels.")


def _write(array: np.ndarray, path: Path) -> None:
    """Write an array as .npy; one that is such a file already gets another name on the same disk, without a copy."""
    if isinstance(array, np.memmap) and isinstance(array.base, mmap):
        with contextlib.suppress(OSError, ValueError):  # on another disk, or not an .npy file
            array.flush()
            there = np.load(str(array.filename), mmap_mode="r", allow_pickle=False)
            if (there.shape, there.dtype) == (array.shape, array.dtype):
                os.link(str(array.filename), path)
                return
    np.save(path, array)
