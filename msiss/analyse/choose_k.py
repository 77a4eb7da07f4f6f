"""The number of clusters: criteria for each number, and a suggestion.

No single criterion determines the number of clusters, so several are computed:

eigengap
    Difference between the next eigenvalue of the neighbour graph's normalised Laplacian and the k-th: if a graph has k
    groups with few edges between them, k eigenvalues are near 0 and are followed by a wide gap (von Luxburg,
    Stat. Comput. 2007, 17, 395).
silhouette
    How much nearer an ion is to its own cluster than to the next one, by cosine distance (Rousseeuw 1987).
stability
    Agreement of clusterings of random subsets of the ions on the ions that they share (Ben-Hur et al. 2002).
split half
    Agreement of the clusterings of two measurements of the same ions, such as of even and odd pixels.
isotopes
    Share of isotope pairs in one cluster, above that of permuted clusters.

The suggestion is the number with the widest eigengap among those with nearly the best silhouette. The eigengap alone
finds the number for hundreds of ions; for few ions, each with ten neighbours, it finds only the coarsest partition,
which has a poor silhouette. `benchmarks/choose_k.py` compares rules on phantoms.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.sparse.csgraph import laplacian
from sklearn.metrics import silhouette_score

from msiss.analyse.clustering import cut, link, nearest_first, squared_distances
from msiss.analyse.metrics import ami, ari, same_cluster
from msiss.analyse.similarity import cosine_similarity, inner_products
from msiss.errors import SettingError

FEWEST_IONS = 4
MOST_CLUSTERS = 30  # evaluated by default: more are hard to inspect
SUBSETS = 6  # 15 pairs of subsets to compare
SUBSET_SHARE = 0.8
LARGEST = 1500  # ions; more are subsampled to this number, as the eigenvalues need N x N numbers
# Mean AMI of subsets. Noise without any groups has up to 0.43, phantoms have 0.50 to 0.97 (benchmarks/choose_k.py).
UNSTABLE = 0.5
NEARLY = 0.8  # of the best silhouette


@dataclass(frozen=True)
class Choice:
    """The criteria for each number of clusters, and which number is suggested.

    Attributes
    ----------
    table : DataFrame
        One row per number of clusters, with the columns k; clusters (those that are not empty); eigengap (no
        unit); silhouette (-1 to 1); stability and stability_ari (mean AMI and ARI, about 0 by chance, 1 at best);
        split_half and split_half_ari (AMI and ARI); same_cluster and chance (shares of the isotope pairs) and isotopes,
        their difference. NaN if something was not given or is not defined.
    suggestion : int
        The suggested number.
    reason : str
        One or two sentences for the user.
    ions : int
        Number of ions that were evaluated, at most `LARGEST`.
    """

    table: pd.DataFrame
    suggestion: int
    reason: str
    ions: int


def default_numbers(ions: int) -> range:
    """Return the numbers of clusters that are evaluated by default: 2 to 30, at most half the number of ions."""
    return range(2, max(2, min(MOST_CLUSTERS, ions // 2)) + 1)


def choose_k(
    features: np.ndarray,
    numbers: Sequence[int] | None = None,
    *,
    halves: tuple[np.ndarray, np.ndarray] | None = None,
    pairs: np.ndarray | None = None,
    n_neighbours: int = 10,
    seed: int = 0,
    progress: Callable[[float, str], object] | None = None,
) -> Choice:
    """Evaluate several numbers of clusters and suggest one.

    All clusterings are by `msiss.analyse.clustering.spectral_clusters`.

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One vector per ion; more than `LARGEST` ions are subsampled to that number.
    numbers : sequence of int, optional
        Numbers of clusters to evaluate, from 2 to four fifths of the ions; by default `default_numbers`.
    halves : two ndarrays of shape (N, D), optional
        Vectors of the same ions from two halves of the pixels; D may differ.
    pairs : ndarray of shape (M, 2), int, optional
        Ions that should be in one cluster, such as isotopes.
    n_neighbours : int
        Neighbours per ion in the graph, the ion itself included.
    seed : int
        The same seed gives the same result, unless ions are exact copies of each other.
    progress : callable, optional
        Called with the fraction that is done and a short text; it may raise to stop the work.

    Raises
    ------
    SettingError
        If there are fewer than four ions, or a number of clusters is impossible.
    """
    chosen, subsets = _draw(len(features), seed)
    features, pairs = features[chosen], _among(pairs, chosen, len(features))
    number = len(features)
    numbers = sorted(set(default_numbers(number) if numbers is None else numbers))
    _check(numbers, number)

    squares = squared_distances(inner_products(features))
    whole = _graph(squares, n_neighbours)
    parts = [_graph(squares[np.ix_(subset, subset)], n_neighbours) for subset in subsets]
    del squares
    half_graphs = _half_graphs(halves, chosen, n_neighbours)
    gaps = eigengaps(whole, max(numbers))
    distances = np.maximum(1 - cosine_similarity(features), 0)
    np.fill_diagonal(distances, 0)  # also for an all-zero vector
    rows = []
    for done, k in enumerate(numbers):
        if progress is not None:
            progress(done / len(numbers), f"{k} clusters")
        clusters = cut(whole, k, seed=seed)
        together, chance = same_cluster(clusters, pairs) if len(pairs) else (np.nan, np.nan)
        rows.append(
            {
                "k": k,
                "clusters": len(np.unique(clusters)),
                "eigengap": gaps[k - 1],
                "silhouette": _silhouette(distances, clusters),
                **_compared(parts, subsets, half_graphs, k, seed),
                "same_cluster": together,
                "chance": chance,
                "isotopes": together - chance,
            }
        )
    table = pd.DataFrame(rows)
    return Choice(table, *suggest(table), ions=number)


def agreement(
    features: np.ndarray,
    n_clusters: int,
    *,
    halves: tuple[np.ndarray, np.ndarray] | None = None,
    n_neighbours: int = 10,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the split half and the stability that `choose_k` gives for one number of clusters, without the rest."""
    chosen, subsets = _draw(len(features), seed)
    _check([n_clusters], len(chosen))
    squares = squared_distances(inner_products(features[chosen]))
    parts = [_graph(squares[np.ix_(subset, subset)], n_neighbours) for subset in subsets]
    found = _compared(parts, subsets, _half_graphs(halves, chosen, n_neighbours), n_clusters, seed)
    return found["split_half"], found["stability"]


