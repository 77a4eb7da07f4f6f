"""The results of a run as files in common formats."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.data.cells import to_csv
from msiss.errors import MsissError
from msiss.runs.reclustering import clusters_by
from msiss.runs.store import Run


def clusters_table(run: Run, by: str | None = None, n_clusters: int | None = None) -> pd.DataFrame:
    """Return one row per ion with its cluster.

    Parameters
    ----------
    run : Run
    by : str, optional
        Representation of the clusters; by default the result of the training.
    n_clusters : int, optional
        Number of clusters; by default that of the run. See `msiss.runs.reclustering`.

    Returns
    -------
    DataFrame
        Columns ion (from 0), mz (Th, or the unit of the axis of the data set), name, formula, adduct and class if
        known, cluster (from 0, the largest first) and confidence (0 to 1, or NaN if unknown).

    Raises
    ------
    RunError
        If the run is not finished.
    SettingError
        If the run has no such representation, or the number of clusters is invalid.
    """
    found = clusters_by(run, by or run.config.result, n_clusters or run.config.clusters)
    return run.ions().assign(cluster=found["cluster"], confidence=found["confidence"])


def embedding_table(run: Run) -> pd.DataFrame:
    """Return the position of each ion on each map.

    Returns
    -------
    DataFrame
        Columns ion (from 0), mz (Th), representation, method ("umap" or "tsne"), x and y (no unit).

    Raises
    ------
    RunError
        If the run is not finished.
    """
    mz = run.ions()[["ion", "mz"]]
    return run.maps().merge(mz, on="ion", how="left")[["ion", "mz", "representation", "method", "x", "y"]]


def content(name: str, run: Run, by: str | None = None, n_clusters: int | None = None) -> bytes:
    """Return the content of one of the `FILES` of an export.

    They are ``clusters.csv`` and ``embedding.csv`` (the tables above), ``features.npy`` (the vectors of the
    representation, in the order of the ions) and ``config.json`` (all that is needed to reproduce the result: settings,
    fingerprint of the data set and version of the method; and the representation and number of the clusters).

    Parameters
    ----------
    name : str
    run : Run
    by : str, optional
        Representation of the clusters and features; by default the result of the training.
    n_clusters : int, optional
        Number of clusters; by default that of the run.

    Raises
    ------
    RunError
        If the run is not finished.
    SettingError
        If the run has no such representation, or the number of clusters is invalid.
    """
    return FILES[name](run, by or run.config.result, n_clusters or run.config.clusters)


def contents(run: Run, by: str | None = None, n_clusters: int | None = None) -> dict[str, bytes]:
    """Return the content of all files of an export by name; see `content`."""
    return {name: content(name, run, by, n_clusters) for name in FILES}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive of files, such as those of `contents`."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return archive.getvalue()


def export(run: Run, folder: Path, by: str | None = None, n_clusters: int | None = None) -> None:
    """Write the files of `contents` to `folder`, and replace an earlier export in it.

    Raises
    ------
    MsissError
        If `folder` contains other files, or cannot be written.
    RunError
        If the run is not finished.
    """
    files = contents(run, by, n_clusters)
    try:
        foreign = sorted(path.name for path in folder.iterdir() if path.name not in FILES) if folder.exists() else []
        if foreign:
            raise MsissError(
                f"{folder} contains other files, such as {foreign[0]}. Choose a new or an empty folder for the export."
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise MsissError(
            f"The results could not be written to {folder}: {error.strerror or error}. "
            "Check the free space and the permissions of that folder, or choose another one."
        ) from error


def _clusters_csv(run: Run, by: str, n_clusters: int) -> bytes:
    return to_csv(clusters_table(run, by, n_clusters)).encode()


def _features_npy(run: Run, by: str, _n_clusters: int) -> bytes:
    features = io.BytesIO()
    np.save(features, run.features(by))
    return features.getvalue()


def _embedding_csv(run: Run, _by: str, _n_clusters: int) -> bytes:
    return to_csv(embedding_table(run)).encode()


def _config_json(run: Run, by: str, n_clusters: int) -> bytes:
    # The path of the data set is private, so only its name is written.
    own = {"dataset": run.request.dataset.name, "representation": by, "clusters": n_clusters}
    return json.dumps(run.request.model_dump(mode="json") | own, indent=1).encode()


FILES: dict[str, Callable[[Run, str, int], bytes]] = {
    "clusters.csv": _clusters_csv,
    "features.npy": _features_npy,
    "embedding.csv": _embedding_csv,
    "config.json": _config_json,
}
