"""Clusters of a run found again around what a person said about them.

The result is stored in the run's folder as ``refined/HASH.parquet``, named by a hash of all that it depends on.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.analyse.constraints import FREE, Constraints
from msiss.analyse.representations import title_of
from msiss.data.progress import Progress, ignore
from msiss.errors import SettingError
from msiss.learn.methods import METHODS
from msiss.registry import load
from msiss.runs.decisions import Confirmed, Flagged, Merged, Moved, Refined, Split
from msiss.runs.grouping import Grouping, decide, grouping
from msiss.runs.reclustering import check_representation, keep_table, read_table
from msiss.runs.store import Run

SEEN_ONE_BY_ONE = 10  # ions of a part that was split off: of larger ones, a person has hardly looked at each


@dataclass(frozen=True, eq=False)
class Corrections:
    """Clusters of N ions, and what a person said about them.

    Attributes
    ----------
    clusters : ndarray of shape (N,), int64
        As corrected.
    confidence : ndarray of shape (N,), float32
        NaN if unknown.
    constraints : Constraints
        Must hold in the result.
    fixed : ndarray of shape (N,), bool
        Ions that stay where they are, and whose clusters no other ion joins.
    """

    clusters: np.ndarray
    confidence: np.ndarray
    constraints: Constraints
    fixed: np.ndarray


def corrections_of(corrected: Grouping) -> Corrections:
    """Return what a person said about clusters.

    Ions that were moved or confirmed one by one have the label of their cluster, and so have the ions of a small part
    that was split off. Merged and split clusters are clusters like any other: their ions belong together as much as
    those of a cluster that was found. Clusters that show no tissue stay as they are.
    """
    clusters = corrected.labels
    said = corrected.table["by_hand"].to_numpy(dtype=bool).copy()
    for decision in corrected.decisions:
        if isinstance(decision, Split):
            for number, ions in enumerate(decision.parts, start=decision.first):
                if len(ions) <= SEEN_ONE_BY_ONE:
                    part = np.array(ions, dtype=np.int64)
                    said[part[clusters[part] == number]] = True
    aside = [number for number, cluster in corrected.clusters.items() if not cluster.tissue]
    none = np.zeros((0, 2), dtype=np.int64)
    return Corrections(
        clusters,
        corrected.table["confidence"].to_numpy(dtype=np.float32),
        Constraints(np.where(said, clusters, FREE), none, none),
        np.isin(clusters, aside),
    )


def has_news(corrected: Grouping) -> bool:
    """Tell whether a person said something about clusters since they were found again the last time."""
    about = (Moved, Confirmed, Merged, Split, Flagged, Refined)
    last = next((one for one in reversed(corrected.decisions) if isinstance(one, about)), None)
    said = corrections_of(corrected)
    return not isinstance(last, Refined) and bool((said.constraints.labels[~said.fixed] != FREE).any())


def refine(
    run: Run, by: str, corrections: Corrections, *, along: str | None = None, progress: Progress = ignore
) -> pd.DataFrame:
    """Find the clusters of a run again around corrections.

    The labels of a person spread to similar ions (`msiss.analyse.spreading`). For the result of a method that has
    something of its own for it (`Method.refine`), such as a classifier, that is refined with the labels instead, unless
    `along` says by which representation ions are similar.

    Parameters
    ----------
    run : Run
        A finished run of N ions.
    by : str
        The representation whose clusters were corrected.
    corrections : Corrections
    along : str, optional
        The representation whose similar ions follow; by default that of the clusters. Where the clusters are poor, a
        better one helps much (`benchmarks/corrections.py`).
    progress : callable, optional
        See `msiss.data.progress`.

    Returns
    -------
    DataFrame
        One row per ion: cluster (int64, with the numbers of `corrections`), confidence (float32, NaN if that before was
        unknown), moved (bool, whether it left its cluster).

    Raises
    ------
    SettingError
        If nothing was said, the constraints contradict each other, or the run has no such representation.
    RunError
        If the run is not done.
    """
    kept = kept_refinement(run, by, corrections, along=along)
    if kept is not None:
        return kept
    free = np.flatnonzero(~corrections.fixed)
    constraints = corrections.constraints.subset(free)
    if constraints.is_empty:
        raise SettingError(
            "Nothing was said about these clusters that could be learned from. Move ions to the cluster that they "
            "belong to, or confirm some, then try again."
        )
    finished, vectors = run.status.finished, run.features(along or by)
    text = f"Finding the clusters again by {title_of(along or by)}"
    progress(0.0, text)
    previous = corrections.clusters
    own = METHODS[run.config.method].refine if along is None and by == run.config.result else ""
    found = _found(
        run, own, vectors[free], corrections.clusters[free], constraints, lambda share: progress(share, text)
    )
    clusters, confidence = previous.copy(), corrections.confidence.astype(np.float32)
    clusters[free] = found[0]
    if not np.isnan(confidence).all():
        confidence[free] = found[1]
    moved = clusters != previous
    table = pd.DataFrame({"cluster": clusters, "confidence": confidence, "moved": moved})
    if run.status.finished == finished:  # else it was deleted and trained again meanwhile
        keep_table(table, _path(run, by, corrections, along))
    return table


def kept_refinement(run: Run, by: str, corrections: Corrections, *, along: str | None = None) -> pd.DataFrame | None:
    """Return the stored result of `refine`, or None if it has to be computed."""
    for name in (by, along or by):
        check_representation(run, name)
    return read_table(_path(run, by, corrections, along))


def refine_grouping(
    corrected: Grouping, *, along: str | None = None, who: str = "", why: str = "", progress: Progress = ignore
) -> tuple[Grouping, np.ndarray]:
    """Find corrected clusters again, record the result as a decision, and return it.

    Returns
    -------
    Grouping
        With the new clusters.
    ndarray of shape (n,), int64
        The ions that left their clusters.

    Raises
    ------
    SettingError
        As `refine` does.
    RunError
        If the decision cannot be written.
    """
    found = refine(corrected.run, corrected.by, corrections_of(corrected), along=along, progress=progress)
    decide(corrected, as_decision(found, who=who, why=why))
    return grouping(corrected.run, corrected.by, corrected.n_clusters), np.flatnonzero(found["moved"])


def as_decision(found: pd.DataFrame, *, who: str = "", why: str = "") -> Refined:
    """Return the decision that the clusters of `refine` count from now on."""
    confidence = tuple(None if np.isnan(one) else float(one) for one in found["confidence"])
    return Refined(assigned=tuple(found["cluster"].tolist()), confidence=confidence, who=who, why=why)


def _found(
    run: Run,
    own: str,
    vectors: np.ndarray,
    previous: np.ndarray,
    constraints: Constraints,
    progress: Callable[[float], None],
) -> tuple[np.ndarray, np.ndarray]:
    if own:
        found = load(own)(vectors, run.result_path("weights.safetensors"), previous, constraints, progress=progress)
    else:
        from msiss.analyse.spreading import spread_corrections

        found = spread_corrections(vectors, previous, constraints, seed=run.config.seed, progress=progress)
    return found.clusters, found.confidence


def _path(run: Run, by: str, corrections: Corrections, along: str | None) -> Path:
    said = corrections.constraints
    digest = hashlib.sha256(f"{by}\n{along}\n{run.status.finished}\n".encode())
    for part in (
        corrections.clusters,
        corrections.confidence,
        said.labels,
        said.together,
        said.apart,
        corrections.fixed,
    ):
        digest.update(f"{part.shape}".encode())
        digest.update(np.ascontiguousarray(part).data)
    return run.path / "refined" / f"{digest.hexdigest()[:16]}.parquet"