def suggest(table: pd.DataFrame) -> tuple[int, str]:
    """Return the suggested number of clusters, and the reason in words.

    Parameters
    ----------
    table : DataFrame
        As of `Choice`.

    Returns
    -------
    number : int
        The one with the widest eigengap among those with a silhouette of at least `NEARLY` times the best; the smallest
        number in a tie. If no silhouette is defined, the one with the widest eigengap.
    reason : str
    """
    best = table["silhouette"].max()
    good = table[table["silhouette"] >= best - (1 - NEARLY) * abs(best)]
    candidates = good if len(good) else table
    place = int(candidates["eigengap"].to_numpy().argmax())
    k, stability = int(candidates["k"].iloc[place]), float(candidates["stability"].iloc[place])
    reason = f"Of the {len(candidates)} numbers with nearly the best silhouette, {k} has the widest eigengap."
    if len(candidates) == 1:
        reason = f"{k} clusters have the best silhouette by far."
    agree = f"subsets of the ions agree on {k} clusters by AMI {stability:.2f}"
    if stability < UNSTABLE:
        return k, f"{reason} But {agree} only: there may be no clear groups."
    return k, f"{reason} Random {agree}."


def eigengaps(graph: csr_array, most: int) -> np.ndarray:
    """Return the gaps between the smallest eigenvalues of a graph's normalised Laplacian.

    Parameters
    ----------
    graph : sparse array of shape (N, N)
        Symmetric, not negative; self-loops do not count.
    most : int
        Number of gaps, at most N - 1.

    Returns
    -------
    ndarray of shape (most,)
        Eigenvalue k + 1 minus eigenvalue k, for k = 1 .. most.
    """
    values = eigh(laplacian(graph.toarray(), normed=True), eigvals_only=True, subset_by_index=[0, most])
    return np.diff(values)


def _graph(squares: np.ndarray, n_neighbours: int) -> csr_array:
    return link(nearest_first(squares, n_neighbours), n_neighbours)


def _half_graphs(
    halves: tuple[np.ndarray, np.ndarray] | None, chosen: np.ndarray, n_neighbours: int
) -> list[csr_array]:
    return [_graph(squared_distances(inner_products(half[chosen])), n_neighbours) for half in halves or ()]


def _compared(
    parts: Sequence[csr_array],
    subsets: Sequence[np.ndarray],
    half_graphs: Sequence[csr_array],
    n_clusters: int,
    seed: int,
) -> dict[str, float]:
    """Return how far clusters of subsets agree, and those of both halves."""
    stability = _agreements([cut(part, n_clusters, seed=seed) for part in parts], subsets)
    halves = [cut(half, n_clusters, seed=seed) for half in half_graphs]
    return {
        "stability": stability[0],
        "stability_ari": stability[1],
        "split_half": ami(*halves) if halves else np.nan,
        "split_half_ari": ari(*halves) if halves else np.nan,
    }


def _draw(number: int, seed: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return which ions are evaluated, and random subsets of these."""
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(number)[:LARGEST])
    size = round(SUBSET_SHARE * len(chosen))
    return chosen, [np.sort(rng.permutation(len(chosen))[:size]) for _ in range(SUBSETS)]


def _among(pairs: np.ndarray | None, chosen: np.ndarray, number: int) -> np.ndarray:
    """Return the pairs of which both ions are selected, as indices into the selection."""
    if pairs is None:
        return np.zeros((0, 2), dtype=np.int64)
    place = np.full(number, -1)
    place[chosen] = np.arange(len(chosen))
    placed = place[pairs]
    return placed[(placed >= 0).all(axis=1)]


def _check(numbers: Sequence[int], ions: int) -> None:
    if ions < FEWEST_IONS:
        raise SettingError(f"clusters: {ions} ion images are too few to compare numbers of clusters.")
    most = round(SUBSET_SHARE * ions) - 1  # a subset must have more ions than clusters
    if not numbers or numbers[0] < 2 or numbers[-1] > most:
        raise SettingError(f"clusters: numbers from 2 to {most} can be compared with {ions} ion images.")


def _agreements(clusterings: Sequence[np.ndarray], subsets: Sequence[np.ndarray]) -> tuple[float, float]:
    """Return the mean AMI and ARI over all pairs of clusterings, on the ions that both contain."""
    scores = []
    for first, second in combinations(range(len(subsets)), 2):
        _, here, there = np.intersect1d(subsets[first], subsets[second], assume_unique=True, return_indices=True)
        one, other = clusterings[first][here], clusterings[second][there]
        scores.append((ami(one, other), ari(one, other)))
    mean_ami, mean_ari = np.mean(scores, axis=0)
    return float(mean_ami), float(mean_ari)


def _silhouette(distances: np.ndarray, clusters: np.ndarray) -> float:
    if not 1 < len(np.unique(clusters)) < len(clusters):
        return float("nan")
    return float(silhouette_score(distances, clusters, metric="precomputed"))
