"""The commands about the number of clusters: what speaks for which, and the same run in another number."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.analyse.representations import Representation
from msiss.runs.store import Run

TITLES = {
    "k": "clusters",
    "eigengap": "eigengap",
    "silhouette": "silhouette",
    "stability": "stability (AMI)",
    "split_half": "split half (AMI)",
    "isotopes": "isotopes above chance",
}


def recluster(options: argparse.Namespace) -> None:
    """Cluster the ions of a run into another number of clusters, without training again."""
    from msiss.runs.reclustering import about, reclustered

    run = Run(options.run)
    table = reclustered(run, options.clusters)
    print(about(run, options.clusters) or f"{options.clusters} is the training's own number of clusters.")
    sizes = table[run.config.result.value].value_counts().sort_index()
    print(f"Ions per cluster by {run.config.result}: {', '.join(map(str, sizes))}.")
    if options.to:
        from msiss.share.tables import export

        export(run, options.to, options.clusters)
        print(f"Wrote clusters.csv, features.npy, embedding.csv and config.json to {options.to}.")


def choose_k(options: argparse.Namespace) -> None:
    """Compare numbers of clusters of a run, and suggest one."""
    from msiss.data.ion_images import IonImages
    from msiss.runs.choosing_k import choose_k_of

    run = Run(options.run)
    images = IonImages.load(run.request.dataset)
    choice = choose_k_of(
        run,
        images,
        options.by or run.config.result,
        numbers=None if options.most is None else range(2, options.most + 1),
        with_halves=options.halves,
        progress=_show if sys.stderr.isatty() else None,
    )
    known = [name for name in TITLES if choice.table[name].notna().any()]
    print(_text(choice.table[known].rename(columns=TITLES)))
    if choice.ions < len(images):
        print(f"Measured on {choice.ions} ions drawn from {len(images)}.")
    print(f"Suggested: {choice.suggestion} clusters. {choice.reason}")


def add_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add these commands to the command line."""
    one = add("recluster", recluster)
    one.add_argument("run", type=Path, metavar="RUN")
    one.add_argument("--clusters", type=int, required=True, metavar="K", help="number of groups of co-localized ions")
    one.add_argument("--to", type=Path, metavar="DIR", help="also write the results as plain files")

    one = add("choose-k", choose_k)
    one.add_argument("run", type=Path, metavar="RUN")
    one.add_argument(
        "--by",
        type=Representation,
        choices=list(Representation),
        metavar="REPRESENTATION",
        help="whose features are clustered (default: what the training ends with)",
    )
    one.add_argument("--most", type=int, metavar="K", help="largest number to look at (default: 30)")
    one.add_argument(
        "--halves", action="store_true", help="also compare two halves of the pixels, for measures without training"
    )


def _text(table: pd.DataFrame) -> str:
    return table.to_string(index=False, float_format=lambda value: "" if np.isnan(value) else f"{value:.3f}")


def _show(fraction: float, text: str) -> None:
    print(f"\r\033[K{fraction:4.0%} {text}\r", end="", file=sys.stderr, flush=True)
