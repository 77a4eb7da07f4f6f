"""Where data files come from: the browser, or folders of the server that its keeper has allowed."""

import glob
import os
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import streamlit as st

from msiss.data.formats import DATA_ENDINGS
from msiss.data.library import clean_name
from msiss.errors import DataError
from msiss.ui import uploads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

UPLOAD_ENDINGS = (
    "imzML",
    "ibd",
    *(ending.removeprefix(".") for ending in DATA_ENDINGS[1:]),
    "png",
    "dat",
    "img",
    "raw",
)
PICTURE_ENDINGS = ("png", "jpg", "jpeg", "tif", "tiff")
TABLE_ENDINGS = ("csv", "tsv", "txt")
TABLE_MB = 50  # larger is no list of ions
BESIDE = ("mass_list.npy", "mask.npy")  # belong to the stack beside them, as in the benchmark of the method's paper

MOST_ENTRIES = 50_000  # of a server folder are looked through for the list; the path of any file can be typed


@dataclass(frozen=True)
class Upload:
    """Uploaded files on disk.

    Attributes
    ----------
    identity : tuple of str
        Of the files in the widget.
    folder : Path
        Where they lie.
    data_sets : tuple of Path
        What can be opened of them: files, or a folder of pictures.
    """

    identity: tuple[str, ...]
    folder: Path
    data_sets: tuple[Path, ...]


def keep_upload(files: "Sequence[UploadedFile]") -> Upload:
    """Put uploaded files into a folder of their own, which is removed when other files are uploaded.

    Raises
    ------
    DataError
        Where there is nothing among them that can be opened.
    """
    identity = tuple(file.file_id for file in files)
    kept: Upload | None = st.session_state.get("upload")
    if kept is None or kept.identity != identity:
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


def hand_over(folder: Path) -> None:
    """Let an import have the uploaded files in `folder`; the widget is empty again."""
    kept = st.session_state.get("upload")
    if kept is not None and kept.folder == folder:
        del st.session_state["upload"]
        st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1


def upload_key() -> str:
    """Return the key of the upload widget; another one after `hand_over`, which empties the widget."""
    return f"upload {st.session_state.get('uploads', 0)}"


def stored_names(names: "Sequence[str]") -> list[str]:
    """Return under which name each uploaded file is kept; a folder comes with the names of its files.

    A pair may have been renamed on the way: chosen together, one .imzML and one .ibd belong together. Pictures are put
    into a folder that is called like theirs.
    """
    plain = [PurePosixPath(name.replace("\\", "/")).name for name in names]
    headers = [name for name in plain if name.lower().endswith(".imzml")]
    if len(headers) == 1 and sum(name.lower().endswith(".ibd") for name in plain) == 1:
        plain = [f"{Path(headers[0]).stem}.ibd" if name.lower().endswith(".ibd") else name for name in plain]
    if not pictures(plain):
        return plain
    parent = PurePosixPath(names[0].replace("\\", "/")).parent.name
    folder = clean_name(parent or _common_beginning(plain) or "pictures")
    return [f"{folder}/{name}" if name in pictures(plain) else name for name in plain]


def _common_beginning(names: "Sequence[str]") -> str:
    first, last = min(names), max(names)
    return first[: next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]


def pictures(names: "Sequence[str]") -> list[str]:
    """Return which of the files are pictures of one ion each: all PNG, and TIFF where there are several."""
    png = [name for name in names if name.lower().endswith(".png")]
    tiff = [name for name in names if name.lower().endswith((".tif", ".tiff"))]
    return [*png, *tiff] if png or len(tiff) > 1 else []


def data_sets(names: "Sequence[str]") -> list[str]:
    """Return which of the uploaded files, by the names under which they are kept, can be opened.

    Raises
    ------
    DataError
        Where there is none.
    """
    folders = list(dict.fromkeys(name.partition("/")[0] for name in names if "/" in name))
    single = [name for name in names if "/" not in name and name not in BESIDE and name.lower().endswith(DATA_ENDINGS)]
    if folders and single:
        raise DataError("There are pictures and other data sets among these files. Import them one after the other.")
    if not folders and not single:
        if any(name.lower().endswith(".ibd") for name in names):
            raise DataError(
                "The .ibd file holds only numbers. Choose the .imzML file of the same name together with it."
            )
        raise DataError(f"None of these files can be opened on its own: {', '.join(names)}.")
    return folders or single


def roots() -> list[Path]:
    """Return the folders of this machine that the dashboard may read, from ``$MSISS_DATA_ROOTS``."""
    listed = os.environ.get("MSISS_DATA_ROOTS", "")
    return [Path(root).expanduser().resolve() for root in listed.split(os.pathsep) if root]


@st.cache_data(ttl=60, show_spinner="Looking for data files")
def data_files(root: Path) -> list[Path]:
    """Return the data files below a folder by name, as far as `MOST_ENTRIES` reach; looked up anew every minute."""
    found: list[Path] = []
    seen = 0
    for folder, _, names in os.walk(root):  # does not follow links, so it cannot leave the folder or run in a circle
        found += [Path(folder) / name for name in names if name.lower().endswith(DATA_ENDINGS) and name not in BESIDE]
        if sum(name.lower().endswith(".png") for name in names) > 1:
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
        Where it is outside the allowed folders, also by a link, or is not a file.
    """
    chosen = Path(path.strip()).expanduser()
    places = [chosen] if chosen.is_absolute() else [root / chosen for root in roots()]
    there = [place for place in places if place.exists()]
    for place in there:
        if _inside(place):
            return place
    if there or not any(_inside(place) for place in places):
        raise DataError(f"{path} is outside the folders that this msiss may read: {_listed()}.")
    raise DataError(f"There is no file {path} in {_listed()}. Check its name; capital letters count.")


def _inside(place: Path) -> bool:
    """Tell whether a file and those of the same name beside it, or a folder and what is in it, really lie in an
    allowed folder once all links are followed.
    """
    beside = place.rglob("*") if place.is_dir() else place.parent.glob(f"{glob.escape(place.stem)}*")
    return all(any(file.resolve().is_relative_to(root) for root in roots()) for file in [place, *beside])


def _listed() -> str:
    return ", ".join(map(str, roots()))


def keep_small(file: "UploadedFile", kind: str) -> Path:
    """Put an uploaded list, recipe or picture into the session's folder of its `kind` and return its path."""
    folders = st.session_state.setdefault("small uploads", {})
    if folders.get(kind, ("",))[0] != file.file_id:
        folders[kind] = (file.file_id, uploads.new_folder())
    return uploads.place(file, folders[kind][1] / PurePosixPath(file.name).name)
