"""The commands for the clusters of a run: recluster, choose-k."""

import argparse

import numpy as np
import pandas as pd

from msiss.cli.add import Add, add_by
from msiss.cli.exporting import write
from msiss.data.pasted import pasted
from msiss.progress_line import ProgressLine
from msiss.runs.store import Run

TITLES = {
    "k": "clusters",
    "eigengap": "eigengap",
    "silhouette": "silhouette",
    "stability": "stability (AMI)",
    "split_half": "split half (AMI)",
    "isotopes": "isotopes above chance",
}
CLUSTERS_HELP = "number of groups of co-localized ions"


def recluster(options: argparse.Namespace) -> None:
    """Cluster the ions of a run into another number of clusters, without training again."""
    from msiss.runs.reclustering import about, clusters_by

    run = Run(options.run)
    by = options.by or run.config.result
    line = ProgressLine()
    table = clusters_by(run, by, options.clusters, progress=line.show)
    line.end()
    print(about(run, by, options.clusters) or f"{options.clusters} is the number of clusters of the run itself.")
    sizes = table["cluster"].value_counts().sort_index()
    print(f"Ions per cluster by {by}: {', '.join(map(str, sizes))}.")
    if options.to:
        from msiss.share.exports import usual
        from msiss.share.material import gather

        write(gather(run, by, options.clusters), options.to, usual())


def choose_k(options: argparse.Namespace) -> None:
    """Compare numbers of clusters for a run and suggest one."""
    from msiss.runs.cluster_numbers import choose_k_of

    run = Run(options.run)
    images = run.images()
    line = ProgressLine()
    choice = choose_k_of(
        run,
        images,
        options.by or run.config.result,
        numbers=None if options.most is None else range(2, options.most + 1),
        with_halves=options.halves,
        progress=line.show,
    )
    line.end()
    known = [name for name in TITLES if choice.table[name].notna().any()]
    print(_text(choice.table[known].rename(columns=TITLES)))
    if choice.ions < len(images):
        print(f"Measured on {choice.ions} ions drawn from {len(images)}.")
    print(f"Suggested: {choice.suggestion} clusters. {choice.reason}")


def add_commands(add: Add) -> None:
    """Add these commands to the command line."""
    one = add("recluster", recluster)
    one.add_argument("run", type=pasted, metavar="RUN")
    one.add_argument("--clusters", type=int, required=True, metavar="K", help=CLUSTERS_HELP)
    add_by(one, "representation whose clusters are written")
    one.add_argument("--to", type=pasted, metavar="DIR", help="also write the results to files in common formats")

    one = add("choose-k", choose_k)
    one.add_argument("run", type=pasted, metavar="RUN")
    add_by(one, "representation whose features are clustered")
    one.add_argument("--most", type=int, metavar="K", help="largest number to compare (default: 30)")
    one.add_argument(
        "--halves",
        action="store_true",
        help="also compare two halves of the pixels; only for measures without training",
    )


def _text(table: pd.DataFrame) -> str:
    return table.to_string(index=False, float_format=lambda value: "" if np.isnan(value) else f"{value:.3f}")
