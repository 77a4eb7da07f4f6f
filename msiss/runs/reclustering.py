"""Clusters of a finished run for any representation and any number of clusters, without training again."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from msiss.analyse.representations import title_of
from msiss.data.progress import Progress, ignore
from msiss.durable import replace
from msiss.errors import SettingError
from msiss.learn.config import RunConfig
from msiss.learn.methods import METHODS
from msiss.runs.request import method_version
from msiss.runs.store import Run
from msiss.words import count

if TYPE_CHECKING:  # would import scikit-learn
    from msiss.analyse.consensus import Consensus


def clusters_by(run: Run, by: str, n_clusters: int, *, progress: Progress = ignore) -> pd.DataFrame:
    """Return the clusters of a run's ions by one representation.

    For the run's own number of clusters they are part of its results. For another number the ions are clustered again
    from the stored features, by all representations alike, as the method of the run defines: by consensus
    (`Method.consensus`), or spectral clustering with the settings of the run. The run's own clusters of the paper's
    self-labelled representation are the output of a classifier that was trained for their number; for any other number
    they are spectral clusters of the features.

    New clusters are stored in the run's folder as ``clusters/BY-K.parquet`` and read from there the next time.

    Parameters
    ----------
    run : Run
        A finished run of N ions.
    by : str
        The representation whose features are clustered.
    n_clusters : int
        Number of clusters K, from 1 to N.
    progress : callable, optional
        See `msiss.data.progress`.

    Returns
    -------
    DataFrame
        One row per ion: cluster (int64, from 0, the largest first) and confidence (float32, 0 to 1, NaN if
        it is unknown: that of the paper's method is an output of the classifier).

    Raises
    ------
    SettingError
        If the run has no such representation, or `n_clusters` is not between 1 and N.
    RunError
        If the run is not done.
    """
    kept = kept_clusters(run, by, n_clusters)
    if kept is not None:
        return kept
    from msiss.analyse.clustering import check_number

    finished, vectors = run.status.finished, run.features(by)
    check_number(n_clusters, len(vectors))
    text = f"Clustering by {title_of(by)}"
    progress(0.0, text)
    found = group(vectors, n_clusters, run.config, progress=lambda fraction: progress(fraction, text))
    table = pd.DataFrame({"cluster": found.clusters, "confidence": found.confidence})
    if run.status.finished == finished:  # else it was deleted and trained again meanwhile
        keep_table(table, _path(run, by, n_clusters))
    return table


def group(
    vectors: np.ndarray, n_clusters: int, config: RunConfig, *, progress: Callable[[float], object] | None = None
) -> "Consensus":
    """Group ions by vectors (N, D) as the method of a run does; the confidence of spectral clusters is NaN."""
    from msiss.analyse.clustering import spectral_clusters
    from msiss.analyse.consensus import Consensus, consensus_clusters

    if METHODS[config.method].consensus:
        return consensus_clusters(vectors, n_clusters, seed=config.seed, progress=progress)
    clusters = spectral_clusters(vectors, n_clusters, n_neighbours=config.neighbours, seed=config.seed)
    return Consensus(clusters, np.full(len(vectors), np.nan, dtype=np.float32))


def kept_clusters(run: Run, by: str, n_clusters: int) -> pd.DataFrame | None:
    """Return the stored result of `clusters_by`, or None if it has to be computed."""
    check_representation(run, by)
    if n_clusters != run.config.clusters:
        return read_table(_path(run, by, n_clusters))
    own = run.clusters()
    confidence = own["confidence"] if by == run.config.result else np.float32(np.nan)
    return pd.DataFrame({"cluster": own[by]}).assign(confidence=confidence)


def check_representation(run: Run, by: str) -> None:
    """Raise a `SettingError` if a run has no such representation."""
    if by not in run.representations:
        raise SettingError(f"by: this run has no {by}. It has: {', '.join(run.representations)}.")


def about(run: Run, by: str, n_clusters: int) -> str:
    """Return how the clusters were made if their number is not that of the run, else an empty string."""
    if n_clusters == run.config.clusters:
        return ""
    text = f"Re-clustered into {count(n_clusters, 'cluster')}; the run was trained with {run.config.clusters}."
    lost = METHODS[run.config.method].about_other_numbers
    if lost and by == run.config.result:
        text += f" {lost.format(clusters=run.config.clusters)}"
    return text


def _path(run: Run, by: str, n_clusters: int) -> Path:
    return run.path / "clusters" / f"{by}-{n_clusters}.parquet"


def read_table(path: Path) -> pd.DataFrame | None:
    """Return a table that `keep_table` wrote; None if there is none, or another version of the method wrote it."""
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError):  # missing or damaged: computed again
        return None
    return table if table.attrs.get("code") == method_version() else None


def keep_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table beside the run, unless that is impossible."""
    table.attrs["code"] = method_version()  # other code may cluster in another way
    with contextlib.suppress(OSError):  # for example, a full disk or a read-only run: they are still returned
        path.parent.mkdir(exist_ok=True)
        replace(path, lambda unfinished: table.to_parquet(unfinished, index=False))
