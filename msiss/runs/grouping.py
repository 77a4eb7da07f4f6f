"""The clusters of a run as a person has corrected them: the clusters of the run with the decisions applied."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from msiss.data.progress import Progress, ignore
from msiss.errors import SettingError
from msiss.runs.applying import Cluster, State, fits, made_by, needed_by
from msiss.runs.decisions import Decision, Undone, active, digest, last_undone, record, recorded, unreadable
from msiss.runs.reclustering import clusters_by
from msiss.runs.store import Run
from msiss.show.palette import cluster_colour

AnyDecision = TypeVar("AnyDecision", bound=Decision)


@dataclass(frozen=True, eq=False)
class Grouping:
    """Corrected clusters of a run.

    Attributes
    ----------
    run : Run
    by : str
        Name of the representation that was clustered.
    n_clusters : int
        Requested number of clusters.
    table : DataFrame
        One row per ion: cluster (int64), confidence (float32, 0 to 1, NaN if unknown), original (int64, the cluster
        before all corrections), by_hand (bool, whether a person put the ion into its cluster or confirmed it).
    clusters : dict of int to Cluster
        Those that have ions, by number.
    decisions : tuple of Decision
        Those that are applied, oldest first.
    untold : int
        Decisions that are not applied, as they were made about other clusters than those that this version makes, or
        cannot be read.
    """

    run: Run
    by: str
    n_clusters: int
    table: pd.DataFrame
    clusters: dict[int, Cluster]
    decisions: tuple[Decision, ...]
    untold: int = 0

    @property
    def labels(self) -> np.ndarray:
        """Cluster of each ion, shape (N,), int64."""
        return self.table["cluster"].to_numpy()

    @property
    def base(self) -> str:
        """The digest of the clusters before all corrections."""
        return digest(self.table["original"].to_numpy())

    @property
    def is_corrected(self) -> bool:
        """Whether any ion is in another cluster than the run put it into."""
        return bool((self.table["cluster"] != self.table["original"]).any())

    @property
    def next_number(self) -> int:
        """The number of the next new cluster: no cluster had it before."""
        made = [number for decision in self.decisions for number in made_by(decision)]
        return max(self.n_clusters - 1, int(self.table["original"].max()), *self.clusters, *made) + 1

    def members(self, cluster: int) -> np.ndarray:
        """Return the ions of a cluster, ascending."""
        return np.flatnonzero(self.labels == cluster)


def grouping(
    run: Run, by: str | None = None, n_clusters: int | None = None, *, progress: Progress = ignore
) -> Grouping:
    """Return the clusters of a run by one representation with all decisions applied.

    Parameters
    ----------
    run : Run
        A finished run of N ions.
    by : str, optional
        Representation; by default the result of the training.
    n_clusters : int, optional
        Number of clusters; by default that of the run.
    progress : callable, optional
        See `msiss.data.progress`.

    Raises
    ------
    SettingError
        If the run has no such representation, or the number of clusters is invalid.
    RunError
        If the run is not done.
    """
    by, n_clusters = by or run.config.result, n_clusters or run.config.clusters
    return corrected(run, by, n_clusters, clusters_by(run, by, n_clusters, progress=progress))


def corrected(run: Run, by: str, n_clusters: int, found: pd.DataFrame) -> Grouping:
    """Return the clusters `found` by `clusters_by` with all decisions applied."""
    original = found["cluster"].to_numpy(dtype=np.int64)
    base = digest(original)
    made = [one for one in active(recorded(run)) if (one.by, one.clusters) == (by, n_clusters)]
    confidence = found["confidence"].to_numpy(dtype=np.float32)
    state = State.of(original, confidence)
    applied = []
    for decision in made:
        if decision.base == base and fits(decision, len(original)):
            state.apply(decision)
            applied.append(decision)
    table = pd.DataFrame(
        {"cluster": state.clusters, "confidence": state.confidence, "original": original, "by_hand": state.by_hand}
    )
    clusters = {}
    for number in np.unique(state.clusters).tolist():
        known = state.known.get(number, Cluster(number))
        clusters[number] = replace(known, colour=known.colour or cluster_colour(number))
    untold = len(made) - len(applied) + unreadable(run)
    return Grouping(run, by, n_clusters, table, clusters, tuple(applied), untold)


def labels_before(after: Grouping, decision: Decision) -> np.ndarray:
    """Return the cluster of each ion (N,) as it was just before one of the decisions was applied."""
    state = State.of(after.table["original"].to_numpy(), after.table["confidence"].to_numpy())
    for earlier in after.decisions:
        if earlier.line == decision.line:
            break
        state.apply(earlier)
    return state.clusters


def decide(before: Grouping, decision: AnyDecision) -> AnyDecision:
    """Record a decision about the clusters `before`, and return it as it was recorded.

    Raises
    ------
    SettingError
        If it names a cluster or an ion that does not exist.
    RunError
        If it cannot be written.
    """
    about = {"by": before.by, "clusters": before.n_clusters, "base": before.base}
    decision = decision.model_copy(update=about)
    _check(decision, before)
    record(before.run, decision)
    return decision


def undo(before: Grouping, *, who: str = "") -> Decision | None:
    """Undo the last decision about these clusters, and return it; None if there is none."""
    return _undo(before, before.decisions[-1] if before.decisions else None, who, again=False)


def redo(before: Grouping, *, who: str = "") -> Decision | None:
    """Make the decision again that was undone last, and return it; None if there is none, or others came after."""
    return _undo(before, can_redo(before), who, again=True)


def can_redo(before: Grouping) -> Decision | None:
    """Return the decision that `redo` would make again."""
    view = (before.by, before.n_clusters)
    return last_undone([one for one in recorded(before.run) if (one.by, one.clusters) == view])


def _undo(before: Grouping, decision: Decision | None, who: str, *, again: bool) -> Decision | None:
    if decision is not None:
        decide(before, Undone(undone=decision.line, again=again, who=who))
    return decision


def _check(decision: Decision, before: Grouping) -> None:
    if not fits(decision, len(before.table)):
        raise SettingError(f"ions: there are {len(before.table)} ions, numbered from 0; the decision is about others.")
    if missing := set(needed_by(decision)) - set(before.clusters):
        listed = ", ".join(map(str, before.clusters))
        raise SettingError(f"cluster: there is no cluster {min(missing)}. There are: {listed}.")
