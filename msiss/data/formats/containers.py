"""Folders and zip files: which of the files in them are read.

Spectra come first: all imzML files, side by side. Else one file or folder that msiss opens alone, else pictures, else
one table. Everything else is said not to be used; where several files could be meant, the user chooses.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats import BESIDE, FOLDER, FORMATS, unreadable, what_it_is
from msiss.data.formats.unpack import Archive, is_archive
from msiss.data.formats.zarr_store import DESCRIPTION, GROUP, is_zarr
from msiss.data.progress import Progress, ignore
from msiss.data.stored import META
from msiss.words import count, listed

MOST_ENTRIES = 200_000  # that are looked at
DEEPEST = 8  # nested folders that are looked at
NAMED = 5  # files in a message
_PICTURES = (".png", ".tif", ".tiff")
_IGNORED = ("thumbs.db", "desktop.ini", "__macosx")
_OF_A_FOLDER = (".d", ".zarr")  # formats that are folders
_TEXT = ".txt"  # beside other files it is a note rather than a table
_ITSELF = PurePosixPath()  # the container
_RAW = ".d"  # of an instrument, which msiss does not read


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
        return not ((path / META).is_file() or path.suffix.lower() in _OF_A_FOLDER or is_zarr(path))
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
        top = PurePosixPath(path.stem if _ITSELF in choice.names else "")
        wanted = [name for name in archive.names if any(_belongs(name, one) for one in choice.names)]
        targets = _paired(choice.names, wanted, archive.names)
        places = archive.unpack({name: top / target for name, target in targets.items()}, folder, progress)
    return Contents(tuple(places.get(name, folder / top / name) for name in choice.names), choice.rows)


@dataclass(frozen=True)
class Choice:
    """Which of the files of a container are read.

    Attributes
    ----------
    names : tuple of PurePosixPath
        Files, folders of data sets, or the folder of pictures, relative to the container, which is ".".
    rows : tuple of HealthRow
        What is said about the choice.
    pictures : bool
        Whether it is a folder of pictures.
    """

    names: tuple[PurePosixPath, ...]
    rows: tuple[HealthRow, ...]
    pictures: bool


def choose(names: Sequence[PurePosixPath], container: str) -> Choice:
    """Return which of the files of a container are read, and what is said about the choice.

    Parameters
    ----------
    names : sequence of PurePosixPath
        All files, relative to the container.
    container : str
        Its name, for messages.

    Raises
    ------
    DataStop
        If there is nothing to read, or it cannot be decided what.
    """
    folders = [folder for folder in _data_folders(names) if not _is_hidden(folder)]
    names = [name for name in names if not _is_hidden(name)]
    loose = [name for name in names if not any(folder in name.parents for folder in folders)]
    spectra = [name for name in loose if name.suffix.lower() == ".imzml"]
    pictures = [name for name in loose if name.suffix.lower() in _PICTURES]
    of_pictures = list(dict.fromkeys(name.parent for name in pictures))
    stack = pictures if len(pictures) == 1 and pictures[0].suffix.lower() != ".png" else []
    readable = [name for name in loose if name.suffix.lower() in FORMATS["table"].endings]
    texts = [name for name in readable if name.suffix.lower() == _TEXT]
    tables = [name for name in readable if name not in texts]
    others = [one.endings for one in FORMATS if one.name not in ("table", FOLDER)]
    alone = [name for name in loose if any(name.suffix.lower() in endings for endings in others)]
    alone = [name for name in alone if name.name not in BESIDE]
    alone += [*(folder for folder in folders if folder.suffix.lower() != _RAW), *stack]
    data = [*spectra, *alone, *tables, *([] if stack else pictures)]
    if spectra:
        chosen = spectra
    elif len(alone) == 1 and (stack or len(pictures) < 2):
        chosen = alone
    elif alone:
        raise _several(alone if len(alone) > 1 else [*alone, *pictures], container)
    elif len(pictures) > 1 or (pictures and not tables):
        chosen = _folder_of(of_pictures, container)
    elif len(tables) == 1:
        chosen = tables
    elif tables:
        raise _several(tables, container)
    elif len(texts) == len(loose) == 1:
        chosen = texts
    else:
        raise _nothing([*folders, *loose], container)
    are_pictures = chosen is not alone and chosen[0] in of_pictures
    taken = pictures if are_pictures else chosen
    rows = _rows(chosen, [name for name in data if name not in taken], taken, tables)
    return Choice(tuple(chosen), tuple(rows), are_pictures)


def _rows(
    chosen: Sequence[PurePosixPath],
    left_out: Sequence[PurePosixPath],
    taken: Sequence[PurePosixPath],
    tables: Sequence[PurePosixPath],
) -> list[HealthRow]:
    rows = []
    if len(chosen) > 1:
        found = f"It holds {count(len(chosen), 'imzML file')}: {_some(chosen)}."
        action = "Choose one of the files to read it alone."
        rows.append(HealthRow("content", "note", found, "They are placed side by side in one data set.", action))
    else:
        what = count(len(taken), "picture") if taken is not chosen else str(chosen[0])
        what = "one data set" if chosen[0] == _ITSELF and taken is chosen else what
        rows.append(HealthRow("content", "pass", f"It holds {what}."))
    if left_out:
        lists = [name for name in left_out if name in tables]
        action = f"If {lists[0].name} is a list of m/z, choose it as the m/z list." if lists else ""
        found = f"Beside that it holds {_some(left_out)}."
        rows.append(HealthRow("content", "note", found, "This is not used.", action))
    return rows


def _is_hidden(name: PurePosixPath) -> bool:
    return any(part.startswith(".") or part.lower() in _IGNORED for part in name.parts)


def _data_folders(names: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    """Return the folders that are one data set: those of msiss, zarr, and raw data."""
    files = set(names)
    found = [name.parent for name in names if name.name == META and name.with_name("images.npy") in files]
    found += [parent for name in names for parent in name.parents if parent.suffix.lower() in _OF_A_FOLDER]
    found += [name.parent for name in names if name.name in (GROUP, DESCRIPTION)]
    distinct = list(dict.fromkeys(found))
    return [folder for folder in distinct if not any(other in folder.parents for other in distinct)]


def _folder_of(folders: Sequence[PurePosixPath], container: str) -> list[PurePosixPath]:
    """Return the folder of the pictures: the container itself, if it has some, or the only folder in it with some."""
    if len(folders) > 1 and _ITSELF not in folders:
        found = f"There are pictures in {count(len(folders), 'folder')}: {_some(folders)}."
        raise _stop(found, "Choose the one with the ion images.", container)
    return [_ITSELF if _ITSELF in folders else folders[0]]


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
    binary = [name for name in names if name.suffix.lower() == ".ibd" and not _is_hidden(name)]
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
            raise _stop(f"It holds more than {MOST_ENTRIES:,} files.", action, folder.name)
    return found


def _nothing(names: Sequence[PurePosixPath], container: str) -> DataStop:
    if not names:
        return _stop("It is empty.", "Choose another one.", container)
    binary = next((name for name in names if name.suffix.lower() == ".ibd"), None)
    if binary is not None:
        found = f"It holds {binary.name}, but not {binary.stem}.imzML."
        return _stop(found, "Put both files into it.", container)
    found = f"It holds nothing that msiss reads, but {_some(names)}."
    for name in names:
        kind, action = what_it_is(name.suffix.lower())
        if kind:
            return _stop(f"{found} {name.name} is {kind}.", action, container)
    return _stop(found, "Choose an imzML file, or another one with ion images.", container)


def _several(names: Sequence[PurePosixPath], container: str) -> DataStop:
    found = f"It holds several files that could be meant: {_some(names)}."
    return _stop(found, "Choose one of them, after unpacking if this is a zip file.", container)


def _some(names: Sequence[PurePosixPath]) -> str:
    shown = [str(name) for name in names[:NAMED]]
    more = [f"{len(names) - NAMED:,} more"] if len(names) > NAMED else []
    return listed([*shown, *more]) if len(names) > 1 else shown[0]


def _stop(found: str, action: str, container: str) -> DataStop:
    return DataStop(HealthRow("content", "stop", found, "", action), container)
