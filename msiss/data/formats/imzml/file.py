"""The header of an imzML file, as plain arrays."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.imzml.regions import Placement, place_regions, spacing
from msiss.data.formats.imzml.spectrum_kinds import SpectrumKind
from msiss.data.stored_images import Polarity

DeclaredType = Literal["centroid", "profile", "unknown"]  # of spectra
# Ranges of m/z that share no more than this with the next one are parts of one measurement, which overlap at the edges.
MOST_SHARED = 0.1


@dataclass(frozen=True, eq=False, kw_only=True)
class ArrayLayout:
    """Offsets and encoding of the m/z or the intensity arrays in the .ibd file.

    Attributes
    ----------
    offsets, lengths : ndarray of shape (n,), int64
        First byte and number of values of each spectrum's array.
    encoded : ndarray of shape (n,), int64
        Declared bytes of each array; -1 if not declared.
    dtype : numpy dtype, optional
        Number type; None if the header has none that msiss supports.
    compression : str
        "none", "zlib", or the name of a compression that msiss does not support.
    """

    offsets: np.ndarray
    lengths: np.ndarray
    encoded: np.ndarray
    dtype: np.dtype | None
    compression: str = "none"

    def of(self, spectra: np.ndarray) -> "ArrayLayout":
        """Return the layout of some spectra only, by index."""
        own = {name: getattr(self, name)[spectra] for name in ("offsets", "lengths", "encoded")}
        return replace(self, **own)

    @property
    def sizes(self) -> np.ndarray:
        """Bytes of each uncompressed array, shape (n,)."""
        return self.lengths * (self.dtype.itemsize if self.dtype is not None else 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class ImzmlFile:
    """The header of an imzML file.

    Attributes
    ----------
    path, ibd_path : Path
        The .imzML and the .ibd file.
    coordinates : ndarray of shape (n, 3), int64
        Column x, row y and layer z of each spectrum, as in the file.
    mz, intensity : ArrayLayout
        The two arrays of each spectrum.
    mode : {"continuous", "processed", "unknown"}
        As declared; `shared_axis` is the actual mode.
    spectrum_type : {"centroid", "profile", "unknown"}
        As declared.
    polarity : {"positive", "negative", "mixed", "unknown"}
        Of the spectra; of the file as a whole only where they do not give it.
    pixel_size : tuple of two float, optional
        Height and width of a pixel in micrometres.
    uuid : str
        UUID that the first 16 bytes of the .ibd file must repeat; empty if not declared.
    checksum : tuple of str, optional
        Name of the hash function and the hexadecimal digest of the .ibd file.
    declared : dict
        Other declared numbers: "spectra", "x" and "y" (pixels), "other arrays" (bytes of those that are not read).
    remarks : tuple of str
        Contradictions in the header.
    about : dict of str to str
        What the header says about the measurement, see `msiss.data.about`.
    kinds : tuple of SpectrumKind
        Which spectra belong together: those of one polarity, MS level, precursor and compensation voltage.
    kind : ndarray of shape (n,), int16
        Index of the kind of each spectrum.
    types : tuple of {"centroid", "profile", "unknown"}
        What the spectra of each kind are, as they declare it themselves; empty if there is one kind.
    mobility : ndarray of shape (n,), float64, optional
        Ion mobility (inverse reduced, or drift time) of each spectrum, NaN where none is given; None if nowhere.
    mobility_array : ArrayLayout, optional
        The arrays that give the ion mobility of each value of the spectra, as another array beside m/z and intensity.
    windows : ndarray of shape (n, 2), float64, optional
        Lowest and highest m/z that each spectrum was measured over, in Th; None if they are not known, or alike.
    stage : ndarray of shape (n, 2), float64, optional
        Position x and y of each spectrum on the stage in the unit of the file, NaN where none is given.
    per_pixel : {"mean", "sum", "last"}
        What becomes of several spectra of one pixel, one ion mobility and one range of m/z, see `weights`.
    numbers : ndarray of shape (n,), int64, optional
        Index of each spectrum in the whole file, if this is a part of it.
    """

    path: Path
    ibd_path: Path
    coordinates: np.ndarray
    mz: ArrayLayout
    intensity: ArrayLayout
    mode: Literal["continuous", "processed", "unknown"] = "unknown"
    spectrum_type: DeclaredType = "unknown"
    polarity: Polarity = "unknown"
    pixel_size: tuple[float, float] | None = None
    uuid: str = ""
    checksum: tuple[str, str] | None = None
    declared: dict[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    about: dict[str, str] = field(default_factory=dict)
    kinds: tuple[SpectrumKind, ...] = (SpectrumKind(),)
    kind: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int16))
    types: tuple[DeclaredType, ...] = ()
    mobility: np.ndarray | None = None
    mobility_array: ArrayLayout | None = None
    windows: np.ndarray | None = None
    stage: np.ndarray | None = None
    per_pixel: Literal["mean", "sum", "last"] = "mean"
    numbers: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Let all spectra be of the first kind where no kinds are given."""
        if not len(self.kind):
            object.__setattr__(self, "kind", np.zeros(len(self), dtype=np.int16))

    def __len__(self) -> int:
        return len(self.coordinates)

    @cached_property
    def planes(self) -> tuple[int, ...]:
        """The layers z of the file, ascending."""
        return tuple(np.unique(self.coordinates[:, 2]).tolist())

    @cached_property
    def is_flat(self) -> bool:
        """Whether no pixel lies on several planes, so that z is a height of the stage, if it differs at all."""
        if len(self.planes) == 1:
            return True
        return len(np.unique(self.coordinates[:, :2], axis=0)) == len(np.unique(self.coordinates, axis=0))

    def on_plane(self, plane: int | None) -> "ImzmlFile":
        """Return the spectra of one layer only, or all if none is named and no pixel lies on several.

        Raises
        ------
        DataStop
            If pixels lie on several layers and none is named, or the named one does not exist.
        """
        known = ", ".join(map(str, self.planes[:20])) + (", ..." if len(self.planes) > 20 else "")
        if plane is None:
            if self.is_flat:
                return self
            found = f"The file holds {len(self.planes):,} planes (z = {known})."
            raise DataStop(
                HealthRow("planes", "stop", found, "Images are made of one plane at a time.", "Choose a plane."),
                self.path.name,
            )
        if plane not in self.planes:
            found = f"There is no plane z = {plane}; there is z = {known}."
            raise DataStop(HealthRow("planes", "stop", found, "", "Choose another plane."), self.path.name)
        return self.of(np.flatnonzero(self.coordinates[:, 2] == plane))

    def of(self, spectra: np.ndarray) -> "ImzmlFile":
        """Return some spectra only, by index."""
        return replace(
            self,
            coordinates=self.coordinates[spectra],
            mz=self.mz.of(spectra),
            intensity=self.intensity.of(spectra),
            kind=self.kind[spectra],
            mobility=None if self.mobility is None else self.mobility[spectra],
            mobility_array=None if self.mobility_array is None else self.mobility_array.of(spectra),
            windows=None if self.windows is None else self.windows[spectra],
            stage=None if self.stage is None else self.stage[spectra],
            numbers=spectra if self.numbers is None else self.numbers[spectra],
        )

    @property
    def layouts(self) -> tuple[ArrayLayout, ...]:
        """The layouts of all arrays that are read."""
        return (self.mz, self.intensity, *([] if self.mobility_array is None else [self.mobility_array]))

    @cached_property
    def placement(self) -> Placement:
        """Position of each spectrum in the images."""
        return place_regions(self.coordinates[:, :2])

    @property
    def spacing(self) -> tuple[float, float] | None:
        """Height and width of a pixel of the images in micrometres, which is larger where pixels were skipped."""
        return spacing(self.placement.step, self.pixel_size)

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the bounding box of the measured pixels, with steps and gaps between regions closed."""
        width, height = self.placement.positions.max(axis=0) + 1
        return int(height), int(width)

    @cached_property
    def pixels(self) -> np.ndarray:
        """Index of each spectrum's pixel in the flattened box, shape (n,)."""
        column, row = self.placement.positions.T
        return row * self.shape[1] + column

    @property
    def region_names(self) -> tuple[str, ...]:
        """Names of the regions; empty if there is only one."""
        return self.placement.names

    @cached_property
    def regions(self) -> np.ndarray | None:
        """Number of the region of each pixel, shape (H, W), int16; None if there is only one."""
        if not self.region_names:
            return None
        return self._image(self.placement.regions, 0)

    @property
    def positions(self) -> np.ndarray:
        """Column and row of each pixel as in the file, shape (H, W, 2), int64; 0 where nothing was measured."""
        return self._image(self.coordinates[:, :2], 0)

    @property
    def on_stage(self) -> np.ndarray | None:
        """Position of each pixel on the stage, shape (H, W, 2), NaN where none is given; None if nowhere."""
        return None if self.stage is None else self._image(self.stage, np.nan)

    def _image(self, values: np.ndarray, elsewhere: float) -> np.ndarray:
        """Return values of each spectrum (n, ...) as an image (H, W, ...) of the same type."""
        image = np.full((*self.shape, *values.shape[1:]), elsewhere, dtype=values.dtype)
        image.reshape(-1, *values.shape[1:])[self.pixels] = values
        return image

    @cached_property
    def spectra_per_pixel(self) -> np.ndarray:
        """Number of spectra of each pixel of the box, shape (H * W,)."""
        return np.bincount(self.pixels, minlength=self.shape[0] * self.shape[1])

    @cached_property
    def ranges(self) -> np.ndarray | None:
        """Number of the range of m/z of each spectrum, shape (n,); None unless these are parts of one range."""
        if self.windows is None:
            return None
        windows, number = np.unique(self.windows, axis=0, return_inverse=True)
        width = np.diff(windows, axis=1)[:, 0]
        shared = np.maximum.accumulate(windows[:, 1])[:-1] - windows[1:, 0]
        parts = (shared <= MOST_SHARED * np.minimum(width[:-1], width[1:])).all()
        return number.ravel() if len(windows) > 1 and parts else None

    @cached_property
    def alike(self) -> np.ndarray:
        """Number of the spectra of the same pixel, ion mobility and range of m/z, shape (n, 2): index and count."""
        key = self.pixels
        for values in (self.mobility, self.ranges):
            if values is not None:
                _, place = np.unique(values, return_inverse=True)  # where none is given, too
                key = key * (place.max() + 1) + place
        _, group, times = np.unique(key, return_inverse=True, return_counts=True)
        return np.stack([group, times[group]], axis=1)

    @cached_property
    def weights(self) -> np.ndarray | None:
        """Factor by which each spectrum counts in its pixel, shape (n,), float64; None if all count once.

        Of several spectra of one ion mobility and range of m/z `per_pixel` says it. Those of others add up, as they are
        parts of one measurement.
        """
        if self.per_pixel == "sum" or self.spectra_per_pixel.max() == 1:
            return None
        group, times = self.alike.T
        if times.max() == 1:
            return None
        if self.per_pixel == "mean":
            return 1.0 / times
        last = np.zeros(group.max() + 1, dtype=np.int64)
        np.maximum.at(last, group, np.arange(len(self)))
        return (last[group] == np.arange(len(self))).astype(np.float64)

    @cached_property
    def measured(self) -> np.ndarray:
        """Which pixels of the box have a spectrum, shape (H, W), bool."""
        return (self.spectra_per_pixel > 0).reshape(self.shape)

    @cached_property
    def shared_axis(self) -> bool:
        """Whether all spectra use the same m/z array, as in continuous mode."""
        return len(np.unique(self.mz.offsets)) == 1 and len(np.unique(self.mz.lengths)) == 1

    def place(self, spectrum: int) -> str:
        """Return the number of a spectrum and its pixel, for messages."""
        x, y = self.coordinates[spectrum, :2]
        number = spectrum if self.numbers is None else int(self.numbers[spectrum])
        return f"spectrum {number + 1:,} (pixel x={x}, y={y})"
