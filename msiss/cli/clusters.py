"""The commands for the clusters of a run: recluster, export, choose-k."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.analyse.representations import REPRESENTATIONS
from msiss.cli.add import Add
from msiss.progress_line import ProgressLine
from msiss.runs.store import Run
from msiss.words import listed

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
    from msiss.runs.reclustering import about

    run = Run(options.run)
    by = options.by or run.config.result
    table = _clustered(run, by, options.clusters)
    print(about(run, by, options.clusters) or f"{options.clusters} is the number of clusters of the run itself.")
    sizes = table["cluster"].value_counts().sort_index()
    print(f"Ions per cluster by {by}: {', '.join(map(str, sizes))}.")
    if options.to:
        _export(run, options.to, by, options.clusters)


def export(options: argparse.Namespace) -> None:
    """Write the results of a run to files in common formats."""
    run = Run(options.run)
    by, clusters = options.by or run.config.result, options.clusters or run.config.clusters
    _clustered(run, by, clusters)
    _export(run, options.to, by, clusters)


def choose_k(options: argparse.Namespace) -> None:
    """Compare numbers of clusters for a run and suggest one."""
    from msiss.data.ion_images import IonImages
    from msiss.runs.cluster_numbers import choose_k_of

    run = Run(options.run)
    images = IonImages.load(run.request.dataset)
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
    one.add_argument("run", type=Path, metavar="RUN")
    one.add_argument("--clusters", type=int, required=True, metavar="K", help=CLUSTERS_HELP)
    _add_by(one, "representation whose clusters are written")
    one.add_argument("--to", type=Path, metavar="DIR", help="also write the results to files in common formats")

    one = add("export", export)
    one.add_argument("run", type=Path, metavar="RUN")
    one.add_argument("--to", type=Path, required=True, metavar="DIR")
    _add_by(one, "representation whose clusters and features are written")
    one.add_argument("--clusters", type=int, metavar="K", help=f"{CLUSTERS_HELP} (default: that of the run)")

    one = add("choose-k", choose_k)
    one.add_argument("run", type=Path, metavar="RUN")
    _add_by(one, "representation whose features are clustered")
    one.add_argument("--most", type=int, metavar="K", help="largest number to compare (default: 30)")
    one.add_argument(
        "--halves",
        action="store_true",
        help="also compare two halves of the pixels; only for measures without training",
    )


def _text(table: pd.DataFrame) -> str:
    return table.to_string(index=False, float_format=lambda value: "" if np.isnan(value) else f"{value:.3f}")


def _add_by(command: argparse.ArgumentParser, about: str) -> None:
    command.add_argument(
        "--by",
        choices=REPRESENTATIONS.names,
        metavar="REPRESENTATION",
        help=f"{about} (default: the result of the training)",
    )


def _clustered(run: Run, by: str, n_clusters: int) -> pd.DataFrame:
    from msiss.runs.reclustering import clusters_by

    line = ProgressLine()
    table = clusters_by(run, by, n_clusters, progress=line.show)
    line.end()
    return table


def _export(run: Run, folder: Path, by: str, n_clusters: int) -> None:
    from msiss.share.tables import FILES
    from msiss.share.tables import export as export_run

    export_run(run, folder, by, n_clusters)
    print(f"Wrote {listed(FILES)} to {folder}.")
