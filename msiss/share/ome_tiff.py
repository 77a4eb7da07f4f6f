"""OME-TIFF: one channel per ion, or one per cluster with its mean image.

The metadata are those of the OME schema of June 2016 (openmicroscopy.org/Schemas), which Bio-Formats reads, and with it
Fiji and QuPath.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from msiss.data.about import MEASURED_ON, moment
from msiss.data.progress import Progress, ignore
from msiss.share.material import Material
from msiss.share.means import mean_images
from msiss.version import __version__

BIG_BYTES = 2**31  # above it, offsets of 64 bits; older programs do not know them
_CONTROLS = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # not allowed in XML


def write(material: Material, path: Path, *, progress: Progress = ignore) -> None:
    """Write the images of the exported ions as imported, float32; a channel is named by m/z and name.

    Colours are those of the clusters. The file has no pyramid of smaller images: sections have at most some thousand
    pixels along a side.

    Raises
    ------
    DataError
        If the data set was deleted or changed.
    """
    images, table = material.images, material.table
    titles = []
    for ion, name in zip(material.ions, table["name"], strict=True):
        number = images.axis.number(images.mz[ion])
        titles.append(images.axis.text(images.mz[ion]) + (f" {name}" if name and name != number else ""))
    colours = [material.grouping.clusters[number].colour for number in table["cluster"]]

    def planes() -> Iterator[np.ndarray]:
        for block in material.blocks():
            yield from np.asarray(images.images[material.ions[block]], dtype=np.float32)
            progress(block.stop / len(material.ions), "Writing the OME-TIFF")

    _write(path, planes(), titles, colours, material, f"Ion images of {images.source}, written by msiss {__version__}")


def write_means(material: Material, path: Path, *, progress: Progress = ignore) -> None:  # noqa: ARG001
    """Write the mean image of each cluster of the exported ions, in [0, 1], float32; see `msiss.share.means`.

    Raises
    ------
    DataError
        If the data set was deleted or changed.
    """
    means = mean_images(material)
    titles = [f"cluster {mean.title} ({mean.ions} ions)" for mean in means]
    colours = [material.grouping.clusters[mean.cluster].colour for mean in means]
    about = f"Mean images of clusters of {material.images.source}, written by msiss {__version__}"
    _write(path, (mean.image for mean in means), titles, colours, material, about)


def _write(
    path: Path,
    planes: Iterable[np.ndarray],
    titles: Sequence[str],
    colours: Sequence[str],
    material: Material,
    about: str,
) -> None:
    import tifffile

    images = material.images
    shape = (len(titles), *images.shape)
    metadata: dict[str, Any] = {
        "axes": "CYX",
        "Name": _plain(images.source) or "msiss",
        "Description": _plain(about),
        "Channel": {"Name": [_plain(title) for title in titles], "Color": [_colour(one) for one in colours]},
    }
    if images.about:
        metadata["MapAnnotation"] = {_plain(title): _plain(text) for title, text in images.about.items()}
    if when := moment(images.about.get(MEASURED_ON, "")):
        metadata["AcquisitionDate"] = when.isoformat()
    if images.pixel_size is not None:
        for side, size in zip("YX", images.pixel_size, strict=True):
            metadata |= {f"PhysicalSize{side}": size, f"PhysicalSize{side}Unit": "µm"}
    with tifffile.TiffWriter(path, ome=True, bigtiff=4 * math.prod(shape) > BIG_BYTES) as file:
        file.write(
            iter(planes),
            shape=shape,
            dtype=np.float32,
            photometric="minisblack",
            compression="zlib",
            compressionargs={"level": 1},
            metadata=metadata,
            software=f"msiss {__version__}",
        )


def _colour(text: str) -> int:
    """Return a colour such as "#1e78d7" as OME writes it: red, green, blue and opacity in a signed number."""
    return int.from_bytes(bytes.fromhex(f"{text[1:]}ff"), "big", signed=True)


def _plain(text: str) -> str:
    """Return a text without characters that XML does not allow."""
    return _CONTROLS.sub("", text)
