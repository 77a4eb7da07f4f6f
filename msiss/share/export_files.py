"""Writing exports: into a folder, an archive, or one file."""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msiss.data.progress import Progress, ignore, part
from msiss.errors import MsissError, reason
from msiss.registry import load
from msiss.share.exports import EXPORTS, Export, lacking
from msiss.share.material import Material

SMALLER = (".csv", ".json", ".txt", ".npy", ".imzML", ".ibd")  # files that are packed in an archive


def write_files(material: Material, folder: Path, names: Iterable[str], *, progress: Progress = ignore) -> list[Path]:
    """Write exports into a folder, which need not exist, and return their files.

    Files of earlier exports are replaced, and only by what is complete.

    Raises
    ------
    MsissError
        If `folder` contains other files, cannot be written, or an export cannot be made.
    SettingError
        If there is no export of such a name.
    """
    exports = [EXPORTS[name] for name in dict.fromkeys(names)]
    known = {file for export in EXPORTS for file in export.files}
    try:
        foreign = sorted(path.name for path in folder.iterdir() if path.name not in known) if folder.exists() else []
        if foreign:
            raise MsissError(
                f"{folder} contains other files, such as {foreign[0]}. Choose a new or an empty folder for the export."
            )
        for export in exports:
            _check(export, material)
        with _beside(folder / "export") as place:
            for path in _made(material, place, exports, progress):
                path.replace(folder / path.name)
    except OSError as error:
        raise MsissError(
            f"The results could not be written to {folder}: {reason(error)}. "
            "Check the free space and the permissions of that folder, or choose another one."
        ) from error
    return [folder / file for export in exports for file in export.files]


def write_archive(material: Material, path: Path, names: Sequence[str], *, progress: Progress = ignore) -> None:
    """Write exports into one new ZIP archive; it is made on the disk, file by file.

    Raises
    ------
    MsissError
        If it cannot be written, or an export cannot be made.
    """
    exports = [EXPORTS[name] for name in names]
    for export in exports:
        _check(export, material)
    try:
        with _beside(path) as place, zipfile.ZipFile(path, "w") as archive:
            for file in _made(material, place, exports, progress):
                archive.write(file, file.name, zipfile.ZIP_DEFLATED if file.suffix in SMALLER else zipfile.ZIP_STORED)
                file.unlink()
    except OSError as error:
        raise MsissError(
            f"The archive could not be written to {path.parent}: {reason(error)}. Check the free space there."
        ) from error


def download(material: Material, folder: Path, name: str, *, progress: Progress = ignore) -> Path:
    """Write an export into an existing folder as one file, and return it: its own, or an archive of several."""
    export = EXPORTS[name]
    path = folder / file_name(export)
    if len(export.files) > 1:
        write_archive(material, path, [name], progress=progress)
        return path
    _check(export, material)
    load(export.write)(material, path, progress=progress)
    return path


def file_name(export: Export) -> str:
    """Return the name of an export as one file: its own, or that of an archive of several."""
    return export.files[0] if len(export.files) == 1 else f"{export.name}.zip"


def _check(export: Export, material: Material) -> None:
    if reason := lacking(export, material):
        raise MsissError(f"{export.title}: {reason}")


def _made(material: Material, place: Path, exports: Sequence[Export], progress: Progress) -> Iterator[Path]:
    """Write exports into `place` one after the other, and yield each of their files."""
    for number, export in enumerate(exports):
        share = part(progress, number / len(exports), (number + 1) / len(exports))
        share(0, f"Writing {export.files[0]}")
        load(export.write)(material, place / export.files[0], progress=share)
        yield from (place / file for file in export.files)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Yield a temporary folder on the same disk as `path`, whose folder is made if it does not exist."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".msiss-", dir=path.parent, ignore_cleanup_errors=True) as place:
        yield Path(place)
