"""Tables of pixels, read in blocks.

wide
    One row per pixel: its coordinates x and y, or a name that tells them as `msiss.data.formats.pixel_names` reads it;
    then one column per m/z, with the m/z in the header: 700.12, mz_700.12, or X700.12 and m.z.700.12 as R writes them.
    Other columns are left out.
long
    One row per pixel and ion: x, y, mz, intensity.
ions
    One row per ion, one column per pixel, see `msiss.data.formats.ion_rows`.

The layout is as in `msiss.data.table_layout`, except that lines with # are allowed above the header only. Of a workbook
the sheet with such a table is read.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from msiss.data import column_names
from msiss.data.column_names import COLUMNS
from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats import ion_rows
from msiss.data.formats.assemble import assemble
from msiss.data.formats.budget import Budget
from msiss.data.formats.pixel_names import place_in
from msiss.data.formats.scatter import Canvas, find_places, one_plane
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore, part
from msiss.data.recipe import AS_READ, ReadConfig
from msiss.data.table_layout import Layout, lay_out, rows_below
from msiss.data.table_notes import without_notes
from msiss.data.table_rows import MISSING, SPACES, refusal
from msiss.data.workbook import is_workbook, lay_out_sheet
from msiss.words import count

# Numbers per block: some ten megabytes, so that memory does not exceed the size of the table several times.
_PIECE = 2_000_000
# A long table with more m/z is a list of peaks of raw spectra, whose m/z differ between pixels.
_MOST_IONS = 100_000


def _pieces(layout: Layout, wanted: list[str], *, whole: bool = True, dtype: type = np.float64) -> Iterator[np.ndarray]:
    """Yield blocks of the columns `wanted` as arrays (rows, columns) of numbers, or of text if `dtype` is str.

    Rows that are too long are only detected if the `whole` table is parsed.
    """
    import pandas as pd

    places = {name: place for place, name in enumerate(layout.header)}
    positions = [places[name] for name in wanted]
    others = range(len(layout.header)) if whole else ()
    types: dict[int, type] = dict.fromkeys(others, str) | dict.fromkeys(positions, dtype)
    reader = pd.read_csv(
        layout.path if layout.text is None else layout.open(),
        sep=r"\s+" if layout.delimiter == SPACES else layout.delimiter,
        decimal=layout.decimal,
        thousands=layout.thousands or None,
        header=None,
        names=range(len(layout.header)),
        usecols=None if whole else positions,
        skiprows=layout.skip,
        skipinitialspace=True,
        encoding=layout.encoding,
        encoding_errors="replace",
        dtype=types,
        nrows=layout.rows,
        chunksize=max(1, _PIECE // len(layout.header)),  # skipped columns are parsed as well
    )
    with reader:
        for piece in reader:
            yield piece[positions].to_numpy()


def load(
    path: Path,
    *,
    config: ReadConfig = AS_READ,  # noqa: ARG001 - the file leaves nothing open
    progress: Progress = ignore,
) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images in a table of pixels, and the findings.

    Raises
    ------
    DataStop
        If the table cannot be read, has no coordinates, or is a list of m/z.
    """
    import pandas as pd

    if table := ion_rows.recognised(path):
        return ion_rows.load(table, progress)
    layout = _layout(path)
    try:
        try:
            images, rows = _load(layout, progress)
        except ValueError:  # ParserError is one
            images, rows = _load(without_notes(layout), progress)
            rows.append(HealthRow("notes", "pass", "There are notes below the table.", "Left out."))
        if layout.sheet:
            action = "If that is the wrong one, save the other as CSV."
            rows.append(HealthRow("sheet", "warning", layout.sheet, "", action))
        return images, rows
    except pd.errors.ParserError as error:
        found = f"The table is damaged: {str(error).removeprefix('Error tokenizing data. C error: ').strip()}."
        raise refusal(path, found, "Give every row as many columns as the header has.") from error
    except ValueError as error:
        found = _not_a_number(layout) or f"The table cannot be read: {error}."
        raise refusal(path, found, "Correct it, or leave the cell empty.") from error


