"""The tables of annotations in an AnnData file, in all the encodings that anndata has written."""

from typing import TYPE_CHECKING, Any

import numpy as np

from msiss.data.formats.assemble import room

if TYPE_CHECKING:
    import h5py


class Unusable(Exception):
    """What is wrong with the file, and what to do about it."""

    def __init__(self, found: str, action: str = "") -> None:
        super().__init__(found)
        self.action = action


class Frame:
    """The table obs or var, read column by column.

    Parameters
    ----------
    parent : h5py.Group
        What the table is in.
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
        Where it is not a table.
    """

    def __init__(self, parent: "h5py.Group", key: str) -> None:
        self._table: Any = parent[key]
        self._old_categories = parent.get("uns", {})  # where anndata 0.6 kept the names of categories
        self._key = key
        if hasattr(self._table, "dtype"):
            if self._table.dtype.names is None:
                raise Unusable(f"{key} is not a table.")
            fields = list(self._table.dtype.names)
            index = "index" if "index" in fields else fields[0]
        else:
            fields = [name for name in self._table if name != "__categories"]
            index = text(self._table.attrs.get("_index", "_index" if "_index" in fields else "index"))
            if index not in fields:
                raise Unusable(f"{key} has no index.")
        self.columns = [name for name in fields if name != index]
        self.index = self.texts(index)

    def __len__(self) -> int:
        return len(self.index)

    def numbers(self, column: str) -> np.ndarray:
        """Return a column as float64, NaN where it is missing or not a number."""
        values = self._values(column)
        if values.dtype.kind in "fiub":
            return values.astype(np.float64)
        return np.array([_number(text(value)) for value in values])

    def texts(self, column: str) -> list[str]:
        """Return a column as text, empty where it is missing."""
        return [text(value) for value in self._values(column)]

    def _values(self, column: str) -> np.ndarray:
        entry = self._table.fields(column)[()] if hasattr(self._table, "dtype") else self._table[column]
        if isinstance(entry, np.ndarray):
            values = entry
            categories = self._old_categories.get(f"{column}_categories")
        elif hasattr(entry, "shape"):
            values = read_array(entry)
            categories = entry.attrs.get("categories")  # a reference, in anndata 0.7
            categories = self._table.file[categories] if categories else None
        elif "codes" in entry:
            values, categories = read_array(entry["codes"]), entry["categories"]
        elif "values" in entry:
            values = read_array(entry["values"]).astype(object)
            values[read_array(entry["mask"]).astype(bool)] = None
            return values
        else:
            raise Unusable(f"The column {column} of {self._key} has an unknown encoding.")
        if values.ndim != 1:
            raise Unusable(f"The column {column} of {self._key} has the shape {values.shape}.")
        if categories is None:
            return values
        known = read_array(categories if hasattr(categories, "shape") else categories["values"])
        names = np.array([*known, None], dtype=object)  # the code -1 says that a value is missing
        if len(values) and not -1 <= values.min() <= values.max() < len(names) - 1:
            raise Unusable(f"The column {column} of {self._key} names categories that are not there.")
        return names[values]


def read_array(dataset: Any) -> np.ndarray:
    """Return a whole dataset, if it fits into the memory and lies in this file.

    Raises
    ------
    Unusable
        Where it lies in another file.
    """
    if dataset.external or dataset.is_virtual:
        raise Unusable(f"{dataset.name} lies in another file.", "Write everything into one file.")
    room(dataset.shape, dataset.file.filename.rsplit("/", 1)[-1], itemsize=max(1, dataset.dtype.itemsize))
    return np.asarray(dataset[()])


def refuse_links(file: "h5py.File") -> None:
    """Refuse a file that refers to other files; one that was sent in must not open them.

    Raises
    ------
    Unusable
        Naming the first reference.
    """
    import h5py

    def look(name: str, link: Any) -> str | None:
        return name if isinstance(link, h5py.ExternalLink) else None

    found = file.visititems_links(look)
    if found:
        raise Unusable(f"{found} lies in another file.", "Write everything into one file.")


def text(value: Any) -> str:
    """Return a value of an HDF5 file as text; missing values are empty."""
    if value is None or value != value:  # NaN
        return ""
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def _number(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return float("nan")
