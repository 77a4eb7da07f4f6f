"""The ions of a run that a person should look at, from what the run and its data set tell about them."""

import contextlib
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.analyse.representations import FIRST, FIRST_FOR_CLUSTERS, title_of
from msiss.data.progress import Progress, ignore
from msiss.durable import replace
from msiss.errors import DataError
from msiss.runs.grouping import Grouping
from msiss.runs.reclustering import kept_clusters
from msiss.runs.store import Run

# Ions whose clusters an ion's own is compared with. In a cluster of fewer than six it has no majority of its own.
NEAREST = 10


def review_of(corrected: Grouping, *, progress: Progress = ignore) -> pd.DataFrame:
    """Return the ions that a person should look at, the most urgent first; see `msiss.analyse.review.review`.

    Asked are the confidence of the clusters, the nearest ions by the representation that was clustered, isotopes and
    adducts, and the clusters by the result of the training and by the two measures that were best on other data, as far
    as they are known for this number. Ions that a person has moved or confirmed, and clusters without tissue, are left
    out.

    Parameters
    ----------
    corrected : Grouping
    progress : callable, optional
        See `msiss.data.progress`. Only the nearest ions take time, and these are kept.
    """
    from msiss.analyse.review import review

    run = corrected.run
    aside = [number for number, cluster in corrected.clusters.items() if not cluster.tissue]
    return review(
        corrected.labels,
        confidence=corrected.table["confidence"].to_numpy(),
        nearest=_asked(nearest_ions(run, corrected.by, progress=progress), corrected.labels),
        pairs=pairs_of(run),
        others=_others(corrected),
        settled=corrected.table["by_hand"].to_numpy(dtype=bool) | np.isin(corrected.labels, aside),
    )


def nearest_ions(run: Run, by: str, *, progress: Progress = ignore) -> np.ndarray:
    """Return the nearest ions of each ion, shape (N, `NEAREST` or N - 1), int64, and keep them in the run's folder.

    Raises
    ------
    RunError
        If the run is not done.
    """
    kept = kept_nearest_ions(run, by)
    if kept is not None:
        return kept
    from msiss.analyse.similarity import nearest_among

    vectors = run.features(by)
    progress(0.0, f"Looking for similar ions by {title_of(by)}")
    found = nearest_among(vectors, np.arange(len(vectors)), NEAREST)
    path = _path(run, by)

    def write(unfinished: Path) -> None:
        with unfinished.open("wb") as file:  # given a path, NumPy would append .npy
            np.save(file, found)

    with contextlib.suppress(OSError):  # for example, a full disk or a read-only run
        path.parent.mkdir(exist_ok=True)
        replace(path, write)
    return found


def kept_nearest_ions(run: Run, by: str) -> np.ndarray | None:
    """Return the stored result of `nearest_ions`, or None if it has to be computed."""
    try:
        return np.load(_path(run, by))
    except (OSError, ValueError, EOFError):  # missing or damaged: computed again
        return None


def pairs_of(run: Run) -> pd.DataFrame:
    """Return the isotopes and adducts among the ions of a run: i, j and kind; none if their axis is not m/z."""
    from msiss.analyse.mass_tolerance import find_pairs

    table = run.clusters()
    with contextlib.suppress(DataError):
        images = run.images()
        if not images.axis.is_mz:
            return find_pairs(np.zeros(0)).table
        return find_pairs(table["mz"].to_numpy(), polarity=images.polarity).table
    return find_pairs(table["mz"].to_numpy()).table


def _asked(nearest: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return the nearest ions (N, n) with an ion itself in their place where its cluster is too small to have most."""
    _, place, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    small = 2 * (sizes[place] - 1) < nearest.shape[1]
    return np.where(small[:, None], np.arange(len(clusters))[:, None], nearest)


def _others(corrected: Grouping) -> dict[str, np.ndarray]:
    """Return the clusters by other representations, by title, as far as they are known."""
    run, found = corrected.run, {}
    for name in dict.fromkeys((run.config.result, FIRST, FIRST_FOR_CLUSTERS)):
        if name != corrected.by and name in run.representations:
            kept = kept_clusters(run, name, corrected.n_clusters)
            if kept is not None:
                found[title_of(name)] = kept["cluster"].to_numpy()
    return found


def _path(run: Run, by: str) -> Path:
    return run.path / "nearest" / f"{by}-{run.status.finished}.npy"
