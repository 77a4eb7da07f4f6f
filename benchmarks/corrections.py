"""What corrections teach: a simulated person corrects some ions, and the clusters of the others are looked at.

    MSISS_TEST_DATA=../shared/data .venv/bin/python benchmarks/corrections.py --write
    MSISS_TEST_DATA=../shared/data .venv/bin/python benchmarks/corrections.py --paper FOLDER --write

The person knows the class of an ion and puts it into the cluster that stands for the class (one cluster each, by the
most ions in common), or confirms it. Asked are the first ions of the review queue with a known class, or random ones,
mean over three draws. Scores are those of the ions that were *not* corrected: moving alone does not change them.

Sets were chosen on, or not: the numbers of `msiss/analyse/spreading.py` were chosen on the first, by trials with this
person. Clusters are those of the consensus by `joint`, as many as there are classes. With --paper, those of the paper's
method by the preset quick, whose runs are trained into FOLDER where they are not there (some minutes each), and the
classifier is refined (`msiss/learn/paper/refine.py`).
"""

import argparse
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import results
import truths
from real_sets import REAL_SETS
from scipy.optimize import linear_sum_assignment

from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.consensus import consensus_clusters
from msiss.analyse.constrained import constrained_consensus
from msiss.analyse.constraints import Constraints
from msiss.analyse.measures import vectors
from msiss.analyse.metrics import ami, ari
from msiss.analyse.representations import HUB_CORRECTED, JOINT
from msiss.analyse.review import review
from msiss.analyse.similarity import nearest_among
from msiss.analyse.spreading import spread_corrections
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, clean
from msiss.phantom.section import make_phantom

NUMBERS = (5, 10, 20, 40)
DRAWS = 3
QUEUE, RANDOM = "review queue", "random"
REAL, CHOSEN, NOT_CHOSEN = "real, chosen on", "simulated, chosen on", "simulated, not chosen on"
PAPER_CHOSEN, PAPER_NOT_CHOSEN = "paper, chosen on", "paper, not chosen on"


def _plain_phantom(seed: int) -> IonImages:
    return make_phantom(seed=seed).images


def _real(name: str) -> IonImages:
    return REAL_SETS[name]().images


def _uterus(seed: int) -> IonImages:
    return truths.uterus(seed).images


def _genes(seed: int) -> IonImages:
    return truths.phantom(seed).images


def _earlier(seed: int) -> IonImages:
    return truths.earlier_phantom(seed).images


Makers = dict[str, Callable[[], IonImages]]


def _seeds(name: str, make: Callable[[int], IonImages], *seeds: int) -> Makers:
    return {f"{name} {seed}": partial(make, seed) for seed in seeds}


SETS: dict[str, Makers] = {
    REAL: {name: partial(_real, name) for name in ("cerebellum", "olfactory bulb")},
    CHOSEN: _seeds("uterus", _uterus, 0)
    | _seeds("genes", _genes, 101, 103, 105)
    | _seeds("phantom", _plain_phantom, 0)
    | _seeds("earlier", _earlier, 0, 1),
    NOT_CHOSEN: _seeds("uterus", _uterus, 1, 2)
    | _seeds("genes", _genes, 107, 109, 111)
    | _seeds("phantom", _plain_phantom, 1, 2)
    | _seeds("earlier", _earlier, 2, 3),
}
PAPER_SETS = {
    PAPER_CHOSEN: {"uterus 0": SETS[CHOSEN]["uterus 0"], "phantom 0": SETS[CHOSEN]["phantom 0"]},
    PAPER_NOT_CHOSEN: {"phantom 1": SETS[NOT_CHOSEN]["phantom 1"]},
}
Refiner = Callable[[Constraints], np.ndarray]


@dataclass(frozen=True, eq=False)
class Case:
    """Clusters of N ions with known classes, the order of the queue, and what finds them again around corrections."""

    group: str
    name: str
    labels: np.ndarray
    clusters: np.ndarray
    queue: np.ndarray
    refiners: Mapping[str, Refiner]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paper", type=Path, help="folder of runs of the paper's method")
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    options = parser.parse_args()
    start = time.monotonic()
    made = paper_cases(options.paper) if options.paper else cases()
    rows = pd.DataFrame([row for case in made for row in corrected(case)])
    text = f"{table(rows)}\n{by_set(rows)}"
    print(f"{text}\n{time.monotonic() - start:.0f} s")
    if options.write:
        results.write("corrections of the paper's method" if options.paper else "corrections", text)


def cases() -> Iterable[Case]:
    """Go through the sets, with the consensus by `joint`."""
    for group, sets in SETS.items():
        for name, make in sets.items():
            images = make()
            labels = _classes(images)
            cleaned, number = clean(images, PrepareConfig()), len(np.unique(labels[labels >= 0]))
            found = vectors(JOINT, cleaned, images.mask)
            base = consensus_clusters(found, number)
            other = consensus_clusters(vectors(HUB_CORRECTED, cleaned, images.mask), number).clusters
            refiners = {
                "spread": partial(_spread, found, base.clusters),
                "linkage": partial(_link, found, base.clusters, number),
            }
            queue = _queue(found, base.clusters, base.confidence, other)
            yield Case(group, name, labels, base.clusters, queue, refiners)


