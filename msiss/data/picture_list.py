"""Tables with the m/z of pictures, where their names do not say it."""

from pathlib import Path

from msiss.data.column_names import number, plain
from msiss.data.recipe import LONGEST_FILE_NAME, PictureMz
from msiss.data.table import read_table
from msiss.errors import DataError

_FILE = ("file", "filename", "picture", "image", "name", "page", "channel")


def read_picture_mz(path: Path) -> tuple[PictureMz, ...]:
    """Read the m/z of pictures from a table with the columns file and mz, or without names of columns in this order.

    Raises
    ------
    DataError
        If the file is not such a table; the message names the invalid line.
    """
    table = read_table(path)
    file_place, mz_place, rows = 0, 1, list(table.rows)
    if table.header and number(table.header[-1]) is not None:  # it is the first picture
        rows.insert(0, (1, table.header))
    elif table.header:
        places = table.places("mz")
        called = [place for place, name in enumerate(table.header) if plain(name) in _FILE]
        if "mz" not in places or not called:
            raise DataError(f"{path.name} needs the columns file and mz; its columns are {table.names()}.")
        file_place, mz_place = called[0], places["mz"]
    given = []
    for line, cells in rows:
        file, text = (cells[place].strip() if place < len(cells) else "" for place in (file_place, mz_place))
        if not text:  # as its name says
            continue
        mz = number(text)
        if not 0 < len(file) <= LONGEST_FILE_NAME or mz is None or not 0 < mz < float("inf"):
            raise DataError(
                f'Line {line} of {path.name} is not the name of a picture and its m/z: "{file[:40]}", "{text[:40]}".'
            )
        given.append(PictureMz(file=file, mz=mz))
    if not given:
        raise DataError(f"{path.name} holds no m/z of pictures.")
    return tuple(given)
