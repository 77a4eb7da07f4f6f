"""The command that corrects the clusters of a run: correct."""

import argparse

import numpy as np

from msiss.analyse.representations import REPRESENTATIONS
from msiss.cli.add import Add, add_by, add_clusters
from msiss.data.pasted import pasted
from msiss.errors import SettingError
from msiss.progress_line import ProgressLine
from msiss.runs.store import Run
from msiss.words import count


def correct(options: argparse.Namespace) -> None:
    """Move ions of a run to the clusters of a table, find the clusters again around them, and tell what moved."""
    from msiss.data import foreign
    from msiss.runs.correcting import correct as decide_all
    from msiss.runs.grouping import grouping, undo
    from msiss.runs.refinement import refine_grouping

    run, line = Run(options.run), ProgressLine()
    before = grouping(run, options.by, options.clusters, progress=line.show)
    line.end()
    if options.undo:
        decision = undo(before)
        if decision is None:
            raise SettingError("Nothing was decided about these clusters that could be undone.")
        print(f"Undone: {decision.model_dump()['do']} of {decision.when:%Y-%m-%d %H:%M}.")
        return
    if options.table is None:
        raise SettingError("Name a table with the columns mz and cluster by --table, or say --undo.")
    mz = run.clusters()["mz"].to_numpy()
    corrected = decide_all(before, foreign.read_corrections(options.table, mz), who=options.who, why=options.why)
    moved = np.flatnonzero(before.labels != corrected.labels)
    print(f"{count(len(moved), 'ion')} moved as the table says.")
    if not options.only_listed:
        corrected, followed = refine_grouping(
            corrected, along=options.along, who=options.who, why=options.why, progress=line.show
        )
        line.end()
        print(f"{count(len(followed), 'ion')} moved with them:")
        for ion in followed:
            left, joined = before.clusters[before.labels[ion]], corrected.clusters[corrected.labels[ion]]
            print(f"  m/z {mz[ion]:.4f}: {left.title} -> {joined.title}")
    sizes = (f"{one.title}: {len(corrected.members(number))}" for number, one in corrected.clusters.items())
    print(f"Ions per cluster by {corrected.by}: {', '.join(sizes)}.")


def add_commands(add: Add) -> None:
    """Add this command to the command line."""
    one = add("correct", correct)
    one.add_argument("run", type=pasted, metavar="RUN")
    one.add_argument(
        "--table",
        type=pasted,
        metavar="FILE",
        help="columns mz and cluster: the number or the name of the cluster that an ion belongs to; a new name makes a "
        "new cluster",
    )
    add_by(one, "representation whose clusters are corrected")
    one.add_argument(
        "--along",
        choices=REPRESENTATIONS.names,
        metavar="REPRESENTATION",
        help="representation whose similar ions move with them (default: that of the clusters)",
    )
    add_clusters(one, "their number")
    one.add_argument("--only-listed", action="store_true", help="move the ions of the table only, no similar ones")
    one.add_argument("--who", default="", metavar="NAME", help="who decided it, kept with the run")
    one.add_argument("--why", default="", metavar="TEXT", help="why, kept with the run")
    one.add_argument("--undo", action="store_true", help="undo the last decision instead")
