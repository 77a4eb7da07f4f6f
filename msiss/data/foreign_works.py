"""The functions that child processes call on untrusted files: plain data in, plain data out.

`msiss.data.foreign` is their interface. Nothing here is called in the process of the dashboard.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msiss.data.progress import Progress, part

if TYPE_CHECKING:
    import numpy as np

SAVING_SHARE = 0.05  # of the progress bar


def check(
    together: Sequence[Sequence[str]], config: dict[str, Any], checksum: bool, thorough: bool, progress: Progress
) -> list[dict[str, Any]]:
    """Return the fields of the health report of each of several groups of files."""
    from msiss.data import health
    from msiss.data.recipe import ReadConfig

    settings = ReadConfig.model_validate(config)
    reports = []
    for number, paths in enumerate(together):
        share = part(progress, number / len(together), (number + 1) / len(together))
        report = health.check(_paths(paths), checksum=checksum, thorough=thorough, config=settings, progress=share)
        reports.append(asdict(report))
    return reports


def make(
    files: Sequence[str],
    recipe: dict[str, Any],
    out: str,
    picture: str | None,
    metaspace: dict[str, Any] | None,
    progress: Progress,
) -> dict[str, Any]:
    """Make a data set at `out`, and return its summary."""
    from msiss.data.formats.arrays import write_stack
    from msiss.data.importing import import_data
    from msiss.data.metaspace_request import MetaspaceRequest
    from msiss.data.recipe import Recipe

    place = Path(out)
    images = import_data(
        _paths(files),
        Recipe.model_validate(recipe),
        picture=None if picture is None else Path(picture),
        metaspace=None if metaspace is None else MetaspaceRequest.model_validate(metaspace),
        scratch=place.parent,
        progress=part(progress, 0, 1 - SAVING_SHARE),
    )
    progress(1 - SAVING_SHARE, "Saving the data set")
    if place.suffix.lower() == ".npz":
        write_stack(images, place)
    else:
        images.save(place, scratch=place.parent)
    span = f"{images.axis.text(images.mz.min())} to {images.axis.number(images.mz.max())}"
    return {"ions": len(images), "shape": images.shape, "span": span}


def kinds(files: Sequence[str], config: dict[str, Any], progress: Progress) -> list[str]:
    """Return the kinds of spectra that all files hold, in words."""
    from msiss.data.formats import kinds
    from msiss.data.recipe import ReadConfig

    return kinds(_paths(files), ReadConfig.model_validate(config), progress=progress)


def unpack(path: str, folder: str, progress: Progress) -> dict[str, Any]:
    """Unpack what is read in a zip file, and return the fields of its contents."""
    from msiss.data.formats.containers import unpacked

    return asdict(unpacked(Path(path), Path(folder), progress=progress))


def preview_peaks(path: str, config: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Return the fields of the preview of the peaks."""
    from msiss.data.formats.imzml.reader import preview_peaks
    from msiss.data.recipe import ReadConfig

    return vars(preview_peaks(Path(path), ReadConfig.model_validate(config)))


def read_mz_list(path: str, progress: Progress) -> list[dict[str, Any]]:
    """Return a list of m/z."""
    from msiss.data.mz_list import read_mz_list

    return [ion.model_dump(by_alias=True) for ion in read_mz_list(Path(path))]


def read_picture_mz(path: str, progress: Progress) -> list[dict[str, Any]]:
    """Return the m/z of pictures."""
    from msiss.data.picture_list import read_picture_mz

    return [one.model_dump() for one in read_picture_mz(Path(path))]


def load_recipe(path: str, progress: Progress) -> dict[str, Any]:
    """Return a recipe, with the image of its mask encoded again, as another process will decode it."""
    from msiss.data.masks import reencoded
    from msiss.data.recipe import Recipe

    recipe = Recipe.load(Path(path))
    mask = recipe.mask.model_copy(update={"loaded": reencoded(recipe.mask.loaded)})
    return recipe.model_copy(update={"mask": mask}).model_dump(mode="json", by_alias=True)


def load_mask(path: str, shape: Sequence[int], progress: Progress) -> str:
    """Return a mask as text for a recipe."""
    from msiss.data.masks import load_mask

    height, width = shape
    return load_mask(Path(path), (height, width))


def read_areas(path: str, shape: Sequence[int], progress: Progress) -> list[dict[str, Any]]:
    """Return the layers of regions in a file."""
    from msiss.data.area_files import read_areas

    height, width = shape
    return [layer.model_dump(mode="json") for layer in read_areas(Path(path), (height, width))]


def read_picture(path: str, progress: Progress) -> "np.ndarray":
    """Return a picture of the tissue."""
    from msiss.data.picture import read_picture

    return read_picture(Path(path))


def read_labels(path: str, mz: "np.ndarray", progress: Progress) -> "np.ndarray":
    """Return the known class of each ion."""
    from msiss.data.known import read_labels

    return read_labels(Path(path), mz)


def read_corrections(path: str, mz: "np.ndarray", progress: Progress) -> dict[str, Any]:
    """Return the ions of a table of corrections, and the cluster of each."""
    from msiss.data.known import read_corrections

    found = read_corrections(Path(path), mz)
    return {"ions": [*found], "clusters": [*found.values()]}


def read_pairs(path: str, mz: "np.ndarray", progress: Progress) -> dict[str, Any]:
    """Return the columns of a table of pairs."""
    from msiss.data.known import read_pairs

    pairs = read_pairs(Path(path), mz)
    return {"i": pairs["i"].to_numpy(), "j": pairs["j"].to_numpy(), "kind": pairs["kind"].tolist()}


def compile_kernels(progress: Progress) -> None:
    """Compile the kernels into the cache of this process."""
    from msiss.data.formats.imzml.compile import compile_kernels

    compile_kernels(Path.home())


def _paths(paths: Sequence[str]) -> list[Path]:
    return [Path(path) for path in paths]
