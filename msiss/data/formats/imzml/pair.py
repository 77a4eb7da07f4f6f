"""The two files of an imzML data set: which .ibd file belongs to which header, and what both are at first sight."""

import uuid
from collections.abc import Iterator
from pathlib import Path

from msiss.data.file_names import same_place, without_links
from msiss.data.findings import HealthRow
from msiss.data.formats.imzml.remedies import COPY_AGAIN

HEAD = 2**16  # bytes of an .imzML file; the UUID stands among the first terms
FEWEST_DIFFERENT = 6  # of the 16 bytes of a UUID; what has fewer is no UUID, such as zeros

# First bytes of files of other types, and their names.
_BEGINNINGS = {
    b"version https://git-lfs": ("a Git-LFS pointer", "Fetch the file itself with git lfs pull."),
    b"PK\x03\x04": ("a zip archive", "Unpack it first."),
    b"\x1f\x8b": ("a gzip archive", "Unpack it first."),
    b"\x89HDF": ("an HDF5 file", "Export the data as imzML."),
}
_WEB_PAGE = ("a web page", "Download the file itself, not the page that shows it.")


def partner(path: Path) -> Path | None:
    """Return the .ibd file of an .imzML file, or the .imzML file of an .ibd file; None if there is none.

    It lies beside `path`, or beside the file that a link leads to. It has the same name, whatever the case and the
    Unicode form of its letters; among several of these, the UUID decides. If no file has the name, it is the only one
    with the same UUID.
    """
    for place in dict.fromkeys((path, without_links(path))):
        if found := _beside(place):
            return found
    return None


def first_look(path: Path) -> tuple[list[HealthRow], Path]:
    """Check names, sizes and first bytes of the two files.

    Returns
    -------
    rows : list of HealthRow
        Reasons why they cannot be read, and a note if their names differ; none if there are none.
    ibd_path : Path
        The .ibd file of `path`.
    """
    if not path.is_file():
        found = f"There is no file {path.name} in {path.parent}."
        return [HealthRow("files", "stop", found, "", "Choose an existing .imzML file.")], path
    ibd = partner(path)
    if ibd is None:
        return [_missing(path)], path
    rows = [*_beginning(path), *_beginning(ibd)]
    if ibd.stem != path.stem:
        why = "has its UUID" if same_uuid(path, ibd) else "has the same name but for the spelling"
        rows.append(HealthRow("pair", "note", f"{path.name} is read together with {ibd.name}, which {why}."))
    return rows, ibd


def same_uuid(header: Path, ibd: Path) -> bool:
    """Return whether the UUID at the beginning of an .ibd file stands at the beginning of an .imzML file."""
    try:
        with ibd.open("rb") as file:
            first = file.read(16)
        with header.open("rb") as file:
            head = file.read(HEAD)
    except OSError:  # a child may not read what does not belong to its files
        return False
    if len(first) < 16 or len(set(first)) < FEWEST_DIFFERENT:
        return False
    text = head.replace(b"\0", b"").replace(b"-", b"").lower()  # without the zeros of UTF-16
    return any(one.hex.encode() in text for one in (uuid.UUID(bytes=first), uuid.UUID(bytes_le=first)))


def _beside(path: Path) -> Path | None:
    is_ibd = path.suffix.lower() == ".ibd"
    others = _others(path, ".imzml" if is_ibd else ".ibd")
    named = [other for other in others if _same_name(*((other, path) if is_ibd else (path, other)))]
    if len(named) == 1:
        return named[0]
    carrying = [other for other in named or others if same_uuid(*((other, path) if is_ibd else (path, other)))]
    if not named:
        return carrying[0] if len(carrying) == 1 else None
    return min(carrying or named, key=lambda other: (other.stem != path.stem, other.name))


def _others(path: Path, ending: str) -> list[Path]:
    try:
        return [other for other in path.parent.iterdir() if other.suffix.lower() == ending and other.is_file()]
    except OSError:  # there is no such folder, or a child may not list it
        return []


def _same_name(header: Path, ibd: Path) -> bool:
    """Return whether names belong together; some programs append the ending .ibd to the whole name of the header."""
    return same_place(ibd.stem) in (same_place(header.stem), same_place(header.name))


def _missing(path: Path) -> HealthRow:
    there = sorted(other.name for other in _others(path, ".ibd"))
    others = f" ({', '.join(there[:3])} {'lies' if len(there) == 1 else 'lie'} there)" if there else ""
    return HealthRow(
        "files",
        "stop",
        f"The file {path.stem}.ibd is missing beside {path.name}{others}.",
        "The .imzML file is only the table of contents; the spectra are in the .ibd file.",
        "Put both into one folder, with the same name before the ending, or choose both when uploading.",
    )


def _beginning(path: Path) -> Iterator[HealthRow]:
    with path.open("rb") as file:
        start = file.read(512)
    is_header = path.suffix.lower() == ".imzml"
    if not start:
        yield HealthRow("files", "stop", f"The file {path.name} is empty.", "", COPY_AGAIN)
        return
    kind = next((kind for beginning, kind in _BEGINNINGS.items() if start.startswith(beginning)), None)
    if b"<html" in start.lower() or b"<!doctype html" in start.lower():
        kind = _WEB_PAGE
    if kind:
        yield HealthRow("files", "stop", f"{path.name} is {kind[0]}, not imzML data.", "", kind[1])
    elif is_header and not start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
        found = f"{path.name} is not XML, so it is not an imzML file."
        yield HealthRow("header", "stop", found, "", "Export the data as imzML.")
