"""Which of the files in a folder or a zip file are read.

Spectra come first: all imzML files, side by side. Else one file or folder that msiss opens alone, else pictures, else
one table. Everything else is said not to be used; where several files could be meant, the user chooses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats import BESIDE, FOLDER, FORMATS, what_it_is
from msiss.data.formats.pictures import ENDINGS, TIFF_ENDINGS
from msiss.data.formats.zarr_store import DESCRIPTION, GROUP
from msiss.data.stored import META
from msiss.words import count, listed

NAMED = 5  # files in a message
_IGNORED = ("thumbs.db", "desktop.ini", "__macosx")
FOLDERS = (".d", ".zarr")  # formats that are folders
_TEXT = ".txt"  # beside other files it is a note rather than a table
ITSELF = PurePosixPath()  # the container
_RAW = ".d"  # of an instrument, which msiss does not read


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
    folders = [folder for folder in _data_folders(names) if not is_hidden(folder)]
    names = [name for name in names if not is_hidden(name)]
    loose = [name for name in names if not any(folder in name.parents for folder in folders)]
    spectra = [name for name in loose if name.suffix.lower() == ".imzml"]
    pictures = [name for name in loose if name.suffix.lower() in ENDINGS]
    of_pictures = list(dict.fromkeys(name.parent for name in pictures))
    stack = pictures if len(pictures) == 1 and pictures[0].suffix.lower() in TIFF_ENDINGS else []
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
        what = "one data set" if chosen[0] == ITSELF and taken is chosen else what
        rows.append(HealthRow("content", "pass", f"It holds {what}."))
    if left_out:
        lists = [name for name in left_out if name in tables]
        action = f"If {lists[0].name} is a list of m/z, choose it as the m/z list." if lists else ""
        found = f"Beside that it holds {_some(left_out)}."
        rows.append(HealthRow("content", "note", found, "This is not used.", action))
    return rows


def is_hidden(name: PurePosixPath) -> bool:
    """Return whether a file is one of the system, not of the user."""
    return any(part.startswith(".") or part.lower() in _IGNORED for part in name.parts)


def _data_folders(names: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    """Return the folders that are one data set: those of msiss, zarr, and raw data."""
    files = set(names)
    found = [name.parent for name in names if name.name == META and name.with_name("images.npy") in files]
    found += [parent for name in names for parent in name.parents if parent.suffix.lower() in FOLDERS]
    found += [name.parent for name in names if name.name in (GROUP, DESCRIPTION)]
    distinct = list(dict.fromkeys(found))
    return [folder for folder in distinct if not any(other in folder.parents for other in distinct)]


def _folder_of(folders: Sequence[PurePosixPath], container: str) -> list[PurePosixPath]:
    """Return the folder of the pictures: the container itself, if it has some, or the only folder in it with some."""
    if len(folders) > 1 and ITSELF not in folders:
        found = f"There are pictures in {count(len(folders), 'folder')}: {_some(folders)}."
        raise stop(found, "Choose the one with the ion images.", container)
    return [ITSELF if ITSELF in folders else folders[0]]


def _nothing(names: Sequence[PurePosixPath], container: str) -> DataStop:
    if not names:
        return stop("It is empty.", "Choose another one.", container)
    binary = next((name for name in names if name.suffix.lower() == ".ibd"), None)
    if binary is not None:
        found = f"It holds {binary.name}, but not {binary.stem}.imzML."
        return stop(found, "Put both files into it.", container)
    found = f"It holds nothing that msiss reads, but {_some(names)}."
    for name in names:
        kind, action = what_it_is(name.suffix.lower())
        if kind:
            return stop(f"{found} {name.name} is {kind}.", action, container)
    return stop(found, "Choose an imzML file, or another one with ion images.", container)


def _several(names: Sequence[PurePosixPath], container: str) -> DataStop:
    found = f"It holds several files that could be meant: {_some(names)}."
    return stop(found, "Choose one of them, after unpacking if this is a zip file.", container)


def _some(names: Sequence[PurePosixPath]) -> str:
    shown = [str(name) for name in names[:NAMED]]
    more = [f"{len(names) - NAMED:,} more"] if len(names) > NAMED else []
    return listed([*shown, *more]) if len(names) > 1 else shown[0]


def stop(found: str, action: str, container: str) -> DataStop:
    """Return the error about a container, with what to do."""
    return DataStop(HealthRow("content", "stop", found, "", action), container)
