"""Trials of `benchmarks/RESEARCH.md`: what each part of the method msiss sees alone, and what they see together.

    MSISS_TEST_DATA=../shared/data .venv/bin/python benchmarks/trials.py --set spatial.temperature=0.15

trains the method msiss with other settings than its own on one uterus simulation, one open phantom and the bladder, and
prints the scores of the bands, the discriminant and the network alone, of the three together, of that whitened, and of
both, which is what msiss takes.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import real_sets
import torch
import truths

from msiss.analyse import metrics
from msiss.analyse.consensus import consensus_clusters
from msiss.analyse.thinning import found_parents
from msiss.data.ion_images import IonImages
from msiss.data.prepare import prepare
from msiss.learn.config import RunConfig
from msiss.learn.learned import Learned
from msiss.learn.methods import preset_config
from msiss.learn.pipeline import learn
from msiss.learn.spatial.training import SpatialModel
from msiss.learn.spatial.views import box

SCORES = ("10-NN", "AMI", "top5", "MRR", *(str(level) for level in truths.LEVELS))


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE")
    options = parser.parse_args()
    settings = {"check": False, **dict(assignment.split("=") for assignment in options.set)}
    config = preset_config("msiss", clusters=2).with_settings(settings)
    print(f"| truth | representation | {' | '.join(SCORES)} |\n|{' --- |' * (len(SCORES) + 2)}")
    for truth in (truths.uterus(0), truths.phantom(truths.OPEN_SEEDS[0]), real_sets.bladder()):
        for name, scores in _score(truth, config).items():
            cells = [f"{scores[score]:.3f}" if score in scores else "" for score in SCORES]
            print(f"| {truth.name} | {name} | {' | '.join(cells)} |", flush=True)


def _score(truth: truths.Truth, config: RunConfig) -> dict[str, dict[str, float]]:
    images, copies = truths.thinned(truth, 0)
    model = _train(images, truth.clusters, config)
    gallery = _see(model, images, config)
    whole = gallery if truth.counted else _see(_train(truth.images, truth.clusters, config), truth.images, config)
    found: dict[str, dict[str, list[float]]] = {name: {} for name in gallery}
    for one in copies:
        stack = truths.stack_of(one.images, images.mask, images.mz)
        for name, vectors in _see(model, stack, config).items():
            share = found_parents(gallery[name], vectors, one.parents).mean()
            found[name].setdefault(str(one.level), []).append(share)  # with and without contrast
    return {
        name: _of_ions(vectors, truth) | {level: float(np.mean(shares)) for level, shares in found[name].items()}
        for name, vectors in whole.items()
    }


def _of_ions(vectors: np.ndarray, truth: truths.Truth) -> dict[str, float]:
    scores = {}
    clusters = consensus_clusters(vectors, truth.clusters).clusters
    if truth.images.labels is not None:
        scores["10-NN"] = metrics.knn_purity(vectors, truth.images.labels)
        scores["AMI"] = metrics.ami(clusters, truth.images.labels)
    if len(truth.pairs):
        pairs = metrics.pair_scores(vectors, clusters, truth.pairs)
        scores |= {"top5": pairs["top5"], "MRR": pairs["mrr"]}
    return scores


def _train(images: IonImages, clusters: int, config: RunConfig) -> SpatialModel:
    ready = prepare(images, config.prepare)
    with TemporaryDirectory() as folder:
        settings = config.with_settings({"clusters": clusters})
        *_, learned = learn(ready.images, ready.mask, settings, checkpoints=Path(folder))
    assert isinstance(learned, Learned)
    return SpatialModel.from_weights(torch.from_numpy(ready.mask), learned.weights)


@torch.inference_mode()
def _see(model: SpatialModel, images: IonImages, config: RunConfig) -> dict[str, np.ndarray]:
    """Return the vectors of every part and of what they say together."""
    ready = prepare(images, config.prepare)
    stack = torch.from_numpy(ready.images)[:, None, *box(torch.from_numpy(ready.mask))]
    seen = []
    for batch in stack.split(256):
        parts = model.parts(batch)
        together = model.together(parts)
        seen.append([*parts, together, model.whitening(together), model(batch)])
    names = ("bands", "discriminant", "network", "the three together", "whitened", "msiss")
    return {name: torch.cat(vectors).numpy() for name, vectors in zip(names, zip(*seen, strict=True), strict=True)}


if __name__ == "__main__":
    main()
