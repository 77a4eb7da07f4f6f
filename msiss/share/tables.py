"""The results of a run as tables, arrays and settings in common formats."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.data.cells import to_csv
from msiss.data.progress import Progress, ignore
from msiss.runs.store import Run
from msiss.share.data_facts import facts, how_made
from msiss.share.material import Material, gather, lacks_images


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
        known, cluster (from 0, as people have corrected it), confidence (0 to 1, or NaN if unknown), cluster_name (as
        people gave it, may be empty), original_cluster (before all corrections) and by_hand (whether a person put the
        ion into its cluster or confirmed it).

    Raises
    ------
    RunError
        If the run is not finished.
    SettingError
        If the run has no such representation, or the number of clusters is invalid.
    """
    return gather(run, by, n_clusters).table


def summary_table(material: Material) -> pd.DataFrame:
    """Return one row per cluster of the exported ions.

    Returns
    -------
    DataFrame
        Columns cluster, name, note, ions (their number), mean_confidence (NaN if unknown), mz_min, mz_max, tissue
        (False if a person said that it shows no tissue) and colour (such as "#1e78d7").
    """
    rows = []
    for number in material.clusters:
        cluster = material.grouping.clusters[number]
        members = material.table[material.table["cluster"] == number]
        known = members["confidence"].dropna()
        rows.append(
            {
                "cluster": number,
                "name": cluster.name,
                "note": cluster.note,
                "ions": len(members),
                "mean_confidence": float(known.mean()) if len(known) else np.nan,
                "mz_min": members["mz"].min(),
                "mz_max": members["mz"].max(),
                "tissue": cluster.tissue,
                "colour": cluster.colour,
            }
        )
    return pd.DataFrame(rows)


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


def decisions_table(material: Material) -> pd.DataFrame:
    """Return one row per decision about the clusters: when (UTC, ISO 8601), who, why, what and its details as JSON."""
    common = {"line", "when", "who", "why", "by", "clusters", "base", "do"}
    rows = []
    for decision in material.grouping.decisions:
        values = decision.model_dump(mode="json")
        details = {name: value for name, value in values.items() if name not in common}
        rows.append(
            {name: values[name] for name in ("when", "who", "why")} | {"what": values["do"], "details": details}
        )
    table = pd.DataFrame(rows, columns=["when", "who", "why", "what", "details"])
    table["details"] = [json.dumps(details, ensure_ascii=False) for details in table["details"]]
    return table


def data_table(material: Material) -> pd.DataFrame:
    """Return what is known about the data set: part, title and text; name and fingerprint if it is not there.

    Parts are "data", "file" (what the file says about the measurement) and "step" (from the file to the ion images).
    """
    if lacks_images(material):
        request = material.run.request
        rows = [("data", "From", request.dataset.name), ("data", "Fingerprint", request.fingerprint)]
    else:
        images = material.images
        rows = [("data", *row) for row in facts(images)]
        rows += [("file", *row) for row in images.about.items()]
        rows += [("step", title, " ".join(sentences)) for title, sentences in how_made(images).items()]
    return pd.DataFrame(rows, columns=["part", "title", "text"])


def settings(material: Material) -> dict[str, object]:
    """Return all that is needed to reproduce the clusters, as plain data.

    They are settings, fingerprint and name of the data set, version of the method, and representation and number of
    the clusters. The path of the data set is private, so only its name is there.
    """
    run, shown = material.run, material.grouping
    own = {"dataset": run.request.dataset.name, "representation": shown.by, "clusters": shown.n_clusters}
    return run.request.model_dump(mode="json") | own


def write_clusters(material: Material, path: Path, *, progress: Progress = ignore) -> None:  # noqa: ARG001
    """Write `clusters_table` of the exported ions as CSV."""
    path.write_text(to_csv(material.table), encoding="utf-8", newline="")


def write_embedding(material: Material, path: Path, *, progress: Progress = ignore) -> None:  # noqa: ARG001
    """Write `embedding_table` of the exported ions as CSV."""
    table = embedding_table(material.run)
    path.write_text(to_csv(table[table["ion"].isin(material.ions)]), encoding="utf-8", newline="")


def write_features(material: Material, path: Path, *, progress: Progress = ignore) -> None:  # noqa: ARG001
    """Write the vectors of the exported ions, shape (M, D), float32, in their order."""
    with path.open("wb") as file:
        np.save(file, material.run.features(material.grouping.by)[material.ions])


def write_settings(material: Material, path: Path, *, progress: Progress = ignore) -> None:  # noqa: ARG001
    """Write `settings` as JSON, with what the file of the data set says about the measurement."""
    path.write_text(json.dumps(settings(material) | {"about": dict(material.about)}, indent=1), encoding="utf-8")


def write_data(material: Material, path: Path, *, progress: Progress = ignore) -> None:  # noqa: ARG001
    """Write `data_table` as CSV."""
    path.write_text(to_csv(data_table(material)), encoding="utf-8", newline="")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive of small files by their names."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return archive.getvalue()
