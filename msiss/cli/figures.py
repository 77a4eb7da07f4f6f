"""The commands that make figures for print and the report of a run: figures, report."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msiss.analyse.representations import REPRESENTATIONS
from msiss.cli.add import Add, add_by, add_clusters
from msiss.data.pasted import pasted
from msiss.errors import SettingError
from msiss.progress_line import ProgressLine
from msiss.runs.store import Run
from msiss.share.figures.registry import FIGURES, FORMATS
from msiss.show.palette import COLOUR_MAPS, ION_COLOURS
from msiss.words import count

if TYPE_CHECKING:
    from msiss.data.ion_images import IonImages
    from msiss.runs.grouping import Grouping
    from msiss.share.figures.options import Options

ABOUT_FIGURES = "; ".join(f"{one.name}: {one.about[0].lower()}{one.about[1:].rstrip('.')}" for one in FIGURES)


def figures(options: argparse.Namespace) -> None:
    """Make the figures of a run for print, as PDF, SVG or PNG."""
    from msiss.share.figures.registry import files
    from msiss.share.files import write

    grouping, images = _shown(options)
    chosen = _options(options, images)
    made = 0
    for name in options.only or FIGURES.names:
        try:
            for kind in options.format:
                for file, content in files(name, grouping, images, kind, chosen):
                    write(options.out / file, content)
                    made += 1
        except SettingError as error:
            if options.only:
                raise
            print(f"Left out {name}: {error}")
    print(f"Wrote {count(made, 'file')} to {options.out}.")


def report(options: argparse.Namespace) -> None:
    """Write everything about a run into one file, as HTML or PDF."""
    from msiss.data import foreign
    from msiss.share.files import write
    from msiss.share.report.write import kind_of
    from msiss.share.report.write import report as make

    kind = kind_of(options.out)
    grouping, images = _shown(options)
    line = ProgressLine()
    health = foreign.check(options.data, progress=line.show) if options.data else None
    content = make(grouping, images, kind, health=health, options=_options(options, images), progress=line.show)
    line.end()
    write(options.out, content)
    print(f"Wrote {options.out}.")


def add_commands(add: Add) -> None:
    """Add these commands to the command line."""
    one = add("figures", figures)
    one.add_argument("run", type=pasted, metavar="RUN")
    one.add_argument("--out", type=pasted, required=True, metavar="DIR")
    one.add_argument(
        "--only",
        nargs="+",
        choices=FIGURES.names,
        metavar="NAME",
        help=f"figures to make (default: all that these data allow). {ABOUT_FIGURES}".replace("%", "%%"),
    )
    one.add_argument("--format", nargs="+", choices=list(FORMATS), default=["pdf"], help="file formats (default: pdf)")
    _add_view(one)
    one.add_argument(
        "--ions",
        nargs="+",
        default=[],
        metavar="MZ",
        help="ions of the figures ions, similarity and dendrograms: m/z, or parts of their names",
    )
    one.add_argument("--whole", action="store_true", help="all ions of each cluster, on as many pages as they need")
    one.add_argument("--zoom", nargs=2, type=float, metavar=("LOW", "HIGH"), help="m/z shown in the spectrum")
    one.add_argument(
        "--compare",
        nargs="+",
        default=[],
        choices=REPRESENTATIONS.names,
        metavar="REPRESENTATION",
        help="up to three representations of the figures similarity and dendrograms",
    )
    one.add_argument("--map", choices=("umap", "tsne"), default="umap", help="method of the maps (default: umap)")
    _add_light(one)

    one = add("report", report)
    one.add_argument("run", type=pasted, metavar="RUN")
    one.add_argument("--out", type=pasted, required=True, metavar="FILE", help="ends in .html or .pdf")
    _add_view(one)
    one.add_argument(
        "--data", type=pasted, nargs="+", metavar="FILE", help="the files of the data set, to report their health, too"
    )
    _add_light(one)


def _add_view(command: argparse.ArgumentParser) -> None:
    add_by(command, "representation whose clusters are shown")
    add_clusters(command, "number of groups of co-localized ions")


def _add_light(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--colours", choices=COLOUR_MAPS, default=ION_COLOURS, help="colour map of ion images (default: %(default)s)"
    )
    command.add_argument(
        "--quantile",
        type=float,
        default=0.999,
        metavar="Q",
        help="intensities above this quantile of an ion image get the brightest colour (default: %(default)s)",
    )


def _shown(options: argparse.Namespace) -> "tuple[Grouping, IonImages]":
    from msiss.runs.grouping import grouping

    run = Run(options.run)
    line = ProgressLine()
    found = grouping(run, options.by, options.clusters, progress=line.show)
    line.end()
    return found, run.images()


def _options(options: argparse.Namespace, images: "IonImages") -> "Options":
    from msiss.share.figures.options import Options

    light = {"colours": options.colours, "quantile": options.quantile}
    if options.command is report:
        return Options(**light)
    return Options(
        ions=_ions(images, options.ions),
        whole=options.whole,
        zoom=tuple(options.zoom) if options.zoom else None,
        compare=tuple(options.compare),
        method=options.map,
        **light,
    )


def _ions(images: "IonImages", texts: Sequence[str]) -> tuple[int, ...]:
    from msiss.data.ion_search import search

    ions: list[int] = []
    for text in texts:
        found = search(images, text)
        if not found.ions:
            raise SettingError(f"ions: {found.said}")
        ions += found.ions
    return tuple(dict.fromkeys(ions))
