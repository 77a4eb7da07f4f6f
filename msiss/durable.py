"""Atomic and durable writing of files and folders, also in case of a power failure."""

import contextlib
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from msiss.errors import MsissError, reason

LEFT_SECONDS = 86400  # age at which an unfinished file is abandoned
_UNFINISHED_NAME = re.compile(r"\..+\.[0-9a-f]{8}")  # ends as `unfinished_name` does


@contextlib.contextmanager
def keeping(what: str, path: Path, error: type[MsissError]) -> Iterator[None]:
    """Raise `error`, which says what to do, where something that a person has made cannot be written.

    Parameters
    ----------
    what : str
        Begins the sentence, such as "The overlay".
    path : Path
        Where it is kept.
    error : type of MsissError
    """
    try:
        yield
    except OSError as failed:
        raise error(
            f"{what} cannot be kept in {path}: {reason(failed)}. Check the free space and the permissions "
            "of that folder."
        ) from failed


def replace_text(path: Path, text: str) -> None:
    """Write `text` to `path` atomically: readers see the old or the new text, never a part.

    Raises
    ------
    OSError
        If it cannot be written, such as on a full disk; the old text is kept then.
    """
    replace(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Create or replace the file `path` atomically; `write` gets a temporary path to write to.

    Raises
    ------
    OSError
        If it cannot be written, such as on a full disk; the old file is kept then.
    """
    unfinished = unfinished_name(path)
    try:
        write(unfinished)
        appear(unfinished, path)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def append_line(path: Path, line: str, *, synchronise: bool = True) -> None:
    """Append a line to the file `path`, which need not exist; what a killed process has left of a line stays alone.

    Parameters
    ----------
    path : Path
    line : str
    synchronise : bool
        Whether the line is on the disk when this returns, which takes some milliseconds.

    Raises
    ------
    OSError
        If it cannot be written, such as on a full disk.
    """
    with path.open("ab+") as file:
        begun = b""
        if file.tell():
            file.seek(-1, os.SEEK_END)
            begun = b"" if file.read(1) == b"\n" else b"\n"
        file.write(begun + line.encode() + b"\n")
        file.flush()
        if synchronise:
            os.fsync(file.fileno())


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file that `append_line` wrote, also incomplete ones; none if there is no file."""
    try:
        text = path.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        return []
    return [line for line in text.split("\n") if line]


def unfinished_name(path: Path) -> Path:
    """Return a hidden temporary path beside `path`, a different one in each call."""
    return path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}")


def appear(unfinished: Path, path: Path) -> None:
    """Rename a finished file or folder to `path`, after all of it was synchronised to the disk.

    An existing file is replaced; an existing folder must be empty.

    Raises
    ------
    OSError
        If it cannot be renamed, or a folder of that name exists.
    """
    for part in [*unfinished.rglob("*"), unfinished] if unfinished.is_dir() else [unfinished]:
        sync(part)
    unfinished.replace(path)
    sync(path.parent)


def age(path: Path) -> float:
    """Return the seconds since the last change of a file, or of a folder and its content."""
    times = []
    for part in [path, *path.rglob("*")]:
        with contextlib.suppress(OSError):  # deleted meanwhile
            times.append(part.stat().st_mtime)
    return time.time() - max(times, default=0)


def remove_left(folder: Path) -> None:
    """Remove unfinished sub-folders of `folder`, left by processes that were killed while saving or deleting.

    The folder need not exist.
    """
    for left in folder.glob(".*/"):
        if _UNFINISHED_NAME.fullmatch(left.name) and age(left) > LEFT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def sync(path: Path) -> None:
    """Synchronise a file, or the entries of a folder, to the disk; folders only if the system supports it."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
