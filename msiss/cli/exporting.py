"""The commands that take results away and runs elsewhere: export, export-run, import-run."""

import argparse
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msiss import home
from msiss.cli.add import Add, add_by, add_clusters
from msiss.data.pasted import pasted
from msiss.errors import SettingError
from msiss.progress_line import ProgressLine
from msiss.runs.store import Run, RunStore
from msiss.words import listed

if TYPE_CHECKING:
    from msiss.share.material import Material

ALL = "all"


def export(options: argparse.Namespace) -> None:
    """Write the results of a run to files in common formats."""
    from msiss.share.exports import EXPORTS, lacking, usual
    from msiss.share.material import gather

    run, line = Run(options.run), ProgressLine()
    material = gather(run, options.by, options.clusters, ions=_ions(run, options), progress=line.show)
    line.end()
    names = options.only or usual()
    if ALL in names:
        names = [one.name for one in EXPORTS if not lacking(one, material)]
        for one in EXPORTS:
            if reason := lacking(one, material):
                print(f"Without {one.name}: {reason}")
    write(material, options.to, names)


def export_run(options: argparse.Namespace) -> None:
    """Pack a finished run into one file, for msiss on another machine."""
    from msiss.runs import transfer

    line = ProgressLine()
    transfer.export_run(Run(options.run), options.to, with_images=options.images, progress=line.show)
    line.end()
    print(f"Wrote {options.to} ({options.to.stat().st_size / 1e6:.1f} MB).")


def import_run(options: argparse.Namespace) -> None:
    """Unpack a run that was packed on another machine; nothing that is there is changed."""
    from msiss.runs import transfer

    line = ProgressLine()
    run = transfer.import_run(options.file, RunStore(options.out or home.runs_folder()), progress=line.show)
    line.end()
    print(f"The run is in {run.path}.")
    if run.request.dataset.is_dir():
        print(f"Its data set is {run.request.dataset}.")
    else:
        print("Its ion images are not here: tables and maps can be seen, images once the same data set is imported.")


def write(material: "Material", folder: Path, names: Iterable[str]) -> None:
    """Write exports into a folder, and say which files they are."""
    from msiss.share.export_files import write_files

    line = ProgressLine()
    files = write_files(material, folder, names, progress=line.show)
    line.end()
    written = [file.name for file in files]
    print(f"Wrote {listed(written) if len(written) > 1 else written[0]} to {folder}.")


def add_commands(add: Add) -> None:
    """Add these commands to the command line."""
    from msiss.share.exports import EXPORTS, usual

    one = add("export", export)
    one.add_argument("run", type=pasted, metavar="RUN")
    one.add_argument(
        "--to", "--out", type=pasted, required=True, metavar="DIR", help="new folder, or an earlier export"
    )
    one.add_argument(
        "--only",
        nargs="+",
        choices=[*EXPORTS.names, ALL],
        metavar="FORMAT",
        help=f"{', '.join(EXPORTS.names)}, or {ALL} (default: {', '.join(usual())})",
    )
    add_by(one, "representation whose clusters and features are written")
    add_clusters(one)
    which = one.add_mutually_exclusive_group()
    which.add_argument("--ions", nargs="+", metavar="N", help="these ions only, by number from 0, such as 3 7-12")
    which.add_argument("--selection", metavar="NAME", help="the ions of a selection that was saved with the data set")

    one = add("export-run", export_run)
    one.add_argument("run", type=pasted, metavar="RUN")
    one.add_argument("--to", "--out", type=pasted, required=True, metavar="FILE", help="new .zip file")
    one.add_argument("--images", action="store_true", help="with the ion images of its data set")

    one = add("import-run", import_run)
    one.add_argument("file", type=pasted, metavar="FILE")
    one.add_argument(
        "--out", type=pasted, metavar="DIR", help="folder of the runs to put it among (default: those of the dashboard)"
    )


def _ions(run: Run, options: argparse.Namespace) -> list[int] | None:
    """Return the ions that the options name; None for all."""
    if options.selection is not None:
        from msiss.data.selections import saved

        found = saved(run.request.dataset)
        if options.selection not in found:
            known = ", ".join(found) or "none yet"
            raise SettingError(
                f"There is no selection named {options.selection} with this data set. There is: {known}."
            )
        return list(found[options.selection].ions)
    if options.ions is None:
        return None
    ions: list[int] = []
    for text in options.ions:
        match = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", text)
        if match is None:
            raise SettingError(f"--ions: {text} is neither a number nor a range such as 7-12.")
        first, last = int(match[1]), int(match[2] or match[1])
        ions += range(first, min(last, first + len(run.ions())) + 1)
    return ions
