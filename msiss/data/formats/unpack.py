"""Zip files from others: unpacked piece by piece into a folder, with limits."""

import shutil
import stat
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from msiss import words
from msiss.data.file_names import kept_path
from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.budget import FREE, most_unpacked
from msiss.data.formats.zip_errors import ZIP_ERRORS
from msiss.data.progress import Progress, ignore

MOST_MEMBERS = 200_000
_PIECE = 2**20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may take memory as declared in their header
_LOCKED = 1  # flag of a member


def is_archive(path: Path) -> bool:
    """Whether a path is that of a zip file, by its name."""
    return path.suffix.lower() == ".zip"


class Archive:
    """A zip file, open for reading.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    names : tuple of PurePosixPath
        Its files, without folders and links, under names that are valid on every system.

    Raises
    ------
    DataStop
        If it is damaged, or has too many files.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._archive = zipfile.ZipFile(path)
        except ZIP_ERRORS as error:
            found = f"The zip file is damaged ({str(error)[:200]})."
            raise self._stop(found, "Copy or download it again.") from error
        members = self._archive.infolist()
        if len(members) > MOST_MEMBERS:
            self._archive.close()
            raise self._stop(f"It holds more than {MOST_MEMBERS:,} files.", "Unpack it, and choose the file to read.")
        self._members = {kept_path(one.filename): one for one in members if not one.is_dir() and not _is_link(one)}
        self.names = tuple(self._members)

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def unpack(
        self, targets: Mapping[PurePosixPath, PurePosixPath], folder: Path, progress: Progress = ignore
    ) -> dict[PurePosixPath, Path]:
        """Unpack files into a folder, and return the place of each.

        Bytes are counted while they are unpacked, as the sizes that are declared may be wrong.

        Parameters
        ----------
        targets : mapping of PurePosixPath
            The files, with the name in the folder of each.
        folder : Path
            An empty folder.
        progress : callable, optional
            Receives the progress.

        Raises
        ------
        DataStop
            If a file is damaged, locked or packed in an unusual way, or they are too large for the disk or for the size
            of the zip file.
        """
        whole = sum(self._members[name].file_size for name in targets)
        most = most_unpacked(self._path.stat().st_size)
        free = shutil.disk_usage(folder).free - FREE
        if whole > most:
            raise self._too_large(whole)
        if whole > free:
            raise self._full(whole)
        places, done = {}, 0
        for name, target in targets.items():
            place = places[name] = folder / target
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                for piece in self._pieces(name):
                    done += len(piece)
                    if done > most:
                        raise self._too_large(done)
                    if done > free:
                        raise self._full(done)
                    file.write(piece)
                    progress(min(1.0, done / max(whole, 1)), f"Unpacking {name.name}")
        return places

    def _pieces(self, name: PurePosixPath) -> Iterator[bytes]:
        member = self._members[name]
        if member.flag_bits & _LOCKED:
            found = f"{name} in it is locked by a password."
            raise self._stop(found, "Unpack it with the password, and choose the unpacked files.")
        if member.compress_type not in _METHODS:
            found = f"{name} in it is packed in a way that msiss does not know, as Windows does with large files."
            raise self._stop(found, "Unpack it, and choose the unpacked files.")
        try:
            with self._archive.open(member) as file:
                while piece := file.read(_PIECE):
                    yield piece
        except ZIP_ERRORS as error:
            found = f"{name} in the zip file is damaged ({str(error)[:200]})."
            raise self._stop(found, "Copy or download the zip file again.") from error

    def _too_large(self, size: int) -> DataStop:
        found = f"It would unpack to {words.size(size)} or more, of {words.size(self._path.stat().st_size)}."
        meaning = "The file is damaged or made to do harm."
        return self._stop(found, "If it really holds that much, unpack it first.", meaning)

    def _full(self, size: int) -> DataStop:
        found = f"It unpacks to {words.size(size)}, for which the disk has no space."
        return self._stop(found, "Make space on the disk, or unpack it elsewhere and choose the files.")

    def _stop(self, found: str, action: str, meaning: str = "") -> DataStop:
        return DataStop(HealthRow("zip file", "stop", found, meaning, action), self._path.name)


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)
