"""The commands for the similarity of ions: similar, disagreements."""

import argparse

import pandas as pd

from msiss.analyse.representations import IMAGE_VECTORS, REPRESENTATIONS, title_of
from msiss.cli.add import Add, add_by
from msiss.data.pasted import pasted
from msiss.errors import SettingError
from msiss.progress_line import ProgressLine
from msiss.runs.reclustering import check_representation
from msiss.runs.store import Run
from msiss.words import count


def similar(options: argparse.Namespace) -> None:
    """Rank all ions of a run by how similar they are to one ion, by two representations."""
    from msiss.data.ion_search import one_ion
    from msiss.runs.grouping import grouping
    from msiss.share.similar import partners_table

    run = Run(options.run)
    images = run.images()
    ion = one_ion(images, _number_or_text(options.ion))
    measured = {name: run.features(name) for name in dict.fromkeys(_two(run, options))}
    table = partners_table(run.ions(), measured, ion, grouping(run))
    print(f"Ions most like {images.axis.text(images.mz[ion])} by: {title_of(next(iter(measured)))}")
    _give(table, options)


def disagreements(options: argparse.Namespace) -> None:
    """Find the pairs of ions that two representations of a run judge most differently."""
    from msiss.runs.disagreeing import about, compare
    from msiss.share.similar import disagreements_table

    run = Run(options.run)
    first, second = _two(run, options)
    if first == second:
        raise SettingError(f"--against: {second} is compared with itself. Choose another representation.")
    line = ProgressLine()
    found = compare(run.features(first), run.features(second), text=about(first, second), progress=line.show)
    line.end()
    print(f"{count(len(found), 'pair')} that {title_of(first)} and {title_of(second)} judge differently")
    _give(disagreements_table(run.ions(), found, first, second), options)


def add_commands(add: Add) -> None:
    """Add these commands to the command line."""
    one = add("similar", similar)
    one.add_argument("run", type=pasted, metavar="RUN")
    one.add_argument("--ion", required=True, metavar="ION", help="its m/z, or a part of its name, formula or class")
    _add_common(one, "representation that orders the ions")

    one = add("disagreements", disagreements)
    one.add_argument("run", type=pasted, metavar="RUN")
    _add_common(one, "a representation")


def _add_common(command: argparse.ArgumentParser, about: str) -> None:
    add_by(command, about)
    command.add_argument(
        "--against",
        choices=REPRESENTATIONS.names,
        metavar="REPRESENTATION",
        default=IMAGE_VECTORS,
        help=f"the other one (default: {IMAGE_VECTORS})",
    )
    command.add_argument("--number", type=int, default=10, metavar="N", help="rows that are printed (default: 10)")
    command.add_argument("--out", type=pasted, metavar="CSV", help="write all rows to a file")


def _two(run: Run, options: argparse.Namespace) -> tuple[str, str]:
    two = options.by or run.config.result, options.against
    for name in two:
        check_representation(run, name)
    return two


def _number_or_text(text: str) -> float | str:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _give(table: pd.DataFrame, options: argparse.Namespace) -> None:
    from msiss.data.cells import to_csv
    from msiss.share.files import write

    print(table.head(options.number).to_string(index=False, float_format=lambda value: f"{value:.4f}"))
    if options.out is None:
        return
    write(options.out, to_csv(table).encode())
    print(f"Wrote {count(len(table), 'row')} to {options.out}.")
