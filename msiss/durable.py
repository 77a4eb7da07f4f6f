"""Files and folders that appear whole or not at all, also where the power fails a moment later."""

import contextlib
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable
from pathlib import Path

LEFT_SECONDS = 86400  # after which nobody is saving any more
_UNFINISHED_NAME = re.compile(r"\..+\.[0-9a-f]{8}")  # ends as `unfinished_name` does


def replace_text(path: Path, text: str) -> None:
    """Write `text` to `path` in one step: readers see the old or the new text, never a part.

    Raises
    ------
    OSError
        If it cannot be written, such as on a full disk; the old text stays then.
    """
    replace(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Make or replace the file `path` in one step; `write` writes it under the name that it is given.

    Raises
    ------
    OSError
        If it cannot be written, such as on a full disk; the old file stays then.
    """
    unfinished = unfinished_name(path)
    try:
        write(unfinished)
        appear(unfinished, path)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def unfinished_name(path: Path) -> Path:
    """Return a hidden name beside `path` for what is to become `path`, another one each time."""
    return path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}")


def appear(unfinished: Path, path: Path) -> None:
    """Give a finished file or folder its name, once all of it is on the disk.

    A file of that name is replaced; a folder must not be there, unless it is empty.

    Raises
    ------
    OSError
        If the disk refuses it, or a folder of that name is there.
    """
    for part in [*unfinished.rglob("*"), unfinished] if unfinished.is_dir() else [unfinished]:
        sync(part)
    unfinished.replace(path)
    sync(path.parent)


def age(path: Path) -> float:
    """Return for how many seconds nothing was written to a file, or to a folder and what is in it."""
    times = []
    for part in [path, *path.rglob("*")]:
        with contextlib.suppress(OSError):  # gone in this very moment
            times.append(part.stat().st_mtime)
    return time.time() - max(times, default=0)


def remove_left(folder: Path) -> None:
    """Remove from `folder` what processes that were killed while they saved or deleted something left there.

    The folder need not exist.
    """
    for left in folder.glob(".*/"):
        if _UNFINISHED_NAME.fullmatch(left.name) and age(left) > LEFT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def sync(path: Path) -> None:
    """Wait until a file, or the list of names in a folder, is on the disk; systems without such folders do nothing."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
