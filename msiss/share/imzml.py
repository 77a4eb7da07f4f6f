"""imzML: the picked ions, or the mean images of the clusters, as centroided spectra."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.data.cells import to_csv
from msiss.data.formats.imzml.regions import place_regions, spacing
from msiss.data.formats.imzml.writer import Spectrum, write_imzml
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore
from msiss.share.material import BLOCK_BYTES, Material, lacks_images
from msiss.share.means import mean_images


def write(material: Material, path: Path, *, progress: Progress = ignore) -> None:
    """Write the exported ions as imzML with the .ibd file beside it.

    Each measured pixel has one spectrum, whose m/z are those of the ions, ascending, and whose intensities are those
    that were imported. It is in continuous mode: the m/z are written once. Coordinates are those of the file that was
    imported, so that the instrument finds the pixels again; without them, or if those of several sections repeat, they
    count from 1.

    Raises
    ------
    DataError
        If the data set was deleted or changed.
    """
    images = material.images
    ions = material.ions[np.argsort(images.mz[material.ions], kind="stable")]
    mz = images.mz[ions]
    places, pixel_size = _places(images)

    def spectra() -> Iterator[Spectrum]:
        height, width = images.shape
        step = max(1, BLOCK_BYTES // (4 * width * len(ions)))  # rows at a time
        for top in range(0, height, step):
            rows = slice(top, min(top + step, height))
            part = np.asarray(images.images[:, rows], dtype=np.float32)[ions]  # (M, rows, W)
            for row, column in np.argwhere(images.mask[rows]):
                x, y = places[top + row, column].tolist()
                yield x, y, mz, part[:, row, column]
            progress(rows.stop / height, "Writing the imzML file")

    _write(path, spectra(), images, pixel_size)


def write_means(material: Material, path: Path, *, progress: Progress = ignore) -> None:  # noqa: ARG001
    """Write the mean images of the clusters as imzML, with a table beside it that tells which m/z is which cluster.

    A mean image has no m/z of its own. Each stands at the middle m/z of the ions of its cluster, which is that of one
    of them, so that it can be looked up; it is no mass of the cluster. An annotation of this file would therefore say
    nothing; it is for programs that show and segment imzML. The .csv file beside it has a row per cluster: mz, cluster,
    name, ions.

    Raises
    ------
    DataError
        If the data set was deleted or changed.
    """
    images = material.images
    means = sorted(mean_images(material), key=lambda mean: mean.mz)
    mz, stack = _apart([mean.mz for mean in means]), np.stack([mean.image for mean in means])
    places, pixel_size = _places(images)

    def spectra() -> Iterator[Spectrum]:
        for row, column in np.argwhere(images.mask):
            x, y = places[row, column].tolist()
            yield x, y, mz, stack[:, row, column]

    _write(path, spectra(), images, pixel_size)
    names = [material.grouping.clusters[mean.cluster].name for mean in means]
    key = {"mz": mz, "cluster": [mean.cluster for mean in means], "name": names, "ions": [mean.ions for mean in means]}
    path.with_suffix(".csv").write_text(to_csv(pd.DataFrame(key)), encoding="utf-8", newline="")


def _write(path: Path, spectra: Iterator[Spectrum], images: IonImages, pixel_size: tuple[float, float] | None) -> None:
    stage = None if images.stage is None else images.stage[images.mask]  # in the order of the spectra, row by row
    write_imzml(
        path,
        spectra,
        mode="continuous",
        polarity=images.polarity,
        pixel_size=pixel_size,
        about=images.about,
        stage=stage,
    )


def _places(images: IonImages) -> tuple[np.ndarray, tuple[float, float] | None]:
    """Return the coordinates of each pixel (H, W, 2), and the size of a pixel to declare, as height and width.

    They are those in the file that was imported, if they give the same images when they are read.
    """
    rows, columns = np.indices(images.shape)
    counted = np.stack([columns, rows], axis=-1) + 1
    if images.positions is None:
        return counted, images.pixel_size
    plain, own = (place_regions(places[images.mask]) for places in (counted, images.positions))
    if np.array_equal(plain.positions, own.positions):
        expected = spacing(plain.step, images.pixel_size)
        between = [one / other for one, other in zip(own.step, plain.step, strict=True)]
        for skipped in ([1.0, 1.0], between):
            height, width = (side / times for side, times in zip(images.pixel_size or (1, 1), skipped, strict=True))
            declared = images.pixel_size and (height, width)
            if spacing(own.step, declared) == expected:
                return images.positions, declared
    return counted, images.pixel_size


def lacks(material: Material) -> str:
    """Return why no imzML can be made, or an empty text."""
    if reason := lacks_images(material):
        return reason
    axis = material.images.axis
    if axis.is_mz:
        return ""
    return (
        f"imzML is for mass spectra, but the ion images of this data set lie on the axis {axis.title}. Export them as "
        "AnnData or OME-TIFF."
    )


def _apart(mz: Sequence[float]) -> np.ndarray:
    """Return ascending m/z, of which equal ones are set apart by the smallest step that doubles have."""
    apart = np.array(mz, dtype=np.float64)
    for place in range(1, len(apart)):
        apart[place] = max(apart[place], np.nextafter(apart[place - 1], np.inf))
    return apart
