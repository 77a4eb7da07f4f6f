"""What one truth says about one method, for `benchmarks/quality.py`: scores, and the answers to single queries."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from panel_scores import neighbours_of_class
from truths import Copies, Truth, stack_of, thinned

from msiss.analyse import measures, metrics
from msiss.analyse.consensus import consensus_clusters
from msiss.analyse.context import Gallery, contextual_vectors
from msiss.analyse.halves import across, halves, partner_ranks_apart
from msiss.analyse.representations import REPRESENTATIONS, measure_names
from msiss.analyse.similarity import TIE, cosine_similarity
from msiss.analyse.thinning import found_parents
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, clean, prepare
from msiss.learn.config import RunConfig
from msiss.learn.learned import Learned
from msiss.learn.pipeline import learn

NEIGHBOURS = (1, 10, 30)
CLASS_SCORES = {
    "purity": metrics.purity,
    "rounded purity": metrics.rounded_purity,
    "ARI": metrics.ari,
    "AMI": metrics.ami,
}
SEEDS_APART = 100  # of one consensus from the next, so that no other seed has the same

Encode = Callable[[IonImages], np.ndarray]


@dataclass(frozen=True, eq=False)
class Seen:
    """How one representation sees a data set.

    Attributes
    ----------
    features : ndarray of shape (N, D)
        In the context of all ions if the representation has one.
    encode : callable or None
        Turns further images of the same section into vectors without context; None where only the ions themselves have
        some.
    context : float or None
        See `msiss.analyse.context`.
    """

    features: np.ndarray
    encode: Encode | None
    context: float | None


@dataclass(frozen=True)
class Row:
    """The scores of one representation on one truth.

    `answers` has 1 or 0 for every single query behind a score, `groups` the group of each query that is resampled as a
    whole, such as its molecule.
    """

    truth: str
    seed: int
    representation: str
    scores: dict[str, float] = field(default_factory=dict)
    answers: dict[str, list[float]] = field(default_factory=dict)
    groups: dict[str, list[int]] = field(default_factory=dict)


def examine(
    truth: Truth, seed: int, config: RunConfig | None, *, consensuses: int = 1, apart: bool = True
) -> Iterator[Row]:
    """Score the plain measures, or with a `config` what it trains, on one truth.

    All representations are clustered alike, by the consensus of several clusterings; the scores of clusters are means
    over so many consensuses, each with a seed of its own. `apart` is whether pairs are asked in different pixels, too.
    """
    faint, copies = thinned(truth, seed) if truth.thinned else (truth.images, [])
    seen_faint = dict(_see(faint, truth.clusters, seed, config)) if truth.thinned else {}
    # What counted ions lost to their copies does not matter, so the data set without it does for all scores.
    reused = truth.counted and truth.thinned
    seen = seen_faint if reused else dict(_see(truth.images, truth.clusters, seed, config))
    even, odd = (replace(truth.images, images=half) for half in halves(truth.images.images, truth.images.mask))
    asked_apart = apart and truth.real and len(truth.pairs)
    seen_apart = dict(_see(even, truth.clusters, seed, config)) if asked_apart else {}
    for name, view in seen.items():
        row = Row(truth.name if truth.real else truth.name.split()[0], seed, name)
        clusters = [
            consensus_clusters(view.features, truth.clusters, seed=seed + SEEDS_APART * number).clusters
            for number in range(consensuses)
        ]
        if truth.images.labels is not None:
            _score_classes(row, view.features, clusters, truth.images.labels)
        if len(truth.pairs):
            _score_pairs(row, view.features, clusters, truth)
        if name in seen_apart:
            _score_apart(row, seen_apart[name], even, odd, truth)
        if name in seen_faint:
            _score_thinning(row, seen_faint[name], faint, copies)
        yield row


def _see(images: IonImages, clusters: int, seed: int, config: RunConfig | None) -> Iterator[tuple[str, Seen]]:
    if config is None:
        yield from _see_plainly(images)
    else:
        yield from _see_trained(images, clusters, seed, config)


def _see_plainly(images: IonImages) -> Iterator[tuple[str, Seen]]:
    config = PrepareConfig()
    cleaned = clean(images, config)
    for name in measure_names():
        transform = measures.fit(name, cleaned, images.mask)
        vectors, context = transform(cleaned), REPRESENTATIONS[name].context
        yield name, Seen(contextual_vectors(vectors, context), _plain_encoder(transform, config), context)


def _plain_encoder(transform: measures.Transform, config: PrepareConfig) -> Encode:
    return lambda further: transform(clean(further, config))


def _see_trained(images: IonImages, clusters: int, seed: int, config: RunConfig) -> Iterator[tuple[str, Seen]]:
    config = config.with_settings({"clusters": clusters, "seed": seed})
    ready = prepare(images, config.prepare)
    with TemporaryDirectory() as folder:
        *_, learned = learn(ready, config, checkpoints=Path(folder))
    assert isinstance(learned, Learned)
    for name in config.trained:
        encode = _trained_encoder(learned, config) if name == config.result else None
        yield name, Seen(learned.features[name], encode, REPRESENTATIONS[name].context)


def _trained_encoder(learned: Learned, config: RunConfig) -> Encode:
    return lambda further: learned.encode(prepare(further, config.prepare))


def _score_classes(row: Row, features: np.ndarray, clusters: list[np.ndarray], labels: np.ndarray) -> None:
    row.scores["n"] = float((labels >= 0).sum())
    if len(np.unique(labels[labels >= 0])) == 1:
        row.scores["R-precision"] = r_precision(features, labels == 0)
        family = np.array(list(combinations(np.flatnonzero(labels == 0), 2)))
        together = [metrics.same_cluster(one, family) for one in clusters]
        row.scores["family together"] = float(np.mean([share - chance for share, chance in together]))
        return
    for name, score in CLASS_SCORES.items():
        row.scores[name] = float(np.mean([score(one, labels) for one in clusters]))
    for k, value in zip(NEIGHBOURS, metrics.knn_purities(features, labels, NEIGHBOURS), strict=True):
        row.scores[f"{k}-NN"] = float(value)
    shares = neighbours_of_class(cosine_similarity(features), labels)
    _note(row, "10-NN", shares, np.arange(len(shares)))


def r_precision(features: np.ndarray, members: np.ndarray) -> float:
    """Return the share of members among the nearest ions of a member, of which as many count as it has relatives."""
    similarity = cosine_similarity(features)
    np.fill_diagonal(similarity, -np.inf)
    family = np.flatnonzero(members)
    nearest = np.argsort(-np.round(similarity[family] / TIE), axis=1, kind="stable")[:, : len(family) - 1]
    return float(members[nearest].mean())


def _score_pairs(row: Row, features: np.ndarray, clusters: list[np.ndarray], truth: Truth) -> None:
    ranks = metrics.partner_ranks(features, truth.pairs)
    of_each = [metrics.pair_scores_by_kind(ranks, one, truth.pairs, truth.kinds) for one in clusters]
    for kind in of_each[0]:
        prefix = "" if kind == "all" else f"{kind} "
        numbers: list[dict[str, Any]] = [dict(of_one[kind]) for of_one in of_each]
        row.scores.update({f"{prefix}{key}": float(np.mean([of[key] for of in numbers])) for key in numbers[0]})
    row.scores["together"] = row.scores["same_cluster"] - row.scores["chance"]
    same = np.mean([one[truth.pairs[:, 0]] == one[truth.pairs[:, 1]] for one in clusters], axis=0)
    _note(row, "top5", ranks <= metrics.NEAR, np.tile(truth.molecules, 2))
    _note(row, "together", same - row.scores["chance"], truth.molecules)


def _score_apart(row: Row, seen: Seen, even: IonImages, odd: IonImages, truth: Truth) -> None:
    if seen.encode is None:
        return
    ranks = partner_ranks_apart(across(seen.encode(even), seen.encode(odd), seen.context), truth.pairs)
    row.scores["apart"] = float((ranks <= metrics.NEAR).mean())
    _note(row, "apart", ranks <= metrics.NEAR, np.tile(truth.molecules, 4))


def _score_thinning(row: Row, seen: Seen, images: IonImages, copies: list[Copies]) -> None:
    if seen.encode is None:
        return
    gallery = seen.encode(images)
    found: list[np.ndarray] = []
    for one in copies:
        if not len(one.parents):
            continue
        similarity = _of_queries(seen.encode(stack_of(one.images, images.mask, images.mz)), gallery, seen.context)
        found.append(found_parents(similarity, one.parents))
        row.scores[f"{one.level}{' contrast' if one.contrast else ''}"] = float(found[-1].mean())
    row.scores["thinning"] = float(np.mean([row.scores[key] for key in row.scores if key.split()[0].isdigit()]))
    answers = np.concatenate(found)
    _note(row, "thinning", answers, np.arange(len(answers)))


def _of_queries(queries: np.ndarray, gallery: np.ndarray, context: float | None) -> np.ndarray:
    return across(queries, gallery) if context is None else Gallery(gallery, context).similarity(queries)


def _note(row: Row, score: str, answers: np.ndarray, groups: np.ndarray) -> None:
    row.answers[score] = answers.astype(float).tolist()
    row.groups[score] = groups.tolist()
