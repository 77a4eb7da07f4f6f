"""Ion images in image files: a multi-page TIFF or OME-TIFF, or a folder or zip file with one PNG or TIFF per ion.

In a folder or a zip file the m/z of each picture is in its name, such as ``700.1234.png`` or ``section_700.12mz.tif``.
An image of the total ion count (``tic`` in its name) is recognised.
"""

import math
import re
import zipfile
from collections import Counter
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
from msiss.data.formats.ome import describe_pages
from msiss.data.formats.tiff import numbers, open_tiff
from msiss.data.formats.zip_errors import ZIP_ERRORS
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore
from msiss.data.recipe import AS_READ, ReadConfig
from msiss.words import count

TIFF_ENDINGS = (".tif", ".tiff")
ENDINGS = (".png", *TIFF_ENDINGS)
LONGEST_NAME = 300  # characters of a name in which an m/z is searched; longer than any file name
_PIECE = 2**20
_PNG_BYTES = 12  # per pixel: four channels, and again in single precision
_TOTAL = re.compile(r"(^|[^a-z])(tic|total[ _-]?ion([ _-]?(image|count|current))?|sum)([^a-z]|$)", re.IGNORECASE)
_WITH_UNIT = re.compile(r"(?<!\d)(\d+(?:[.,]\d+)?)[\s_]*(?:mz|m[/_.-]?z|th|da|u|amu)(?![a-z])", re.IGNORECASE)
_AFTER_MZ = re.compile(r"(?:mz|m[/_.-]z|mass)[\s_=:-]*(\d+(?:[.,]\d+)?)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?(?![\d])|(?<=[_\-\s])\d+(?:[.,]\d+)?(?!\d)")


@dataclass
class _Picture:
    name: str
    mz: float | None
    open: Callable[[], BytesIO | Path]


