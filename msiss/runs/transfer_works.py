"""The functions that a child process calls on the file of a run from elsewhere, see `msiss.runs.transfer`.

Every part is read with limits, checked, and written anew: plain text by the models of msiss, arrays of numbers without
pickle, tables by columns of known names. What is not known is left out.
"""

import json
import re
import stat
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from msiss.data.formats.budget import Budget, most_unpacked
from msiss.data.formats.numpy_pickle import NotPlain
from msiss.data.formats.zip_errors import ZIP_ERRORS
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress
from msiss.data.stored import META
from msiss.data.stored_images import ARRAYS
from msiss.errors import MsissError, MsissWarning, RunError
from msiss.runs.decisions import FILE as DECISIONS
from msiss.runs.decisions import recorded
from msiss.runs.jobs import State
from msiss.runs.quality.evidence import evidence_of, evidence_table
from msiss.runs.run_files import clean_status, kind_of
from msiss.runs.store import RESULTS, Run
from msiss.runs.transfer_tables import read_table, short
from msiss.words import count

MOST_FILES = 1000  # a run has some twenty
MOST_TEXT = 2**26  # bytes of a file of plain text: 64 MB, events of thousands of epochs
PIECE = 2**20
IMAGES = {f"images/{name}" for name in (META, *(f"{name}.npy" for name in ARRAYS))}
TEXTS = ("request", "status", "label", "events", "decisions", "evidence")
_PLAIN = re.compile(r"[\w ./+-]{0,100}")  # texts in evidence and events: names of representations, tests and phases
_HASH = re.compile(r"\w{1,100}")


def unpack(path: str, out: str, progress: Progress) -> dict[str, Any]:
    """Unpack the file of a run, and check all that is in it.

    Parameters
    ----------
    path : str
        The archive.
    out : str
        A new folder: the run is written to ``run`` in it, and its data set to ``images`` if the file has one.

    Returns
    -------
    dict
        "tables": those of the run by name, as `msiss.runs.transfer_tables.read_table` returns them; they are not
        written here, as nothing that a child writes is parsed later but plain text and arrays.

    Raises
    ------
    RunError
        If it is no run, damaged, or made to do harm.
    """
    source, place = Path(path), Path(out)
    raw, run_folder = place / "raw", place / "run"
    run_folder.mkdir(parents=True)
    names = _unpack(source, raw, lambda fraction: progress(0.5 * fraction, "Unpacking the run"))
    if "config.json" not in names:
        raise RunError(f"{source.name} is not a run of msiss: it has no config.json.")
    progress(0.5, "Checking the run")
    number, tables = _check(source, raw, run_folder, names)
    if "images/meta.json" in names:
        progress(0.6, "Checking its ion images")
        _check_images(source, raw / "images", place / "images", Run(run_folder), number)
    return {"tables": tables}


def _unpack(source: Path, raw: Path, tell: Callable[[float], object]) -> set[str]:
    """Unpack the known members of an archive, counted while reading, as their declared sizes may be wrong."""
    try:
        archive = zipfile.ZipFile(source)
    except (*ZIP_ERRORS, OSError) as error:
        raise _harm(source, f"it is no zip archive, or damaged ({str(error)[:200]})") from error
    most, taken, names, unknown = most_unpacked(source.stat().st_size), 0, set(), 0
    with archive:
        members = archive.infolist()
        declared = max(1, sum(member.file_size for member in members))
        if len(members) > MOST_FILES:
            raise _harm(source, f"it has {len(members):,} files, and a run has some twenty")
        repeated = [name for name, times in Counter(member.filename for member in members).items() if times > 1]
        if repeated:
            raise _harm(source, f"it has {repeated[0][:100]} twice")
        for member in members:
            name = member.filename
            if kind_of(name) is None and name not in IMAGES:  # also every name that leads out of the folder
                unknown += not member.is_dir()
                continue
            mode = member.external_attr >> 16
            if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise _harm(source, f"{name} in it is a link or a device, not a file")
            if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _harm(source, f"{name} in it is locked, or packed in an unusual way")
            limit = min(most - taken, MOST_TEXT) if kind_of(name) in TEXTS else most - taken
            taken += _member(source, archive, member, raw / name, limit)
            names.add(name)
            tell(min(1.0, taken / declared))
    if unknown:
        warnings.warn(
            f"{source.name} has {count(unknown, 'file')} that this version of msiss does not know. Left out.",
            MsissWarning,
            stacklevel=2,
        )
    return names


