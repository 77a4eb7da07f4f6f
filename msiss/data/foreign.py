"""Untrusted files, each parsed in a child process: the interface for the dashboard, the commands and the imports.

Every function here has the results, errors and warnings of the function of the same name in `msiss.data`. If the child
crashes, a `DataStop` explains it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from msiss.data import child_caches
from msiss.data.confined import parent
from msiss.data.file_names import as_stored, same_place, without_links
from msiss.data.findings import DataStop
from msiss.data.formats import BESIDE, is_imzml
from msiss.data.formats.containers import Contents
from msiss.data.formats.imzml.pair import partner
from msiss.data.formats.unpack import is_archive
from msiss.data.health import HealthReport
from msiss.data.metaspace_request import MetaspaceRequest
from msiss.data.progress import Progress, ignore
from msiss.data.recipe import AS_READ, ListedIon, PictureMz, ReadConfig, Recipe
from msiss.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from msiss.data.area_files import Layer
    from msiss.data.profile import PeakPreview

WORKS = "msiss.data.foreign_works"


def check(
    paths: Sequence[Path],
    *,
    checksum: bool = False,
    thorough: bool = True,
    config: ReadConfig = AS_READ,
    progress: Progress = ignore,
) -> HealthReport:
    """Check data files, see `msiss.data.health.check`."""
    (report,) = _check([list(paths)], config, None, progress, checksum=checksum, thorough=thorough)
    return report


def check_each(
    paths: Sequence[Path],
    *,
    thorough: bool,
    within: Sequence[Path],
    config: ReadConfig = AS_READ,
    progress: Progress = ignore,
) -> list[HealthReport]:
    """Check several data files independently in one child; `within` as in `belonging`."""
    return _check([[path] for path in paths], config, within, progress, checksum=False, thorough=thorough)


def _check(
    together: Sequence[Sequence[Path]],
    config: ReadConfig,
    within: Sequence[Path] | None,
    progress: Progress,
    **how: bool,
) -> list[HealthReport]:
    files = [path for paths in together for path in paths]
    arguments = {"together": together, "config": config.model_dump(mode="json", by_alias=True), **how}
    try:
        found = _imzml("check", arguments, files, within=within, progress=progress)
    except DataStop as stop:  # the child crashed; by which file is unknown
        return [HealthReport(_name(files), (replace(stop.row, file=_name(files)),))]
    return TypeAdapter(list[HealthReport]).validate_python(found)


def make(
    files: Sequence[Path],
    recipe: Recipe,
    out: Path,
    *,
    picture: Path | None = None,
    metaspace: MetaspaceRequest | None = None,
    within: Sequence[Path] | None = None,
    progress: Progress = ignore,
) -> dict[str, Any]:
    """Import files, see `msiss.data.importing.import_data`, and write the data set to `out`.

    Parameters
    ----------
    out : Path
        A new folder, or a new .npz file, in a folder of its own, as the child may write to the whole of it.

    Returns
    -------
    dict
        Number of "ions", "shape" of the images, and "span" of the m/z in words.
    """
    from msiss.data.formats.metaspace import KEY

    arguments = {"files": list(files), "recipe": recipe.model_dump(mode="json", by_alias=True), "out": out}
    arguments |= {"picture": picture, "metaspace": None if metaspace is None else metaspace.model_dump()}
    found = _imzml(
        "make",
        arguments,
        files,
        more=[] if picture is None else [picture],
        within=within,
        writes=out.parent,
        network=None if metaspace is None else [KEY],
        progress=progress,
    )
    if not _is_sound(out):
        raise DataError(f"The data set that was made of {_name(files)} is not sound. Do not open that file again.")
    return dict(found)


def kinds(files: Sequence[Path], config: ReadConfig, *, within: Sequence[Path] | None = None) -> list[str]:
    """Return the kinds of spectra that all files hold, in words, see `msiss.data.formats.kinds`."""
    arguments = {"files": list(files), "config": config.model_dump(mode="json", by_alias=True)}
    return TypeAdapter(list[str]).validate_python(_imzml("kinds", arguments, files, within=within))


def unpack(path: Path, folder: Path, *, within: Sequence[Path] | None = None, progress: Progress = ignore) -> Contents:
    """Unpack what is read in a zip file, see `msiss.data.formats.containers.unpacked`; `folder` must be empty."""
    arguments = {"path": path, "folder": folder}
    found = _imzml("unpack", arguments, [path], within=within, writes=folder, progress=progress)
    contents = TypeAdapter(Contents).validate_python(found)
    inside = all(one == path or (one.is_relative_to(folder) and ".." not in one.parts) for one in contents.files)
    if not (inside and _is_sound(folder)):
        raise DataError(f"What was unpacked of {path.name} is not sound. Do not open that file again.")
    return contents


def preview_peaks(path: Path, config: ReadConfig, *, within: Sequence[Path] | None = None) -> "PeakPreview":
    """Preview the peaks of an imzML file, see `msiss.data.formats.imzml.reader.preview_peaks`."""
    from msiss.data.profile import PeakPreview  # imports SciPy

    arguments = {"path": path, "config": config.model_dump(mode="json")}
    return PeakPreview(**_imzml("preview_peaks", arguments, [path], within=within))


def read_mz_list(path: Path) -> tuple[ListedIon, ...]:
    """Read a list of m/z, see `msiss.data.mz_list.read_mz_list`."""
    return TypeAdapter(tuple[ListedIon, ...]).validate_python(small(f"{WORKS}:read_mz_list", path))


def read_picture_mz(path: Path) -> tuple[PictureMz, ...]:
    """Read the m/z of pictures, see `msiss.data.picture_list.read_picture_mz`."""
    return TypeAdapter(tuple[PictureMz, ...]).validate_python(small(f"{WORKS}:read_picture_mz", path))


def load_recipe(path: Path) -> Recipe:
    """Read a recipe, see `msiss.data.recipe.Recipe.load`."""
    return Recipe.model_validate(small(f"{WORKS}:load_recipe", path))


def load_mask(path: Path, shape: tuple[int, int]) -> str:
    """Read a mask, see `msiss.data.masks.load_mask`."""
    return str(small(f"{WORKS}:load_mask", path, shape=shape))


def read_areas(path: Path, shape: tuple[int, int]) -> "tuple[Layer, ...]":
    """Read regions of the section, see `msiss.data.area_files.read_areas`."""
    from msiss.data.area_files import Layer  # imports h5py

    found = small(f"{WORKS}:read_areas", path, shape=shape)
    return TypeAdapter(tuple[Layer, ...]).validate_python(found)


def read_picture(path: Path) -> "np.ndarray":
    """Read a picture of the tissue, see `msiss.data.picture.read_picture`."""
    return small(f"{WORKS}:read_picture", path)


def read_labels(path: Path, mz: "np.ndarray") -> "np.ndarray":
    """Read known classes of ions, see `msiss.data.known.read_labels`."""
    return small(f"{WORKS}:read_labels", path, mz=mz)


def read_corrections(path: Path, mz: "np.ndarray") -> dict[int, str]:
    """Read the clusters that a person puts ions into, see `msiss.data.known.read_corrections`."""
    found = small(f"{WORKS}:read_corrections", path, mz=mz)
    return dict(zip(TypeAdapter(list[int]).validate_python(found["ions"]), map(str, found["clusters"]), strict=True))


def read_pairs(path: Path, mz: "np.ndarray") -> "pd.DataFrame":
    """Read pairs of ions, see `msiss.data.known.read_pairs`."""
    import pandas as pd

    return pd.DataFrame(small(f"{WORKS}:read_pairs", path, mz=mz))


def small(work: str, path: Path, **arguments: Any) -> Any:
    """Return the result of a function on one small file in a child process, see `confined.parent.run`."""
    reads = [without_links(path)]
    return parent.run(work, {"path": path, **arguments}, name=path.name, size=_size(reads), reads=reads)


def belonging(paths: Iterable[Path], within: Sequence[Path] | None = None) -> list[Path]:
    """Return the files that a child may read for data files, with links resolved.

    Parameters
    ----------
    paths : iterable of Path
        Files, which imply those of the same stem beside them and the other file of a pair, and folders.
    within : sequence of Path, optional
        Folders that must contain all of them once links are resolved; by default links may lead anywhere, as for users
        who read their own files.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found[without_links(path)] = None
        with suppress(OSError):  # said by the child, which looks again
            found |= dict.fromkeys(map(without_links, _with(as_stored(path))))
    return _inside(found, within)


