"""Ion images as pictures: a multi-page TIFF or OME-TIFF, or a folder or zip file with one PNG or TIFF per ion.

In a folder or a zip file the m/z of each picture is in its name, such as ``700.1234.png`` or ``section_700.12mz.tif``.
A picture of the total ion count (``tic`` in its name) is kept as that.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from msiss.data.axis import MZ, NUMBER
from msiss.data.findings import DataStop, HealthRow, count
from msiss.data.formats.assemble import assemble, room
from msiss.data.formats.ome import describe_pages
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore

TIFF_ENDINGS = (".tif", ".tiff")
ENDINGS = (".png", *TIFF_ENDINGS)
MOST_PICTURES = 20_000
LARGEST_PICTURE = 500_000_000  # bytes of one packed picture
_TOTAL = re.compile(r"(^|[^a-z])(tic|total[ _-]?ion([ _-]?(image|count|current))?|sum)([^a-z]|$)", re.IGNORECASE)
_WITH_UNIT = re.compile(r"(\d+(?:[.,]\d+)?)[\s_]*(?:mz|m[/_.-]?z|th|da|u|amu)(?![a-z])", re.IGNORECASE)
_AFTER_MZ = re.compile(r"(?:mz|m[/_.-]z|mass)[\s_=:-]*(\d+(?:[.,]\d+)?)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?(?![\d])|(?<=[_\-\s])\d+(?:[.,]\d+)?(?!\d)")


@dataclass
class _Picture:
    name: str
    mz: float | None
    data: BytesIO | Path


def load(path: Path, *, progress: Progress = ignore) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images in a TIFF file, a folder or a zip file of pictures, and what was found.

    Raises
    ------
    DataStop
        Where they cannot be read, or are not images of one section.
    """
    if path.is_dir() or path.suffix.lower() == ".zip":
        return _load_many(path, progress)
    return _load_tiff(path, progress)


def mz_in(name: str) -> float | None:
    """Return the m/z in Th that the name of a picture gives, or None where it gives none, or several numbers."""
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
    return value if value > 0 else None


def _load_tiff(path: Path, progress: Progress) -> tuple[IonImages, list[HealthRow]]:
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            pages = file.series[0]
            shape = tuple(pages.shape)
            if len(shape) < 2 or ("S" in pages.axes.upper() and shape[-1] in (3, 4)):
                raise _stop("It holds a colour picture, not ion images.", path.name)
            height, width = shape[-2:]
            number = int(np.prod(shape[:-2]))
            room((number, height, width), path.name, itemsize=4 + pages.dtype.itemsize)
            cube = np.asarray(pages.asarray(), dtype=np.float32).reshape(number, height, width)
            about = describe_pages(file, number)
    except DataStop:
        raise
    except Exception as error:  # tifffile and the codecs raise a dozen kinds for damaged files
        raise _stop(f"It cannot be read as a TIFF ({error}).", path.name) from error
    progress(1, f"Reading {path.name}")
    rows = []
    values = [mz_in(name) for name in about.names]
    axis, mz = MZ, np.array([value or 0 for value in values])
    if not all(values) or len(set(values)) < number:
        axis, mz = NUMBER, np.arange(1.0, number + 1)
        found = "The file does not say which m/z its pages belong to."
        action = "Save the m/z as channel names (OME-TIFF), or as a folder of pictures with the m/z in each name."
        rows.append(HealthRow("m/z", "warning", found, "The images are numbered from 1, in place of an m/z.", action))
    names = [name if name and axis is NUMBER else "" for name in about.names] or [""] * number
    images, more = assemble(cube, mz, name=path.name, axis=axis, names=names, pixel_size=about.pixel_size)
    return images, rows + more


def _load_many(path: Path, progress: Progress) -> tuple[IonImages, list[HealthRow]]:
    rows: list[HealthRow] = []
    pictures = list(_pictures(path))
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
    first = _pixels(ions[0])
    room((len(ions), *first.shape), path.name)
    cube = np.empty((len(ions), *first.shape), dtype=np.float32)
    for number, picture in enumerate(ions):
        image = _pixels(picture)
        if image.shape != first.shape:
            raise _stop(
                f"{picture.name} has {_size(image)} pixels (rows x columns), {ions[0].name} has {_size(first)}.",
                path.name,
            )
        cube[number] = image
        progress((number + 1) / len(ions), f"Reading {number + 1:,} of {len(ions):,} pictures")
    tic = _total(totals, first.shape, rows)
    images, more = assemble(cube, np.array([picture.mz for picture in ions]), name=path.name, tic=tic)
    return images, rows + more


def _total(totals: list[_Picture], shape: tuple[int, ...], rows: list[HealthRow]) -> np.ndarray | None:
    if len(totals) != 1:
        return None
    total = _pixels(totals[0])
    if total.shape != shape or not np.isfinite(total).all() or total.min() < 0:
        rows.append(HealthRow("total ion image", "warning", f"{totals[0].name} does not fit.", "It is not used."))
        return None
    rows.append(HealthRow("total ion image", "pass", f"{totals[0].name} is taken as the total ion count."))
    return total


def _pictures(path: Path) -> Iterator[_Picture]:
    if path.is_dir():
        found = sorted(other for other in path.iterdir() if other.suffix.lower() in ENDINGS and other.is_file())
        _limit(len(found), path.name)
        root = path.resolve()
        for other in found:
            if not other.name.startswith(".") and other.resolve().is_relative_to(root):
                yield _Picture(other.name, mz_in(other.name), other)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if Path(one.filename).suffix.lower() in ENDINGS]
            _limit(len(members), path.name)
            for member in members:
                name = Path(member.filename).name
                if name.startswith(".") or "__MACOSX" in member.filename:
                    continue
                yield _Picture(name, mz_in(name), BytesIO(_unpacked(archive, member, path.name)))
    except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, OverflowError) as error:
        raise _stop(f"The zip file is damaged or locked ({error}).", path.name) from error


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    """Return a member of an archive, at most `LARGEST_PICTURE`: what it claims about its size may be wrong."""
    import zlib

    try:
        with archive.open(member) as file:
            data = file.read(LARGEST_PICTURE + 1)
    except zlib.error as error:
        raise _stop(f"{member.filename} in the zip file is damaged ({error}).", name) from error
    if len(data) > LARGEST_PICTURE:
        raise _stop(f"{member.filename} is larger than {LARGEST_PICTURE / 1e6:.0f} MB.", name)
    return data


def _pixels(picture: _Picture) -> np.ndarray:
    """Return the intensities of a picture of one ion, shape (H, W), float32."""
    from PIL import Image

    try:
        if Path(picture.name).suffix.lower() in TIFF_ENDINGS:
            import tifffile

            pixels = tifffile.imread(picture.data)
        else:
            with Image.open(picture.data) as opened:
                palette = opened.mode == "P"  # the number of a colour is no intensity
                pixels = np.asarray(opened.convert("RGB") if palette else opened)
    except Exception as error:  # Pillow, tifffile and the codecs raise a dozen kinds for damaged files
        raise _stop(f"It cannot be read as a picture ({error}).", picture.name) from error
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


def _limit(number: int, name: str) -> None:
    if number > MOST_PICTURES:
        raise _stop(f"It holds {number:,} pictures, more than {MOST_PICTURES:,}.", name)


def _size(image: np.ndarray) -> str:
    return f"{image.shape[0]:,} x {image.shape[1]:,}"


def _stop(found: str, name: str, action: str = "") -> DataStop:
    action = action or "Give one grey picture per ion, all of the same size, with its m/z in the name."
    return DataStop(HealthRow("pictures", "stop", found, "", action), name)
