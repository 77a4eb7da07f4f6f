"""Known classes of ions, clusters that a person puts ions into, and known pairs of ions that should co-localize."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.data.ion_images import UNLABELLED
from msiss.data.mz_matching import nearest_within
from msiss.data.table import read_table
from msiss.errors import DataError, MsissWarning


def read_labels(path: Path, mz: np.ndarray, *, ppm: float = 10.0) -> np.ndarray:
    """Read known classes from a table with the columns mz and class.

    Parameters
    ----------
    path : Path
        A table as `msiss.data.table` reads it. Classes are text or numbers; an empty class or -1 is
        unknown.
    mz : ndarray of shape (N,), float64
        m/z of the run's ions in Th.
    ppm : float
        Each row is assigned to the nearest ion within this tolerance. If two rows match the same ion, the nearer is
        used.

    Returns
    -------
    ndarray of shape (N,), int64
        Classes numbered from 0, `UNLABELLED` if unknown.

    Raises
    ------
    DataError
        If the file is not such a table, or none of its ions is in the run.

    Warns
    -----
    MsissWarning
        If some rows are not in the run; they are left out.
    """
    named = _read_named(path, mz, "class", ppm)
    numbers = {name: place for place, name in enumerate(sorted({*named.values()} - {"", str(UNLABELLED)}))}
    labels = np.full(len(mz), UNLABELLED, dtype=np.int64)
    for ion, name in named.items():
        labels[ion] = numbers.get(name, UNLABELLED)
    return labels


def read_corrections(path: Path, mz: np.ndarray, *, ppm: float = 10.0) -> dict[int, str]:
    """Read the clusters that a person puts ions into from a table with the columns mz and cluster.

    Parameters
    ----------
    path : Path
        A table as `msiss.data.table` reads it. Clusters are numbers or names; rows with an empty one are left out.
    mz, ppm
        As for `read_labels`.

    Returns
    -------
    dict of int to str
        The cluster of each ion of the table, by its index, as it is written there.

    Raises
    ------
    DataError
        If the file is not such a table, or none of its ions is in the run.

    Warns
    -----
    MsissWarning
        If some rows are not in the run; they are left out.
    """
    return {ion: name for ion, name in sorted(_read_named(path, mz, "cluster", ppm).items()) if name}


def _read_named(path: Path, mz: np.ndarray, field: str, ppm: float) -> dict[int, str]:
    """Return the text in the column `field` of each ion in a table; of several rows for an ion the nearest counts."""
    table = read_table(path)
    places = table.places("mz", field)
    if len(places) < 2:
        raise DataError(f"{path.name} needs the columns mz and {field}; it has {table.names()}.")
    wanted = table.numbers(places["mz"])
    ions = nearest_within(wanted, mz, ppm=ppm)
    _report_missing(path, ions < 0, "m/z values", ppm, above=2)
    texts = table.texts(places[field])
    found = np.flatnonzero(ions >= 0)
    farthest_first = found[np.argsort(-np.abs(mz[ions[found]] - wanted[found]), kind="stable")]
    return {int(ions[row]): texts[row] for row in farthest_first}  # the nearest is the last


def read_pairs(path: Path, mz: np.ndarray, *, ppm: float = 10.0) -> pd.DataFrame:
    """Read pairs of ions that should co-localize.

    Parameters
    ----------
    path : Path
        A table as `msiss.data.table` reads it, with the columns mz_i and mz_j in Th or, only where these are missing, i
        and j, the indices of the run's ions from 0. A column kind is optional.
    mz : ndarray of shape (N,), float64
        m/z of the run's ions in Th.
    ppm : float
        Each m/z is assigned to the nearest ion within this tolerance.

    Returns
    -------
    DataFrame
        Columns i, j (int64) and kind (str, "pair" if the file has none).

    Raises
    ------
    DataError
        If the file is not such a table, or none of its pairs is in the run.

    Warns
    -----
    MsissWarning
        If some pairs are not in the run; they are left out.
    """
    table = read_table(path)
    places = table.places("mz_i", "mz_j", "i", "j", "kind")
    if {"mz_i", "mz_j"} <= set(places):
        i, j = (nearest_within(table.numbers(places[field]), mz, ppm=ppm) for field in ("mz_i", "mz_j"))
    elif {"i", "j"} <= set(places):
        i, j = (_indices(table.numbers(places[field]), len(mz)) for field in ("i", "j"))
    else:
        raise DataError(f"{path.name} needs the columns mz_i and mz_j, or i and j; it has {table.names()}.")
    missing = (i < 0) | (j < 0) | (i == j)
    _report_missing(path, missing, "pairs", ppm, above=1)
    kind = [kind or "pair" for kind in table.texts(places["kind"])] if "kind" in places else "pair"
    return pd.DataFrame({"i": i, "j": j, "kind": kind})[~missing].reset_index(drop=True)


def _indices(numbers: np.ndarray, count: int) -> np.ndarray:
    possible = (numbers >= 0) & (numbers < count) & (numbers == np.floor(numbers))
    return np.where(possible, numbers, -1).astype(np.int64)


def _report_missing(path: Path, missing: np.ndarray, what: str, ppm: float, *, above: int) -> None:
    """Raise an error or warn; `above` is the number of functions of this module between here and the caller."""
    if missing.all():
        raise DataError(
            f"None of the {len(missing)} {what} in {path.name} is in this run within {ppm:g} ppm. "
            "Is it the file of another data set?"
        )
    if missing.any():
        warnings.warn(
            f"{missing.sum()} of the {len(missing)} {what} in {path.name} are not in this run within {ppm:g} ppm; "
            "they are left out.",
            MsissWarning,
            stacklevel=above + 2,
        )
