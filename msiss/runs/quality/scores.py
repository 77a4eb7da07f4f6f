"""Scores of the representations of a finished run against known classes and pairs."""

from typing import Any, TypedDict

import numpy as np
import pandas as pd

from msiss.analyse import metrics
from msiss.analyse.representations import title_of
from msiss.analyse.scores import SCORES
from msiss.data.progress import Progress, ignore
from msiss.runs.quality.evidence import Evidence, evidence_of
from msiss.runs.store import Run

NEIGHBOURS = range(1, 31)  # as in Fig. 2e of Hu, Bindu & Laskin (2022)


# The scores of one representation: a float or None by the name of each of `SCORES`; "knn", the k-NN purity for k = 1 to
# 30; and "pairs", the `PairScores` by kind. They are None or empty if no classes or pairs were given.
RepresentationScores = dict[str, Any]


class Scores(TypedDict):
    """The scores by representation; `default` is the result of the training.

    `evidence` is None for a run of an earlier version that did not compute it.
    """

    representations: dict[str, RepresentationScores]
    default: str
    evidence: Evidence | None


def score(
    run: Run,
    *,
    labels: np.ndarray | None = None,
    pairs: pd.DataFrame | None = None,
    progress: Progress = ignore,
) -> Scores:
    """Score each representation of `run` and its clusters in the results of the run.

    Parameters
    ----------
    run : Run
        A finished run of N ions.
    labels : ndarray of shape (N,), int64, optional
        Known class of each ion, negative if it has none.
    pairs : DataFrame, optional
        Columns i and j, the indices of two ions that should co-localize, and kind, such as from `read_pairs`. Each kind
        is scored separately, and all of them together as "all".
    progress : callable, optional
        See `msiss.data.progress`.

    Returns
    -------
    Scores
        JSON-compatible.

    Raises
    ------
    RunError
        If the run is not done.
    """
    clusters = run.clusters()
    scores = {}
    for done, representation in enumerate(run.representations):
        progress(done / len(run.representations), f"Scoring {title_of(representation)}")
        scores[representation] = _score_one(
            run.features(representation), clusters[representation].to_numpy(), labels, pairs
        )
    return {"representations": scores, "default": run.config.result, "evidence": evidence_of(run)}


def _score_one(
    features: np.ndarray, clusters: np.ndarray, labels: np.ndarray | None, pairs: pd.DataFrame | None
) -> RepresentationScores:
    scores: RepresentationScores = dict.fromkeys(SCORES.names) | {"knn": [], "pairs": {}}
    if labels is not None and np.count_nonzero(labels >= 0) > 1:
        purities = metrics.knn_purities(features, labels, NEIGHBOURS)
        found = {"clusters": clusters, "features": features, "neighbours": purities}
        scores |= {score.name: score(found, labels) for score in SCORES}
        scores["knn"] = purities.tolist()
    if pairs is not None:
        indices = pairs[["i", "j"]].to_numpy()
        ranks = metrics.partner_ranks(features, indices)
        scores["pairs"] = metrics.pair_scores_by_kind(ranks, clusters, indices, pairs["kind"].tolist())
    return scores
