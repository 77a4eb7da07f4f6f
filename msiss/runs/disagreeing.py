"""The pairs of ions that two measures judge most differently, kept in a folder of msiss."""

import contextlib
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.analyse.representations import title_of
from msiss.data.progress import Progress, ignore
from msiss.durable import replace
from msiss.home import measures_folder

AT_ONCE = 2000  # ions; up to there two measures are compared in about a second
PAIRS = 100  # more than a person looks at
KEPT = 50  # number of files; each has some kB


def compare(first: np.ndarray, second: np.ndarray, *, text: str = "", progress: Progress = ignore) -> pd.DataFrame:
    """Return up to `PAIRS` pairs, see `msiss.analyse.disagreement.disagreements`; `text` says what is compared."""
    from msiss.analyse.disagreement import disagreements

    return disagreements(first, second, number=PAIRS, progress=lambda fraction: progress(fraction, text))


def about(first: str, second: str) -> str:
    """Return what is compared, given the names of two representations."""
    return f"Comparing {title_of(first)} and {title_of(second)}"


def kept(identity: str) -> pd.DataFrame | None:
    """Return the pairs that were kept as the answer to a question, or None."""
    try:
        return pd.read_parquet(_path(identity))
    except (OSError, ValueError):  # missing or damaged: computed again
        return None


def keep(identity: str, pairs: pd.DataFrame) -> None:
    """Keep the pairs as the answer to a question, and delete the oldest answers."""
    path = _path(identity)
    with contextlib.suppress(OSError):  # for example, a full disk
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, lambda unfinished: pairs.to_parquet(unfinished, index=False))
    others = sorted(path.parent.glob("[!.]*.parquet"), key=lambda file: file.stat().st_mtime, reverse=True)
    for old in others[KEPT:]:
        with contextlib.suppress(OSError):  # another process has deleted it
            old.unlink()


def _path(identity: str) -> Path:
    return measures_folder() / "disagreements" / f"{identity}.parquet"
