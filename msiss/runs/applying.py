"""What each kind of decision does to clusters."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from msiss.runs.decisions import (
    Coloured,
    Confirmed,
    Decision,
    Flagged,
    Merged,
    Moved,
    Named,
    Noted,
    Refined,
    Split,
)


@dataclass(frozen=True)
class Cluster:
    """A cluster as it is shown.

    Attributes
    ----------
    number : int
        It stays what it is when ions are moved; new clusters get the next free one.
    name, note : str
        As a person gave them; text of a person, to be escaped where it is shown.
    colour : str
        Such as "#1e78d7".
    tissue : bool
        False if a person said that it shows no tissue, such as matrix or background.
    parent : int, optional
        The cluster of which it was made as a part.
    """

    number: int
    name: str = ""
    note: str = ""
    colour: str = ""
    tissue: bool = True
    parent: int | None = None

    @property
    def title(self) -> str:
        """Number and name, such as "3 cortex"."""
        return f"{self.number} {self.name}".rstrip()


@dataclass
class State:
    """Clusters while decisions are applied to them.

    Attributes
    ----------
    clusters : ndarray of shape (N,), int64
    confidence : ndarray of shape (N,), float32
    by_hand : ndarray of shape (N,), bool
    known : dict of int to Cluster
        Those about which anything was said.
    """

    clusters: np.ndarray
    confidence: np.ndarray
    by_hand: np.ndarray
    known: dict[int, Cluster]

    @classmethod
    def of(cls, clusters: np.ndarray, confidence: np.ndarray) -> "State":
        """Return clusters (N,) and their confidence before any decision; the arrays are copied."""
        return cls(clusters.copy(), confidence.copy(), np.zeros(len(clusters), dtype=bool), {})

    def describe(self, number: int, **changes: Any) -> None:
        """Change what is known about a cluster."""
        self.known[number] = replace(self.known.get(number, Cluster(number)), **changes)

    def apply(self, decision: Decision) -> None:
        """Apply a decision, which must fit; see `fits`."""
        match decision:
            case Named():
                self.describe(decision.cluster, name=decision.name)
            case Noted():
                self.describe(decision.cluster, note=decision.note)
            case Coloured():
                self.describe(decision.cluster, colour=decision.colour)
            case Flagged():
                self.describe(decision.cluster, tissue=decision.tissue)
            case Moved():
                self.clusters[[*decision.ions]] = decision.to
                self.by_hand[[*decision.ions]] = True
            case Confirmed():
                self.by_hand[[*decision.ions]] = True
            case Merged():
                self.clusters[np.isin(self.clusters, decision.merged)] = decision.into
            case Split():
                for number, ions in enumerate(decision.parts, start=decision.first):
                    self.clusters[[*ions]] = number
                    self.describe(number, parent=decision.parent)
            case Refined():
                self.clusters[:] = decision.assigned
                if decision.confidence:
                    self.confidence[:] = np.array(decision.confidence, dtype=np.float32)


def made_by(decision: Decision) -> tuple[int, ...]:
    """Return the numbers of the clusters that a decision may make."""
    match decision:
        case Moved():
            return (decision.to,)
        case Merged():
            return (decision.into,)
        case Split():
            return tuple(range(decision.first, decision.first + len(decision.parts)))
        case Refined():
            return (max(decision.assigned),)
        case _:
            return ()


def needed_by(decision: Decision) -> tuple[int, ...]:
    """Return the clusters that must exist for a decision."""
    match decision:
        case Named() | Noted() | Coloured() | Flagged():
            return (decision.cluster,)
        case Merged():
            return (*decision.merged, decision.into)
        case _:
            return ()


def fits(decision: Decision, number: int) -> bool:
    """Tell whether a decision can be applied to so many ions."""
    if isinstance(decision, Refined):
        return len(decision.assigned) == number and len(decision.confidence) in (0, number)
    return max(_ions(decision), default=0) < number


def _ions(decision: Decision) -> tuple[int, ...]:
    """Return the ions that a decision names."""
    match decision:
        case Moved() | Confirmed():
            return decision.ions
        case Split():
            return tuple(ion for part in decision.parts for ion in part)
        case _:
            return ()
