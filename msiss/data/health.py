"""The health check of data files: all findings that would stop an import or warn during it, as a list."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats import UNPACKING_SHARE, find, is_imzml, load, unreadable
from msiss.data.formats.containers import contents, is_container
from msiss.data.progress import Progress, ignore, part
from msiss.data.recipe import AS_READ, ReadConfig
from msiss.errors import MsissError

__all__ = ["HealthReport", "HealthRow", "check"]


@dataclass(frozen=True)
class HealthReport:
    """The findings of `check`, in the order of the checks."""

    file: str
    rows: tuple[HealthRow, ...]

    @property
    def usable(self) -> bool:
        """Whether all files can be read."""
        return all(row.level != "stop" for row in self.rows)

    def __repr__(self) -> str:
        several = len({row.file for row in self.rows}) > 1
        return "\n".join(
            f"{row.level:8} {f'{row.file}: ' if several else ''}{row.check}: {row.text}" for row in self.rows
        )

    def _repr_html_(self) -> str:
        from msiss.show.markup import paragraph, table

        several = len({row.file for row in self.rows}) > 1
        said = "can be used" if self.usable else "cannot be used"
        rows = [
            (*([row.file] if several else []), row.level, row.check, row.found, row.meaning, row.action)
            for row in self.rows
        ]
        head = (*(["file"] if several else []), "", "looked at", "found", "meaning", "what to do")
        return paragraph(f"{self.file} {said}", bold=True) + table(rows, head=head)

    def to_json(self) -> str:
        """Return the report as a JSON object with file, usable and rows."""
        values = {"file": self.file, "usable": self.usable, "rows": [asdict(row) for row in self.rows]}
        return json.dumps(values, indent=1, ensure_ascii=False)


def check(
    path: Path | Sequence[Path],
    *,
    checksum: bool = False,
    thorough: bool = True,
    config: ReadConfig = AS_READ,
    progress: Progress = ignore,
) -> HealthReport:
    """Check data files as an import would, and continue after findings that would stop it if that is safe.

    Parameters
    ----------
    path : Path or sequence of Path
        Files of any kind; an .ibd file stands for its .imzML file, and each file is checked once.
    checksum : bool
        Compare the .ibd file of an imzML file with the checksum in its header, which needs another pass over it.
    thorough : bool
        Check every value of an imzML file as well.
    config : ReadConfig
        The settings of the import, which decide what the files leave open.
    progress : callable, optional
        Receives the progress of the reading.

    Returns
    -------
    HealthReport
        Also for files that cannot be used. Each row names its file.
    """
    given = [path] if isinstance(path, Path | str) else list(path)
    chosen = list(dict.fromkeys(_standing_for(Path(one)) for one in given))
    times = Counter(one.name for one in chosen)
    names = [one.name if times[one.name] == 1 else f"{one.parent.name}/{one.name}" for one in chosen]
    rows: list[HealthRow] = []
    for number, (one, name) in enumerate(zip(chosen, names, strict=True)):
        share = part(progress, number / len(chosen), (number + 1) / len(chosen))
        rows += [replace(row, file=row.file or name) for row in _check_one(one, config, checksum, thorough, share)]
    if not chosen:
        rows.append(HealthRow("file", "stop", "There is no file to look at.", "", "Choose one."))
    return HealthReport(" + ".join(names), tuple(rows))


def _standing_for(path: Path) -> Path:
    try:
        return find(path)
    except MsissError:  # becomes the finding about this file
        return path


def _check_one(path: Path, config: ReadConfig, checksum: bool, thorough: bool, progress: Progress) -> list[HealthRow]:
    try:
        found = find(path)
        if not is_container(found):
            return _check_file(found, config, checksum, thorough, progress)
        with contents(found, progress=part(progress, 0, UNPACKING_SHARE)) as inside:
            rows = list(inside.rows)
            checking, number = part(progress, UNPACKING_SHARE, 1), len(inside.files)
            for place, one in enumerate(inside.files):
                share = part(checking, place / number, (place + 1) / number)
                found_in_it = _check_file(one, config, checksum, thorough, share)
                name = path.name if one == path else f"{path.name}: {one.name}"
                rows += [replace(row, file=name) for row in found_in_it]
    except DataStop as stop:
        rows = [stop.row]
    except (MsissError, OSError) as error:
        rows = [unreadable(error) if isinstance(error, OSError) else HealthRow("file", "stop", str(error))]
    return rows


def _check_file(path: Path, config: ReadConfig, checksum: bool, thorough: bool, progress: Progress) -> list[HealthRow]:
    rows: list[HealthRow] = []
    try:
        found = find(path)
        if is_imzml(found):
            _check_imzml(found, rows, config, checksum, thorough, progress)
        else:
            from msiss.data.formats.image_findings import image_rows

            images, more = load(found, config=config, progress=progress)
            rows += more
            said = {row.check for row in more}
            rows += [row for row in image_rows(images) if row.check not in said]
    except DataStop as stop:
        if stop.row not in rows:
            rows.append(stop.row)
    except MsissError as error:
        rows.append(HealthRow("file", "stop", str(error)))
    except (OSError, MemoryError) as error:
        rows.append(unreadable(error))
    return rows


def _check_imzml(
    path: Path, rows: list[HealthRow], config: ReadConfig, checksum: bool, thorough: bool, progress: Progress
) -> None:
    from msiss.data.formats.imzml import findings  # pyimzML, SciPy and numba are slow to import
    from msiss.data.formats.imzml.arrays import SpectrumReader
    from msiss.data.formats.imzml.grid import grid_rows, is_compact, number_row, planes_row, usual_plane
    from msiss.data.formats.imzml.header import open_imzml
    from msiss.data.formats.imzml.identity import checksum_row, identity_rows
    from msiss.data.formats.imzml.kinds import chosen
    from msiss.data.formats.imzml.layout import layout_rows
    from msiss.data.formats.imzml.pair import first_look
    from msiss.data.formats.imzml.spectrum_type import spectrum_type

    rows += first_look(path)[0]  # of both files, as opening stops at the first
    whole = open_imzml(path, progress=part(progress, 0, 0.5))
    found = f"{path.name} is an XML file without entities, and {whole.ibd_path.name} is beside it."
    rows.append(HealthRow("files", "pass", found, "Neither is a Git-LFS pointer, an archive or a web page."))
    rows.append(planes_row(whole))
    plane = usual_plane(whole) if config.plane is None else config.plane
    file, kinds = chosen(whole, config.model_copy(update={"plane": plane}))
    rows += kinds
    _add(rows, identity_rows(whole, config))
    sound = _add(rows, layout_rows(whole))
    rows.append(number_row(whole))
    _add(rows, grid_rows(file))
    _add(rows, findings.declared_rows(file))
    rows.append(checksum_row(file, compute=checksum))
    if not sound or not is_compact(file):  # the values cannot be read safely
        return
    rows.append(findings.effort_row(file, config.number))
    if thorough:
        statistics = SpectrumReader(file).scan(part(progress, 0.5, 1))
        _add(rows, findings.mz_rows(file, statistics))
        if _add(rows, findings.intensity_rows(file, statistics)):
            rows.append(spectrum_type(file, config.spectrum_type).row())
    else:
        found = "The values of the spectra were not looked at."
        rows.append(HealthRow("values", "pass", found, "Whatever is unusual in them is said during the import."))


def _add(rows: list[HealthRow], more: Iterable[HealthRow]) -> bool:
    """Append rows up to the first of the level "stop"; return whether there was none."""
    for row in more:
        rows.append(row)
        if row.level == "stop":
            return False
    return True
