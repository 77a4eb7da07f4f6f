"""Whether what the data say without labels can be believed.

    .venv/bin/python benchmarks/evidence.py noise              200 images of nothing but counting noise
    .venv/bin/python benchmarks/evidence.py phantoms 101 103   simulated sections whose classes are known

`noise`: how many halves each measure recognises when it is fitted to the whole images, and when it is fitted to the
even halves alone, as msiss does it. Nothing can be recognised: above 1 of 200 the measure knows the noise.

`phantoms`: for the measures without training, the rank correlation (Spearman) between each column of the evidence and
the truth, that is 10-NN purity and AMI of the known classes: 1 where the evidence puts the measures in the true order.

Prints Markdown.
"""

import argparse

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from truths import phantom

from msiss.analyse import measures
from msiss.analyse.choose_k import choose_k
from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.halves import across, half_ranks, half_scores, halves
from msiss.analyse.mass_tolerance import find_pairs
from msiss.analyse.metrics import ami, knn_purity, pair_scores
from msiss.analyse.representations import REPRESENTATIONS, measure_names
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, clean
from msiss.runs.quality.compute_evidence import SeenHalves, split

CLUSTERS = 13


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("noise", "phantoms"))
    parser.add_argument("seeds", type=int, nargs="*", default=[101, 103, 105])
    options = parser.parse_args()
    if options.what == "noise":
        _noise()
    else:
        _phantoms(options.seeds)


def _noise() -> None:
    images = np.random.default_rng(0).poisson(1.0, (200, 60, 70)).astype(np.float32)
    mask = np.ones(images.shape[1:], dtype=bool)
    even, odd = halves(images, mask)
    print("| measure | fitted to whole images | fitted to even halves |\n| --- | --- | --- |")
    for name in measure_names():
        found = []
        for gallery in (images, even):
            transform = measures.fit(name, gallery, mask)
            seen = across(transform(even), transform(odd), REPRESENTATIONS[name].context)
            found.append(half_scores(half_ranks(seen))["top1"])
        print(f"| {name} | {found[0]:.3f} | {found[1]:.3f} |", flush=True)


def _phantoms(seeds: list[int]) -> None:
    correlations = []
    for seed in seeds:
        images = phantom(seed).images
        table = pd.DataFrame({str(name): _columns(name, images) for name in measure_names()}).T
        print(f"\nphantom {seed}\n\n{_markdown(table, 'measure')}", flush=True)
        evidence, truth = table.columns[:-2], table.columns[-2:]
        correlations.append(np.array([[spearmanr(table[one], table[of])[0] for of in truth] for one in evidence]))
    mean = pd.DataFrame(np.mean(correlations, axis=0), index=evidence, columns=truth)
    print(f"\nmean rank correlation over {len(seeds)} phantoms\n\n{_markdown(mean, 'evidence')}")


def _columns(name: str, images: IonImages) -> dict[str, float]:
    config = PrepareConfig()
    even, odd = split(images, np.arange(len(images)), config)
    gallery = clean(even, config)
    transform = measures.fit(name, gallery, images.mask)
    seen = SeenHalves(transform(gallery), transform(clean(odd, config)), REPRESENTATIONS[name].context)
    features = measures.vectors(name, clean(images, config), images.mask)
    clusters = spectral_clusters(features, CLUSTERS)
    agreed = choose_k(features, [CLUSTERS], halves=seen.vectors).table.iloc[0]
    pairs = pair_scores(features, clusters, find_pairs(images.mz).table[["i", "j"]].to_numpy())
    labels = images.labels
    assert labels is not None
    return {
        "halves": half_scores(half_ranks(seen.similarity))["top1"],
        "agreement": agreed["split_half"],
        "stability": agreed["stability"],
        "top5": pairs["top5"],
        "above chance": pairs["same_cluster"] - pairs["chance"],
        "10-NN purity": knn_purity(features, labels),
        "AMI": ami(clusters, labels),
    }


def _markdown(table: pd.DataFrame, first: str) -> str:
    rows = [f"| {first} | {' | '.join(table.columns)} |", "| --- " * (len(table.columns) + 1) + "|"]
    rows += [f"| {name} | {' | '.join(f'{value:.3f}' for value in row)} |" for name, row in table.iterrows()]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
