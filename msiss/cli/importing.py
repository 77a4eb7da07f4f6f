"""The commands for data: check, import, recipe."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from msiss.cli.add import Add
from msiss.data import foreign
from msiss.data.each_kind import each_kind
from msiss.data.formats import find_all
from msiss.data.formats.containers import in_folder, is_container
from msiss.data.library import clean_name
from msiss.data.metaspace_request import MetaspaceRequest
from msiss.data.pasted import pasted
from msiss.data.progress import Progress
from msiss.data.recipe import Axes, Recipe
from msiss.errors import DataError, SettingError
from msiss.progress_line import ProgressLine
from msiss.share.files import write

# Option of the command line -> setting of ReadConfig that it replaces.
SETTINGS = {"ppm": "ppm", "peaks": "number", "peaks_from": "peaks", "noise": "noise", "prominence": "prominence"}
# Options of the same name as their setting, which a check needs, too.
LEFT_OPEN = ("plane", "spectra", "per_pixel", "spectrum_type", "axes", "other_uuid")


def check(options: argparse.Namespace) -> int:
    """Report what files contain and what is wrong with them."""
    config = Recipe().with_settings("read", _left_open(options)).read
    report = foreign.check(options.files, checksum=options.checksum, thorough=not options.quick, config=config)
    if options.json:
        print(report.to_json())
    else:
        print(report)
    return 0 if report.usable else 1


def import_(options: argparse.Namespace) -> None:
    """Read ion images from files into a data set of msiss; several files are assembled side by side."""
    progress = ProgressLine().show
    recipe = recipe_of(options)
    if options.save_recipe:
        write(options.save_recipe, recipe.to_json().encode())
        print(f"Wrote the recipe {options.save_recipe}.")
    if options.metaspace and options.files:
        raise DataError("Give either files or the id of a METASPACE data set, not both.")
    if options.separate:
        with TemporaryDirectory(prefix="msiss-") as folder:
            for path in _apart(find_all(options.files), Path(folder)):
                _import_each([path], recipe, options, options.out / path.stem, progress)
    else:
        _import_each(options.files, recipe, options, options.out, progress)


def _apart(paths: Sequence[Path], folder: Path) -> list[Path]:
    """Replace folders and zip files by the data files in them; zip files are unpacked into `folder`."""
    files: list[Path] = []
    for number, path in enumerate(paths):
        if not is_container(path):
            files.append(path)
        elif path.is_dir():
            files += in_folder(path).files
        else:
            place = folder / str(number)
            place.mkdir()
            files += foreign.unpack(path, place).files
    return files


def recipe(options: argparse.Namespace) -> None:
    """Print the recipe by which a data set was made, as JSON for `msiss import --recipe`."""
    from msiss.data.ion_images import IonImages

    print(json.dumps(IonImages.load(options.dataset).recipe, indent=1))


def recipe_of(options: argparse.Namespace) -> Recipe:
    """Return the recipe of the options: that of ``--recipe``, changed by the other options.

    With an m/z list the ions are those of the list, unless ``--peaks-from`` is given.
    """
    recipe = foreign.load_recipe(options.recipe) if options.recipe else Recipe()
    read: dict[str, Any] = {}
    if options.mz_list:
        read |= {"mz_list": foreign.read_mz_list(options.mz_list), "peaks": "list"}
    read |= {field: getattr(options, name) for name, field in SETTINGS.items() if getattr(options, name) is not None}
    read |= _left_open(options)
    return recipe.with_settings("measurement", _measured(options)).with_settings("read", read)


def _left_open(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings in the options for what a file leaves open."""
    read = {name: getattr(options, name) for name in LEFT_OPEN if getattr(options, name) is not None}
    if options.picture_mz:
        read["picture_mz"] = foreign.read_picture_mz(options.picture_mz)
    return read


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings of the measurement in the options; one pixel size means a square pixel."""
    given: dict[str, Any] = {}
    if options.pixel_size is not None:
        given["pixel_size"] = options.pixel_size * 2 if len(options.pixel_size) == 1 else options.pixel_size
    if options.polarity is not None:
        given["polarity"] = options.polarity
    return given


def _import_each(
    files: Sequence[Path], recipe: Recipe, options: argparse.Namespace, out: Path, progress: Progress
) -> None:
    """Import files as one data set, or as one of each kind of spectra, whose name is then in that of the data set."""
    if options.metaspace:
        _import_one(files, recipe, options, out, progress)
        return
    find_all(files)  # raises early if a file is missing
    ending = out.suffix if out.suffix.lower() == ".npz" else ""
    whole = out.name.removesuffix(ending)
    for name, of_kind in each_kind(files, recipe, whole):
        place = out if name == whole else out.with_name(clean_name(name) + ending)
        _import_one(files, of_kind, options, place, progress)


def _import_one(
    files: Sequence[Path], recipe: Recipe, options: argparse.Namespace, out: Path, progress: Progress
) -> None:
    from msiss.durable import appear, keeping

    with keeping("The data set", out, DataError):
        if out.exists():
            raise DataError(f"{out} exists already. Choose another name, or delete that data set first.")
        out.parent.mkdir(parents=True, exist_ok=True)
        scratch = TemporaryDirectory(prefix=".msiss-", dir=out.parent)  # on the same disk as the result
    with scratch as folder:
        made = Path(folder) / out.name
        more = {"picture": options.picture, "metaspace": _metaspace(options)}
        summary = foreign.make(files, recipe, made, progress=progress, **more)
        with keeping("The data set", out, DataError):
            appear(made, out)
    height, width = summary["shape"]
    print(f"{summary['ions']} ion images of {width} x {height} pixels, {summary['span']}.")
    size = f" ({out.stat().st_size / 1e6:.1f} MB)" if out.is_file() else ""
    print(f"Saved as {out}{size}.")


def _metaspace(options: argparse.Namespace) -> MetaspaceRequest | None:
    if not options.metaspace:
        if options.database or options.fdr is not None:
            raise SettingError("--database and --fdr are for a data set of METASPACE. Give its id with --metaspace.")
        return None
    if options.fdr is not None and not 0 < options.fdr <= 1:
        raise SettingError(f"A false discovery rate is above 0 and at most 1, not {options.fdr}; 0.1 is usual.")
    given = {} if options.fdr is None else {"fdr": options.fdr}
    return MetaspaceRequest(id=options.metaspace, database=options.database, **given)


def add_commands(add: Add) -> None:
    """Add these commands to the command line."""
    one = add("check", check)
    one.add_argument("files", type=pasted, nargs="+", metavar="FILE")
    one.add_argument("--checksum", action="store_true", help="also verify the checksum of the .ibd file (slower)")
    one.add_argument("--quick", action="store_true", help="check the header only, not every value")
    _add_reading(one)
    one.add_argument("--json", action="store_true", help="print the report as JSON")

    one = add("import", import_)
    one.add_argument("files", type=pasted, nargs="*", metavar="FILE", help="an .imzML (its .ibd beside it), a stack of "
                     "ion images, or a folder or a zip file with them; several are assembled side by side")  # fmt: skip
    one.add_argument("--out", type=pasted, required=True, metavar="DATASET",
                     help="new folder for the data set, or a small .npz file to upload")  # fmt: skip
    one.add_argument(
        "--recipe", type=pasted, metavar="JSON", help="how to make the data set; other options override it"
    )
    one.add_argument("--save-recipe", type=pasted, metavar="JSON", help="write the recipe of these options")
    one.add_argument("--mz-list", type=pasted, metavar="TABLE", help="m/z of the ions: CSV, text or .xlsx (default: "
                     "peaks are picked)")  # fmt: skip
    one.add_argument("--peaks-from", choices=["data", "list", "both"],
                     help="source of the ions: picked peaks, the m/z list, or both")  # fmt: skip
    one.add_argument("--ppm", type=float, help="half width of a peak in ppm (default: 10)")
    one.add_argument("--peaks", type=int, help="maximum number of peaks to pick (default: 500)")
    one.add_argument("--noise", type=float, help="signal-to-noise ratio of profile peaks (default: 3)")
    one.add_argument("--prominence", type=float, help="prominence of profile peaks, 0 to 1 (default: 0.1)")
    _add_reading(one)
    one.add_argument("--pixel-size", type=float, nargs="+", metavar=("H", "W"),
                     help="height and width of a pixel in µm, or the side of a square one, if missing or wrong in the "
                     "file")  # fmt: skip
    one.add_argument("--polarity", choices=["positive", "negative", "mixed"],
                     help="polarity of the measurement, if missing or wrong in the file")  # fmt: skip
    one.add_argument("--separate", action="store_true", help="make one data set per file, in folders in DATASET")
    one.add_argument("--picture", type=pasted, metavar="FILE", help="picture of the tissue to store with the images")
    one.add_argument("--metaspace", default="", metavar="ID", help="fetch a data set of METASPACE instead of a file")
    one.add_argument("--database", default="", metavar="NAME", help="molecular database of its annotations (default: "
                     "HMDB v4, or the first one it was annotated with)")  # fmt: skip
    one.add_argument("--fdr", type=float, metavar="RATE", help="highest false discovery rate of its annotations, 0 to "
                     "1 (default: 0.1)")  # fmt: skip

    add("recipe", recipe).add_argument("dataset", type=pasted, metavar="DATASET")


def _add_reading(one: argparse.ArgumentParser) -> None:
    """Add the options that say how to read what a file leaves open."""
    one.add_argument("--plane", type=int, metavar="Z", help="plane of a three-dimensional file")
    one.add_argument("--spectra", metavar="KIND", help="which spectra, if a file holds several kinds, such "
                     'as "negative MS1" (check names them), or all: a data set of each')  # fmt: skip
    one.add_argument("--per-pixel", choices=["mean", "sum", "last"],
                     help="what becomes of several spectra of a pixel (default: mean)")  # fmt: skip
    one.add_argument("--spectrum-type", choices=["data", "centroid", "profile"],
                     help="whether spectra are centroids or profiles (default: the data decide)")  # fmt: skip
    one.add_argument("--axes", choices=list(get_args(Axes))[1:], metavar="ORDER",
                     help="order of the axes of an array or a TIFF, from the outermost, such as "
                     '"rows columns mz"')  # fmt: skip
    one.add_argument("--picture-mz", type=pasted, metavar="TABLE",
                     help="m/z of pictures whose names are misread: a table with the columns file and mz")  # fmt: skip
    one.add_argument("--other-uuid", action="store_true", default=None,
                     help="use an .ibd file that does not carry the UUID of the header")  # fmt: skip
