"""What a list of runs tells of each: the same on the page Runs and at the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from msiss.errors import RunError
from msiss.learn.methods import METHODS
from msiss.runs.jobs import State
from msiss.runs.labels import label_of, title_of_run
from msiss.runs.quality.evidence import evidence_of
from msiss.runs.replicates import ISOTOPES, RECALL, RECALL_BY_CHANCE, STABILITY
from msiss.runs.store import Run

ARI = "ari"
SCORE_TITLES = {RECALL: "Isotopes", RECALL_BY_CHANCE: "By chance", STABILITY: "Stability", ARI: "ARI"}
SCORE_MEANINGS = {
    RECALL: "share of the isotope pairs, ions whose m/z differ by one carbon 13, that are in one cluster.",
    RECALL_BY_CHANCE: "the same for random clusters of the same sizes: only what is above it counts.",
    STABILITY: "how well the clusters of random 80% of the ions agree (AMI: 1 for the same ones, about 0 by chance).",
    ARI: "agreement of the clusters with the known classes of the data set: 1 for the same, about 0 by chance.",
}


@dataclass(frozen=True)
class RunRow:
    """A run in a list.

    Attributes
    ----------
    identity : str
    title, note : str
        May be text of a person, to be escaped where it is shown.
    tags : tuple of str
        Of the same kind.
    pinned : bool
    method : str
        Its title.
    clusters, seed : int
    state : State
    device : str
        Empty before it began.
    seconds : float or None
        How long it took, if it has ended.
    created : datetime
    """

    identity: str
    title: str
    note: str
    tags: tuple[str, ...]
    pinned: bool
    method: str
    clusters: int
    seed: int
    state: State
    device: str
    seconds: float | None
    created: datetime


def row_of(run: Run) -> RunRow:
    """Return what a list tells of a run, without its scores."""
    label, status, config = label_of(run), run.status, run.config
    return RunRow(
        identity=run.path.name,
        title=title_of_run(run),
        note=label.note,
        tags=label.tags,
        pinned=label.pinned,
        method=METHODS[config.method].title,
        clusters=config.clusters,
        seed=config.seed,
        state=status.state,
        device=status.device,
        seconds=status.finished - status.started if status.started and status.finished else None,
        created=run.request.created,
    )


def scores_of(run: Run, labels: np.ndarray | None = None) -> Mapping[str, float]:
    """Return the scores of the result of a run, by the keys of `SCORE_TITLES`; those that are not known are left out.

    Parameters
    ----------
    run : Run
    labels : ndarray of shape (N,), int, optional
        Known class of each ion, negative if it has none.
    """
    if run.status.state != State.DONE:
        return {}
    found: dict[str, float] = {}
    try:
        evidence = evidence_of(run)
        row = None if evidence is None else evidence["representations"].get(run.config.result)
        if row is not None:
            pairs = row["pairs"].get(ISOTOPES)
            found |= {} if pairs is None else {RECALL: pairs["same_cluster"], RECALL_BY_CHANCE: pairs["chance"]}
            found |= {} if row["stability"] is None else {STABILITY: row["stability"]}
        if labels is not None and np.count_nonzero(labels >= 0) > 1:
            from msiss.analyse.metrics import ari

            found[ARI] = ari(run.clusters()[run.config.result].to_numpy(), labels)
    except RunError:  # damaged results: the pages that show them say so
        return found
    return found
