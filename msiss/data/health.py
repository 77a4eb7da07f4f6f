"""What is in a data file and what is wrong with it: the findings that stop an import or warn during it, as a list."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats import find, is_imzml, load, unreadable
from msiss.data.progress import Progress, ignore, part
from msiss.data.recipe import ReadConfig
from msiss.errors import MsissError

if TYPE_CHECKING:
    from msiss.data.formats.imzml_file import ImzmlFile

__all__ = ["HealthReport", "HealthRow", "check"]


@dataclass(frozen=True)
class HealthReport:
    """What `check` found, in the order in which it looked."""

    file: str
    rows: tuple[HealthRow, ...]

    @property
    def usable(self) -> bool:
        """Whether the file can be read."""
        return all(row.level != "stop" for row in self.rows)

    def to_json(self) -> str:
        """Return the report as a JSON object with file, usable and rows."""
        values = {"file": self.file, "usable": self.usable, "rows": [asdict(row) for row in self.rows]}
        return json.dumps(values, indent=1, ensure_ascii=False)


def check(path: Path, *, checksum: bool = False, thorough: bool = True, progress: Progress = ignore) -> HealthReport:
    """Look at a data file as an import would, and go on behind a finding that would stop it as far as that is safe.

    Parameters
    ----------
    path : Path
        A file of any kind.
    checksum : bool
        Compare the .ibd file of an imzML file with the checksum in its header, for which it is read once more.
    thorough : bool
        Look at every value of an imzML file, too.
    progress : callable, optional
        Told how far the reading is.

    Returns
    -------
    HealthReport
        Also for a file that cannot be used.
    """
    rows: list[HealthRow] = []
    try:
        found = find(Path(path))
        if is_imzml(found):
            _check_imzml(found, rows, checksum, thorough, progress)
        else:
            rows += load(found, progress=progress)[1]
    except DataStop as stop:
        rows.append(stop.row)
    except MsissError as error:
        rows.append(HealthRow("file", "stop", str(error)))
    except (OSError, MemoryError) as error:
        rows.append(unreadable(error))
    return HealthReport(Path(path).name, tuple(rows))


def _check_imzml(path: Path, rows: list[HealthRow], checksum: bool, thorough: bool, progress: Progress) -> None:
    from msiss.data.formats.imzml import open_imzml  # pyimzML, SciPy and numba are slow to import
    from msiss.data.formats.imzml_arrays import SpectrumReader
    from msiss.data.formats.imzml_findings import effort_row, header_checks, value_rows
    from msiss.data.formats.imzml_layout import checksum_row

    file = open_imzml(path, progress=part(progress, 0, 0.5))
    rows.append(HealthRow("files", "pass", f"{path.name} is a readable header, and {file.ibd_path.name} is beside it."))
    rows.append(_planes(file))
    file = file.on_plane(file.planes[0])
    passed = [_add(rows, independent) for independent in header_checks(file)]
    rows.append(checksum_row(file, compute=checksum))
    if all(passed):
        rows.append(effort_row(file, ReadConfig().number))
        if thorough:
            _add(rows, value_rows(file, SpectrumReader(file).scan(part(progress, 0.5, 1))))


def _planes(file: "ImzmlFile") -> HealthRow:
    planes = file.planes
    if len(planes) == 1:
        return HealthRow("planes", "pass", "The file holds one plane.")
    return HealthRow(
        "planes",
        "warning",
        f"The file holds {len(planes):,} planes (z = {planes[0]} to {planes[-1]}).",
        f"Images are made of one plane at a time; the other rows are about z = {planes[0]}.",
        "Choose the plane when importing.",
    )


def _add(rows: list[HealthRow], more: Iterable[HealthRow]) -> bool:
    """Append rows up to the first that stops; return whether there was none."""
    for row in more:
        rows.append(row)
        if row.level == "stop":
            return False
    return True
