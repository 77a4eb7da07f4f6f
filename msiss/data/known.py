"""What is known of ions from elsewhere: their classes, and pairs that belong together."""

import io
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.data.cells import as_meant
from msiss.data.ion_images import UNLABELLED
from msiss.data.small import read_small
from msiss.errors import DataError, MsissWarning

MOST_COLUMNS = 1000  # of a table of ions


def read_labels(path: Path, mz: np.ndarray, *, ppm: float = 10.0) -> np.ndarray:
    """Read known classes from a table with the columns mz and class.

    Parameters
    ----------
    path : Path
        A CSV file. Classes are text or numbers; an empty class or -1 means that it is not known.
    mz : ndarray of shape (N,), float64
        m/z of the run's ions in Th.
    ppm : float
        A row belongs to the nearest ion, where that is not further away than this. Of two rows for one ion the nearer
        counts.

    Returns
    -------
    ndarray of shape (N,), int64
        Classes numbered from 0, `UNLABELLED` where an ion has none.

    Raises
    ------
    DataError
        Where the file is not such a table, or none of its ions is in the run.

    Warns
    -----
    MsissWarning
        Where some rows are not in the run; they are left out.
    """
    table = _read_table(path)
    if not {"mz", "class"} <= set(table):
        raise DataError(f"{path.name} needs the columns mz and class; it has {_columns(table)}.")
    wanted = _numbers(table, "mz", path)
    ions = match_mz(mz, wanted, ppm=ppm)
    _report_missing(path, ions < 0, "m/z values", ppm)
    named = table["class"].astype("string").str.strip().replace({"": pd.NA, str(UNLABELLED): pd.NA})
    classes = pd.factorize(named, sort=True)[0]  # -1 where there is no class
    labels = np.full(len(mz), UNLABELLED, dtype=np.int64)
    found = np.flatnonzero(ions >= 0)
    farthest_first = found[np.argsort(-np.abs(mz[ions[found]] - wanted[found]), kind="stable")]
    labels[ions[farthest_first]] = classes[farthest_first]  # the last one written, the nearest, stays
    return labels


def read_pairs(path: Path, mz: np.ndarray, *, ppm: float = 10.0) -> pd.DataFrame:
    """Read pairs of ions that should co-localize.

    Parameters
    ----------
    path : Path
        A CSV file with the columns mz_i and mz_j in Th or, only where these are missing, i and j, the indices of the
        run's ions from 0. A column kind is optional.
    mz : ndarray of shape (N,), float64
        m/z of the run's ions in Th.
    ppm : float
        An m/z means the nearest ion, where that is not further away than this.

    Returns
    -------
    DataFrame
        Columns i, j (int64) and kind (str, "pair" where the file has none).

    Raises
    ------
    DataError
        Where the file is not such a table, or none of its pairs is in the run.

    Warns
    -----
    MsissWarning
        Where some pairs are not in the run; they are left out.
    """
    table = _read_table(path)
    if {"mz_i", "mz_j"} <= set(table):
        i, j = (match_mz(mz, _numbers(table, name, path), ppm=ppm) for name in ("mz_i", "mz_j"))
    elif {"i", "j"} <= set(table):
        i, j = (_indices(_numbers(table, name, path), len(mz)) for name in ("i", "j"))
    else:
        raise DataError(f"{path.name} needs the columns mz_i and mz_j, or i and j; it has {_columns(table)}.")
    missing = (i < 0) | (j < 0) | (i == j)
    _report_missing(path, missing, "pairs", ppm)
    kind = table["kind"].fillna("pair").astype(str) if "kind" in table else "pair"
    return pd.DataFrame({"i": i, "j": j, "kind": kind})[~missing].reset_index(drop=True)


def match_mz(mz: np.ndarray, wanted: np.ndarray, *, ppm: float) -> np.ndarray:
    """Return the index of the ion nearest to each wanted m/z in Th, or -1 where none is within `ppm`."""
    ions = np.abs(mz[None, :] - wanted[:, None]).argmin(axis=1)
    return np.where(np.abs(mz[ions] - wanted) <= wanted * ppm * 1e-6, ions, -1)


def _indices(numbers: np.ndarray, count: int) -> np.ndarray:
    possible = (numbers >= 0) & (numbers < count) & (numbers == np.floor(numbers))
    return np.where(possible, numbers, -1).astype(np.int64)


def _read_table(path: Path) -> pd.DataFrame:
    try:
        text = read_small(path).decode("utf-8-sig")
        first_line, _, _ = text.partition("\n")
        separator = max(",;\t", key=first_line.count)
        if first_line.count(separator) >= MOST_COLUMNS:
            raise DataError(f"{path.name} has more than {MOST_COLUMNS:,} columns. Give a table of ions, one per line.")
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # lines longer than the header would be cut
            # Without index_col=False pandas takes the first column of such lines for row names.
            table = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, skipinitialspace=True, index_col=False)
    except (
        OSError,
        UnicodeDecodeError,
        pd.errors.ParserError,
        pd.errors.ParserWarning,
        pd.errors.EmptyDataError,
    ) as error:
        raise DataError(
            f"{path} cannot be read as a table. Give a CSV file with as many values per line as names in its header."
        ) from error
    table = table.apply(lambda column: column.str.strip().map(as_meant, na_action="ignore"))
    table.columns = table.columns.str.strip().str.lower().str.replace("m/z", "mz")
    return table


def _numbers(table: pd.DataFrame, column: str, path: Path) -> np.ndarray:
    """Return a column of numbers; both 426.93 and, as German tables have it, 426,93."""
    numbers = pd.to_numeric(table[column].str.replace(",", "."), errors="coerce").to_numpy(dtype=np.float64)
    bad = ~np.isfinite(numbers)
    if bad.any():
        row = int(bad.argmax())
        raise DataError(f"{path.name}, line {row + 2}: {column} is not a number ({str(table[column].iloc[row])[:40]}).")
    return numbers


def _report_missing(path: Path, missing: np.ndarray, what: str, ppm: float) -> None:
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
            stacklevel=3,
        )


def _columns(table: pd.DataFrame) -> str:
    return ", ".join(table.columns)[:200]
