"""Maps of ion images: two-dimensional embeddings of feature vectors."""

import warnings
from contextlib import suppress
from functools import cache
from typing import Literal

import numpy as np

from msiss.analyse.vectors import unit

Method = Literal["umap", "tsne"]
METHODS: tuple[Method, ...] = ("umap", "tsne")
WORKING_MEMORY = 64  # MB for blocks of distances in t-SNE; scikit-learn's default is 1024


def project(features: np.ndarray, method: Method, *, seed: int) -> np.ndarray:
    """Embed feature vectors in the plane by their cosine distances.

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One vector per ion.
    method : {"umap", "tsne"}
        UMAP with 15 neighbours (McInnes et al. 2018) or t-SNE with perplexity 30 (van der Maaten & Hinton 2008), the
        defaults of their authors; fewer for small N. Up to three ions are embedded exactly. UMAP computes exact
        neighbours up to N = 4096, and approximate ones by nearest-neighbour descent above (Dong et al. 2011).
    seed : int
        The same seed gives the same map.

    Returns
    -------
    ndarray of shape (N, 2), float32
        Positions without a unit; only neighbourhoods have a meaning.
    """
    if len(features) <= 3:
        return _exact(features)
    points = _umap(features, seed) if method == "umap" else _tsne(features, seed)
    return points.astype(np.float32)


def _umap(features: np.ndarray, seed: int) -> np.ndarray:
    import umap  # takes two seconds

    _keep_compiled()
    number = len(features)
    with warnings.catch_warnings():
        # UMAP then starts from a random layout.
        warnings.filterwarnings("ignore", message="Spectral initialisation failed")
        return umap.UMAP(
            n_neighbors=min(15, number - 1),
            metric="cosine",
            disconnection_distance=np.inf,  # an ion opposite to all others would have no position otherwise
            random_state=seed,
            n_jobs=1,  # required for reproducibility; umap warns if it has to correct it
        ).fit_transform(features)


@cache
def _keep_compiled() -> None:
    """Have numba keep the functions of UMAP on disk, as it keeps our own: compiling them takes ten seconds."""
    import umap
    from numba.core.dispatcher import Dispatcher

    for module in (umap.distances, umap.layouts, umap.umap_, umap.utils):
        for function in vars(module).values():
            if isinstance(function, Dispatcher) and not function.stats.cache_path:
                with suppress(RuntimeError):  # no folder for it can be written to
                    function.enable_caching()


def _tsne(features: np.ndarray, seed: int) -> np.ndarray:
    from sklearn import config_context
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    number = len(features)
    # The PCA initialisation divides by the variance along the first axis, which is 0 for identical vectors.
    spread = features.shape[1] >= 2 and bool((features != features[0]).any())
    tsne = TSNE(
        metric="cosine",
        perplexity=min(30, (number - 1) / 3),
        init="pca" if spread else "random",
        random_state=seed,
    )
    # Its threads synchronise after every step, which on a busy machine, as beside a training, takes ten times longer
    # than a single thread (79 ions: 13 s against 0.3 s, measured with two cores shared by four processes).
    with threadpool_limits(1), config_context(working_memory=WORKING_MEMORY):
        return tsne.fit_transform(features)


def _exact(features: np.ndarray) -> np.ndarray:
    directions = unit(features)
    axes, scale, _ = np.linalg.svd(directions - directions.mean(axis=0), full_matrices=False)
    points = np.zeros((len(features), 2), dtype=np.float32)
    used = min(2, len(scale))
    points[:, :used] = (axes * scale)[:, :used]
    return points
