"""Vectors of a data set by the measures without training, whether or not it has runs.

They are cached in a folder of msiss, in files named by a hash of all inputs.
"""

import contextlib
import hashlib
from pathlib import Path

import numpy as np

from msiss.analyse.representations import title_of
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, clean
from msiss.data.progress import Progress, ignore
from msiss.durable import replace
from msiss.home import measures_folder
from msiss.runs.request import method_version

KEPT = 20  # number of files; one of 5,000 ions has 100 MB


def measured(images: IonImages, measure: str, config: PrepareConfig, *, progress: Progress = ignore) -> np.ndarray:
    """Return one vector per ion by a measure without training, the same as in a run with these settings.

    Parameters
    ----------
    images : IonImages
        Of N ions.
    measure : str
        One of `msiss.analyse.representations.measure_names`.
    config : PrepareConfig
    progress : callable, optional
        See `msiss.data.progress`.

    Returns
    -------
    ndarray of shape (N, D), float32
        Read-only if it is mapped from a file.
    """
    kept = kept_vectors(images.fingerprint, measure, config)
    if kept is not None:
        return kept
    from msiss.analyse.measures import vectors

    progress(0.0, f"Comparing by {title_of(measure)}")
    found = vectors(measure, clean(images, config), images.mask)
    _keep(found, _path(images.fingerprint, measure, config))
    return found


def kept_vectors(fingerprint: str, measure: str, config: PrepareConfig) -> np.ndarray | None:
    """Return the stored result of `measured`, or None if there is none."""
    try:
        return np.load(_path(fingerprint, measure, config), mmap_mode="r")
    except (OSError, ValueError):  # missing or damaged: computed again
        return None


def _path(fingerprint: str, measure: str, config: PrepareConfig) -> Path:
    parts = [fingerprint, measure, config.model_dump_json(), method_version()]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return measures_folder() / f"{key}.npy"


def _keep(vectors: np.ndarray, path: Path) -> None:
    def write(unfinished: Path) -> None:
        with unfinished.open("wb") as file:  # given a path, NumPy would append .npy
            np.save(file, vectors)

    with contextlib.suppress(OSError):  # for example, a full disk: the vectors are still returned
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, write)
    others = sorted(path.parent.glob("[!.]*.npy"), key=lambda file: file.stat().st_mtime, reverse=True)
    for old in others[KEPT:]:
        with contextlib.suppress(OSError):  # another process reads it or has deleted it
            old.unlink()
