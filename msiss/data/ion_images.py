"""IonImages: the stack of ion images of a data set."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from msiss.data import about, stored, stored_images
from msiss.data.axis import MZ, Axis
from msiss.data.given import as_array
from msiss.data.stored_images import ANNOTATIONS, TYPES, Polarity
from msiss.errors import DataError

UNLABELLED = -1


@dataclass(frozen=True, eq=False, kw_only=True)
class IonImages:
    """The ion images of one data set, registered pixel by pixel.

    Lists and arrays of other number types are converted. `from_arrays` also accepts images with values outside the
    mask.

    Attributes
    ----------
    images : ndarray of shape (N, H, W), float32
        Intensities, finite and not negative, 0 outside the mask. Row before column. Memory-mapped when loaded.
    mz : ndarray of shape (N,), float64
        m/z of each image in Th, or its position on `axis` if that is not m/z.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured; by default everywhere.
    names : tuple of N str, optional
        Name of each ion; by default its m/z.
    polarity : {"positive", "negative", "mixed", "unknown"}
        Polarity of the measurement.
    pixel_size : tuple of two float, optional
        Height and width of a pixel in micrometres; None if unknown.
    labels : ndarray of shape (N,), int64, optional
        Known class of each ion, `UNLABELLED` if unknown.
    tic : ndarray of shape (H, W), float32, optional
        Total ion count of the whole spectrum of each pixel, if whole spectra were read.
    source : str
        Name of the file the images come from.
    axis : Axis
        Quantity and unit of `mz`; m/z in Th unless the images are from another kind of spectral imaging.
    annotations : mapping of str to tuple of N str
        Further annotations of each ion by the keys in `ANNOTATIONS`; empty if unknown.
    regions : ndarray of shape (H, W), int16, optional
        Number of the region of each pixel, from 1 in the order of `region_names`; 0 if it has none.
    region_names : tuple of str
        Names of the regions.
    picture : ndarray of shape (h, w, 3), uint8, optional
        An optical image of the tissue, such as an H&E stain, at its own resolution.
    recipe : dict
        How the images were made from their files, in the form of `msiss.data.recipe.Recipe`; empty if unknown.
    positions : ndarray of shape (H, W, 2), int64, optional
        Column x and row y of each pixel as in the file, by which the instrument finds it again; unspecified outside the
        mask.
    stage : ndarray of shape (H, W, 2), float64, optional
        Position x and y of each pixel on the stage of the instrument in the unit of the file, mostly micrometres; NaN
        where it gives none.
    about : mapping of str to str
        What the file says about the measurement, such as the instrument: title and text, see `msiss.data.about`.

    Raises
    ------
    DataError
        If shapes do not agree, or an intensity or m/z is invalid.
    """

    images: np.ndarray
    mz: np.ndarray
    mask: np.ndarray = None  # type: ignore[assignment]  # becomes an array in __post_init__
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
    positions: np.ndarray | None = None
    stage: np.ndarray | None = None
    about: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._take_arrays()
        object.__setattr__(self, "about", about.told(self.about))
        names = tuple(self.names) or tuple(self.axis.number(mz) for mz in self.mz.ravel())
        object.__setattr__(self, "names", names)
        self._check_shapes()
        self._check_mz()
        if not isinstance(self.images, np.memmap):  # a memory-mapped stack was checked before it was saved
            self.check_intensities()

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        return f"IonImages({'; '.join(f'{title}: {text}' for title, text in self._facts())})"

    def _repr_html_(self) -> str:
        from msiss.show.markup import table

        return table([*self._facts(), *self.about.items()])

    @classmethod
    def from_arrays(cls, images: Any, mz: Any, mask: Any = None, **known: Any) -> "IonImages":
        """Return a stack of images from arrays of other programs.

        Parameters
        ----------
        images : array_like of shape (N, H, W)
            Intensities, not negative, and finite in the mask. Values outside it are set to 0.
        mz : array_like of shape (N,)
            m/z of each image in Th.
        mask : array_like of shape (H, W), optional
            True, or not 0, where a spectrum was measured; by default everywhere.
        **known
            Other attributes of `IonImages`, such as `names`, `labels` and `pixel_size`.

        Raises
        ------
        DataError
            If shapes do not agree, or an intensity or m/z is invalid.

        Examples
        --------
        >>> import numpy as np
        >>> IonImages.from_arrays(np.ones((2, 8, 10)), [741.53, 760.585])
        IonImages(ion images: 2 of 8 × 10 pixels; m/z: 741.5300 to 760.5850; measured pixels: 80)
        """
        stack = as_array(images, "images", np.float32)
        if mask is None:
            return cls(images=stack, mz=mz, **known)
        inside = as_array(mask, "mask", np.bool_)
        if inside.shape == stack.shape[1:]:  # otherwise the shapes are refused below
            stack = np.where(inside, stack, np.float32(0))
        return cls(images=stack, mz=mz, mask=inside, **known)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the images in pixels."""
        return self.images.shape[1], self.images.shape[2]

    @property
    def pixel_aspect(self) -> float:
        """Height of a pixel over its width."""
        height, width = self.pixel_size or (1.0, 1.0)
        return height / width

    @cached_property
    def fingerprint(self) -> str:
        """Hexadecimal SHA-256 of everything that affects results.

        Names, source and the like are not included, nor the size of a pixel, but its aspect ratio is.
        """
        digest = hashlib.sha256()
        for array in (self.images, self.mz, self.mask, self.labels, self.tic):
            if array is None:
                digest.update(b"none")
            else:
                digest.update(str((array.dtype, array.shape)).encode())
                digest.update(np.ascontiguousarray(array).data)
        if self.pixel_aspect != 1:
            digest.update(f"pixels {self.pixel_aspect:.6g} times as high as wide".encode())
        return digest.hexdigest()

    def mean_intensities(self) -> np.ndarray:
        """Return the mean intensity of each ion over the measured pixels, shape (N,), float64."""
        return np.array([image[self.mask].mean(dtype=np.float64) for image in self.images])

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

    def save(self, folder: str | os.PathLike[str], *, scratch: Path | None = None) -> None:
        """Write the stack into the new folder `folder`, which appears only once it is complete.

        Parameters
        ----------
        folder : Path
        scratch : Path, optional
            A folder of files that only this stack uses, such as that of its import: images that are memory-mapped from
            there are not copied.

        Raises
        ------
        DataError
            If `folder` exists, or cannot be written.
        """
        stored_images.write(Path(folder), self, scratch=scratch)

    def is_saved_in(self, folder: Path) -> bool:
        """Return whether `folder` is a saved stack with the same content."""
        return stored_images.holds(folder, self)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> "IonImages":
        """Open a saved stack with memory-mapped images.

        Raises
        ------
        DataError
            If `folder` is not a saved stack; the message says why.

        Warns
        -----
        MsissWarning
            If a later version of msiss wrote fields that this one does not know.
        """
        fields, fingerprint = stored_images.read(Path(folder))
        try:
            loaded = cls(**fields)
        except DataError as error:
            raise stored.damaged(Path(folder), str(error).rstrip(".")) from error
        loaded.__dict__["fingerprint"] = fingerprint
        return loaded

    def _take_arrays(self) -> None:
        for name, dtype in TYPES.items():
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, as_array(given, name, dtype))
        if self.mask is None:
            object.__setattr__(self, "mask", np.ones(self.images.shape[1:], dtype=bool))

    def _facts(self) -> list[tuple[str, str]]:
        """Return titles and texts of the summary of the stack."""
        height, width = self.shape
        unit = "" if self.axis.is_mz or not self.axis.unit else f" {self.axis.unit}"
        facts = [
            ("ion images", f"{len(self):,} of {height:,} × {width:,} pixels"),
            (self.axis.name, f"{self.axis.number(self.mz.min())} to {self.axis.number(self.mz.max())}{unit}"),
            ("measured pixels", f"{np.count_nonzero(self.mask):,}"),
        ]
        if self.pixel_size is not None:
            facts.append(("pixel size", " × ".join(f"{side:g}" for side in self.pixel_size) + " µm"))
        if self.polarity != "unknown":
            facts.append(("polarity", self.polarity))
        if self.labels is not None:
            facts.append(("ions with a known class", f"{np.count_nonzero(self.labels != UNLABELLED):,}"))
        if self.source:
            facts.append(("from", self.source))
        return facts

    def _check_shapes(self) -> None:
        if self.images.ndim != 3 or 0 in self.images.shape:
            hint = " Give a single image as images[None]." if self.images.ndim == 2 else ""
            raise DataError(
                f"A stack of ion images has the shape (ions, rows, columns); this one has {self.images.shape}.{hint}"
            )
        number, height, width = self.images.shape
        pixels = (height, width)
        expected = {"mz": (number,), "mask": pixels, "labels": (number,), "tic": pixels, "regions": pixels}
        expected |= dict.fromkeys(("positions", "stage"), (height, width, 2))
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

    def _check_mz(self) -> None:
        bad = ~np.isfinite(self.mz) | (self.mz <= 0)
        if bad.any():
            raise DataError(
                f"{bad.sum()} of {len(self.mz)} {self.axis.name} values are not positive numbers; "
                f"the first is number {bad.argmax() + 1}: {self.mz[bad.argmax()]}."
            )
        if not self.mask.any():
            raise DataError("The mask is empty: no pixel was measured.")

    def check_intensities(self) -> None:
        """Check every intensity of a stack from an untrusted source.

        Raises
        ------
        DataError
            If an intensity is invalid.
        """
        for mz, image in zip(self.mz, self.images, strict=True):
            which = f"The ion image of {self.axis.text(mz)}"
            if not np.isfinite(image).all():
                raise DataError(f"{which} holds values that are not numbers (NaN or infinite).")
            if image.min() < 0:
                raise DataError(f"{which} holds negative intensities, down to {image.min():g}.")
            if image[~self.mask].any():
                raise DataError(f"{which} is not 0 outside the measured pixels.")
