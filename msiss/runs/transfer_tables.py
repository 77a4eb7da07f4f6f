"""The tables of a run from elsewhere, read in a child process and handed on as plain arrays and texts."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from msiss.data.stored_images import ANNOTATIONS
from msiss.runs.run_files import is_representation

LONGEST_TEXT = 2000  # characters
# Types by column; columns of clusters by representation come beside them.
CLUSTERS = {"ion": "i8", "mz": "f8", **dict.fromkeys(("name", *ANNOTATIONS), "text"), "confidence": "f4"}
MAPS = {"ion": "i8", "representation": "text", "method": "text", "x": "f4", "y": "f4"}
REGROUPED = {"cluster": "i8", "confidence": "f4"}
KNOWN = {"clusters": CLUSTERS, "maps": MAPS, "regrouped": REGROUPED}


def read_table(file: Path, kind: str, ions: int | None) -> dict[str, Any]:
    """Return the known columns of a table, in the types that a run has.

    Parameters
    ----------
    file : Path
        In the format parquet.
    kind : {"clusters", "maps", "regrouped"}
    ions : int or None
        Number of ions, if it is known already.

    Returns
    -------
    dict
        "columns": arrays of numbers and lists of texts by name; "code": the version of the method that wrote it.

    Raises
    ------
    ValueError
        If a column is missing, has another type, or is not about these ions.
    """
    table = pd.read_parquet(file)
    types = dict(KNOWN[kind])
    if kind == "clusters":
        types |= {name: "i8" for name in map(str, table) if name not in types and is_representation(name)}
    missing = set(types) - set(table) - set(ANNOTATIONS)
    if missing:
        raise ValueError(f"it has no {', '.join(sorted(missing))}")
    columns = {name: _column(table[name], types[name]) for name in map(str, table) if name in types}
    if kind == "maps":
        right = ions is not None and ((columns["ion"] >= 0) & (columns["ion"] < ions)).all()
    elif kind == "clusters":
        right = len(table) > 0 and np.array_equal(columns["ion"], np.arange(len(table)))
    else:
        right = len(table) == ions
    if not right:
        raise ValueError("it is about other ions")
    if any(column.min(initial=0) < 0 for name, column in columns.items() if types[name] == "i8"):
        raise ValueError("it has clusters with negative numbers")
    return {"columns": columns, "code": short(table.attrs.get("code"))}


def write_table(told: dict[str, Any], file: Path) -> None:
    """Write a table of `read_table`."""
    table = pd.DataFrame(told["columns"])
    if told["code"]:
        table.attrs["code"] = told["code"]
    file.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(file, index=False)


def short(value: object) -> str:
    """Return a text of limited length; empty for missing values."""
    return "" if value is None or value != value else str(value)[:LONGEST_TEXT]


def _column(column: pd.Series, dtype: str) -> Any:
    if dtype == "text":
        return [short(value) for value in column]
    if column.dtype.kind not in ("iu" if dtype == "i8" else "iuf"):
        raise ValueError(f"{column.name} is not numbers")
    numbers = column.to_numpy()
    return numbers if numbers.dtype.kind == "f" else numbers.astype(dtype)