def _load(layout: Layout, progress: Progress) -> tuple[IonImages, list[HealthRow]]:
    name = layout.path.name
    header = layout.header
    places = column_names.find_places(header) or _names_of_pixels(layout)
    mz_column = column_names.find_fields(header, ("mz",)).get("mz")
    if places is None:
        if mz_column is not None:
            action = "Give it together with an imzML file, as its m/z list."
            raise refusal(layout.path, "This is a list of m/z, without the positions of pixels.", action)
        action = "The first line must name the columns x and y and give the m/z of the others."
        raise refusal(layout.path, f"There are no columns x and y, but {_some(header)}.", action, check="coordinates")
    plane = column_names.find(header, column_names.PLANES)
    wanted = [*places, *([plane] if plane else [])]
    intensity = column_names.find(header, COLUMNS["intensity"])
    if len(places) == 2 and mz_column is not None and intensity is not None:
        return _load_long(layout, [*wanted, mz_column, intensity], progress)
    ions = {other: mz for other in header if other not in wanted and (mz := column_names.mz_in(other)) is not None}
    if column_names.are_counted(list(ions.values())):
        found = f"The columns of intensities are numbered: {_some(list(ions))}."
        raise refusal(layout.path, found, "Name each of them by its m/z, such as 700.1234.", check="m/z")
    if not ions:
        found = f"No column has an m/z as its name; the columns are {_some(header)}."
        raise refusal(layout.path, found, "Name each column of intensities by its m/z, such as 700.1234.", check="m/z")
    budget = Budget(name, layout.path)
    if len(places) == 1:
        x, y = _of_names(layout, places[0], budget)
    else:
        x, y = _coordinates(layout, wanted, budget, part(progress, 0, 0.3))
    grid = find_places(x, y, name)
    canvas = Canvas(grid, len(ions), budget)
    start = 0
    for piece in _pieces(layout, list(ions)):
        stop = start + len(piece)
        canvas.add(slice(start, stop), slice(None), piece)
        start = stop
        progress(0.3 + 0.6 * stop / len(x), "Reading the intensities")
    images, rows = assemble(canvas.finish(), np.array(list(ions.values())), name=name, **grid.in_file(x, y))
    others = [other for other in header if other and other not in ions and other not in wanted]
    if others:
        found = f"{count(len(others), 'column')} whose name is no m/z: {_some(others)}."
        rows.append(HealthRow("columns", "pass", found, "Left out."))
    return images, grid.rows + rows


def _names_of_pixels(layout: Layout) -> tuple[str] | None:
    """Return the column whose cells are names of pixels that tell column and row, if there is one."""
    for place, column in enumerate(layout.header):
        cells = [row[place] for _, row in layout.sample if place < len(row)]
        if cells and all(map(place_in, cells)):
            return (column,)
    return None


