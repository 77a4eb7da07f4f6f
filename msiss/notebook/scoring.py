"""Scores of a run against known classes and pairs, in a notebook."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from msiss.data.ion_images import UNLABELLED
from msiss.errors import DataError
from msiss.runs.store import Run

Classes = str | os.PathLike[str] | Sequence[str | int]


def scores(run: Run, labels: Classes | np.ndarray | None, pairs: str | os.PathLike[str] | None) -> pd.DataFrame:
    """Score every representation; see `msiss.notebook.run.Run.scores`."""
    from msiss.data import foreign
    from msiss.runs.quality.scores import score

    mz = run.clusters()["mz"].to_numpy()
    table = foreign.read_pairs(Path(pairs), mz) if pairs is not None else None
    known = None if labels is None else classes(labels, mz)
    rows = {}
    for name, values in score(run, labels=known, pairs=table)["representations"].items():
        of_pairs: Mapping[str, Any] = values["pairs"].get("all") or {}
        of_classes = {key: values[key] for key in ("purity", "ari", "ami", "knn10")}
        rows[name] = of_classes | {key: of_pairs.get(key) for key in ("top5", "mrr", "same_cluster", "chance")}
    return pd.DataFrame.from_dict(rows, orient="index", dtype=float).rename_axis("representation")


def classes(labels: Classes | np.ndarray, mz: np.ndarray) -> np.ndarray:
    """Return the class of each ion (N,) as numbers from 0, `UNLABELLED` if unknown.

    Parameters
    ----------
    labels : path or sequence
        A table of known classes, or the class of each ion, empty or negative if unknown.
    mz : ndarray of shape (N,)
        Of the ions of the run.

    Raises
    ------
    DataError
        If the table cannot be read, or there are more or fewer classes than ions.
    """
    from msiss.data import foreign

    if isinstance(labels, str | os.PathLike):
        return foreign.read_labels(Path(labels), mz)
    given = pd.Series(list(labels))
    if len(given) != len(mz):
        raise DataError(f"labels has {len(given)} classes, but the run has {len(mz)} ions.")
    if pd.api.types.is_numeric_dtype(given):
        return given.fillna(UNLABELLED).to_numpy(dtype=np.int64)
    return pd.factorize(given.replace("", None))[0].astype(np.int64)
