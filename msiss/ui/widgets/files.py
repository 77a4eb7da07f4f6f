"""Data files from the browser, or from the folders of the server that the dashboard may read."""

import itertools
import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import streamlit as st

from msiss.data.file_names import as_stored, kept_path, same_place, without_links
from msiss.data.formats import BESIDE, data_endings, find, is_imzml
from msiss.data.formats.envi import DATA_ENDINGS as ENVI_ENDINGS
from msiss.data.formats.pictures import PLAIN_ENDINGS
from msiss.data.library import clean_name
from msiss.data.pasted import pasted
from msiss.errors import DataError, refused
from msiss.home import datasets_folder, uploads_folder
from msiss.ui.server import uploads
from msiss.ui.widgets import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

# The widget accepts these so that the page can name the format and say what to do instead.
REFUSED_ENDINGS = (
    *("mzML", "t2m", "mis", "h5", "mat", "rds", "RData"),
    *("xls", "ods", "jpg", "jpeg", "bmp", "slx", "itm", "ita"),
)
PICTURE_ENDINGS = ("png", "jpg", "jpeg", "tif", "tiff")
TABLE_ENDINGS = ("csv", "tsv", "txt", "xlsx")
TABLE_MB = 50  # a larger file is not a list of ions

MOST_ENTRIES = 50_000  # of a server folder that are searched for the list; the path of any file can be typed


def upload_endings() -> list[str]:
    """Return the endings of files that may be uploaded, without the dot."""
    endings = [*data_endings()[1:], *PLAIN_ENDINGS, *filter(None, ENVI_ENDINGS)]
    return ["imzML", "ibd", *(ending.removeprefix(".") for ending in endings)]


@dataclass(frozen=True)
class Upload:
    """Uploaded files on disk.

    Attributes
    ----------
    identity : tuple of str
        Ids of the files in the widget.
    folder : Path
        Folder of the files.
    data_sets : tuple of Path
        Those that can be opened: files, or folders of pictures.
    """

    identity: tuple[str, ...]
    folder: Path
    data_sets: tuple[Path, ...]


def keep_upload(files: "Sequence[UploadedFile]") -> Upload:
    """Put uploaded files into a folder of their own, which is removed when other files are uploaded.

    Raises
    ------
    DataError
        If none of them can be opened.
    """
    identity = tuple(file.file_id for file in files)
    kept: Upload | None = st.session_state.get("upload")
    if kept is None or kept.identity != identity or not kept.folder.is_dir():
        names = stored_names([file.name for file in files])
        opened = data_sets(names)
        folder = uploads.new_folder()
        for file, name in zip(files, names, strict=True):
            uploads.place(file, folder / name)
        forget_upload()
        kept = Upload(identity, folder, tuple(folder / name for name in opened))
        st.session_state["upload"] = kept
    return kept


def forget_upload() -> None:
    """Remove uploaded files from disk."""
    if kept := st.session_state.pop("upload", None):
        shutil.rmtree(kept.folder, ignore_errors=True)


def with_picture(folder: Path | None, picture: Path) -> tuple[Path, Path]:
    """Copy an uploaded picture to the files of an import, so that it is kept as long as these.

    Parameters
    ----------
    folder : Path or None
        Folder of the uploaded files; None if only the picture was uploaded.
    picture : Path

    Returns
    -------
    folder, picture : Path
        Folder of the import's files, and the picture in it.
    """
    folder = folder or uploads.new_folder()
    copy = folder / "picture of the tissue" / picture.name
    copy.parent.mkdir(exist_ok=True)
    return folder, Path(shutil.copyfile(picture, copy))


def hand_over(folder: Path | None) -> None:
    """Hand the uploaded files in `folder` over to an import, and empty the widgets that choose files."""
    kept = st.session_state.get("upload")
    if kept is not None and kept.folder == folder:
        del st.session_state["upload"]
    unpacked.hand_over(folder)
    st.session_state["handed over"] = st.session_state.get("handed over", 0) + 1


def fresh_key(name: str) -> str:
    """Return the key of a widget that chooses files; `hand_over` changes it, which empties the widget."""
    return f"{name} {st.session_state.get('handed over', 0)}"


def stored_names(names: "Sequence[str]") -> list[str]:
    """Return the name under which each uploaded file is kept; files of a folder keep the folder's name.

    One .imzML and one .ibd that are chosen together are a pair, even if one was renamed. Pictures without a folder are
    put into one that is named after them.

    Raises
    ------
    DataError
        If two files have the same name.
    """
    kept = [kept_path(name) for name in names]
    headers = [name for name in kept if name.suffix.lower() == ".imzml"]
    if len(headers) == 1 and sum(name.suffix.lower() == ".ibd" for name in kept) == 1:
        kept = [headers[0].with_suffix(".ibd") if name.suffix.lower() == ".ibd" else name for name in kept]
    loose = set(pictures([str(name) for name in kept if len(name.parts) == 1]))
    folder = clean_name(_common_beginning(loose) or "pictures")
    stored = [f"{folder}/{name}" if str(name) in loose else str(name) for name in kept]
    places = Counter(map(same_place, stored))
    for name in stored:
        if (number := places[same_place(name)]) > 1:
            raise DataError(
                f"There are {number} files called {PurePosixPath(name).name}. Give each a name of its own, or import "
                "them in turn."
            )
    return stored


def _common_beginning(names: "Iterable[str]") -> str:
    same = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in same)