def _with(path: Path) -> Iterator[Path]:
    """Yield a file and what belongs to it: what has its name before the ending, and the other file of a pair."""
    yield path
    if path.is_dir():
        yield from (other for other in path.rglob("*") if other.is_symlink())
        return
    stem = same_place(path.stem)
    for other in path.parent.iterdir() if path.parent.is_dir() else ():
        name = same_place(other.name)
        if name == stem or name.startswith(f"{stem}.") or name in BESIDE:
            yield other
    if is_imzml(path) and (pair := partner(path)):
        yield pair


def _inside(paths: Iterable[Path], within: Sequence[Path] | None) -> list[Path]:
    """Return those of some paths without links that are in one of the folders, if any are given."""
    if within is None:
        return list(paths)
    roots = [without_links(root) for root in within]
    return [path for path in paths if any(path.is_relative_to(root) for root in roots)]


def _imzml(
    work: str,
    arguments: dict[str, Any],
    files: Sequence[Path],
    *,
    more: Sequence[Path] = (),
    within: Sequence[Path] | None = None,
    writes: Path | None = None,
    **how: Any,
) -> Any:
    """Call a function that may read spectra, for which the child gets copies of the caches, see `child_caches`.

    For a zip file the child may write as much as the disk holds.
    """
    reads = [*belonging(files, within), *(without_links(path) for path in more)]
    folders = [folder for path in files for folder in (without_links(path.parent), without_links(path).parent)]
    lists = _inside(dict.fromkeys(folders), within)
    with ExitStack() as stack:
        if writes is None and any(map(is_archive, files)):
            folder = TemporaryDirectory(prefix="msiss-", ignore_cleanup_errors=True)
            writes = Path(stack.enter_context(folder))
        home = stack.enter_context(child_caches.copied(files, writes))
        return parent.run(
            f"{WORKS}:{work}",
            arguments,
            name=_name(files),
            size=_size(reads),
            reads=reads,
            lists=lists,
            writes=writes,
            msiss_home=home,
            **how,
        )


def _is_sound(path: Path) -> bool:
    """Return whether a child made nothing but plain files and folders at a path."""
    made = [path, *path.rglob("*")]
    return all(not one.is_symlink() and (one.is_file() or one.is_dir()) for one in made)


def _name(files: Sequence[Path]) -> str:
    return " + ".join(path.name for path in files) or "METASPACE"


def _size(paths: Iterable[Path]) -> int:
    size = 0
    for path in paths:
        parts = path.rglob("*") if path.is_dir() else [path]
        size += sum(part.stat().st_size for part in parts if part.is_file())
    return size
