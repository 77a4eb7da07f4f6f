"""Replicates: trainings that differ in their seed only, and what they have in common.

They are runs like any other. Which runs are replicates of each other follows from their requests, so that nothing else
has to be kept, and a run that was trained before counts at once.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

import numpy as np

from msiss.analyse.scores import SCORES
from msiss.learn.config import RunConfig
from msiss.runs.jobs import UNFINISHED, State
from msiss.runs.quality.evidence import evidence_of
from msiss.runs.store import Run, RunStore

MOST_SEEDS = 2**31
ISOTOPES = "13C"
RECALL, RECALL_BY_CHANCE, STABILITY = "recall", "recall_by_chance", "stability"


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation of n values; NaN where there are too few."""

    mean: float
    sd: float
    n: int

    def __str__(self) -> str:
        """Return it as in "0.840 ± 0.031", without a deviation of a single value; empty without any."""
        if math.isnan(self.mean):
            return ""
        return f"{self.mean:.3f}" if math.isnan(self.sd) else f"{self.mean:.3f} ± {self.sd:.3f}"

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return that of some values."""
        number = len(values)
        return cls(fmean(values) if number else math.nan, stdev(values) if number > 1 else math.nan, number)


@dataclass(frozen=True, eq=False)
class ReplicateSummary:
    """What R finished replicates of N ions have in common.

    Attributes
    ----------
    runs : tuple of Run
        By seed.
    scores : dict of str to dict of str to Spread
        By representation and score: `RECALL`, the share of isotope pairs in one cluster, and `RECALL_BY_CHANCE`, that
        of permuted clusters; `STABILITY`, see `msiss.runs.quality.evidence`; and, if classes are known, the names of
        `msiss.analyse.scores.SCORES` of clusters. What is not known is left out.
    isotopes : int
        Number of pairs of ions whose m/z differ by one carbon 13.
    company : ndarray of shape (N,), float64
        How far each ion keeps the same company in the clusters of the result, see
        `msiss.analyse.matching.kept_company`; 1 for a single run.
    ari, ami : Spread
        Agreement of the clusters of the result over all pairs of runs.
    """

    runs: tuple[Run, ...]
    scores: dict[str, dict[str, Spread]]
    isotopes: int
    company: np.ndarray
    ari: Spread
    ami: Spread


def seeds(config: RunConfig, number: int) -> list[RunConfig]:
    """Return the settings with `number` successive seeds, the first their own."""
    return [config.model_copy(update={"seed": (config.seed + more) % MOST_SEEDS}) for more in range(number)]


def create_replicates(store: RunStore, run: Run, number: int) -> list[Run]:
    """Return `number` replicates of a run, itself first; those that do not exist are created, not started."""
    request = run.request
    return [
        store.create(dataset=request.dataset, fingerprint=request.fingerprint, config=config)
        for config in seeds(run.config, number)
    ]


def replicates_of(run: Run, runs: Iterable[Run]) -> list[Run]:
    """Return those of `runs` that differ from a run in their seed only, itself among them, by seed."""
    found = [one for one in runs if _but_for_the_seed(one) == _but_for_the_seed(run)]
    return sorted(found, key=lambda one: one.config.seed)


def progress_of(runs: Sequence[Run]) -> tuple[int, float]:
    """Return how many of the runs are done, and the fraction of all work that is."""
    statuses = [run.status for run in runs]
    done = sum(status.state == State.DONE for status in statuses)
    fraction = sum(1.0 if status.state == State.DONE else status.fraction for status in statuses)
    return done, fraction / max(len(runs), 1)


def stop_all(runs: Iterable[Run]) -> None:
    """Ask all of the runs that are queued or running to stop, the waiting ones first, so that none takes its place."""
    unfinished = [(run, run.status.state) for run in runs]
    for run, state in sorted(unfinished, key=lambda one: one[1] == State.RUNNING):
        if state in UNFINISHED:
            run.request_stop()


def summarise(runs: Iterable[Run], labels: np.ndarray | None = None) -> ReplicateSummary | None:
    """Return what replicates have in common; None if none of them is done.

    Parameters
    ----------
    runs : iterable of Run
        From `replicates_of`; those that are not done are left out.
    labels : ndarray of shape (N,), int, optional
        Known class of each ion, negative if it has none.

    Raises
    ------
    RunError
        If the results of a run are damaged.
    """
    from msiss.analyse.matching import agreement, kept_company

    done = [run for run in runs if run.status.state == State.DONE]
    if not done:
        return None
    values: dict[str, dict[str, list[float]]] = {}
    clusterings, isotopes = [], 0
    for run in done:
        table, evidence = run.clusters(), evidence_of(run)
        clusterings.append(table[run.config.result].to_numpy())
        rows: dict[str, Any] = {} if evidence is None else dict(evidence["representations"])
        for name in run.representations:
            found = _of_evidence(rows.get(name)) | _of_classes(table[name].to_numpy(), labels)
            for score, value in found.items():
                values.setdefault(name, {}).setdefault(score, []).append(value)
        if evidence is not None and evidence["pairs"] and ISOTOPES in evidence["pairs"]:
            isotopes = evidence["pairs"][ISOTOPES]["n"]
    several = len(done) > 1
    ari, ami = agreement(clusterings) if several else (np.array([]), np.array([]))
    return ReplicateSummary(
        runs=tuple(done),
        scores={name: {score: Spread.of(found) for score, found in scores.items()} for name, scores in values.items()},
        isotopes=isotopes,
        company=kept_company(clusterings) if several else np.ones(len(clusterings[0])),
        ari=Spread.of(ari.tolist()),
        ami=Spread.of(ami.tolist()),
    )


def _but_for_the_seed(run: Run) -> tuple[str, str, str]:
    return run.request.fingerprint, run.config.model_copy(update={"seed": 0}).model_dump_json(), run.request.method


def _of_evidence(row: Any | None) -> dict[str, float]:
    if row is None:
        return {}
    found = {} if row["stability"] is None else {STABILITY: row["stability"]}
    if ISOTOPES in row["pairs"]:
        pairs = row["pairs"][ISOTOPES]
        found |= {RECALL: pairs["same_cluster"], RECALL_BY_CHANCE: pairs["chance"]}
    return found


def _of_classes(clusters: np.ndarray, labels: np.ndarray | None) -> dict[str, float]:
    if labels is None or np.count_nonzero(labels >= 0) < 2:
        return {}
    return {score.name: score({"clusters": clusters}, labels) for score in SCORES if score.of == "clusters"}
