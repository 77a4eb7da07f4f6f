"""Findings about whether the .ibd file belongs to its header: its UUID, its size and its checksum."""

import hashlib
import re
import uuid
from collections.abc import Iterator

from msiss.data.findings import HealthRow
from msiss.data.formats.imzml.extents import Extents
from msiss.data.formats.imzml.file import ImzmlFile
from msiss.data.formats.imzml.remedies import COPY_AGAIN
from msiss.data.recipe import AS_READ, ReadConfig

# A checksum takes seconds up to this size, and is compared without being asked for where the UUIDs differ.
SMALL_BYTES = 500_000_000
BLOCK = 2**20  # bytes
USE_IT = (("false", "Do not read it"), ("true", "The two files belong together"))


def identity_rows(file: ImzmlFile, config: ReadConfig = AS_READ) -> Iterator[HealthRow]:
    """Yield the rows about whether the .ibd file carries the UUID of the header, or is used all the same."""
    name = file.ibd_path.name
    with file.ibd_path.open("rb") as ibd:
        found = ibd.read(16)
    identity = parsed(file.uuid)
    if identity is None:
        yield HealthRow(
            "identity",
            "warning",
            "The header gives no UUID, or not a valid one.",
            f"It cannot be checked that {name} belongs to it.",
        )
    elif found in (identity.bytes, identity.bytes_le, *_as_text(identity)):  # as Windows orders them, or as letters
        yield HealthRow("identity", "pass", f"{name} carries the UUID of the header, {identity}.")
    else:
        yield _other(file, identity, found, config)


def parsed(text: str) -> uuid.UUID | None:
    """Return the UUID in a text, however it is written: with braces or without dashes, as URN, in capital letters."""
    digits = re.sub(r"urn|uuid|guid|[^0-9a-f]", "", text.lower().removeprefix("0x"))
    return uuid.UUID(hex=digits) if len(digits) == 32 else None


def _as_text(identity: uuid.UUID) -> Iterator[bytes]:
    """Yield the first 16 letters of a UUID in the forms in which programs write it as a text."""
    for text in (identity.hex, str(identity), f"{{{identity}}}"):
        yield text[:16].encode()
        yield text[:16].upper().encode()


def _other(file: ImzmlFile, identity: uuid.UUID, found: bytes, config: ReadConfig) -> HealthRow:
    """Return the row about an .ibd file that carries another UUID."""
    said = f"{file.ibd_path.name} does not carry the UUID of the header."
    bytes_said = f"Its first 16 bytes are {found.hex()}, the UUID is {identity.hex}."
    extents = Extents.of(file)
    if not extents.fill_the_file:
        return HealthRow(
            "identity",
            "stop",
            f"{said} Its size of {extents.size:,} bytes does not fit the header, either, which ends at byte "
            f"{extents.last:,} and uses {extents.used:,} bytes.",
            f"{bytes_said} It belongs to another file, so reading it would give wrong images.",
            "Find the .ibd file that was exported together with this .imzML file.",
        )
    exactly = " exactly" if extents.used == extents.size else ""
    bytes_said += f" Its size fits the header{exactly}. {_checksum_said(file, identity)}".rstrip()
    if config.other_uuid:
        bytes_said += " It is used all the same, as the settings say, and the images are wrong if it is another's."
        return HealthRow("identity", "warning", said, bytes_said, setting="other_uuid", options=USE_IT[::-1])
    return HealthRow(
        "identity",
        "stop",
        said,
        f"{bytes_said} It may belong to another file, and reading it would then give wrong images.",
        "Find the .ibd file that was exported together with this .imzML file. If this is the one, as some programs "
        "write another UUID, choose to use it all the same (--other-uuid).",
        setting="other_uuid",
        options=USE_IT,
    )


def _checksum_said(file: ImzmlFile, identity: uuid.UUID) -> str:
    """Return what the checksum of the header tells about the .ibd file as it is, and with the UUID of the header."""
    if file.checksum is None or file.ibd_path.stat().st_size > SMALL_BYTES:
        return ""
    function, expected = file.checksum
    if any(_digest(file, function, one.bytes) == expected.lower() for one in (identity, _swapped(identity))):
        return f"But for its UUID, {file.ibd_path.name} is unchanged since it was written ({function})."
    return checksum_row(file, compute=True).found


def _swapped(identity: uuid.UUID) -> uuid.UUID:
    """Return a UUID in the byte order of Windows."""
    return uuid.UUID(bytes=identity.bytes_le)


def _digest(file: ImzmlFile, function: str, first: bytes = b"") -> str:
    """Return the checksum of the .ibd file, whose first bytes may be taken as others."""
    found = hashlib.new(function, first)
    with file.ibd_path.open("rb") as ibd:
        ibd.seek(len(first))
        while block := ibd.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def checksum_row(file: ImzmlFile, *, compute: bool) -> HealthRow:
    """Return the row about the checksum of the .ibd file; to `compute` it, the whole file is read."""
    if file.checksum is None:
        return HealthRow("checksum", "pass", "The header gives no checksum of the .ibd file.")
    function, expected = file.checksum
    name = file.ibd_path.name
    if not compute:
        return HealthRow("checksum", "pass", f"The header gives the {function} of {name}; it was not asked for.")
    if _digest(file, function) == expected.lower():
        return HealthRow("checksum", "pass", f"{name} is unchanged since it was written ({function}).")
    return HealthRow(
        "checksum",
        "warning",
        f"{name} does not have the checksum that the header gives ({function}).",
        "It was changed after it was written, or damaged; some values may be wrong.",
        COPY_AGAIN,
    )
