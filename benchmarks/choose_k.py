"""How near the suggested number of clusters comes to the true one, and what other rules would have said.

Sections that were not looked at while the rule was chosen: phantoms of the default regime and of drawn ones, each with
all its 13 classes and with the ions of 7 classes drawn from them, by the representation `fused`. Then vectors without
any groups, and the time for 1,000 ions.

    .venv/bin/python benchmarks/choose_k.py

Prints Markdown for RESULTS.md.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from msiss.analyse.choose_k import SUBSETS, choose_k
from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.halves import halves
from msiss.analyse.isotopes import expected_pairs
from msiss.analyse.measures import fit, vectors
from msiss.analyse.metrics import ami
from msiss.analyse.representations import Representation
from msiss.data.ion_images import IonImages
from msiss.data.phantom import draw_regime, make_phantom
from msiss.data.prepare import PrepareConfig, clean

DRAWN_CLASSES = 7
ACCEPTABLE = 0.1  # below the best stability

RULES: dict[str, Callable[[pd.DataFrame], float]] = {
    "widest eigengap (the rule)": lambda table: table["eigengap"].idxmax(),
    "widest eigengap within 0.1 of the best stability": lambda table: table["eigengap"][_stable(table)].idxmax(),
    "best silhouette": lambda table: table["silhouette"].idxmax(),
    "best stability": lambda table: table["stability"].idxmax(),
    "most clusters within 0.1 of the best stability": lambda table: table.index[_stable(table)].max(),
    "best split-half agreement": lambda table: table["split_half"].idxmax(),
    "best isotope agreement": lambda table: table["isotopes"].idxmax(),
    "always 13": lambda table: 13,  # noqa: ARG005
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--default", type=int, nargs="*", default=[0, 1, 2], help="seeds of the default regime")
    parser.add_argument("--drawn", type=int, nargs="*", default=[200, 201, 202, 203, 204, 205])
    options = parser.parse_args()
    sections = [(f"default {seed}", seed, make_phantom(seed=seed).images) for seed in options.default]
    sections += [
        (f"drawn {seed}", seed, make_phantom(seed=seed, regime=draw_regime(seed)).images) for seed in options.drawn
    ]
    rows = pd.concat([_measure(*section) for section in sections])
    _print_rules(rows)
    _print_noise()
    _print_time()


def _stable(table: pd.DataFrame) -> pd.Series:
    return table["stability"] >= table["stability"].max() - ACCEPTABLE


def _measure(name: str, seed: int, images: IonImages) -> pd.DataFrame:
    """Return what each rule says about a section, with all its classes and with some of them."""
    assert images.labels is not None
    full = vectors(Representation.FUSED, clean(images, PrepareConfig()), images.mask)
    known, unknown = (
        clean(replace(images, images=half), PrepareConfig()) for half in halves(images.images, images.mask)
    )
    transform = fit(Representation.FUSED, known, images.mask)
    even, odd = transform(known), transform(unknown)
    classes = np.unique(images.labels)
    drawn = np.random.default_rng(seed).choice(classes, DRAWN_CLASSES, replace=False)
    rows = []
    for some in (classes, drawn):
        ions = np.flatnonzero(np.isin(images.labels, some))
        found = expected_pairs(images.mz[ions], polarity="positive")
        pairs = found[found["kind"] == "13C"][["i", "j"]].to_numpy()
        choice = choose_k(full[ions], halves=(even[ions], odd[ions]), pairs=pairs)
        table, labels = choice.table.set_index("k"), images.labels[ions]
        agreement = {k: ami(spectral_clusters(full[ions], k), labels) for k in (*table.index, len(some))}
        for rule, choose in RULES.items():
            k = int(choose(table))
            lost = max(agreement.values()) - agreement[k]
            more = {"ami": agreement[k], "lost": lost, "stability": table["stability"][choice.suggestion]}
            rows.append({"section": name, "classes": len(some), "rule": rule, "k": k} | more)
    return pd.DataFrame(rows)


def _print_rules(rows: pd.DataFrame) -> None:
    numbers = sorted(rows["classes"].unique(), reverse=True)
    heads = [f"{number} classes: numbers | off by" for number in numbers]
    print(f"\n| rule | {' | '.join(heads)} | AMI | below the best k's AMI |\n|{' --- |' * (2 * len(numbers) + 3)}")
    for rule, found in rows.groupby("rule", sort=False):
        cells = []
        for number in numbers:
            k = found[found["classes"] == number]["k"]
            cells += [", ".join(map(str, k)), f"x {np.exp(np.abs(np.log(k / number)).mean()):.2f}"]
        print(f"| {rule} | {' | '.join(cells)} | {found['ami'].mean():.3f} | {found['lost'].mean():.3f} |")
    names = ", ".join(rows["section"].unique())
    print(
        f"\nSections, in this order: {names}. Off by: geometric mean of the factor between the number and the true one."
    )
    print(f"Stability at the suggested numbers: {rows['stability'].min():.2f} to {rows['stability'].max():.2f}.")


def _print_noise() -> None:
    stability = []
    for ions in (60, 280, 1000):
        features = np.random.default_rng(0).normal(size=(ions, ions)).astype(np.float32)
        stability.append(choose_k(features).table["stability"].max())
    print(f"Best stability of 60, 280 and 1,000 vectors without groups: {', '.join(f'{s:.2f}' for s in stability)}.")


def _print_time() -> None:
    images = make_phantom(ions=1000).images
    features = vectors(Representation.FUSED, clean(images, PrepareConfig()), images.mask)
    start = time.monotonic()
    choice = choose_k(features)
    seconds = time.monotonic() - start
    print(
        f"1,000 ions, {len(choice.table)} numbers of clusters, {SUBSETS} subsets: {seconds:.0f} s "
        f"({os.cpu_count()} cores, {platform.machine()}); suggested {choice.suggestion} for 13 classes."
    )


if __name__ == "__main__":
    main()
