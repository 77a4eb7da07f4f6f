"""Clusters of some ions of a run only: a new level below a cluster, or below a selection.

They are stored in the run's folder as ``subclusters/HASH.parquet``.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.data.progress import Progress, ignore
from msiss.errors import SettingError
from msiss.runs.decisions import Split
from msiss.runs.grouping import Grouping
from msiss.runs.reclustering import check_representation, group, keep_table, read_table
from msiss.runs.store import Run


def subclusters(
    run: Run, by: str, ions: Sequence[int] | np.ndarray, n_clusters: int, *, progress: Progress = ignore
) -> pd.DataFrame:
    """Cluster some ions of a run, as its method clusters all.

    Parameters
    ----------
    run : Run
        A finished run of N ions.
    by : str
        The representation whose features are clustered.
    ions : sequence of int
        Which ions, in any order.
    n_clusters : int
        Number of parts, from 1 to the number of ions.
    progress : callable, optional
        See `msiss.data.progress`.

    Returns
    -------
    DataFrame
        One row per ion, ascending: ion (int64), part (int64, from 0, the largest first), confidence (float32, NaN if
        the method has none).

    Raises
    ------
    SettingError
        If there is no such ion or representation, or the number is impossible.
    RunError
        If the run is not done.
    """
    chosen = np.unique(np.asarray(ions, dtype=np.int64))
    kept = kept_subclusters(run, by, chosen, n_clusters)
    if kept is not None:
        return kept
    from msiss.analyse.clustering import check_number

    finished, vectors = run.status.finished, run.features(by)
    if len(chosen) and not 0 <= chosen[0] <= chosen[-1] < len(vectors):
        raise SettingError(f"ions: there are {len(vectors)} ions, numbered from 0; the choice names others.")
    check_number(n_clusters, len(chosen))
    text = f"Clustering {len(chosen):,} ions"
    progress(0.0, text)
    found = group(vectors[chosen], n_clusters, run.config, progress=lambda fraction: progress(fraction, text))
    table = pd.DataFrame({"ion": chosen, "part": found.clusters, "confidence": found.confidence})
    if run.status.finished == finished:  # else it was deleted and trained again meanwhile
        keep_table(table, _path(run, by, chosen, n_clusters))
    return table


def kept_subclusters(run: Run, by: str, ions: Sequence[int] | np.ndarray, n_clusters: int) -> pd.DataFrame | None:
    """Return the stored result of `subclusters`, or None if it has to be computed."""
    check_representation(run, by)
    return read_table(_path(run, by, np.unique(np.asarray(ions, dtype=np.int64)), n_clusters))


def as_decision(found: pd.DataFrame, before: Grouping, *, who: str = "", why: str = "") -> Split:
    """Return the decision that the parts of `subclusters` are clusters from now on, all with new numbers.

    Their parent is the cluster that all the ions are in; there is none if they are in several.
    """
    parents = np.unique(before.labels[found["ion"]])
    parts = tuple(tuple(ions.tolist()) for _, ions in found.groupby("part")["ion"])
    parent = int(parents[0]) if len(parents) == 1 else None
    return Split(parent=parent, first=before.next_number, parts=parts, who=who, why=why)


def _path(run: Run, by: str, ions: np.ndarray, n_clusters: int) -> Path:
    digest = hashlib.sha256(f"{by}\n{n_clusters}\n{run.status.finished}\n".encode())
    digest.update(ions.tobytes())
    return run.path / "subclusters" / f"{digest.hexdigest()[:16]}.parquet"
