"""How well every representation finds the known classes of the phantom.

For each of three phantoms, and at the true number of classes as well as at 20 clusters, the method is run as the
dashboard runs it, and every representation is scored: purity, ARI, AMI and 10-nearest-neighbour purity.

    .venv/bin/python benchmarks/quality.py                                        the quick preset
    .venv/bin/python benchmarks/quality.py --preset paper --encoder efficientnet-lite0 --set prepare.side=64 --jobs 2

Prints Markdown for RESULTS.md: the mean over the seeds, and the standard deviation.
"""

import argparse
import os
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import torch

from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.metrics import ami, ari, knn_purity, purity
from msiss.analyse.representations import Representation
from msiss.analyse.similarity import image_vectors, metaspace_vectors
from msiss.data.phantom import make_phantom
from msiss.data.prepare import clean, prepare
from msiss.learn.config import Encoder, Preset, RunConfig
from msiss.learn.pipeline import Learned, learn

CLUSTERS = (13, 20)  # the true number of classes, and the larger number of the paper's Table 1


def main() -> None:
    """Run and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", type=Preset, default=Preset.QUICK)
    parser.add_argument("--encoder", type=Encoder, default=Encoder.EFFICIENTNET_LITE0)
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--clusters", type=int, nargs="+", default=CLUSTERS)
    parser.add_argument("--jobs", type=int, default=1, help="phantoms at a time, each with an equal share of the cores")
    options = parser.parse_args()
    config = RunConfig.from_preset(options.preset, clusters=2, encoder=options.encoder)
    config = config.with_settings(dict(assignment.split("=") for assignment in options.set))
    start = time.monotonic()
    with ProcessPoolExecutor(options.jobs, get_context("spawn"), torch.set_num_threads, [_cores(options.jobs)]) as pool:
        scored = pool.map(_score_phantom, options.seeds, repeat(config), repeat(options.clusters))
        table = pd.concat(scored)
    print(f"\n{config.encoder}, {config.prepare.side} px, {_epochs(config)} epochs, seeds {options.seeds}, ", end="")
    print(f"{(time.monotonic() - start) / 60:.0f} min in all\n")
    groups = table.groupby(["clusters", "representation"], sort=False)
    print(f"| clusters | representation | {' | '.join(table.columns[3:])} |\n|{' --- |' * (len(table.columns) - 1)}")
    for (clusters, name), rows in groups:
        cells = [f"{rows[score].mean():.3f} ± {rows[score].std(ddof=1):.3f}" for score in table.columns[3:]]
        print(f"| {clusters} | {name} | {' | '.join(cells)} |")


def _score_phantom(seed: int, config: RunConfig, numbers: list[int]) -> pd.DataFrame:
    phantom = make_phantom(seed=seed)
    cleaned = clean(phantom.images, config.prepare)
    plain = {
        Representation.IMAGE_VECTORS: image_vectors(cleaned, phantom.images.mask),
        Representation.METASPACE: metaspace_vectors(cleaned, phantom.images.mask),
    }
    prepared = prepare(phantom.images, config.prepare)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for clusters in numbers:
            # Contrastive learning does not depend on the number of clusters: the second round resumes behind it.
            checkpoints = Path(folder) / str(clusters)
            checkpoints.mkdir()
            if clusters != numbers[0]:
                shutil.copy(Path(folder) / str(numbers[0]) / "contrastive.safetensors", checkpoints)
            settings = config.with_settings({"clusters": clusters, "seed": seed})
            *_, learned = learn(prepared.images, prepared.mask, settings, checkpoints=checkpoints)
            assert isinstance(learned, Learned)
            for name, vectors in (plain | learned.features).items():
                found = learned.clusters.get(name)
                if found is None:
                    found = spectral_clusters(vectors, clusters, n_neighbours=settings.neighbours, seed=seed)
                rows.append(_row(seed, clusters, name, vectors, found, phantom.images.labels))
                print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def _row(seed, clusters, name, vectors, found, labels):
    return {
        "seed": seed,
        "clusters": clusters,
        "representation": name.value,
        "purity": purity(found, labels),
        "ARI": ari(found, labels),
        "AMI": ami(found, labels),
        "10-NN purity": knn_purity(vectors, labels, k=10),
    }


def _cores(jobs: int) -> int:
    return max(1, (os.cpu_count() or 1) // jobs)


def _epochs(config: RunConfig) -> str:
    return f"{config.contrastive.epochs} + {config.classifier.epochs} + {config.self_label.epochs}"


if __name__ == "__main__":
    main()
