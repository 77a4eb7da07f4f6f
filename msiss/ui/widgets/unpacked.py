"""Chosen folders and zip files on the page Open: the data files in them, which are then handled as if chosen alone."""

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from msiss.data import foreign
from msiss.data.formats.containers import Contents, in_folder, is_container
from msiss.data.formats.unpack import is_archive
from msiss.ui.literal import literal
from msiss.ui.server import uploads

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_KEY = "unpacked"


@dataclass(frozen=True)
class _Unpacked:
    """What the chosen zip files hold, in a folder that is removed with the choice unless it is that of an upload."""

    identity: tuple[object, ...]
    folder: "Path"
    of_upload: bool
    contents: dict["Path", Contents]


def opened(
    paths: "Sequence[Path]", within: "Sequence[Path] | None", folder: "Path | None" = None
) -> tuple[list["Path"], "Path | None"]:
    """Replace folders and zip files by the data files in them, and say what is not used.

    Parameters
    ----------
    paths : sequence of Path
        What was chosen.
    within : sequence of Path or None
        Folders that must contain all of them, as in `msiss.data.foreign.belonging`.
    folder : Path, optional
        Folder of the upload; otherwise zip files are unpacked into a new one.

    Returns
    -------
    list of Path, Path or None
        The data files, and the folder that an import of them owns.

    Raises
    ------
    DataStop
        If there is nothing to read in one, or it cannot be decided what.
    """
    zips = [path for path in paths if is_archive(path) and path.is_file()]
    kept = _unpacked(zips, within, folder) if zips else None
    files: list[Path] = []
    for path in paths:
        inside = Contents((path,))
        if kept is not None and path in kept.contents:
            inside = kept.contents[path]
        elif path.is_dir() and is_container(path):
            inside = in_folder(path)
        files += inside.files
        for row in inside.rows:
            if row.level == "note":
                st.caption(f"{literal(path.name)}: {literal(row.text)}")
    return list(dict.fromkeys(files)), folder if kept is None else kept.folder


def hand_over(folder: "Path | None") -> None:
    """Forget unpacked files in a folder that an import owns now."""
    kept: _Unpacked | None = st.session_state.get(_KEY)
    if kept is not None and kept.folder == folder:
        del st.session_state[_KEY]


def _unpacked(zips: "Sequence[Path]", within: "Sequence[Path] | None", folder: "Path | None") -> _Unpacked:
    identity = tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in zips)
    kept: _Unpacked | None = st.session_state.get(_KEY)
    if kept is not None and kept.identity == identity and kept.folder.is_dir():
        return kept
    if kept is not None and not kept.of_upload:
        shutil.rmtree(kept.folder, ignore_errors=True)
    place = folder or uploads.new_folder()
    contents = {}
    with st.spinner("Looking into the zip file"):
        for number, path in enumerate(zips):
            target = place / f"{path.stem} {number}"
            shutil.rmtree(target, ignore_errors=True)  # of an earlier attempt
            target.mkdir()
            contents[path] = foreign.unpack(path, target, within=within)
    kept = st.session_state[_KEY] = _Unpacked(identity, place, folder is not None, contents)
    return kept
