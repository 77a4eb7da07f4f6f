"""What a training reports while it goes on: typed events, one JSON object each in ``events.jsonl``."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class PhaseStarted:
    """A phase begins; `epochs` is 0 for phases without any."""

    phase: str
    epochs: int = 0


@dataclass(frozen=True)
class Step:
    """One batch is done: the fraction of the training that is behind us, and how much of it an earlier process did."""

    fraction: float
    skipped: float = 0.0


@dataclass(frozen=True)
class EpochEnded:
    """One pass over the data is done; `values` are its means, such as the loss and the confident fraction."""

    phase: str
    epoch: int
    epochs: int
    values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """Something the user should know about this run, in plain words."""

    message: str


Event = PhaseStarted | Step | EpochEnded | Note


def to_json(event: Event) -> dict[str, Any]:
    """Return the event as a JSON object with its kind."""
    return {"event": type(event).__name__} | asdict(event)
