"""Where data files come from: the browser, or folders of the server that its keeper has allowed."""

import glob
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from msiss.data.formats import DATA_ENDINGS
from msiss.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

UPLOAD_ENDINGS = ("imzML", "ibd", *(ending.removeprefix(".") for ending in DATA_ENDINGS[1:]), "dat", "img", "raw")
TABLE_ENDINGS = ("csv", "tsv", "txt")
TABLE_MB = 50  # larger is no list of ions
BESIDE = ("mass_list.npy", "mask.npy")  # belong to the stack beside them, as in the benchmark of the method's paper

MOST_ENTRIES = 50_000  # of a server folder are looked through for the list; the path of any file can be typed


def keep_upload(files: "Sequence[UploadedFile]") -> Path:
    """Write uploaded files to one temporary folder and return the file to open.

    The folder is removed when other files are uploaded, after `forget_upload`, and when the session ends.

    Raises
    ------
    DataError
        Where the files do not make one data set.
    """
    identity = tuple(file.file_id for file in files)
    kept = st.session_state.get("upload")
    if kept is None or kept[0] != identity:
        forget_upload()
        main = main_file([file.name for file in files])
        folder = tempfile.TemporaryDirectory(prefix="msiss-")
        st.session_state["upload"] = kept = (identity, folder, Path(folder.name) / main)
        for file in files:
            # A pair may have been renamed on the way; chosen together, the two belong together.
            name = Path(main).stem + ".ibd" if file.name.lower().endswith(".ibd") else Path(file.name).name
            (Path(folder.name) / name).write_bytes(file.getbuffer())
    return kept[2]


def forget_upload() -> None:
    """Remove the temporary copy of uploaded files."""
    if kept := st.session_state.pop("upload", None):
        kept[1].cleanup()


def upload_key() -> str:
    """Return the key of the upload widget; another one after `clear_upload`, which empties the widget."""
    return f"upload {st.session_state.get('uploads', 0)}"


def clear_upload() -> None:
    """Empty the upload widget and remove the temporary copy of what was in it."""
    forget_upload()
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1


def main_file(names: "Sequence[str]") -> str:
    """Return which of the uploaded files is the one to open.

    Raises
    ------
    DataError
        Where there is none, or more than one.
    """
    names = [Path(name).name for name in names]
    data = [name for name in names if name.lower().endswith(DATA_ENDINGS) and name not in BESIDE]
    if not data and any(name.lower().endswith(".ibd") for name in names):
        raise DataError("The .ibd file holds only numbers. Choose the .imzML file of the same name together with it.")
    if len(data) != 1:
        raise DataError(
            "Choose the files of one data set: one .imzML with its .ibd, or one stack of ion images. There are "
            f"{len(data)} that could be opened: {', '.join(data) or 'none'}."
        )
    return data[0]


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
    places = [place for place in places if _inside(place)]
    if not places:
        raise DataError(f"{path} is outside the folders that this msiss may read: {_listed()}.")
    for place in places:
        if place.is_file():
            return place
    raise DataError(f"There is no file {path} in {_listed()}. Check its name; capital letters count.")


def _inside(place: Path) -> bool:
    """Tell whether a file, and the .ibd beside it, really lie in an allowed folder once all links are followed."""
    files = [place, *place.parent.glob(f"{glob.escape(place.stem)}.[iI][bB][dD]")]
    return all(any(file.resolve().is_relative_to(root) for root in roots()) for file in files)


def _listed() -> str:
    return ", ".join(map(str, roots()))


def keep_table(file: "UploadedFile") -> Path:
    """Write an uploaded table to a temporary file and return its path; it is removed with the session."""
    folders = st.session_state.setdefault("tables", {})
    if file.file_id not in folders:
        folders[file.file_id] = tempfile.TemporaryDirectory(prefix="msiss-")
    path = Path(folders[file.file_id].name) / Path(file.name).name
    path.write_bytes(file.getbuffer())
    return path
