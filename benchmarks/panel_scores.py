"""What the panel of `benchmarks/panel.py` scores on a data set whose truth is known, for `benchmarks/realism.py`.

top5    of the pairs: each ion of a pair asks for its partner; share of partners among the five nearest ions.
apart   the same across two halves: the query is the image of the even pixels, the gallery those of the odd ones, and
        whatever learns has seen the even half alone.
10-NN   of the classes: share of an ion's ten nearest that are of its class, among the ions with a class.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from panel import PANEL, similarities, without_hubs
from truths import Truth

from msiss.analyse.halves import halves
from msiss.analyse.metrics import NEAR
from msiss.analyse.similarity import TIE
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
        within = similarities(vectors, vectors)
        across = None
        if len(truth.pairs):
            of_half = fit(even, mask)
            across = similarities(of_half(even), of_half(odd))
        yield name, _answers(truth, within, across)
        yield f"{name}, CSLS", _answers(truth, without_hubs(within), None if across is None else without_hubs(across))


def _cleaned(images: IonImages) -> np.ndarray:
    return clean(images, PrepareConfig())


def _halves(images: IonImages) -> tuple[np.ndarray, np.ndarray]:
    even, odd = (_cleaned(replace(images, images=half)) for half in halves(images.images, images.mask))
    return even, odd


def _answers(truth: Truth, within: np.ndarray, across: np.ndarray | None) -> dict[str, np.ndarray]:
    scores = {}
    if across is not None:
        scores["top5"] = found(within, truth.pairs)
        scores["apart"] = found(across, truth.pairs)
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
    rivals = similarity[ions] >= similarity[ions, partners][:, None] - TIE
    rivals[np.arange(len(ions)), ions] = False
    return rivals.sum(axis=1) <= NEAR


def neighbours_of_class(similarity: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return for each ion of a class the share of the ten most similar that are of its class.

    Ions without a class (negative) are no neighbours; of ties at the tenth place, the share of the class counts.
    """
    known = labels >= 0
    similarity, labels = similarity[np.ix_(known, known)].copy(), labels[known]
    np.fill_diagonal(similarity, -np.inf)
    k = min(NEIGHBOURS, len(labels) - 1)
    same = labels[:, None] == labels
    limit = np.partition(similarity, -k, axis=1)[:, [-k]]
    nearer, tied = similarity > limit + TIE, np.abs(similarity - limit) <= TIE
    left = k - nearer.sum(axis=1)
    return ((nearer & same).sum(axis=1) + left * (tied & same).sum(axis=1) / tied.sum(axis=1)) / k
