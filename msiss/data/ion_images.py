"""IonImages: the stack of ion images that everything else works on."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from msiss.errors import DataError

Polarity = Literal["positive", "negative", "mixed", "unknown"]

UNLABELLED = -1


@dataclass(frozen=True, eq=False, kw_only=True)
class IonImages:
    """The ion images of one data set, registered pixel by pixel.

    Attributes
    ----------
    images : ndarray of shape (N, H, W), float32
        Intensities, finite and not negative, 0 outside the mask. Row before column. Memory-mapped when loaded.
    mz : ndarray of shape (N,), float64
        m/z of each image in Th.
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

    def __post_init__(self) -> None:
        if not self.names:
            object.__setattr__(self, "names", tuple(f"{mz:.4f}" for mz in self.mz))
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
        """Hexadecimal SHA-256 of everything that can change a result; names and source do not count."""
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
                np.save(unfinished / f"{name}.npy", array)
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
            "fingerprint": self.fingerprint,
        }

    def _check_shapes(self) -> None:
        if self.images.ndim != 3 or 0 in self.images.shape:
            raise DataError(
                f"A stack of ion images has the shape (ions, rows, columns); this one has {self.images.shape}."
            )
        number, height, width = self.images.shape
        expected = {"mz": (number,), "mask": (height, width), "labels": (number,), "tic": (height, width)}
        for name, shape in expected.items():
            array = getattr(self, name)
            if array is not None and array.shape != shape:
                raise DataError(
                    f"The ion images have the shape {self.images.shape}, so {name} must have the shape {shape}; "
                    f"it has {array.shape}."
                )
        if len(self.names) != number:
            raise DataError(f"There are {number} ion images but {len(self.names)} names.")
        types = {"images": np.float32, "mz": np.float64, "mask": np.bool_, "labels": np.int64, "tic": np.float32}
        for name, dtype in types.items():
            array = getattr(self, name)
            if array is not None and array.dtype != dtype:
                raise DataError(f"{name} must be of type {np.dtype(dtype).name}; it is {array.dtype.name}.")

    def _check_values(self) -> None:
        bad = ~np.isfinite(self.mz) | (self.mz <= 0)
        if bad.any():
            raise DataError(
                f"{bad.sum()} of {len(self.mz)} m/z values are not positive numbers; "
                f"the first is number {bad.argmax() + 1}: {self.mz[bad.argmax()]}."
            )
        if not self.mask.any():
            raise DataError("The mask is empty: no pixel was measured.")
        for mz, image in zip(self.mz, self.images, strict=True):
            if not np.isfinite(image).all():
                raise DataError(f"The ion image of m/z {mz:.4f} holds values that are not numbers (NaN or infinite).")
            if image.min() < 0:
                raise DataError(f"The ion image of m/z {mz:.4f} holds negative intensities, down to {image.min():g}.")
            if image[~self.mask].any():
                raise DataError(f"The ion image of m/z {mz:.4f} is not 0 outside the measured pixels.")
