"""How hard the phantom is: what plain measures make of it, and what could be made of it.

    python benchmarks/phantom.py

Prints one table row per seed and measure. The last one, ``known patterns``, gives each ion the class whose noise-free
image, times the sensitivity of the instrument, correlates best with it (both after a square root). It knows what no
method can know, and shows how much of the truth the counts still hold.
"""

import numpy as np

from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.metrics import ami, ari, knn_purity, purity
from msiss.analyse.similarity import image_vectors, metaspace_vectors
from msiss.data.prepare import PrepareConfig, clean
from msiss.phantom.anatomy import CLASSES
from msiss.phantom.section import Phantom, make_phantom

SEEDS = (0, 1, 2)
CLUSTERS = (len(CLASSES), 20)


def known_patterns(phantom: Phantom) -> np.ndarray:
    """Return the class that each ion resembles most."""
    mask = phantom.images.mask
    classes = []
    for image, adduct in zip(phantom.images.images, phantom.truth["adduct"], strict=True):
        expected = np.sqrt(phantom.profiles * phantom.sensitivity[adduct])[:, mask]  # (C, P)
        correlations = np.corrcoef(expected, np.sqrt(image[mask]))[-1, :-1]
        classes.append(correlations.argmax())
    return np.array(classes)


def rows(seed: int) -> list[list[str]]:
    """Return the table rows of one seed."""
    phantom = make_phantom(seed=seed)
    labels, mask = phantom.images.labels, phantom.images.mask
    assert labels is not None
    cleaned = clean(phantom.images, PrepareConfig())
    measures = {"image-vectors": image_vectors(cleaned, mask), "metaspace": metaspace_vectors(cleaned, mask)}
    table = []
    for name, vectors in measures.items():
        near = f"{knn_purity(vectors, labels):.3f}"
        for number in CLUSTERS:
            found = spectral_clusters(vectors, number)
            scores = [f"{score(found, labels):.3f}" for score in (purity, ari, ami)]
            table.append([str(seed), name, str(number), *scores, near])
    known = known_patterns(phantom)
    scores = [f"{score(known, labels):.3f}" for score in (purity, ari, ami)]
    return [*table, [str(seed), "known patterns", "-", *scores, "-"]]


def main() -> None:
    """Print the table."""
    header = ["seed", "measure", "clusters", "purity", "ARI", "AMI", "10-NN purity"]
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    for seed in SEEDS:
        for row in rows(seed):
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
