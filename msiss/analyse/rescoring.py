"""Scores of clusters at once: those before and after a person corrected them, side by side."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from msiss.analyse import metrics
from msiss.analyse.scores import SCORES

COMPACT, ISOTOPES = "compactness", "same_cluster"


def rescore(
    clusterings: Mapping[str, np.ndarray],
    *,
    vectors: np.ndarray | None = None,
    pairs: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> pd.DataFrame:
    """Score several clusterings of the same ions.

    Parameters
    ----------
    clusterings : dict of str to ndarray of shape (N,), int64
        Such as those "before" and "after" corrections.
    vectors : ndarray of shape (N, D), optional
        One per ion, compared by the cosine, for the `compactness`.
    pairs : ndarray of shape (M, 2), int, optional
        Ions that should be in one cluster, such as isotopes.
    labels : ndarray of shape (N,), int, optional
        Known classes, negative if unknown, for those of `msiss.analyse.scores.SCORES` that score clusters.

    Returns
    -------
    DataFrame
        One row per score that could be computed: score (its name: `COMPACT`, `ISOTOPES` or that of a `Score`), one
        column per clustering, n (number of ions or pairs that it is about), and for pairs "chance NAME", the value for
        permuted clusters, NaN for the others.
    """
    rows: list[dict[str, float | str]] = []
    if vectors is not None and len(vectors):
        means = {name: compactness(vectors, clusters) for name, clusters in clusterings.items()}
        rows.append({"score": COMPACT, **means, "n": len(vectors)})
    if pairs is not None and len(pairs):
        together = {name: metrics.same_cluster(clusters, pairs) for name, clusters in clusterings.items()}
        shares = {name: share for name, (share, _) in together.items()}
        chances = {f"chance {name}": chance for name, (_, chance) in together.items()}
        rows.append({"score": ISOTOPES, **shares, "n": len(pairs), **chances})
    if labels is not None and (labels >= 0).any():
        for score in SCORES:
            if score.of == "clusters" and score.drawn:
                values = {name: score({"clusters": clusters}, labels) for name, clusters in clusterings.items()}
                rows.append({"score": score.name, **values, "n": int((labels >= 0).sum())})
    columns = ["score", *clusterings, "n", *(f"chance {name}" for name in clusterings)]
    return pd.DataFrame(rows, columns=columns)


def compactness(vectors: np.ndarray, clusters: np.ndarray) -> float:
    """Return how much more similar ions are to their own cluster than to the next one.

    It is the silhouette (Rousseeuw 1987) with the mean cosine to the ions of a cluster, which the sum of their vectors
    gives at once: mean of (a - b) / max(1 - a, 1 - b) with the mean cosine a to the others of the own cluster and b to
    the nearest other cluster. An ion alone in its cluster counts 0.

    Parameters
    ----------
    vectors : ndarray of shape (N, D)
        One per ion, compared by the cosine; one without any length is similar to none.
    clusters : ndarray of shape (N,), int

    Returns
    -------
    float
        From -1 to 1; NaN if there is one cluster only, or no cluster of two ions.
    """
    _, place, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    if len(sizes) < 2 or sizes.max() < 2:
        return float("nan")
    # The vectors, up to 40 MB, are read three times, and never copied to be of length 1.
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
    scale = (1 / np.where(lengths > 0, lengths, np.inf)).astype(vectors.dtype)
    weights = np.where(place == np.arange(len(sizes))[:, None], scale, 0)  # (K, N)
    cosines = (vectors @ (weights @ vectors).T).astype(np.float64) * scale[:, None]  # (N, K), sums
    ions, others = np.arange(len(vectors)), sizes[place] - 1
    own = (cosines[ions, place] - (lengths > 0)) / np.maximum(others, 1)
    cosines /= sizes
    cosines[ions, place] = -np.inf
    nearest = cosines.max(axis=1)
    farther = np.maximum(1 - own, 1 - nearest)
    values = (own - nearest) / np.where(farther > 0, farther, 1)
    return float(np.where(others > 0, values, 0).mean())