def paper_cases(folder: Path) -> Iterable[Case]:
    """Go through the runs of the paper's method, which are trained where they are missing."""
    import msiss

    for group, sets in PAPER_SETS.items():
        for name, make in sets.items():
            images = make()
            labels = _classes(images)
            number = len(np.unique(labels[labels >= 0]))
            place = folder / name
            if place.exists():  # also of another version of msiss
                trained = msiss.Run(place, images=images)
            else:
                trained = msiss.cluster(images, number, preset="quick", folder=place, progress=False)
            stored, found = trained.stored, trained.table()
            own, joint = stored.features(stored.config.result), stored.features(JOINT)
            clusters = found["cluster"].to_numpy(np.int64)
            weights = stored.result_path("weights.safetensors")
            refiners = {
                "classifier": partial(_classify, own, clusters, weights),
                "spread by its features": partial(_spread, own, clusters),
                "spread by joint": partial(_spread, joint, clusters),
            }
            queue = _queue(own, clusters, found["confidence"].to_numpy(), spectral_clusters(joint, number))
            yield Case(group, name, labels, clusters, queue, refiners)


def corrected(case: Case) -> Iterable[dict]:
    """Yield a row for each number of corrections, way of asking and draw."""
    known = np.flatnonzero(case.labels >= 0)
    stands_for = _clusters_of_classes(case.labels, case.clusters)
    queue = case.queue[case.labels[case.queue] >= 0]
    for number in NUMBERS:
        if 2 * number > len(known):
            continue
        asked = [(RANDOM, np.random.default_rng(draw).permutation(known)[:number]) for draw in range(DRAWS)]
        if len(queue) >= number:
            asked.append((QUEUE, queue[:number]))
        for how, ions in asked:
            right = stands_for[case.labels[ions]]
            said = Constraints.of(len(case.labels), dict(zip(ions.tolist(), right.tolist(), strict=True)))
            others = np.setdiff1d(known, ions)
            moved = case.clusters.copy()
            moved[ions] = right
            row = {"group": case.group, "set": case.name, "asked": how, "n": number}
            row["wrong"] = float((case.clusters[ions] != right).mean())
            row["moved all"] = ari(moved[known], case.labels[known]) - ari(case.clusters[known], case.labels[known])
            for refiner, refine in case.refiners.items():
                found = refine(said)
                for score, measure in (("ARI", ari), ("AMI", ami)):
                    before = measure(case.clusters[others], case.labels[others])
                    row[f"{refiner} {score}"] = measure(found[others], case.labels[others]) - before
                row[f"{refiner} follow"] = float((found != moved).mean())
            yield row


def table(rows: pd.DataFrame) -> str:
    """Return the mean gains by group of sets; every set has the same weight."""
    refiners = [name.removesuffix(" ARI") for name in _names(rows) if name.endswith(" ARI")]
    head = ["sets", "asked", "corrected", "of these wrong", "ARI of all by moving them"]
    head += [f"{one}: {what}" for one in refiners for what in ("ARI of the others", "AMI", "others moved")]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for group, asked, number in rows[["group", "asked", "n"]].drop_duplicates().itertuples(index=False):
        some = rows[(rows["group"] == group) & (rows["asked"] == asked) & (rows["n"] == number)]
        found = some.groupby("set", sort=False).mean(numeric_only=True)
        cells = [
            f"{group} ({len(found)})",
            asked,
            str(number),
            f"{found['wrong'].mean():.0%}",
            f"{found['moved all'].mean():+.3f}",
        ]
        for one in refiners:
            gain = found[f"{one} ARI"]
            span = f" ({gain.min():+.3f} to {gain.max():+.3f})" if len(found) > 1 else ""
            cells += [f"{gain.mean():+.3f}{span}", f"{found[f'{one} AMI'].mean():+.3f}"]
            cells.append(f"{found[f'{one} follow'].mean():.0%}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def by_set(rows: pd.DataFrame) -> str:
    """Return the gain in ARI of the others with the first refiner, set by set, for all numbers of random ions."""
    first = next(name for name in _names(rows) if name.endswith(" ARI"))
    some = rows[rows["asked"] == RANDOM]
    lines = [f"| set | {' | '.join(f'{number} random' for number in NUMBERS)} |", "| --- " * (len(NUMBERS) + 1) + "|"]
    for name in dict.fromkeys(some["set"]):
        means = [some.loc[(some["set"] == name) & (some["n"] == number), first].mean() for number in NUMBERS]
        lines.append(f"| {name} | {' | '.join('' if np.isnan(one) else f'{one:+.3f}' for one in means)} |")
    return "\n".join(lines) + "\n"


def _names(rows: pd.DataFrame) -> list[str]:
    return [str(name) for name in rows]


def _spread(found: np.ndarray, clusters: np.ndarray, said: Constraints) -> np.ndarray:
    return spread_corrections(found, clusters, said).clusters


def _link(found: np.ndarray, clusters: np.ndarray, number: int, said: Constraints) -> np.ndarray:
    return constrained_consensus(found, number, said, previous=clusters).clusters


def _classify(found: np.ndarray, clusters: np.ndarray, weights: Path, said: Constraints) -> np.ndarray:
    from msiss.learn.paper.refine import refine_paper  # imports torch

    return refine_paper(found, weights, clusters, said, progress=lambda _: None).clusters


def _classes(images: IonImages) -> np.ndarray:
    assert images.labels is not None
    known = images.labels >= 0
    return np.where(known, np.unique(np.where(known, images.labels, images.labels.max()), return_inverse=True)[1], -1)


def _queue(found: np.ndarray, clusters: np.ndarray, confidence: np.ndarray, other: np.ndarray) -> np.ndarray:
    near = nearest_among(found, np.arange(len(found)), 10)
    return review(clusters, confidence=confidence, nearest=near, others={"other": other})["ion"].to_numpy()


def _clusters_of_classes(labels: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return the cluster that stands for each class, as many classes as clusters."""
    known = labels >= 0
    common = np.zeros((labels.max() + 1, max(clusters.max(), labels.max()) + 1), dtype=np.int64)
    np.add.at(common, (labels[known], clusters[known]), 1)
    return linear_sum_assignment(common, maximize=True)[1]


if __name__ == "__main__":
    main()
