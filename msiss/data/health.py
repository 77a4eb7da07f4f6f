"""What is in a data file and what is wrong with it: the findings that stop an import or warn during it, as a list."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats import find, is_imzml, load, unreadable
from msiss.data.progress import Progress, ignore, part
from msiss.errors import MsissError

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


def check(path: Path, *, progress: Progress = ignore) -> HealthReport:
    """Look at a data file as an import would, up to the first finding that would stop it.

    Parameters
    ----------
    path : Path
        A file of any kind.
    progress : callable, optional
        Told how far the reading is.

    Returns
    -------
    HealthReport
        Also for a file that cannot be used; what is wrong with it is its last row then.
    """
    rows: list[HealthRow] = []
    try:
        found = find(Path(path))
        if is_imzml(found):
            _check_imzml(found, rows, progress)
        else:
            rows += load(found, progress=progress)[1]
    except DataStop as stop:
        rows.append(stop.row)
    except MsissError as error:
        rows.append(HealthRow("file", "stop", str(error)))
    except (OSError, MemoryError) as error:
        rows.append(unreadable(error))
    return HealthReport(Path(path).name, tuple(rows))


def _check_imzml(path: Path, rows: list[HealthRow], progress: Progress) -> None:
    from msiss.data.formats.imzml import open_imzml  # pyimzML and SciPy are slow to import
    from msiss.data.formats.imzml_arrays import SpectrumReader
    from msiss.data.formats.imzml_findings import header_rows, value_rows

    file = open_imzml(path, progress=part(progress, 0, 0.7))
    if _add(rows, header_rows(file)):
        reader = SpectrumReader(file)
        _add(rows, value_rows(file, reader.scan(part(progress, 0.7, 1))))


def _add(rows: list[HealthRow], more: Iterable[HealthRow]) -> bool:
    """Append rows up to the first that stops; return whether there was none."""
    for row in more:
        rows.append(row)
        if row.level == "stop":
            return False
    return True
