"""From files to ion images."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msiss import home
from msiss.data import foreign
from msiss.data.formats import find_all
from msiss.data.health import HealthReport
from msiss.data.ion_images import IonImages
from msiss.data.library import DataLibrary
from msiss.data.pasted import pasted
from msiss.data.recipe import ListedIon, Recipe
from msiss.data.stored import META
from msiss.errors import DataError
from msiss.progress_line import ProgressLine

PathLike = str | os.PathLike[str]
TEMPORARY = "msiss-read-"  # prefix of folders that are deleted once their images are no longer used


def read(
    files: PathLike | Sequence[PathLike],
    *,
    recipe: PathLike | Recipe | None = None,
    mz_list: PathLike | Sequence[float] | Sequence[ListedIon] | None = None,
    ppm: float | None = None,
    peaks: int | None = None,
    spectra: str | None = None,
    picture: PathLike | None = None,
    folder: PathLike | None = None,
    progress: bool = False,
) -> IonImages:
    """Read ion images from files, or open a data set of msiss.

    The files are read in a separate process, as by ``msiss import``.

    Parameters
    ----------
    files : path or sequence of paths
        An imzML file (its .ibd file beside it), a stack of ion images or another file that msiss reads, a folder of
        images, or a data set of msiss. Several are placed side by side.
    recipe : Recipe or path, optional
        How the ion images are made; see `Recipe`.
    mz_list : path or sequence of float, optional
        The m/z of the ions in Th, or a table of them; by default, peaks are picked.
    ppm : float, optional
        Half width of the m/z window of an ion; by default that of the recipe, 10 ppm.
    peaks : int, optional
        Largest number of picked peaks; by default that of the recipe, 500.
    spectra : str, optional
        Which spectra to read of a file that holds several kinds, such as "negative MS1"; `check` names them.
    picture : path, optional
        An optical image of the tissue to store with the ion images.
    folder : path, optional
        A new folder for the data set, which `read` opens again without an import. By default, the images are in a
        temporary folder.
    progress : bool
        Whether to show the progress of the reading.

    Returns
    -------
    IonImages
        The images are memory-mapped from disk.

    Raises
    ------
    DataError
        If a file cannot be used; the message says why and what to do.
    SettingError
        If a setting is out of its range or does not fit the files.

    Warns
    -----
    MsissWarning
        If something is unusual that does not prevent the reading.
    """
    paths = _paths(files)
    changes = (mz_list, ppm, peaks, spectra, recipe, picture, folder)
    if len(paths) == 1 and (paths[0] / META).is_file() and all(value is None for value in changes):
        return IonImages.load(paths[0])
    whole = _recipe(recipe, mz_list, ppm, peaks, spectra)
    find_all(paths)  # raises early if a file is missing
    target = None if folder is None else Path(folder)
    if target is not None:
        if target.exists():
            raise DataError(f"{target} exists already. Choose another folder, or delete that data set first.")
        home.made(target.parent)
    scratch = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=None if target is None else target.parent))
    line = ProgressLine(progress)
    try:
        made = scratch / "images"
        foreign.make(paths, whole, made, picture=None if picture is None else Path(picture), progress=line.show)
        line.show(1.0, "read")
        if target is None:
            images = IonImages.load(made)
            weakref.finalize(images.images, shutil.rmtree, scratch, ignore_errors=True)
            return images
        IonImages.load(made).save(target, scratch=scratch)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    finally:
        line.end()
    shutil.rmtree(scratch, ignore_errors=True)
    return IonImages.load(target)


def check(
    files: PathLike | Sequence[PathLike], *, checksum: bool = False, thorough: bool = True, progress: bool = False
) -> HealthReport:
    """Check data files, and return what was found in them.

    Parameters
    ----------
    files : path or sequence of paths
        Files of any kind; an .ibd file stands for its .imzML file.
    checksum : bool
        Whether to verify the checksum of the .ibd file, which needs another pass over it.
    thorough : bool
        Whether to check every value, not only the header.
    progress : bool
        Whether to show the progress.

    Returns
    -------
    HealthReport
        Its `rows` are the findings; `usable` is whether all files can be read.
    """
    line = ProgressLine(progress)
    try:
        return foreign.check(_paths(files), checksum=checksum, thorough=thorough, progress=line.show)
    finally:
        line.end()


def folder_of(images: IonImages) -> Path:
    """Return the folder of a data set of exactly these images; they are saved in the library if there is none."""
    file = getattr(images.images, "filename", None)
    if file is not None:
        folder = Path(file).parent
        if not folder.parent.name.startswith(TEMPORARY) and images.is_saved_in(folder):
            return folder
    library = DataLibrary(home.made(home.datasets_folder()))
    for name in library.names():
        if images.is_saved_in(library.path(name)):
            return library.path(name)
    return library.add(images, library.free_name(Path(images.source).stem or "images"))


def _paths(files: PathLike | Sequence[PathLike]) -> list[Path]:
    given = [files] if isinstance(files, str | os.PathLike) else files
    return [pasted(os.fspath(one)) for one in given]


def _recipe(
    recipe: PathLike | Recipe | None,
    mz_list: PathLike | Sequence[float] | Sequence[ListedIon] | None,
    ppm: float | None,
    peaks: int | None,
    spectra: str | None,
) -> Recipe:
    """Return the recipe with the other settings for reading; a list of m/z replaces peak picking."""
    whole = recipe if isinstance(recipe, Recipe) else Recipe() if recipe is None else foreign.load_recipe(Path(recipe))
    changes = {
        "ppm": ppm,
        "number": peaks,
        "spectra": spectra,
        "mz_list": None if mz_list is None else _listed(mz_list),
    }
    read: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    return whole.with_settings("read", read | ({"peaks": "list"} if "mz_list" in read else {}))


def _listed(mz_list: PathLike | Sequence[float] | Sequence[ListedIon]) -> Sequence[Any]:
    if isinstance(mz_list, str | os.PathLike):
        return foreign.read_mz_list(Path(mz_list))
    return [one if isinstance(one, ListedIon) else {"mz": one} for one in mz_list]