def pictures(names: "Sequence[str]") -> list[str]:
    """Return which of the files are pictures of one ion each: all PNG and BMP files, and TIFF files if several."""
    plain = [name for name in names if name.lower().endswith(PLAIN_ENDINGS)]
    tiff = [name for name in names if name.lower().endswith((".tif", ".tiff"))]
    return [*plain, *tiff] if plain or len(tiff) > 1 else []


def data_sets(names: "Sequence[str]") -> list[str]:
    """Return which of the uploaded files can be opened, and which folders of pictures.

    Files are given by the names under which they are kept.

    Raises
    ------
    DataError
        If there are none.
    """
    paths = [PurePosixPath(name) for name in names]
    for part in dict.fromkeys(part for path in paths for part in path.parts):
        if part.lower().endswith(".zarr"):  # the browser leaves out files without an ending, which hold the numbers
            raise DataError(f"{part}: A zarr folder is uploaded as a zip file. Pack the folder into one.")
    folders: list[PurePosixPath] = []
    of_folders: set[PurePosixPath] = set()
    for folder in dict.fromkeys(path.parent for path in paths if len(path.parts) > 1):
        found = pictures([path.name for path in paths if path.parent == folder])
        if found:
            folders.append(folder)
            of_folders.update(folder / name for name in found)
    single = [
        path
        for path in paths
        if path not in of_folders and path.name not in BESIDE and path.name.lower().endswith(data_endings())
    ]
    if not folders and not single:
        if any(name.lower().endswith(".ibd") for name in names):
            raise DataError(
                "The .ibd file holds only numbers. Choose the .imzML file of the same name together with it."
            )
        for path in paths:
            if path.name not in BESIDE:
                find(uploads_folder() / path.name)  # raises an error that names the format
        raise DataError(f"These files cannot be opened on their own: {', '.join(names)}.")
    return [str(path) for path in [*single, *folders]]


def preselected(paths: "Sequence[Path]") -> list[Path]:
    """Return which of several data sets of one upload are selected at first.

    Pictures and tables that come with spectra are mostly notes, so they are left out.
    """
    return [path for path in paths if is_imzml(path)] or list(paths)


def split_lists(paths: "Sequence[Path]") -> tuple[list[Path], list[Path]]:
    """Split files that were chosen together into data sets and m/z lists: the tables, if there are spectra."""
    tables = [path for path in paths if path.suffix.lower().removeprefix(".") in TABLE_ENDINGS]
    if not any(map(is_imzml, paths)):
        return list(paths), []
    return [path for path in paths if path not in tables], tables


def roots() -> list[Path]:
    """Return the folders of this machine that the dashboard may read, from ``$MSISS_DATA_ROOTS``."""
    listed = os.environ.get("MSISS_DATA_ROOTS", "")
    return [Path(root).expanduser().resolve() for root in listed.split(os.pathsep) if root]


@st.cache_data(ttl=60, show_spinner="Looking for data files")
def data_files(root: Path) -> list[Path]:
    """Return the data files below a folder by name, among its first `MOST_ENTRIES` entries; cached for a minute."""
    found: list[Path] = []
    seen = 0
    for folder, folders, names in os.walk(root):  # does not follow links, so it cannot leave the folder or loop
        found += [Path(folder) / name for name in folders if name.lower().endswith(".zarr")]
        folders[:] = [name for name in folders if not name.lower().endswith(".zarr")]
        found += [Path(folder) / name for name in names if name.lower().endswith(data_endings()) and name not in BESIDE]
        if sum(name.lower().endswith(PLAIN_ENDINGS) for name in names) > 1:
            found.append(Path(folder))
        seen += len(names)
        if seen > MOST_ENTRIES:
            break
    return sorted(found)


def allowed(path: str) -> Path:
    """Return the file at a path that a user typed, if the dashboard may read it.

    Raises
    ------
    DataError
        If it is outside the allowed folders, also by a link, or is not a file or no path of this computer.
    """
    chosen = pasted(path)
    places = [chosen] if chosen.is_absolute() else [root / chosen for root in roots()]
    try:
        existing = [place for place in map(as_stored, places) if place.exists()]
    except OSError as error:
        raise DataError(refused(error)) from error
    for place in existing:
        if _inside(place):
            return place
    if existing or not any(_inside(place) for place in places):
        raise DataError(f"{path} is outside the folders that this msiss may read: {_listed()}.")
    raise DataError(f"There is no file {path} in {_listed()}. Check its name.")


def _inside(place: Path) -> bool:
    """Tell whether a file is in an allowed folder, links resolved; files that belong to it are checked on opening."""
    return any(without_links(place).is_relative_to(root) for root in roots())


def within(paths: "Sequence[Path]") -> list[Path]:
    """Return the folders in which files, and all that belongs to them, must be, links resolved, to be opened.

    These are the folders of their uploads, those of the data sets, and the allowed folders.
    """
    own = [uploads_folder().resolve(), datasets_folder().resolve()]
    found: dict[Path, None] = {}
    for path in paths:
        top = next((top for top in own if path.resolve().is_relative_to(top)), None)
        inside = [] if top is None else path.resolve().relative_to(top).parts[:1]
        found |= dict.fromkeys(roots() if top is None else [top.joinpath(*inside)])
    return list(found)


def _listed() -> str:
    return ", ".join(map(str, roots()))


def keep_small(file: "UploadedFile", kind: str) -> Path:
    """Put an uploaded list, recipe or picture into the session's folder for its `kind` and return its path."""
    folders = st.session_state.setdefault("small uploads", {})
    identity, folder = folders.get(kind, ("", None))
    if identity != file.file_id or not folder.is_dir():
        folders[kind] = (file.file_id, uploads.new_folder())
    return uploads.place(file, folders[kind][1] / kept_path(file.name).name)
