"""Score every representation of a finished run against known classes and against pairs that belong together."""

from typing import TYPE_CHECKING, TypedDict

import numpy as np
import pandas as pd

from msiss.analyse import metrics
from msiss.analyse.representations import TITLES
from msiss.data.progress import Progress, ignore
from msiss.runs.store import Run

if TYPE_CHECKING:
    from msiss.runs.quality.evidence import Evidence

NEIGHBOURS = range(1, 31)  # as in Fig. 2e of Hu, Bindu & Laskin (2022)


class RepresentationScores(TypedDict):
    """The scores of one representation; None or empty where the classes or pairs for it were not given."""

    purity: float | None
    rounded_purity: float | None
    ari: float | None
    ami: float | None
    knn10: float | None
    knn: list[float]  # k-NN purity for k = 1 .. 30
    pairs: dict[str, metrics.PairScores]


class Scores(TypedDict):
    """The scores by name of the representation, and which of them the training ends with.

    `evidence` is what the data say by themselves; None for runs of versions that did not look.
    """

    representations: dict[str, RepresentationScores]
    default: str
    evidence: "Evidence | None"


def score(
    run: Run,
    *,
    labels: np.ndarray | None = None,
    pairs: pd.DataFrame | None = None,
    progress: Progress = ignore,
) -> Scores:
    """Score every representation of `run`, with the clusters of the run.

    Parameters
    ----------
    run : Run
        A finished run of N ions.
    labels : ndarray of shape (N,), int64, optional
        Known class of each ion, negative where it has none.
    pairs : DataFrame, optional
        Columns i and j, the indices of two ions that should co-localize, and kind, such as from `read_pairs`. Each kind
        is scored, and "all" of them together.
    progress : callable, optional
        See `msiss.data.progress`.

    Returns
    -------
    Scores
        Ready for JSON.

    Raises
    ------
    RunError
        Where the run is not done.
    """
    clusters = run.clusters()
    scores = {}
    for done, representation in enumerate(run.representations):
        progress(done / len(run.representations), f"Scoring {TITLES[representation]}")
        scores[str(representation)] = _score_one(
            run.features(representation), clusters[str(representation)].to_numpy(), labels, pairs
        )
    return {"representations": scores, "default": str(run.config.result), "evidence": run.evidence()}


def _score_one(
    features: np.ndarray, clusters: np.ndarray, labels: np.ndarray | None, pairs: pd.DataFrame | None
) -> RepresentationScores:
    scores: RepresentationScores = {
        "purity": None,
        "rounded_purity": None,
        "ari": None,
        "ami": None,
        "knn10": None,
        "knn": [],
        "pairs": {},
    }
    if labels is not None and np.count_nonzero(labels >= 0) > 1:
        scores["purity"] = metrics.purity(clusters, labels)
        scores["rounded_purity"] = metrics.rounded_purity(clusters, labels)
        scores["ari"] = metrics.ari(clusters, labels)
        scores["ami"] = metrics.ami(clusters, labels)
        scores["knn"] = metrics.knn_purities(features, labels, NEIGHBOURS).tolist()
        scores["knn10"] = scores["knn"][NEIGHBOURS.index(10)]
    if pairs is not None:
        indices = pairs[["i", "j"]].to_numpy()
        ranks = metrics.partner_ranks(features, indices)
        scores["pairs"] = metrics.pair_scores_by_kind(ranks, clusters, indices, pairs["kind"].tolist())
    return scores
