"""Ion images in image files: a multi-page TIFF or OME-TIFF, or a folder or zip file with one picture per ion.

The pictures are PNG, BMP or TIFF. In a folder or a zip file the m/z of each is in its name, such as ``700.1234.png`` or
``section_700.12mz.tif``, see `msiss.data.formats.picture_names`. An image of the total ion count (``tic`` in its name)
is recognised.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np

from msiss.data.axis import MZ, NUMBER
from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.assemble import assemble
from msiss.data.formats.budget import Budget
from msiss.data.formats.picture_mz import mz_of
from msiss.data.formats.picture_names import is_total
from msiss.data.formats.tiff import numbers, open_tiff
from msiss.data.formats.tiff_stack import load_stack
from msiss.data.formats.zip_errors import ZIP_ERRORS
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore
from msiss.data.recipe import AS_READ, ReadConfig

TIFF_ENDINGS = (".tif", ".tiff")
PLAIN_ENDINGS = (".png", ".bmp")  # of one image each
ENDINGS = (*PLAIN_ENDINGS, *TIFF_ENDINGS)
_PIECE = 2**20
_PLAIN_BYTES = 12  # per pixel: four channels, and again in single precision


@dataclass
class _Picture:
    name: str
    open: Callable[[], BytesIO | Path]


def load(
    path: Path,
    *,
    config: ReadConfig = AS_READ,
    progress: Progress = ignore,
) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images in a TIFF file, a folder or a zip file of images, and the findings.

    Raises
    ------
    DataStop
        If they cannot be read, or are not images of one section.
    """
    if path.is_dir() or path.suffix.lower() == ".zip":
        return _load_many(path, config, progress)
    return load_stack(path, path.name, Budget(path.name, path), config, progress)


def _load_many(path: Path, config: ReadConfig, progress: Progress) -> tuple[IonImages, list[HealthRow]]:
    budget = Budget(path.name, path)
    if path.is_dir():
        return _load_pictures(path, _in_folder(path, budget), budget, config, progress)
    try:
        archive = zipfile.ZipFile(path)
    except ZIP_ERRORS as error:
        raise _stop(f"The zip file is damaged ({_brief(error)}).", path.name) from error
    with archive:
        return _load_pictures(path, _in_archive(archive, budget), budget, config, progress)


def _load_pictures(
    path: Path, pictures: list[_Picture], budget: Budget, config: ReadConfig, progress: Progress
) -> tuple[IonImages, list[HealthRow]]:
    if not pictures:
        raise _stop("It holds no PNG, BMP or TIFF pictures.", path.name)
    totals = [picture for picture in pictures if is_total(picture.name)]
    totals = totals if len(totals) == 1 < len(pictures) else []  # else it is a part of the names of ions
    rest = [picture for picture in pictures if picture not in totals]
    read, rows = mz_of([picture.name for picture in rest], config, file=path.name, what="picture")
    axis, names = MZ, [""] * len(rest)
    if not any(read):
        axis, names = NUMBER, [Path(picture.name).stem for picture in rest]
        read = [float(number + 1) for number in range(len(rest))]
    known = sorted((mz, number) for number, mz in enumerate(read) if mz is not None)
    ions, mz = [rest[number] for _, number in known], np.array([mz for mz, _ in known])
    first = _pixels(ions[0], budget)
    budget.images((len(ions), *first.shape))
    cube = np.empty((len(ions), *first.shape), dtype=np.float32)
    for number, picture in enumerate(ions):
        image = _pixels(picture, budget) if number else first
        if image.shape != first.shape:
            raise _stop(
                f"{picture.name} has {_size(image)} pixels (rows x columns), {ions[0].name} has {_size(first)}.",
                path.name,
            )
        cube[number] = image
        progress((number + 1) / len(ions), f"Reading {number + 1:,} of {len(ions):,} pictures")
    tic = _total(totals, first.shape, rows, budget)
    labels = [names[number] for _, number in known] if axis is NUMBER else ()
    images, more = assemble(cube, mz, name=path.name, axis=axis, names=labels, tic=tic)
    return images, rows + more


