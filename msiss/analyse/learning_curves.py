"""Quality of learned representations: the measures behind the figures of the paper.

References
----------
Hu, Bindu & Laskin, Chem. Sci. 2022, 13, 90, doi:10.1039/D1SC04077D: linear evaluation (Fig. 2b), confidence against
accuracy (Fig. 2f), alignment and uniformity over the epochs (Fig. S4).
Wang & Isola, Understanding contrastive representation learning through alignment and uniformity on the hypersphere,
ICML 2020: the definitions of the last two.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from msiss.analyse import metrics
from msiss.analyse.similarity import cosine_blocks

FOLDS = 5
SHARPNESS = 2  # t of Wang & Isola's Gaussian kernel exp(-t d^2)
ITERATIONS = 2000  # standardised features converge within a few hundred


def alignment(first: np.ndarray, second: np.ndarray) -> float:
    """Return the mean squared distance of positive pairs of vectors, after each vector is scaled to length 1.

    Parameters
    ----------
    first, second : ndarray of shape (M, D)
        Row i of both is a pair, such as two views of one ion image; no vector may be all zero.

    Returns
    -------
    float
        From 0, if both vectors of every pair have the same direction, to 4, if they are opposite.
    """
    first, second = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in (first, second))
    return float(np.square(first - second).sum(axis=1).mean())


def uniformity(features: np.ndarray) -> float:
    """Return how uniformly vectors are distributed on the sphere: log of the mean of exp(-2 d^2) over all pairs.

    Parameters
    ----------
    features : ndarray of shape (N, D)
        Scaled to length 1 here; N at least 2.

    Returns
    -------
    float
        0 if all have the same direction; more negative for a more uniform distribution.
    """
    number = len(features)
    total = 0.0
    for rows, cosines in cosine_blocks(features, features):
        kernel = np.exp(-SHARPNESS * (2 - 2 * cosines.astype(np.float64)))  # d^2 of unit vectors is 2 - 2 cos
        kernel[np.arange(len(kernel)), np.arange(number)[rows]] = 0
        total += kernel.sum()
    return float(np.log(total / (number * (number - 1))))


def linear_evaluation(features: np.ndarray, labels: np.ndarray, *, seed: int = 0) -> float:
    """Return the cross-validated accuracy of a linear classifier of features.

    Logistic regression on standardised features with five stratified folds, or fewer if every class has fewer ions. A
    class with fewer ions than folds is left out, as some training fold might lack it.

    Parameters
    ----------
    features : ndarray of shape (N, D)
    labels : ndarray of shape (N,), int
        Known class of each ion; ions with a negative class are unlabelled and left out.
    seed : int
        Of the folds.

    Returns
    -------
    float
        From 0 to 1; NaN if fewer than two classes have two ions each.
    """
    classes, sizes = np.unique(labels[labels >= 0], return_counts=True)
    folds = min(FOLDS, np.sort(sizes)[-2]) if len(sizes) > 1 else 1  # at least two classes are kept
    if folds < 2:
        return float("nan")
    kept = np.isin(labels, classes[sizes >= folds])
    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=ITERATIONS))
    parts = StratifiedKFold(int(folds), shuffle=True, random_state=seed)
    correct = cross_val_score(classifier, features[kept], labels[kept], cv=parts)  # (folds,)
    sizes_of_folds = [len(test) for _, test in parts.split(features[kept], labels[kept])]
    return float(np.average(correct, weights=sizes_of_folds))


def confidence_curve(
    confidence: np.ndarray, correct: np.ndarray, thresholds: Sequence[float] | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return accuracy and share of the ions whose confidence is above each threshold.

    Parameters
    ----------
    confidence : ndarray of shape (N,)
        Probability of each ion's cluster.
    correct : ndarray of shape (N,), bool or float
        Whether the ion is in the right cluster, such as one whose majority has its class; or how far it is, from 0 to
        1, such as the share of its neighbours that are in its cluster.
    thresholds : sequence of T float

    Returns
    -------
    accuracy : ndarray of shape (T,)
        Mean over the kept ions, such as the share that is correct; NaN if none is kept.
    kept : ndarray of shape (T,)
        Share of all ions whose confidence is above the threshold.
    """
    above = confidence > np.asarray(thresholds)[:, None]  # (T, N)
    number = above.sum(axis=1)
    right = (above * correct).sum(axis=1)
    accuracy = np.divide(right, number, out=np.full(len(number), np.nan), where=number > 0)
    return accuracy, number / len(confidence)


def refinement_curve(clusters: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how well the clusters agree with known classes while they are refined (Fig. 2g).

    Parameters
    ----------
    clusters : ndarray of shape (E + 1, N), int
        Before the first epoch and in each of E epochs; negative where an epoch left an ion out.
    labels : ndarray of shape (N,), int
        Known class of each ion, negative if it has none.

    Returns
    -------
    purity, ari, ami : ndarray of shape (E + 1,), float64
        Over the ions with a class that the epoch had; NaN if it had none.
    """
    rows = []
    for epoch in clusters:
        seen = np.where(epoch < 0, -1, labels)
        rows.append((metrics.purity(epoch, seen), metrics.ari(epoch, seen), metrics.ami(epoch, seen)))
    purity, ari, ami = np.array(rows).T
    return purity, ari, ami
