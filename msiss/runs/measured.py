"""Vectors by the measures that need no training, of a data set that may not have been trained on yet.

They are kept in a folder of msiss under the hash of all that they depend on.
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
from msiss.runs.store import method_version

KEPT = 20  # files; of 5,000 ions each has 100 MB


def measured(images: IonImages, measure: str, config: PrepareConfig, *, progress: Progress = ignore) -> np.ndarray:
    """Return one vector per ion by a measure without training, as a training with these settings would have it.

    Parameters
    ----------
    images : IonImages
        Of N ions.
    measure : str
        One of `msiss.analyse.representations.measures`.
    config : PrepareConfig
    progress : callable, optional
        See `msiss.data.progress`.

    Returns
    -------
    ndarray of shape (N, D), float32
        Not to be changed: it may lie in a file.
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
    """Return the same as `measured` where it was computed before, else None."""
    try:
        return np.load(_path(fingerprint, measure, config), mmap_mode="r")
    except (OSError, ValueError):  # not there, or damaged: then it is made again
        return None


def _path(fingerprint: str, measure: str, config: PrepareConfig) -> Path:
    parts = [fingerprint, measure, config.model_dump_json(), method_version()]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return measures_folder() / f"{key}.npy"


def _keep(vectors: np.ndarray, path: Path) -> None:
    def write(unfinished: Path) -> None:
        with unfinished.open("wb") as file:  # else NumPy adds an ending to the name
            np.save(file, vectors)

    with contextlib.suppress(OSError):  # such as a full disk: the vectors are shown all the same
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, write)
    others = sorted(path.parent.glob("[!.]*.npy"), key=lambda file: file.stat().st_mtime, reverse=True)
    for old in others[KEPT:]:
        with contextlib.suppress(OSError):  # another process reads it, or has removed it
            old.unlink()
