"""The events that a training reports: typed, one JSON object each in ``events.jsonl``."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class PhaseStarted:
    """A phase starts; `epochs` is 0 for phases without epochs."""

    phase: str
    epochs: int = 0


@dataclass(frozen=True)
class Step:
    """A batch is done; the completed fraction of the training, and the part of it that an earlier process did."""

    fraction: float
    skipped: float = 0.0


@dataclass(frozen=True)
class EpochEnded:
    """An epoch is done; `values` are its means, such as the loss and the confident fraction."""

    phase: str
    epoch: int
    epochs: int
    values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """A message for the user about this run."""

    message: str


Event = PhaseStarted | Step | EpochEnded | Note


def to_json(event: Event) -> dict[str, Any]:
    """Return the event as a JSON object with its kind."""
    return {"event": type(event).__name__} | asdict(event)
