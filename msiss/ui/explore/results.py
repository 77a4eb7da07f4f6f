"""The results of a finished run as the pages need them, cached in memory."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.prepare import clean
from msiss.data.prepare import mean_images as averaged
from msiss.runs.analyses import ClustersQuestion
from msiss.runs.decisions import digest
from msiss.runs.decisions import stamp as decisions_stamp
from msiss.runs.grouping import Grouping, corrected
from msiss.runs.reclustering import kept_clusters
from msiss.runs.store import Run
from msiss.ui.explore.view import View, title
from msiss.ui.widgets import analysis


def clusters(shown: View) -> pd.DataFrame:
    """Return cluster and confidence of each ion before all corrections, see `kept_clusters`; do not modify them.

    If they must be computed first, show the progress and stop the page.
    """
    with suppress(_NotComputedError):
        return _clusters(*_identity(shown.run), shown.by, shown.clusters)
    table = analysis.result(_question(shown), f"Making {title(shown)}", place="clusters")
    if table is None:
        st.stop()
    return table


def grouping(shown: View) -> Grouping:
    """Return the clusters as people have corrected them; do not modify its table.

    If the clusters must be computed first, show the progress and stop the page.
    """
    run = shown.run
    return _grouping(*_identity(run), shown.by, shown.clusters, decisions_stamp(run), run, clusters(shown))


def mean_intensities(images: IonImages) -> np.ndarray:
    """Return the mean intensity of each ion over the measured pixels, shape (N,)."""
    return _mean_intensities(images.fingerprint, images)


def positions(run: Run, representation: str, method: str) -> np.ndarray:
    """Return the coordinates of the ions on a map, shape (N, 2)."""
    return _positions(*_identity(run), representation, method, run)


def features(run: Run, representation: str) -> np.ndarray:
    """Return the vectors of the ions, shape (N, D); do not modify them."""
    return _features(*_identity(run), representation, run)


def mean_images(shown: View, images: IonImages) -> dict[int, np.ndarray]:
    """Return the mean image of each cluster that has ions, shape (H, W); every ion image is scaled to [0, 1] first."""
    table = grouping(shown).table
    return means_of(shown, images, table["cluster"].to_numpy())


def means_of(shown: View, images: IonImages, labels: np.ndarray) -> dict[int, np.ndarray]:
    """Return the mean image of each cluster of a clustering (N,) that differs little from that of the run."""
    found = clusters(shown)["cluster"].to_numpy(dtype=np.int64)
    return _mean_images(*_identity(shown.run), digest(found), digest(labels), shown.run, images, found, labels)


def _identity(run: Run) -> tuple[str, float | None]:
    """Return what identifies the results of a run: one that is deleted and trained again has another finishing time."""
    return str(run.path), run.status.finished


class _NotComputedError(Exception):
    """These clusters have not been computed."""


def _question(shown: View) -> ClustersQuestion:
    return ClustersQuestion(
        run=shown.run.path.resolve(), finished=shown.run.status.finished, by=shown.by, clusters=shown.clusters
    )


@st.cache_resource(show_spinner=False, max_entries=20)
def _clusters(path: str, finished: float | None, by: str, number: int) -> pd.DataFrame:
    table = kept_clusters(Run(Path(path)), by, number)
    if table is None:
        raise _NotComputedError  # errors are not cached
    return table


@st.cache_resource(show_spinner=False, max_entries=20)
def _grouping(
    path: str, finished: float | None, by: str, number: int, stamp: str, _run: Run, _found: pd.DataFrame
) -> Grouping:
    return corrected(_run, by, number, _found)


@st.cache_resource(show_spinner="Averaging the ion images", max_entries=20)
def _mean_intensities(fingerprint: str, _images: IonImages) -> np.ndarray:
    means = _images.mean_intensities()
    means.flags.writeable = False
    return means


@st.cache_resource(show_spinner=False, max_entries=20)
def _positions(path: str, finished: float | None, representation: str, method: str, _run: Run) -> np.ndarray:
    return _run.positions(representation, method)


@st.cache_resource(show_spinner=False, max_entries=6)
def _features(path: str, finished: float | None, representation: str, _run: Run) -> np.ndarray:
    return _run.features(representation)


@st.cache_resource(show_spinner=False, max_entries=20)
def _mean_images(
    path: str,
    finished: float | None,
    found: str,
    members: str,
    _run: Run,
    _images: IonImages,
    _found: np.ndarray,
    _members: np.ndarray,
) -> dict[int, np.ndarray]:
    """Average the images of each cluster: of those that were moved, only these images are taken again."""
    sums = {one: total.copy() for one, total in _sums(path, finished, found, _run, _images, _found).items()}
    moved = np.flatnonzero(_found != _members)
    for ion, image in zip(moved.tolist(), clean(_images, _run.config.prepare, moved), strict=True):
        sums[int(_found[ion])] -= image
        sums.setdefault(int(_members[ion]), np.zeros(_images.shape))
        sums[int(_members[ion])] += image
    sizes = dict(zip(*(one.tolist() for one in np.unique(_members, return_counts=True)), strict=True))
    means = {one: np.maximum(sums[one] / size, 0).astype(np.float32) for one, size in sizes.items()}
    for mean in means.values():
        mean.flags.writeable = False  # all sessions share it
    return means


@st.cache_resource(show_spinner="Averaging the ion images", max_entries=10)
def _sums(
    path: str, finished: float | None, found: str, _run: Run, _images: IonImages, _found: np.ndarray
) -> dict[int, np.ndarray]:
    means = averaged(_images, _run.config.prepare, _found)
    return {one: mean.astype(np.float64) * np.count_nonzero(_found == one) for one, mean in means.items()}