def _total(totals: list[_Picture], shape: tuple[int, ...], rows: list[HealthRow], budget: Budget) -> np.ndarray | None:
    if len(totals) != 1:
        return None
    total = _pixels(totals[0], budget)
    if total.shape != shape or not np.isfinite(total).all() or total.min() < 0:
        rows.append(HealthRow("total ion image", "warning", f"{totals[0].name} does not fit.", "It is not used."))
        return None
    rows.append(HealthRow("total ion image", "pass", f"{totals[0].name} is taken as the total ion count."))
    return total


def _in_folder(path: Path, budget: Budget) -> list[_Picture]:
    found = sorted(other for other in path.iterdir() if other.suffix.lower() in ENDINGS and other.is_file())
    found = [other for other in found if not other.name.startswith(".")]
    budget.found(*found)
    return [_Picture(other.name, lambda other=other: other) for other in found]  # type: ignore[misc]


def _in_archive(archive: zipfile.ZipFile, budget: Budget) -> list[_Picture]:
    pictures = []
    for member in archive.infolist():
        name = Path(member.filename).name
        if Path(name).suffix.lower() in ENDINGS and not name.startswith(".") and "__MACOSX" not in member.filename:
            pictures.append(_Picture(name, partial(_unpacked, archive, member, budget)))
    return pictures


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget) -> BytesIO:
    """Return a member of an archive, counted while reading, as its declared size may be wrong."""
    name = Path(member.filename).name
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _stop(f"{name} is packed in an unusual way.", budget.name, "Make the zip file anew.")
    data = BytesIO()
    try:
        with archive.open(member) as file:
            while piece := file.read(_PIECE):
                budget.unpack(len(piece), name)
                data.write(piece)
    except ZIP_ERRORS as error:
        raise _stop(f"{name} in the zip file is damaged or locked ({_brief(error)}).", budget.name) from error
    data.seek(0)
    return data


def _pixels(picture: _Picture, budget: Budget) -> np.ndarray:
    """Return the intensities of the image of one ion, shape (H, W), float32."""
    data, pages = picture.open(), False
    try:
        with budget.released_afterwards():  # only one image is decoded at a time
            if Path(picture.name).suffix.lower() in TIFF_ENDINGS:
                with open_tiff(data, budget) as file:
                    pages = file.series[0].ndim > 2 and "S" not in file.series[0].axes.upper()
                    pixels = numbers(file, budget)
            else:
                pixels = _plain(data, picture.name, budget)
    except (DataStop, MemoryError):
        raise
    except Exception as error:  # Pillow, tifffile and the codecs raise many types for damaged files
        raise _stop(f"It cannot be read as a picture ({_brief(error)}).", picture.name) from error
    if pixels.ndim < 2 or not pixels.size:
        raise _stop("It cannot be read as a picture: it is empty.", picture.name)
    if pages:
        shape = " x ".join(f"{length:,}" for length in pixels.shape)
        found = f"It holds several images ({shape} numbers), not that of one ion."
        raise _stop(found, picture.name, "Open it alone, or save one image per file.")
    if pixels.ndim == 3 and pixels.shape[2] == 2:  # grey with alpha
        pixels = np.where(pixels[..., 1] > 0, pixels[..., 0].astype(np.float32), np.nan)
    if pixels.ndim == 3 and pixels.shape[2] in (3, 4) and (pixels[..., :3] == pixels[..., :1]).all():
        pixels = pixels[..., 0]
    if pixels.ndim != 2:
        found = "It is coloured, and colours cannot be turned back into intensities."
        raise _stop(found, picture.name, "Export grey pictures, 16-bit where you can.")
    return pixels.astype(np.float32)


def _plain(data: BytesIO | Path, name: str, budget: Budget) -> np.ndarray:
    from PIL import Image

    with Image.open(data, formats=(Path(name).suffix[1:].upper(),)) as opened:
        width, height = opened.size
        budget.unpack(_PLAIN_BYTES * width * height, name)
        palette = opened.mode == "P"  # the index of a colour is not an intensity
        return np.asarray(opened.convert("RGB") if palette else opened)


def _brief(error: Exception) -> str:
    return str(error)[:200]


def _size(image: np.ndarray) -> str:
    return f"{image.shape[0]:,} x {image.shape[1]:,}"


def _stop(found: str, name: str, action: str = "") -> DataStop:
    action = action or "Give one grey picture per ion, all of the same size, with its m/z in the name."
    return DataStop(HealthRow("pictures", "stop", found, "", action), name)
