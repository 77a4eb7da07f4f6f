"""What people decide about the clusters of a run: append-only lines in ``decisions.jsonl`` of the run's folder.

The results of the run are never changed. `msiss.runs.grouping` applies the lines to its clusters. Each line belongs to
the clusters of one representation and number, and to the very clusters that were corrected: `base` is their digest, as
another version of msiss may group the ions in another way.
"""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

import numpy as np
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from msiss.durable import append_line, read_lines
from msiss.errors import RunError
from msiss.runs.store import Run

FILE = "decisions.jsonl"
LOCK_SECONDS = 10.0  # a line is written in milliseconds
LONGEST_NAME, LONGEST_NOTE = 80, 2000  # characters

Ions = tuple[Annotated[int, Field(ge=0)], ...]
ClusterNumber = Annotated[int, Field(ge=0)]


class Decision(BaseModel):
    """One decision.

    Attributes
    ----------
    line : str
        Its identity.
    when : datetime
    who, why : str
        As the person gave them; may be empty.
    by : str
        Representation of the clusters.
    clusters : int
        Requested number of clusters.
    base : str
        `digest` of the clusters that the run has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: str = Field(default_factory=lambda: uuid.uuid4().hex[:12])
    when: datetime = Field(default_factory=lambda: datetime.now(UTC))
    who: str = Field("", max_length=LONGEST_NAME)
    why: str = Field("", max_length=LONGEST_NOTE)
    by: str = ""
    clusters: int = 0
    base: str = ""


class Named(Decision):
    """A cluster has this name; an empty one removes it."""

    do: Literal["name"] = "name"
    cluster: ClusterNumber
    name: str = Field(max_length=LONGEST_NAME)


class Noted(Decision):
    """A cluster has this note; an empty one removes it."""

    do: Literal["note"] = "note"
    cluster: ClusterNumber
    note: str = Field(max_length=LONGEST_NOTE)


class Coloured(Decision):
    """A cluster has this colour; an empty one removes it."""

    do: Literal["colour"] = "colour"
    cluster: ClusterNumber
    colour: str = Field(pattern=r"^(#[0-9a-f]{6})?$")


class Flagged(Decision):
    """A cluster shows no tissue, such as matrix or background, or does after all."""

    do: Literal["tissue"] = "tissue"
    cluster: ClusterNumber
    tissue: bool


class Moved(Decision):
    """Ions belong to another cluster, which may be a new one."""

    do: Literal["move"] = "move"
    ions: Ions = Field(min_length=1)
    to: ClusterNumber


class Confirmed(Decision):
    """Ions belong to the cluster that they are in."""

    do: Literal["confirm"] = "confirm"
    ions: Ions = Field(min_length=1)


class Merged(Decision):
    """All ions of some clusters belong to one of them."""

    do: Literal["merge"] = "merge"
    merged: tuple[ClusterNumber, ...] = Field(min_length=1)
    into: ClusterNumber


class Split(Decision):
    """Ions form new clusters, the parts of `parent` if they come from one cluster; numbered from `first`."""

    do: Literal["split"] = "split"
    parent: ClusterNumber | None = None
    first: ClusterNumber
    parts: tuple[Ions, ...] = Field(min_length=1)


class Refined(Decision):
    """All ions were grouped again around what was decided before.

    Attributes
    ----------
    assigned : tuple of int
        Cluster of each ion.
    confidence : tuple of float or None
        Confidence of each ion, if it is known.
    """

    do: Literal["refine"] = "refine"
    assigned: Ions
    confidence: tuple[float | None, ...] = ()


class Judged(Decision):
    """A person said which of two representations is right about a pair of ions, whatever the clusters.

    Attributes
    ----------
    ions : tuple of two int
    measures : tuple of two str
        Names of the representations.
    right : {"first", "second", "neither", "unsure"}
    """

    do: Literal["judge"] = "judge"
    ions: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]
    measures: tuple[str, str]
    right: Literal["first", "second", "neither", "unsure"]


class Undone(Decision):
    """An earlier line does not count, or counts again."""

    do: Literal["undo"] = "undo"
    undone: str
    again: bool = False


AnyDecision = Annotated[
    Named | Noted | Coloured | Flagged | Moved | Confirmed | Merged | Split | Refined | Judged | Undone,
    Field(discriminator="do"),
]
_ADAPTER: TypeAdapter[Decision] = TypeAdapter(AnyDecision)


def digest(clusters: np.ndarray) -> str:
    """Return a hash of clusters (N,), 12 hexadecimal digits."""
    return hashlib.sha256(np.ascontiguousarray(clusters, dtype="<i8").data).hexdigest()[:12]


def record(run: Run, decision: Decision) -> None:
    """Append a decision to those of a run.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    path = run.path / FILE
    try:
        with FileLock(path.with_name(f".{FILE}.lock"), timeout=LOCK_SECONDS):
            append_line(path, decision.model_dump_json(exclude_defaults=False))
    except (OSError, Timeout) as error:
        reason = "another process holds its lock" if isinstance(error, Timeout) else error.strerror or error
        raise RunError(
            f"What was decided cannot be kept in {path}: {reason}. Check the free space and the permissions of that "
            "folder, then do it again."
        ) from error


def recorded(run: Run) -> list[Decision]:
    """Return all decisions of a run in the order of their lines, `Undone` among them.

    Lines that cannot be read, such as one that was cut off or that a later version wrote, are left out; `unreadable`
    counts them.
    """
    return _read(run)[0]


def stamp(run: Run) -> str:
    """Return a text that changes with every decision about a run."""
    try:
        return str((run.path / FILE).stat().st_size)  # lines are only appended
    except FileNotFoundError:
        return ""


def unreadable(run: Run) -> int:
    """Return how many lines of the decisions of a run cannot be read."""
    return _read(run)[1]


def active(decisions: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that count, without `Undone`, oldest first."""
    off: dict[str, bool] = {}
    for decision in decisions:
        if isinstance(decision, Undone):
            off[decision.undone] = not decision.again
    return [one for one in decisions if not isinstance(one, Undone) and not off.get(one.line)]


def last_undone(decisions: Sequence[Decision]) -> Decision | None:
    """Return the decision that was undone last and can be done again: none was made after its undoing."""
    waiting: list[str] = []
    for decision in decisions:
        if not isinstance(decision, Undone):
            waiting = []
        elif decision.again:
            waiting = [line for line in waiting if line != decision.undone]
        else:
            waiting.append(decision.undone)
    return next((one for one in decisions if waiting and one.line == waiting[-1]), None)


def _read(run: Run) -> tuple[list[Decision], int]:
    found, bad = [], 0
    for line in read_lines(run.path / FILE):
        try:
            found.append(_ADAPTER.validate_json(line))
        except ValidationError:
            bad += 1
    return found, bad
