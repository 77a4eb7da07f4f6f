"""What one truth says about one method, for `benchmarks/quality.py`: scores, and the answers to single queries."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from truths import Copies, Truth, stack_of, thinned

from msiss.analyse import measures, metrics
from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.consensus import consensus_clusters
from msiss.analyse.representations import measure_names
from msiss.analyse.thinning import found_parents
from msiss.data.ion_images import IonImages
from msiss.data.prepare import clean, prepare
from msiss.learn.config import RunConfig
from msiss.learn.learned import Learned
from msiss.learn.paper.config import PaperConfig
from msiss.learn.pipeline import learn

NEIGHBOURS = (1, 10, 30)

Encode = Callable[[IonImages], np.ndarray]


@dataclass(frozen=True, eq=False)
class Seen:
    """How one representation sees a data set.

    Attributes
    ----------
    features : ndarray of shape (N, D)
    clusters : ndarray of shape (N,)
        As the dashboard shows them.
    encode : callable or None
        Turns further images of the same section into features; None where only the ions themselves have some.
    """

    features: np.ndarray
    clusters: np.ndarray
    encode: Encode | None


@dataclass(frozen=True)
class Row:
    """The scores of one representation on one truth, and 1 or 0 (or a share) for every single query behind them."""

    truth: str
    seed: int
    representation: str
    scores: dict[str, float] = field(default_factory=dict)
    answers: dict[str, list[float]] = field(default_factory=dict)


def examine(truth: Truth, seed: int, config: RunConfig | None) -> Iterator[Row]:
    """Score the plain measures, or with a `config` what it trains, on one truth."""
    faint, copies = thinned(truth, seed)
    seen_faint = dict(_see(faint, truth.clusters, seed, config))
    # What counted ions lost to their copies does not matter, so the data set without it does for all scores.
    seen = seen_faint if truth.counted else dict(_see(truth.images, truth.clusters, seed, config))
    for name, view in seen.items():
        row = Row(truth.name.split()[0], seed, name)
        if truth.images.labels is not None:
            _score_classes(row, view, truth.images.labels, truth.clusters, seed)
        if len(truth.pairs):
            _score_pairs(row, view, truth)
        _score_thinning(row, seen_faint[name], faint, copies)
        yield row


def _see(images: IonImages, clusters: int, seed: int, config: RunConfig | None) -> Iterator[tuple[str, Seen]]:
    if config is None:
        yield from _see_plainly(images, clusters, seed)
    else:
        yield from _see_trained(images, clusters, seed, config)


def _see_plainly(images: IonImages, clusters: int, seed: int) -> Iterator[tuple[str, Seen]]:
    config = PaperConfig(clusters=clusters)
    cleaned = clean(images, config.prepare)
    for name in measure_names():
        transform = measures.fit(name, cleaned, images.mask)
        features = transform(cleaned)
        found = spectral_clusters(features, clusters, n_neighbours=config.neighbours, seed=seed)
        yield str(name), Seen(features, found, _plain_encoder(transform, config))


def _plain_encoder(transform: measures.Transform, config: RunConfig) -> Encode:
    return lambda further: transform(clean(further, config.prepare))


def _see_trained(images: IonImages, clusters: int, seed: int, config: RunConfig) -> Iterator[tuple[str, Seen]]:
    config = config.with_settings({"clusters": clusters, "seed": seed})
    ready = prepare(images, config.prepare)
    with TemporaryDirectory() as folder:
        *_, learned = learn(ready.images, ready.mask, config, checkpoints=Path(folder))
    assert isinstance(learned, Learned)
    for name in config.trained:
        features = learned.features[name]
        found = learned.clusters.get(name)
        if found is None:
            found = spectral_clusters(features, clusters, n_neighbours=config.neighbours, seed=seed)
        encode = _trained_encoder(learned, config) if name is config.result else None
        yield str(name), Seen(features, found, encode)


def _trained_encoder(learned: Learned, config: RunConfig) -> Encode:
    return lambda further: learned.encode(prepare(further, config.prepare).images)


def _score_classes(row: Row, seen: Seen, labels: np.ndarray, clusters: int, seed: int) -> None:
    row.scores["purity"] = metrics.purity(seen.clusters, labels)
    row.scores["rounded purity"] = metrics.rounded_purity(seen.clusters, labels)
    row.scores["ARI"] = metrics.ari(seen.clusters, labels)
    row.scores["AMI"] = metrics.ami(seen.clusters, labels)
    consensus = consensus_clusters(seen.features, clusters, seed=seed).clusters
    row.scores["AMI of consensus"] = metrics.ami(consensus, labels)
    for k, value in zip(NEIGHBOURS, metrics.knn_purities(seen.features, labels, NEIGHBOURS), strict=True):
        row.scores[f"{k}-NN"] = float(value)


def _score_pairs(row: Row, seen: Seen, truth: Truth) -> None:
    ranks = metrics.partner_ranks(seen.features, truth.pairs)
    for kind, scores in metrics.pair_scores_by_kind(ranks, seen.clusters, truth.pairs, truth.kinds).items():
        prefix = "" if kind == "all" else f"{kind} "
        numbers: dict[str, Any] = dict(scores)
        row.scores.update({f"{prefix}{key}": float(value) for key, value in numbers.items()})
    row.answers["top5"] = (ranks <= metrics.NEAR).astype(float).tolist()


def _score_thinning(row: Row, seen: Seen, images: IonImages, copies: list[Copies]) -> None:
    if seen.encode is None:
        return
    answers: list[float] = []
    for one in copies:
        if not len(one.parents):
            continue
        encoded = seen.encode(stack_of(one.images, images.mask, images.mz))
        found = found_parents(seen.features, encoded, one.parents).astype(float)
        row.scores[f"{one.level}{' contrast' if one.contrast else ''}"] = float(found.mean())
        answers += found.tolist()
    row.scores["thinning"] = float(np.mean([row.scores[key] for key in row.scores if key.split()[0].isdigit()]))
    row.answers["thinning"] = answers
