"""The tables of annotations in an AnnData file, in all encodings of anndata 0.6 to 0.12."""

from typing import Any

import numpy as np

from msiss.data import column_names
from msiss.data.formats.hdf5 import Folder, Unusable, Values


class Frame:
    """The table obs or var, which is read by columns.

    Parameters
    ----------
    parent : Folder
        The group that contains the table.
    key : str
        Its name there.

    Attributes
    ----------
    columns : list of str
        Names of the columns, without the index.
    index : list of str
        Names of the rows.

    Raises
    ------
    Unusable
        If it is not a table.
    """

    def __init__(self, parent: Folder, key: str) -> None:
        self._table = parent[key]
        self._old_categories = parent.folder("uns")  # anndata 0.6 stores the names of categories here
        self._key = key
        if isinstance(self._table, Values):
            fields = self._table.fields
            if not fields:
                raise Unusable(f"{key} is not a table.")
            index = "index" if "index" in fields else fields[0]
        else:
            fields = [name for name in self._table if name != "__categories"]
            index = text(self._table.attribute("_index")) or ("_index" if "_index" in fields else "index")
            if index not in fields:
                raise Unusable(f"{key} has no index.")
        self.columns = [name for name in fields if name != index]
        self.index = self.texts(index)

    def __len__(self) -> int:
        return len(self.index)

    def numbers(self, column: str) -> np.ndarray:
        """Return a column as float64, NaN for missing or invalid values."""
        values, codes = self._values(column)
        if values.dtype.kind in "fiub":
            numbers = values.astype(np.float64)
        else:
            found = (column_names.number(text(value)) for value in values)
            numbers = np.array([np.nan if value is None else value for value in found])
        return numbers if codes is None else np.append(numbers, np.nan)[codes]

    def texts(self, column: str) -> list[str]:
        """Return a column as text; missing values are empty."""
        values, codes = self._values(column)
        texts = [text(value) for value in values]
        if codes is None:
            return texts
        texts.append("")  # the code -1
        return [texts[code] for code in codes]

    def _values(self, column: str) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the values of a column and None, or its categories and their codes; -1 is a missing value."""
        categories: Any = None
        if isinstance(self._table, Values):
            values = self._table.read(column)
            if self._old_categories and f"{column}_categories" in self._old_categories:
                categories = self._old_categories.values(f"{column}_categories")
        else:
            entry = self._table[column]
            if isinstance(entry, Values):
                values = entry.read()
                reference = entry.attribute("categories")  # in anndata 0.7
                categories = entry.file.follow(reference) if reference else None
            elif "codes" in entry:
                values, categories = entry.values("codes").read(), entry["categories"]
            elif "values" in entry:
                values = entry.values("values").read().astype(object)
                values[entry.values("mask").read().astype(bool)] = None
            else:
                raise Unusable(f"The column {column} of {self._key} has an unknown encoding.")
        if values.ndim != 1:
            raise Unusable(f"The column {column} of {self._key} has the shape {values.shape}.")
        if categories is None:
            return values, None
        known = categories.read() if isinstance(categories, Values) else categories.values("values").read()
        if known.ndim != 1 or values.dtype.kind not in "iu":
            raise Unusable(f"The categories of the column {column} of {self._key} are damaged.")
        if len(values) and not -1 <= values.min() <= values.max() < len(known):
            raise Unusable(f"The column {column} of {self._key} names categories that are not there.")
        return known, values


def text(value: Any) -> str:
    """Return a value of an HDF5 file as text; missing values are empty."""
    if value is None or value != value:  # NaN
        return ""
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
