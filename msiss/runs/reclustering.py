"""The ions of a finished run in another number of clusters, from its stored features: nothing is trained again."""

import os
import uuid
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.analyse.representations import Representation
from msiss.learn.config import Method
from msiss.runs.store import Run


def reclustered(run: Run, n_clusters: int) -> pd.DataFrame:
    """Return the run's table of clusters for another number of clusters.

    Every representation is clustered again from its stored features: what msiss's own training ends with by the
    consensus of several clusterings, as before, all others by spectral clustering with the settings of the run. The
    paper's self-labelled representation got its own clusters from the classifier that was trained with it; that
    classifier knows no other number, so any other one are spectral clusters of the features.

    The table is kept in the run's folder as ``clusters-K.parquet`` and read from there the next time.

    Parameters
    ----------
    run : Run
        A finished run of N ions.
    n_clusters : int
        Number of clusters K, from 1 to N. For the run's own number, its own table is returned.

    Returns
    -------
    DataFrame
        Like `Run.clusters`. The confidence is NaN where nothing tells it: that of the paper's method comes from the
        classifier.

    Raises
    ------
    SettingError
        Where `n_clusters` is not between 1 and N.
    RunError
        Where the run is not done.
    """
    own = run.clusters()
    if n_clusters == run.config.clusters:
        return own
    from msiss.analyse.clustering import check_number

    check_number(n_clusters, len(own))
    path = run.path / f"clusters-{n_clusters}.parquet"
    kept = _read(path)
    if kept is not None and list(kept) == list(own):
        return kept
    table = own.assign(confidence=np.float32(np.nan))
    for name in run.representations:
        table[name.value], confidence = _cluster(run, name, n_clusters)
        if name == run.config.result and confidence is not None:
            table["confidence"] = confidence
    _keep(table, path)
    return table


def about(run: Run, n_clusters: int) -> str:
    """Return how clusters of another number than the run's own came about, or nothing for the run's own."""
    if n_clusters == run.config.clusters:
        return ""
    text = f"Re-clustered into {n_clusters}, the training had {run.config.clusters}."
    if run.config.method is Method.PAPER:
        text += (
            f" The trained classifier knows its own {run.config.clusters} clusters only: these are spectral clusters "
            "of the trained features, without a confidence."
        )
    return text


def _cluster(run: Run, name: Representation, n_clusters: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the clusters by one representation, and their confidence where the clustering tells it."""
    from msiss.analyse.clustering import spectral_clusters
    from msiss.analyse.consensus import consensus_clusters

    vectors, config = run.features(name), run.config
    if name == Representation.MSISS:
        consensus = consensus_clusters(vectors, n_clusters, seed=config.seed)
        return consensus.clusters, consensus.confidence
    return spectral_clusters(vectors, n_clusters, n_neighbours=config.neighbours, seed=config.seed), None


def _read(path: Path) -> pd.DataFrame | None:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError):  # not there, or damaged: then it is made again
        return None


def _keep(table: pd.DataFrame, path: Path) -> None:
    """Write a table in one step, so that no reader ever sees a part of it."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}")
    try:
        table.to_parquet(unfinished, index=False)
        unfinished.replace(path)
    except OSError:  # such as a full disk, or a run that may only be read: the table is shown all the same
        unfinished.unlink(missing_ok=True)
