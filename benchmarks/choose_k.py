"""How near the suggested number of clusters comes to the true one, and what other rules would have said.

Phantoms of the default regime and of drawn ones by the representation `joint`: each with all its ions (280, 13
classes), with the ions of 7 classes drawn from them, and with the ions of some molecules, about 120 and 60 ions. Then
vectors without any groups, and the time for 1,000 ions.

    .venv/bin/python benchmarks/choose_k.py
    .venv/bin/python benchmarks/choose_k.py --default 10 11 12 --drawn 100 101 102 103 104 105  # where it was chosen

Prints Markdown for RESULTS.md.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from msiss.analyse.choose_k import SUBSETS, choose_k, suggest
from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.halves import halves
from msiss.analyse.mass_tolerance import find_pairs
from msiss.analyse.measures import fit, vectors
from msiss.analyse.metrics import ami
from msiss.analyse.representations import JOINT
from msiss.data.prepare import PrepareConfig, clean
from msiss.phantom.regime import draw_regime
from msiss.phantom.section import Phantom, make_phantom

RULES: dict[str, Callable[[pd.DataFrame], Any]] = {  # to a number of clusters
    "suggestion": lambda table: suggest(table.reset_index())[0],
    "widest eigengap": lambda table: table["eigengap"].idxmax(),
    "best silhouette": lambda table: table["silhouette"].idxmax(),
    "fewest with 0.9 of the best silhouette": lambda table: table.index[
        table["silhouette"] >= 0.9 * table["silhouette"].max()
    ].min(),
    "best stability": lambda table: table["stability"].idxmax(),
    "most within 0.1 of the best stability": lambda table: table.index[
        table["stability"] >= table["stability"].max() - 0.1
    ].max(),
    "best split-half agreement": lambda table: table["split_half"].idxmax(),
    "best isotope agreement": lambda table: table["isotopes"].idxmax(),
    "always 13": lambda table: 13,  # noqa: ARG005
    "best AMI (knows the truth)": lambda table: table["ami"].idxmax(),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--default", type=int, nargs="*", default=[0, 1, 2], help="seeds of the default regime")
    parser.add_argument("--drawn", type=int, nargs="*", default=[200, 201, 202, 203, 204, 205])
    options = parser.parse_args()
    sections = [(f"default {seed}", make_phantom(seed=seed)) for seed in options.default]
    sections += [(f"drawn {seed}", make_phantom(seed=seed, regime=draw_regime(seed))) for seed in options.drawn]
    _print_rules(pd.concat([_measure(name, phantom) for name, phantom in sections]))
    _print_noise()
    _print_time()


def _measure(name: str, phantom: Phantom) -> pd.DataFrame:
    """Return what each rule says about a section, with all its ions and with some of them."""
    images = phantom.images
    full = vectors(JOINT, clean(images, PrepareConfig()), images.mask)
    known, unknown = (
        clean(replace(images, images=half), PrepareConfig()) for half in halves(images.images, images.mask)
    )
    transform = fit(JOINT, known, images.mask)
    both = transform(known), transform(unknown)
    tables = []
    for kind, ions in _choices_of_ions(phantom):
        labels = phantom.truth["class"].to_numpy()[ions]
        found = find_pairs(images.mz[ions], polarity="positive").table
        pairs = found[found["kind"] == "13C"][["i", "j"]].to_numpy()
        choice = choose_k(full[ions], halves=(both[0][ions], both[1][ions]), pairs=pairs)
        table = choice.table.set_index("k")
        table["ami"] = [ami(spectral_clusters(full[ions], k), labels) for k in table.index]
        rows = pd.DataFrame({"rule": list(RULES), "k": [int(choose(table)) for choose in RULES.values()]})
        tables.append(
            rows.assign(
                section=name,
                kind=kind,
                classes=len(np.unique(labels)),
                ami=table["ami"][rows["k"]].to_numpy(),
                stability=table["stability"][choice.suggestion],
            )
        )
    return pd.concat(tables)


def _choices_of_ions(phantom: Phantom) -> Iterator[tuple[str, np.ndarray]]:
    """Go through the choices of ions: all, those of some classes, and those of some molecules."""
    truth, rng = phantom.truth, np.random.default_rng(phantom.seed)
    yield "all ions", np.arange(len(truth))
    yield "7 classes", np.flatnonzero(truth["class"].isin(rng.choice(truth["class"].unique(), 7, replace=False)))
    for number in (120, 60):
        order = rng.permutation(truth["molecule"].unique())
        place = dict(zip(order, truth["molecule"].value_counts()[order].cumsum(), strict=True))
        yield f"{number} ions", np.flatnonzero(truth["molecule"].map(place) <= number)


def _print_rules(rows: pd.DataFrame) -> None:
    rows["off"] = np.exp(np.abs(np.log(rows["k"] / rows["classes"])))
    kinds = list(rows["kind"].unique())
    true = rows[rows["rule"] == "suggestion"].groupby("kind")["classes"].agg(lambda found: ", ".join(map(str, found)))
    print(f"\n| rule | {' | '.join(kinds)} | off by | AMI |\n|{' --- |' * (len(kinds) + 3)}")
    print(f"| true classes | {' | '.join(true[kinds])} | | |")
    for rule, found in rows.groupby("rule", sort=False):
        cells = [", ".join(map(str, found[found["kind"] == kind]["k"])) for kind in kinds]
        print(f"| {rule} | {' | '.join(cells)} | x {found['off'].mean():.2f} | {found['ami'].mean():.3f} |")
    print(f"\nSections, in this order: {', '.join(rows['section'].unique())}. Off by: mean factor to the true number.")
    print(f"Stability at the suggested numbers: {rows['stability'].min():.2f} to {rows['stability'].max():.2f}.")


def _print_noise() -> None:
    stability = []
    for ions in (60, 280, 1000):
        features = np.random.default_rng(0).normal(size=(ions, ions)).astype(np.float32)
        stability.append(choose_k(features).table["stability"].max())
    print(f"Best stability of 60, 280 and 1,000 vectors without groups: {', '.join(f'{s:.2f}' for s in stability)}.")


def _print_time() -> None:
    images = make_phantom(ions=1000).images
    features = vectors(JOINT, clean(images, PrepareConfig()), images.mask)
    start = time.monotonic()
    choice = choose_k(features)
    seconds = time.monotonic() - start
    print(
        f"1,000 ions, {len(choice.table)} numbers of clusters, {SUBSETS} subsets: {seconds:.0f} s "
        f"({os.cpu_count()} cores, {platform.machine()}); suggested {choice.suggestion} for 13 classes."
    )


if __name__ == "__main__":
    main()
