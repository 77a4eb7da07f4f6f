"""What the panel of `benchmarks/panel.py` scores on a data set whose truth is known, for `benchmarks/realism.py`.

top5    of the pairs: each ion of a pair asks for its partner; share of partners among the five nearest ions.
apart   the same across two halves: the query is the image of the even pixels, the gallery those of the odd ones, and
        whatever learns has seen the even half alone.
10-NN   of the classes: share of an ion's ten nearest that are of its class, among the ions with a class.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from panel import PANEL, without_hubs
from truths import Truth

from msiss.analyse.halves import across, halves
from msiss.analyse.metrics import NEAR, share_among_nearest
from msiss.analyse.similarity import ranks_among
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, clean

NEIGHBOURS = 10


def panel_answers(truth: Truth) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Yield the name of each setting, without and with hub correction, and by score what each query gave.

    The queries of pairs are both ions of each, first the first ones of all pairs; those of classes are the ions that
    have one. The score is the mean.
    """
    whole, (even, odd) = _cleaned(truth.images), _halves(truth.images)
    mask = truth.images.mask
    for name, fit in PANEL.items():
        transform = fit(whole, mask)
        vectors = transform(whole)
        within = across(vectors, vectors)
        between = None
        if len(truth.pairs):
            of_half = fit(even, mask)
            between = across(of_half(even), of_half(odd))
        yield name, _answers(truth, within, between)
        yield f"{name}, CSLS", _answers(truth, without_hubs(within), None if between is None else without_hubs(between))


def _cleaned(images: IonImages) -> np.ndarray:
    return clean(images, PrepareConfig())


def _halves(images: IonImages) -> tuple[np.ndarray, np.ndarray]:
    even, odd = (_cleaned(replace(images, images=half)) for half in halves(images.images, images.mask))
    return even, odd


def _answers(truth: Truth, within: np.ndarray, between: np.ndarray | None) -> dict[str, np.ndarray]:
    scores = {}
    if between is not None:
        scores["top5"] = found(within, truth.pairs)
        scores["apart"] = found(between, truth.pairs)
    if truth.images.labels is not None:
        scores["10-NN"] = neighbours_of_class(within, truth.images.labels)
    return scores


def found(similarity: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return for each of the 2 M queries whether its partner is among the five most similar others; ties do not count.

    Parameters
    ----------
    similarity : ndarray of shape (N, N)
        Of queries (rows) with the gallery (columns), the same ions in the same order.
    pairs : ndarray of shape (M, 2), int
    """
    ions, partners = np.concatenate([pairs, pairs[:, ::-1]]).T
    return ranks_among(similarity[ions], partners, without=ions) <= NEAR


def neighbours_of_class(similarity: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return for each ion of a class the share of the ten most similar that are of its class.

    Ions without a class (negative) are no neighbours; of ties at the tenth place, the share of the class counts.
    """
    known = labels >= 0
    similarity, labels = similarity[np.ix_(known, known)].copy(), labels[known]
    np.fill_diagonal(similarity, -np.inf)
    k = min(NEIGHBOURS, len(labels) - 1)
    return share_among_nearest(similarity, labels[:, None] == labels, k)