def _of_names(layout: Layout, column: str, budget: Budget) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates in the names of the pixels, NaN where a name tells none."""
    names = _joined(_pieces(layout, [column], whole=False, dtype=str), budget)
    x, y = np.array([place_in(str(name)) or (np.nan, np.nan) for name in names[:, 0]]).T
    return x, y


def _coordinates(
    layout: Layout, wanted: list[str], budget: Budget, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    progress(0, "Reading the coordinates")
    values = _joined(_pieces(layout, wanted, whole=False), budget)
    if values.shape[1] == 3:
        one_plane(values[:, 0], values[:, 1], values[:, 2], layout.path.name)
    return values[:, 0], values[:, 1]


def _joined(pieces: Iterator[np.ndarray], budget: Budget) -> np.ndarray:
    """Concatenate all blocks, which needs twice their memory."""
    kept = []
    for piece in pieces:
        budget.reserve(2 * piece.nbytes, "The columns of the table")
        kept.append(piece)
    return np.concatenate(kept)


def _load_long(layout: Layout, wanted: list[str], progress: Progress) -> tuple[IonImages, list[HealthRow]]:
    name = layout.path.name
    progress(0, "Reading the table")
    budget = Budget(name, layout.path)
    values = _joined(_pieces(layout, wanted), budget)
    if values.shape[1] == 5:
        one_plane(values[:, 0], values[:, 1], values[:, 2], name)
    mz = values[:, -2]
    wrong = ~(np.isfinite(mz) & (mz > 0))
    if wrong.any():
        found = f"{count(int(wrong.sum()), 'row')} without an m/z."
        raise refusal(layout.path, found, "Correct or remove them.", check="m/z")
    ions, ion = np.unique(mz, return_inverse=True)
    if len(ions) > _MOST_IONS or (len(ions) > 1000 and len(ions) > len(mz) / 2):
        found = f"The {count(len(mz), 'row')} name {len(ions):,} different m/z."
        action = "These are raw spectra: export them as imzML, or with the same m/z in every pixel."
        raise refusal(layout.path, found, action, check="m/z")
    grid = find_places(values[:, 0], values[:, 1], name)
    height, width = grid.shape
    budget.images((len(ions), height, width), itemsize=20)  # sums and counts, then their quotient
    pixel = grid.row * width + grid.column
    there = grid.row >= 0
    cell = ion[there] * (height * width) + pixel[there]
    intensity = values[there, -1]
    size = len(ions) * height * width
    known = ~np.isnan(intensity)
    total = np.bincount(cell, weights=np.where(known, intensity, 0), minlength=size)
    times = np.bincount(cell, minlength=size)
    cube = (total / np.maximum(times, 1)).astype(np.float32).reshape(len(ions), height, width)
    measured = np.bincount(pixel[there], weights=known, minlength=height * width).reshape(height, width) > 0
    cube[:, ~measured] = np.nan
    progress(0.9, "Making the images")
    images, rows = assemble(cube, ions, name=name, **grid.in_file(values[:, 0], values[:, 1]))
    # A pixel is listed once per ion, so only repeated pairs of pixel and ion are duplicates.
    rows = [*(row for row in grid.rows if row.check != "duplicates"), *rows]
    repeated = int((times > 1).sum())
    if repeated:
        found = f"{count(repeated, 'pair')} of pixel and m/z are there more than once."
        rows.append(HealthRow("duplicates", "warning", found, "Their intensities are averaged."))
    return images, rows


def _layout(path: Path) -> Layout:
    try:
        if is_workbook(path):
            return _checked(lay_out_sheet(path))
        with path.open("rb") as file:
            head = file.read(ion_rows.HEAD)
    except OSError as error:
        action = "Check the permissions of the file and that its disk is connected."
        raise refusal(path, f"The file cannot be opened: {error.strerror or error}.", action, check="file") from error
    return _checked(lay_out(path, head, whole=len(head) < ion_rows.HEAD))


def _checked(layout: Layout) -> Layout:
    """Refuse a table without rows or with rows that are too long, and make the names of its columns distinct."""
    path = layout.path
    if not layout.sample:
        raise refusal(path, "The table has a header but no rows.", "Export it again.")
    layout.refuse_longer(layout.sample)
    if len(set(layout.header)) < len(layout.header):
        return replace(layout, header=_distinct_names(layout.header, path))
    return layout


def _distinct_names(header: list[str], path: Path) -> list[str]:
    """Refuse duplicate m/z in the header; number other duplicate names."""
    seen: set[str] = set()
    unlike = []
    for place, name in enumerate(header):
        if name in seen and column_names.mz_in(name):
            raise refusal(
                path, f"There are several columns called {name}.", "Give each ion its own column.", check="m/z"
            )
        unlike.append(f"{name}#{place}" if name in seen else name)
        seen.add(name)
    return unlike


def _not_a_number(layout: Layout) -> str:
    """Return the position of the first cell that is not a number, in the columns that are read; may be empty."""
    with contextlib.suppress(DataStop):  # a cell of more than 131,072 characters
        return _first_not_a_number(layout)
    return ""


def _first_not_a_number(layout: Layout) -> str:
    used = {*(column_names.find_places(layout.header) or ())}
    used |= {column_names.find(layout.header, names) for names in (column_names.PLANES, COLUMNS["intensity"])}
    used |= {*column_names.find_fields(layout.header, ("mz",)).values()}
    read = [place for place, name in enumerate(layout.header) if name in used or column_names.mz_in(name) is not None]
    for line, row in rows_below(layout):
        for place in read:
            cell = row[place] if place < len(row) else ""
            try:
                float(cell.replace(layout.thousands or " ", "").replace(layout.decimal, ".") or 0)
            except ValueError:
                if cell not in MISSING:
                    return f'Line {line}, column {layout.header[place]}: "{cell[:40]}" is not a number.'
    return ""


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
