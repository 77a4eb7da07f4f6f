"""The results of a run as plain files that any program reads."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.data.ion_images import ANNOTATIONS
from msiss.errors import MsissError
from msiss.runs.reclustering import reclustered
from msiss.runs.store import Run

FILES = ("clusters.csv", "features.npy", "embedding.csv", "config.json")


def clusters_table(run: Run, n_clusters: int | None = None) -> pd.DataFrame:
    """Return one row per ion with its cluster by what the training ends with.

    Parameters
    ----------
    run : Run
    n_clusters : int, optional
        Another number of clusters than the run's own; see `msiss.runs.reclustering`.

    Returns
    -------
    DataFrame
        Columns ion (from 0), mz (Th, or the unit of the data set's own axis), name, formula, adduct and class where
        known, cluster (from 0, the largest first) and confidence (0 to 1, or NaN where nothing tells it).

    Raises
    ------
    RunError
        Where the run is not done.
    SettingError
        Where so many clusters cannot be made.
    """
    table = reclustered(run, n_clusters or run.config.clusters)
    known = [name for name in ANNOTATIONS if name in table]
    return table.assign(cluster=table[run.config.result.value])[["ion", "mz", "name", *known, "cluster", "confidence"]]


def embedding_table(run: Run) -> pd.DataFrame:
    """Return where each ion lies on each map.

    Returns
    -------
    DataFrame
        Columns ion (from 0), mz (Th), representation, method ("umap" or "tsne"), x and y (no unit).

    Raises
    ------
    RunError
        Where the run is not done.
    """
    mz = run.clusters()[["ion", "mz"]]
    return run.maps().merge(mz, on="ion", how="left")[["ion", "mz", "representation", "method", "x", "y"]]


def contents(run: Run, n_clusters: int | None = None) -> dict[str, bytes]:
    """Return the files of an export by their name.

    They are ``clusters.csv`` and ``embedding.csv`` (the tables above), ``features.npy`` (the vectors that the
    training ends with, in the order of the ions) and ``config.json`` (the settings, the data set's fingerprint and the
    version of the method, by which the result can be made again, and the number of clusters in ``clusters.csv``).

    Raises
    ------
    RunError
        Where the run is not done.
    """
    features = io.BytesIO()
    np.save(features, run.features(run.config.result))
    # Only the data set's name: its folder is nobody else's business.
    own = {
        "dataset": run.request.dataset.name,
        "representation": run.config.result.value,
        "clusters": n_clusters or run.config.clusters,
    }
    request = run.request.model_dump(mode="json") | own
    files = (
        clusters_table(run, n_clusters).to_csv(index=False, lineterminator="\n").encode(),
        features.getvalue(),
        embedding_table(run).to_csv(index=False, lineterminator="\n").encode(),
        json.dumps(request, indent=1).encode(),
    )
    return dict(zip(FILES, files, strict=True))


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files, such as from `contents`, as one ZIP archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return archive.getvalue()


def export(run: Run, folder: Path, n_clusters: int | None = None) -> None:
    """Write the files of `contents` into `folder`, and replace an earlier export there.

    Raises
    ------
    MsissError
        Where `folder` holds anything else, or cannot be written.
    RunError
        Where the run is not done.
    """
    files = contents(run, n_clusters)
    try:
        foreign = sorted(path.name for path in folder.iterdir() if path.name not in FILES) if folder.exists() else []
        if foreign:
            raise MsissError(
                f"{folder} holds other files, such as {foreign[0]}. Choose a new or an empty folder for the export."
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise MsissError(
            f"The results could not be written to {folder}: {error.strerror or error}. "
            "Check the free space and the rights of that folder, or choose another one."
        ) from error
