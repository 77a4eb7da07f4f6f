"""Trials of `benchmarks/RESEARCH.md`: what each part of the method msiss sees alone, and what they see together.

    MSISS_TEST_DATA=../shared/data .venv/bin/python benchmarks/trials.py --set spatial.temperature=0.15

trains the method msiss with other settings than its own on one uterus simulation, one open phantom, the bladder and the
genes of a cerebellum, and prints the scores of its measures without training together, of the network alone, and of
both, which is what msiss takes; all in the context of all ions.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import real_sets
import truths

from msiss.analyse import metrics
from msiss.analyse.consensus import consensus_clusters
from msiss.analyse.context import Gallery, contextual_vectors
from msiss.analyse.representations import WITH_NEIGHBOURS
from msiss.analyse.thinning import found_parents
from msiss.data.ion_images import IonImages
from msiss.data.prepare import prepare
from msiss.learn.config import RunConfig
from msiss.learn.learned import Learned
from msiss.learn.methods import preset_config
from msiss.learn.pipeline import learn
from msiss.learn.spatial.network import FEATURES

SCORES = ("10-NN", "AMI", "top5", "MRR", *(str(level) for level in truths.LEVELS))


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE")
    options = parser.parse_args()
    settings = {"check": False, **dict(assignment.split("=") for assignment in options.set)}
    config = preset_config("msiss", clusters=2).with_settings(settings)
    print(f"| truth | representation | {' | '.join(SCORES)} |\n|{' --- |' * (len(SCORES) + 2)}")
    for truth in (truths.uterus(0), truths.phantom(truths.OPEN_SEEDS[0]), real_sets.bladder(), real_sets.cerebellum()):
        for name, scores in _score(truth, config).items():
            cells = [f"{scores[score]:.3f}" if score in scores else "" for score in SCORES]
            print(f"| {truth.name} | {name} | {' | '.join(cells)} |", flush=True)


def _score(truth: truths.Truth, config: RunConfig) -> dict[str, dict[str, float]]:
    images, copies = truths.thinned(truth, 0) if truth.thinned else (truth.images, [])
    learned = _train(images, truth.clusters, config)
    whole = seen = _see(learned, images, config)
    if truth.thinned and not truth.counted:
        whole = _see(_train(truth.images, truth.clusters, config), truth.images, config)
    levels: dict[str, dict[str, float]] = {name: {} for name in whole}
    if truth.thinned:
        gallery = {name: Gallery(vectors, WITH_NEIGHBOURS) for name, vectors in seen.items()}
        found: dict[str, dict[str, list[float]]] = {name: {} for name in gallery}
        for one in copies:
            stack = truths.stack_of(one.images, images.mask, images.mz)
            for name, vectors in _see(learned, stack, config).items():
                share = found_parents(gallery[name].similarity(vectors), one.parents).mean()
                found[name].setdefault(str(one.level), []).append(share)  # with and without contrast
        levels = {name: {key: float(np.mean(of)) for key, of in shares.items()} for name, shares in found.items()}
    return {
        name: _of_ions(contextual_vectors(vectors, WITH_NEIGHBOURS), truth) | levels[name]
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


def _train(images: IonImages, clusters: int, config: RunConfig) -> Learned:
    with TemporaryDirectory() as folder:
        settings = config.with_settings({"clusters": clusters})
        *_, learned = learn(prepare(images, config.prepare), settings, checkpoints=Path(folder))
    assert isinstance(learned, Learned)
    return learned


def _see(learned: Learned, images: IonImages, config: RunConfig) -> dict[str, np.ndarray]:
    """Return the vectors of the measures without training, of the network, and of both."""
    both = learned.encode(prepare(images, config.prepare))
    return {"measures": both[:, :-FEATURES], "network": both[:, -FEATURES:], "msiss": both}


if __name__ == "__main__":
    main()