def load(
    path: Path,
    *,
    config: ReadConfig = AS_READ,  # noqa: ARG001 - the file leaves nothing open
    progress: Progress = ignore,
) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images in a TIFF file, a folder or a zip file of images, and the findings.

    Raises
    ------
    DataStop
        If they cannot be read, or are not images of one section.
    """
    if path.is_dir() or path.suffix.lower() == ".zip":
        return _load_many(path, progress)
    return _load_tiff(path, progress)


def mz_in(name: str) -> float | None:
    """Return the m/z in Th in the name of an image file, or None if there is none or it is ambiguous."""
    if len(name) > LONGEST_NAME:
        return None
    stem = Path(name).stem if Path(name).suffix.lower() in ENDINGS else name
    for pattern in (_WITH_UNIT, _AFTER_MZ):
        if len(found := pattern.findall(stem)) == 1:
            return _positive(found[0])
    found = _NUMBER.findall(stem)
    precise = [text for text in found if "." in text or "," in text]
    found = precise if precise else found
    return _positive(found[0]) if len(found) == 1 else None


def _positive(text: str) -> float | None:
    value = float(text.replace(",", "."))
    return value if 0 < value < float("inf") else None


def _load_tiff(path: Path, progress: Progress) -> tuple[IonImages, list[HealthRow]]:
    budget = Budget(path.name, path)
    try:
        with open_tiff(path, budget) as file:
            pages = file.series[0]
            shape = tuple(pages.shape)
            if len(shape) < 2 or ("S" in pages.axes.upper() and shape[-1] in (3, 4)):
                raise _stop("It holds a colour picture, not ion images.", path.name)
            height, width = shape[-2:]
            number = math.prod(shape[:-2])
            read = numbers(file, budget)
            about = describe_pages(file, number)
    except (DataStop, OSError, MemoryError):
        raise
    except Exception as error:  # tifffile and the codecs raise many types for damaged files
        raise _stop(f"It cannot be read as a TIFF ({_brief(error)}).", path.name) from error
    cube = np.ascontiguousarray(read, dtype=np.float32).reshape(number, height, width)
    del read
    progress(1, f"Reading {path.name}")
    rows = []
    values = [mz_in(name) for name in about.names]
    if number == 1:  # it is named like one picture of several
        values = [values[0] or mz_in(path.name)]
    axis, mz = MZ, np.array([value or 0 for value in values])
    if not all(values) or len(set(values)) < number:
        axis, mz = NUMBER, np.arange(1.0, number + 1)
        found = "The file does not say which m/z its pages belong to."
        action = "Save the m/z as channel names (OME-TIFF), or as a folder of pictures with the m/z in each name."
        rows.append(HealthRow("m/z", "warning", found, "The images are numbered from 1, in place of an m/z.", action))
    names = [name if name and axis is NUMBER else "" for name in about.names] or [""] * number
    images, more = assemble(
        cube, mz, name=path.name, axis=axis, names=names, pixel_size=about.pixel_size, about=about.about
    )
    return images, rows + more


def _load_many(path: Path, progress: Progress) -> tuple[IonImages, list[HealthRow]]:
    budget = Budget(path.name, path)
    if path.is_dir():
        return _load_pictures(path, _in_folder(path, budget), budget, progress)
    try:
        archive = zipfile.ZipFile(path)
    except ZIP_ERRORS as error:
        raise _stop(f"The zip file is damaged ({_brief(error)}).", path.name) from error
    with archive:
        return _load_pictures(path, _in_archive(archive, budget), budget, progress)


def _load_pictures(
    path: Path, pictures: list[_Picture], budget: Budget, progress: Progress
) -> tuple[IonImages, list[HealthRow]]:
    rows: list[HealthRow] = []
    if not pictures:
        raise _stop("It holds no PNG or TIFF pictures.", path.name)
    totals = [picture for picture in pictures if _TOTAL.search(Path(picture.name).stem) and picture.mz is None]
    rest = [picture for picture in pictures if picture not in totals]
    unnamed = [picture.name for picture in rest if picture.mz is None]
    if len(unnamed) == len(rest):
        raise _stop(f"No picture has an m/z in its name; the first is {pictures[0].name}.", path.name)
    if unnamed:
        found = f"{count(len(unnamed), 'picture')} without a clear m/z in the name, such as {unnamed[0]}."
        rows.append(HealthRow("m/z", "warning", found, "Left out.", "Name each picture by its m/z."))
    ions = sorted((picture for picture in rest if picture.mz is not None), key=lambda picture: picture.mz or 0)
    repeated = [mz for mz, times in Counter(picture.mz for picture in ions).items() if times > 1]
    if repeated:
        same = ", ".join(picture.name for picture in ions if picture.mz == repeated[0])
        raise _stop(f"Several pictures have the m/z {repeated[0]:g}: {same}.", path.name)
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
    images, more = assemble(cube, np.array([picture.mz for picture in ions]), name=path.name, tic=tic)
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
    return [_Picture(other.name, mz_in(other.name), lambda other=other: other) for other in found]  # type: ignore[misc]


def _in_archive(archive: zipfile.ZipFile, budget: Budget) -> list[_Picture]:
    pictures = []
    for member in archive.infolist():
        name = Path(member.filename).name
        if Path(name).suffix.lower() in ENDINGS and not name.startswith(".") and "__MACOSX" not in member.filename:
            pictures.append(_Picture(name, mz_in(name), partial(_unpacked, archive, member, budget)))
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
    data = picture.open()
    try:
        with budget.released_afterwards():  # only one image is decoded at a time
            if Path(picture.name).suffix.lower() in TIFF_ENDINGS:
                with open_tiff(data, budget) as file:
                    pixels = numbers(file, budget)
            else:
                pixels = _png(data, picture.name, budget)
    except (DataStop, MemoryError):
        raise
    except Exception as error:  # Pillow, tifffile and the codecs raise many types for damaged files
        raise _stop(f"It cannot be read as a picture ({_brief(error)}).", picture.name) from error
    if pixels.ndim < 2 or not pixels.size:
        raise _stop("It cannot be read as a picture: it is empty.", picture.name)
    if pixels.ndim == 3 and pixels.shape[2] == 2:  # grey with alpha
        pixels = np.where(pixels[..., 1] > 0, pixels[..., 0].astype(np.float32), np.nan)
    if pixels.ndim == 3 and pixels.shape[2] in (3, 4) and (pixels[..., :3] == pixels[..., :1]).all():
        pixels = pixels[..., 0]
    if pixels.ndim != 2:
        found = "It is coloured, and colours cannot be turned back into intensities."
        raise _stop(found, picture.name, "Export grey pictures, 16-bit where you can.")
    return pixels.astype(np.float32)


def _png(data: BytesIO | Path, name: str, budget: Budget) -> np.ndarray:
    from PIL import Image

    with Image.open(data, formats=("PNG",)) as opened:
        width, height = opened.size
        budget.unpack(_PNG_BYTES * width * height, name)
        palette = opened.mode == "P"  # the index of a colour is not an intensity
        return np.asarray(opened.convert("RGB") if palette else opened)


def _brief(error: Exception) -> str:
    return str(error)[:200]


def _size(image: np.ndarray) -> str:
    return f"{image.shape[0]:,} x {image.shape[1]:,}"


def _stop(found: str, name: str, action: str = "") -> DataStop:
    action = action or "Give one grey picture per ion, all of the same size, with its m/z in the name."
    return DataStop(HealthRow("pictures", "stop", found, "", action), name)
