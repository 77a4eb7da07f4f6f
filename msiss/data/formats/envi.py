"""ENVI images: a text header, .hdr, and a data file beside it, as written by Raman and infrared microscopes."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from msiss.data import about
from msiss.data.axis import MZ, NUMBER, RAMAN, WAVELENGTH, WAVENUMBER, Axis
from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.assemble import assemble
from msiss.data.formats.budget import Budget
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore
from msiss.data.recipe import AS_READ, ReadConfig
from msiss.words import count

Header = dict[str, str | list[str]]

# Extensions of the data file, in the order of the search.
DATA_ENDINGS = ("", ".img", ".dat", ".raw", ".bin", ".bsq", ".bil", ".bip", ".sli", ".hyspex")
_LONGEST_HEADER = 16 * 2**20
# Numbers that are copied at a time.
_PIECE = 4_000_000
# Order of lines, samples and bands in the file, slowest first, and the transposition to bands, lines, samples.
_INTERLEAVES = {
    "bsq": (("bands", "lines", "samples"), (0, 1, 2)),
    "bil": (("lines", "bands", "samples"), (1, 0, 2)),
    "bip": (("lines", "samples", "bands"), (2, 0, 1)),
}
# Codes of the number types; 6 and 9 are complex.
_TYPES = {1: "u1", 2: "i2", 3: "i4", 4: "f4", 5: "f8", 12: "u2", 13: "u4", 14: "i8", 15: "u8"}
# Fields about the measurement.
_ABOUT = {about.INSTRUMENT: "sensor type", about.MEASURED_ON: "acquisition time", about.DESCRIPTION: "description"}
# Units in the header, in lower case without punctuation, with the axis and the factor to its unit.
_UNITS: dict[str, tuple[Axis, float]] = {
    **dict.fromkeys(("nanometers", "nanometer", "nm"), (WAVELENGTH, 1.0)),
    **dict.fromkeys(("micrometers", "micrometer", "microns", "micron", "um", "µm", "μm"), (WAVELENGTH, 1e3)),
    **dict.fromkeys(("millimeters", "mm"), (WAVELENGTH, 1e6)),
    **dict.fromkeys(("wavenumber", "wavenumbers", "cm1", "1cm", "cm⁻¹", "reciprocalcentimeters"), (WAVENUMBER, 1.0)),
    **dict.fromkeys(("ramanshift", "ramanshiftcm1", "ramanshift1cm"), (RAMAN, 1.0)),
    **dict.fromkeys(("mz", "th", "da", "thomson"), (MZ, 1.0)),
}


def is_envi(path: Path) -> bool:
    """Return whether a file is an ENVI header, by its first word; Analyze 7.5 headers have the same extension."""
    try:
        with path.open("rb") as file:
            return file.read(8).lstrip(b"\xef\xbb\xbf \t").startswith(b"ENVI")
    except OSError:
        return False


def load(
    path: Path,
    *,
    config: ReadConfig = AS_READ,  # noqa: ARG001 - the file leaves nothing open
    progress: Progress = ignore,
) -> tuple[IonImages, list[HealthRow]]:
    """Return the images in an ENVI file, given its header or its data file, and the findings.

    Raises
    ------
    DataStop
        If the header is not an ENVI header, is incomplete, or does not fit the data file.
    """
    header_path = _header_of(path)
    header = _read_header(header_path)
    shape = tuple(_whole(header, key, header_path, least=1) for key in ("bands", "lines", "samples"))
    values, rows = _values(header, header_path)
    axis, positions, used, found = _axis(header, shape[0], header_path)
    rows += found
    Budget(header_path.name, header_path).images((len(used), *shape[1:]))
    cube = np.empty((len(used), *shape[1:]), dtype=np.float32)
    _copy(values, used, cube, missing=_number(header, "data ignore value", header_path), progress=progress)
    said = {title: ", ".join(_listed(header, key)) for title, key in _ABOUT.items()}
    images, last = assemble(cube, positions, name=header_path.name, axis=axis, about=said)
    return images, rows + last


def _copy(values: np.ndarray, used: np.ndarray, cube: np.ndarray, *, missing: float | None, progress: Progress) -> None:
    """Copy the bands `used` into `cube`, in the order of the file, with NaN for the value of missing data."""
    by_bands = values.strides[0] == max(values.strides)
    length = len(used) if by_bands else cube.shape[1]
    step = max(1, _PIECE * length // cube.size)
    for start in range(0, length, step):
        piece = slice(start, start + step)
        there = piece if by_bands else (slice(None), piece)
        part = values[used[piece]] if by_bands else values[used, piece]
        with np.errstate(over="ignore"):  # values beyond 32-bit floats become infinite and are counted
            cube[there] = part
        if missing is not None:
            cube[there][part == missing] = np.nan
        progress(0.9 * min(1.0, (start + step) / length), "Reading the images")


def _header_of(path: Path) -> Path:
    if path.suffix.lower() == ".hdr":
        header: Path | None = path
    else:
        header = _beside(path, [path.name + ".hdr", path.stem + ".hdr"])
    if header is None:
        raise _stop(
            "file", f"The header {path.stem}.hdr is missing beside it.", "Put both files into one folder.", path
        )
    if not header.is_file():
        raise _stop("file", f"There is no such file in {path.parent}.", "Check the name and the folder.", header)
    if not is_envi(header):
        found = "This is not a header of ENVI but, most likely, of Analyze 7.5, which msiss does not read."
        raise _stop("file", found, "Export it as imzML from your instrument's software.", header)
    return header


def _beside(path: Path, names: list[str]) -> Path | None:
    """Return the first of `names` in the folder of `path`, ignoring case."""
    there = {other.name.lower(): other for other in path.parent.iterdir() if other.is_file() and other != path}
    return next((there[name.lower()] for name in names if name.lower() in there), None)


def _read_header(path: Path) -> Header:
    """Return the fields of the header, with keys in lower case; values in braces as lists."""
    if path.stat().st_size > _LONGEST_HEADER:
        raise _stop("header", f"The header is larger than {_LONGEST_HEADER >> 20} MB.", "Is this the header?", path)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    header = _fields(line for line in io.StringIO(text, newline=None) if not line.startswith(";"))
    if header is None:
        raise _stop("header", "A list in the header has no end: a brace } is missing.", "Copy the header again.", path)
    for key in ("file compression", "major frame offsets", "minor frame offsets"):
        if _listed(header, key) not in ([], ["0"], ["0", "0"]):
            raise _stop("header", f"{key} is not supported.", "Export the image without it.", path)
    return header


def _fields(lines: Iterator[str]) -> Header | None:
    """Return a field for each line "name = text", or "name = {list over any number of lines}"; None without a }."""
    header: Header = {}
    for line in lines:
        name, equals, value = line.partition("=")
        if not equals or "{" in name or "}" in name:
            continue
        key, value = " ".join(name.lower().split()), value.strip()
        if not value.startswith("{"):
            header[key] = value
            continue
        inside, closed, _ = value[1:].partition("}")
        parts = [inside]
        while not closed:
            line = next(lines, "")
            if not line:
                return None
            inside, closed, _ = line.partition("}")
            parts.append(inside)
        header[key] = "".join(parts).split(",")
    return header


def _values(header: Header, path: Path) -> tuple[np.ndarray, list[HealthRow]]:
    """Return the numbers (bands, lines, samples), memory-mapped, if the size of the data file matches the header."""
    interleave = str(header.get("interleave", "bsq")).lower()
    if interleave not in _INTERLEAVES:
        raise _stop(
            "header", f"The interleave {interleave[:40]} is none of bsq, bil and bip.", "Correct the header.", path
        )
    code = _whole(header, "data type", path)
    if code not in _TYPES:
        kind = "complex numbers" if code in (6, 9) else f"of the type {code}, which ENVI does not have"
        raise _stop("header", f"The values are {kind}.", "Export real numbers, such as magnitudes.", path)
    dtype = np.dtype(_TYPES[code]).newbyteorder(">" if _whole(header, "byte order", path, default=0) == 1 else "<")
    order, turn = _INTERLEAVES[interleave]
    shape = tuple(_whole(header, key, path, least=1) for key in order)
    offset = _whole(header, "header offset", path, default=0)
    data = _beside(path, [path.stem + ending for ending in DATA_ENDINGS])
    if data is None:
        found = f"The data file is missing beside it: {path.stem} with the ending .img, .dat or .raw."
        raise _stop("data file", found, "Put both files into one folder.", path)
    size, needed = data.stat().st_size, offset + dtype.itemsize * shape[0] * shape[1] * shape[2]
    text = f"{data.name} has {size:,} bytes; the header speaks of {needed:,}."
    if size < needed:
        raise _stop("data file", text, "It is cut off, or the header belongs to another file. Copy both again.", path)
    if size > needed:
        meaning = "If the images look sheared, the number of samples, lines or bands in the header is wrong."
        row = HealthRow("data file", "warning", text, meaning, "Compare the header with what the microscope shows.")
    else:
        row = HealthRow("data file", "pass", text)
    return np.memmap(data, dtype=dtype, mode="r", offset=offset, shape=shape).transpose(turn), [row]


def _axis(header: Header, bands: int, path: Path) -> tuple[Axis, np.ndarray, np.ndarray, list[HealthRow]]:
    """Return the axis, the positions on it, and the bands that are not marked as bad."""
    rows = []
    used = np.ones(bands, dtype=bool)
    good = _listed(header, "bbl")
    if len(good) == bands:
        used = np.array([value not in ("0", "0.0") for value in good])
        if not used.all():
            found = f"{count(int((~used).sum()), 'band')} marked as bad in the header."
            rows.append(HealthRow("bands", "pass", found, "Left out."))
    written = _listed(header, "wavelength")
    if not written:
        found = "The header does not say which wavelengths the images belong to."
        meaning = "The images are numbered from 1."
        rows.append(HealthRow("axis", "warning", found, meaning, "Add a line wavelength = {...} to the header."))
        return NUMBER, np.arange(1.0, bands + 1)[used], np.flatnonzero(used), rows
    try:
        positions = np.array([float(value) for value in written])
    except ValueError as error:
        raise _stop("axis", f"A wavelength is not a number: {str(error)[:80]}.", "Correct the header.", path) from error
    if len(positions) != bands:
        found = f"The header has {len(positions):,} wavelengths for {count(bands, 'band')}."
        raise _stop("axis", found, "Correct the header.", path)
    unit = str(header.get("wavelength units", "")).strip()[:40]
    axis, factor = _UNITS.get("".join(c for c in unit.lower() if c.isalnum() or c in "⁻¹"), (None, 1.0))
    if axis is WAVENUMBER and "raman" in str(header.get("description", "")).lower():
        axis = RAMAN
    if axis is None:
        axis = Axis("band", "" if unit.lower() == "unknown" else unit)
        found = f"The unit of the wavelengths is {unit or 'not given'}."
        meaning = "The images are named by the numbers in the header, without a unit that msiss knows."
        action = "Add a line such as wavelength units = Wavenumber or Nanometers to the header."
        rows.append(HealthRow("axis", "warning", found, meaning, action))
    positive = np.isfinite(positions) & (positions > 0)
    if (used & ~positive).any():
        found = f"{count(int((used & ~positive).sum()), 'band')} at 0 or below."
        rows.append(HealthRow("axis", "warning", found, "Left out."))
    used &= positive
    if not used.any():
        raise _stop("axis", "No band has a position above 0.", "Correct the header.", path)
    positions = positions[used] * factor
    found = f"{axis.text(positions.min())} to {axis.number(positions.max())}."
    return axis, positions, np.flatnonzero(used), [*rows, HealthRow("axis", "pass", found)]


def _listed(header: Header, key: str) -> list[str]:
    value = header.get(key, [])
    return [part.strip() for part in (value if isinstance(value, list) else [value]) if part.strip()]


def _number(header: Header, key: str, path: Path) -> float | None:
    if key not in header:
        return None
    try:
        return float(str(header[key]))
    except ValueError as error:
        raise _stop(
            "header", f"{key} = {str(header[key])[:40]} is not a number.", "Correct the header.", path
        ) from error


def _whole(header: Header, key: str, path: Path, *, default: int | None = None, least: int = 0) -> int:
    text = str(header.get(key, "" if default is None else default)).strip()
    if len(text) > 15 or not text.isdecimal() or not least <= int(text) < 2**48:
        raise _stop("header", f"{key} = {text[:40] or '(missing)'} cannot be right.", "Correct the header.", path)
    return int(text)


def _stop(check: str, found: str, action: str, path: Path) -> DataStop:
    return DataStop(HealthRow(check, "stop", found, "", action), path.name)