def _member(source: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, limit: int) -> int:
    """Write a member of an archive to `target`, and return its size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    try:
        with archive.open(member) as packed, target.open("xb") as file:
            while piece := packed.read(PIECE):
                size += len(piece)
                if size > limit:
                    raise _harm(source, f"{member.filename} unpacks to more than a run has")
                file.write(piece)
    except ZIP_ERRORS as error:
        raise _harm(source, f"{member.filename} in it is damaged ({str(error)[:200]})") from error
    return size


def _check(source: Path, raw: Path, folder: Path, names: set[str]) -> tuple[int, dict[str, Any]]:
    """Check the unpacked run and write it anew; return its number of ions and its tables."""
    run = _opened(source, raw)
    if not (_HASH.fullmatch(run.request.fingerprint) and _HASH.fullmatch(run.request.method)):
        raise _harm(source, "its config.json does not say by which data and code it was made")
    (folder / "config.json").write_text(run.request.model_dump_json(indent=1), encoding="utf-8")
    if run.status.state != State.DONE:
        raise RunError(f"The run in {source.name} was not done when it was packed: it is {run.status.state}.")
    (folder / "status.json").write_text(clean_status(run.status).model_dump_json(), encoding="utf-8")
    tables: dict[str, Any] = {}
    number = 0
    for name in sorted(names, key=lambda name: kind_of(name) != "clusters"):  # which says how many ions there are
        kind, file = kind_of(name), raw / name
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            if kind in ("clusters", "maps", "regrouped"):
                tables[name] = read_table(file, kind, number)
                number = len(tables[name]["columns"]["ion"]) if kind == "clusters" else number
            elif kind in CHECKS:
                CHECKS[kind](file, folder / name, source, number)
        except (NotPlain, ValueError, KeyError, TypeError, AttributeError, RecursionError, *ZIP_ERRORS) as error:
            raise _harm(source, f"{name} in it is damaged ({str(error)[:200]})") from error
    if f"{RESULTS}/clusters.parquet" not in tables or f"{RESULTS}/maps.parquet" not in tables:
        raise _harm(source, "its clusters or maps are missing")
    if DECISIONS in names:
        lines = [decision.model_dump_json(exclude_defaults=False) for decision in recorded(run)]
        (folder / DECISIONS).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return number, tables


def _opened(source: Path, raw: Path) -> Run:
    try:
        return Run(raw)
    except RunError as error:
        raise RunError(
            f"{source.name} is not a run that this version of msiss can read: its config.json is damaged, or comes "
            "from a later version."
        ) from error


def _events(file: Path, target: Path, _source: Path, _number: int) -> None:
    lines = []
    for line in file.read_bytes().split(b"\n"):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):  # cut off
            continue
        if isinstance(event, dict) and isinstance(event.get("event"), str) and _is_plain(event | {"message": ""}):
            lines.append(json.dumps(event | {"message": short(event["message"])} if "message" in event else event))
    target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _json(file: Path, target: Path, _source: Path, _number: int) -> None:
    target.write_text(json.dumps(json.loads(file.read_bytes())), encoding="utf-8")


def _evidence(file: Path, target: Path, _source: Path, _number: int) -> None:
    found = json.loads(file.read_bytes())
    if not _is_plain(found):
        raise ValueError("it has texts that are no names of representations")
    target.write_text(json.dumps(found, allow_nan=False), encoding="utf-8")
    run = Run(target.parents[1])
    evidence = evidence_of(run)
    if evidence is not None:
        evidence_table(evidence)


def _is_plain(value: Any) -> bool:
    match value:
        case dict():
            return all(_is_plain(key) and _is_plain(one) for key, one in value.items())
        case list():
            return all(map(_is_plain, value))
        case str():
            return bool(_PLAIN.fullmatch(value))
    return value is None or isinstance(value, bool | int | float)


def _features(file: Path, target: Path, source: Path, number: int) -> None:
    from msiss.data.formats.npy import read_npy

    vectors = read_npy(file, Budget(source.name, source))
    if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != number or not np.isfinite(vectors).all():
        raise ValueError("it is not a vector of numbers for each ion")
    np.save(target, vectors)


def _history(file: Path, target: Path, source: Path, _number: int) -> None:
    from msiss.data.formats.npy import open_npz

    with open_npz(file, Budget(source.name, source)) as arrays:
        found = {name: arrays[name] for name in arrays if re.fullmatch(r"[a-z_]{1,30}", name)}
    if any(array.dtype.kind not in "iufb" for array in found.values()):
        raise ValueError("it is not arrays of numbers")
    np.savez_compressed(target, **found)  # type: ignore[arg-type]


def _weights(file: Path, target: Path, _source: Path, _number: int) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file, save_file

    try:
        save_file(load_file(file), target)
    except SafetensorError as error:
        raise ValueError(str(error)) from error


CHECKS: dict[str | None, Callable[[Path, Path, Path, int], None]] = {
    "events": _events,
    "label": _json,
    "evidence": _evidence,
    "features": _features,
    "history": _history,
    "weights": _weights,
}


def _check_images(source: Path, folder: Path, target: Path, run: Run, number: int) -> None:
    """Check the ion images, and save them to `target`."""
    try:
        images = IonImages.load(folder)
        images.check_intensities()
        again = replace(images)  # with a fingerprint of its own
    except MsissError as error:
        raise _harm(source, f"its ion images cannot be used: {error}") from error
    if again.fingerprint != run.request.fingerprint or len(again) != number:
        raise _harm(source, "its ion images are not those of the training")
    again.save(target, scratch=folder)


def _harm(source: Path, reason: str) -> RunError:
    return RunError(
        f"{source.name} cannot be read as a run: {reason}. Copy it again, or ask the person who sent it to pack it "
        "again with msiss export-run."
    )
