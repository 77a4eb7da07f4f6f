"""Folders and zip files, of which the files are read that `msiss.data.formats.choice` says."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats import BESIDE, unreadable
from msiss.data.formats.choice import FOLDERS, ITSELF, choose, is_hidden, stop
from msiss.data.formats.unpack import Archive, is_archive
from msiss.data.formats.zarr_store import is_zarr
from msiss.data.progress import Progress, ignore
from msiss.data.stored import META

MOST_ENTRIES = 200_000  # that are looked at
DEEPEST = 8  # nested folders that are looked at


@dataclass(frozen=True)
class Contents:
    """What is read in a folder or a zip file.

    Attributes
    ----------
    files : tuple of Path
        Files, or folders of pictures or of one data set.
    rows : tuple of HealthRow
        What is read and what is not.
    """

    files: tuple[Path, ...]
    rows: tuple[HealthRow, ...] = ()


def is_container(path: Path) -> bool:
    """Whether a path is a folder, other than a data set of msiss, or a zip file."""
    if path.is_dir():
        return not ((path / META).is_file() or path.suffix.lower() in FOLDERS or is_zarr(path))
    return is_archive(path)


@contextmanager
def contents(path: Path, *, scratch: Path | None = None, progress: Progress = ignore) -> Iterator[Contents]:
    """Provide the files that are read for a path: those in a folder or a zip file, else the path itself.

    Parameters
    ----------
    path : Path
    scratch : Path, optional
        A folder on a disk with space for what is in a zip file, which is unpacked there until the end of the context.
    progress : callable, optional
        Receives the progress of the unpacking.

    Raises
    ------
    DataStop
        If there is nothing to read, or it cannot be decided what.
    """
    if not is_container(path):
        yield Contents((path,))
    elif path.is_dir():
        yield in_folder(path)
    else:
        with TemporaryDirectory(prefix="msiss-", dir=scratch, ignore_cleanup_errors=True) as folder:
            yield unpacked(path, Path(folder), progress=progress)


def in_folder(path: Path) -> Contents:
    """Return the files that are read in a folder; only names are looked at.

    Raises
    ------
    DataStop
        As `contents`.
    """
    try:
        names = _walk(path)
    except OSError as error:
        raise DataStop(unreadable(error), path.name) from error
    choice = choose(names, path.name)
    return Contents(tuple(path / name for name in choice.names), choice.rows)


def unpacked(path: Path, folder: Path, *, progress: Progress = ignore) -> Contents:
    """Unpack the files of a zip file that are read into a folder; of pictures the zip file itself is read.

    Raises
    ------
    DataStop
        As `contents`, or if it is damaged, locked, or too large for the disk.
    """
    try:
        return _unpacked(path, folder, progress)
    except OSError as error:
        raise DataStop(unreadable(error), path.name) from error


def _unpacked(path: Path, folder: Path, progress: Progress) -> Contents:
    with Archive(path) as archive:
        choice = choose(archive.names, path.name)
        if choice.pictures:
            return Contents((path,), choice.rows)
        top = PurePosixPath(path.stem if ITSELF in choice.names else "")
        wanted = [name for name in archive.names if any(_belongs(name, one) for one in choice.names)]
        targets = _paired(choice.names, wanted, archive.names)
        places = archive.unpack({name: top / target for name, target in targets.items()}, folder, progress)
    return Contents(tuple(places.get(name, folder / top / name) for name in choice.names), choice.rows)


def _belongs(name: PurePosixPath, chosen: PurePosixPath) -> bool:
    """Whether a file is read together with a chosen one: in its folder, or beside it with the same stem."""
    if chosen in name.parents:
        return True
    same_stem = name.stem.lower() == chosen.stem.lower() or name.name.lower() == chosen.stem.lower()
    return name.parent == chosen.parent and (same_stem or name.name in BESIDE)


def _paired(
    chosen: Sequence[PurePosixPath], wanted: Sequence[PurePosixPath], names: Sequence[PurePosixPath]
) -> dict[PurePosixPath, PurePosixPath]:
    """Return the name under which each file is unpacked; one .imzML and one .ibd are a pair, if one was renamed."""
    kept = {name: name for name in wanted}
    binary = [name for name in names if name.suffix.lower() == ".ibd" and not is_hidden(name)]
    if len(chosen) == len(binary) == 1 and chosen[0].suffix.lower() == ".imzml":
        kept |= {binary[0]: chosen[0].with_suffix(binary[0].suffix)}
    return kept


def _walk(folder: Path) -> list[PurePosixPath]:
    """Return the files below a folder, without following links to folders."""
    found: list[PurePosixPath] = []
    next(folder.iterdir(), None)  # raises an error, unlike the walk
    for place, folders, names in os.walk(folder):
        inside = Path(place).relative_to(folder)
        folders[:] = sorted(folders) if len(inside.parts) < DEEPEST else []
        found += [PurePosixPath(inside.as_posix()) / name for name in sorted(names)]
        if len(found) > MOST_ENTRIES:
            action = "Choose the file in it that you want to read."
            raise stop(f"It holds more than {MOST_ENTRIES:,} files.", action, folder.name)
    return found
