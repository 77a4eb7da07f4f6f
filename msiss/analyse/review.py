"""Which ions a person should look at: those about whose cluster something speaks, with the reasons in plain words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

UNSURE, NEIGHBOURS, TORN, SEEN = "unsure", "neighbours", "torn", "seen differently"
LOW = 0.5  # confidence below which an ion is unsure: in most clusterings it is not with its cluster
ISOTOPES = ("13C", "37Cl")  # isotopologues have the same distribution; adducts nearly the same
ADDUCT = 0.5  # weight of a torn adduct, compared with a torn isotope


@dataclass(frozen=True)
class Reason:
    """Why an ion should be looked at.

    Attributes
    ----------
    kind : {"unsure", "neighbours", "torn", "seen differently"}
    strength : float
        From 0 to 1.
    cluster : int, optional
        The cluster that it speaks for.
    number, among : int
        For neighbours: how many of the nearest ions are in other clusters, of how many.
    ion : int, optional
        For a torn pair: the other ion.
    about : str
        For a torn pair its kind, such as "13C"; for what sees it differently, its title.
    """

    kind: str
    strength: float
    cluster: int | None = None
    number: int = 0
    among: int = 0
    ion: int | None = None
    about: str = ""

    def text(
        self, cluster_title: Callable[[int], str] = str, ion_title: Callable[[int], str] = lambda ion: f"ion {ion}"
    ) -> str:
        """Return the reason in words; titles of clusters and ions are inserted as these functions give them."""
        to = "" if self.cluster is None else cluster_title(self.cluster)
        match self.kind:
            case "unsure":
                return f"low confidence ({1 - self.strength:.2f})"
            case "neighbours":
                return f"{self.number} of its {self.among} nearest ions are in other clusters, most of them in {to}"
            case "torn":
                partner = "" if self.ion is None else ion_title(self.ion)
                return f"its {self.about} partner, {partner}, is in cluster {to}"
            case _:
                return f"{self.about} sees it in cluster {to}"


@dataclass
class _Doubts:
    asked: int = 0  # kinds of reason that could be found at all
    found: list[list[Reason]] = field(default_factory=list)


def review(
    clusters: np.ndarray,
    *,
    confidence: np.ndarray | None = None,
    nearest: np.ndarray | None = None,
    pairs: pd.DataFrame | None = None,
    others: Mapping[str, np.ndarray] | None = None,
    settled: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return the ions that a person should look at, the most urgent first.

    Parameters
    ----------
    clusters : ndarray of shape (N,), int64
        Cluster of each ion.
    confidence : ndarray of shape (N,), optional
        From 0 to 1; NaN if unknown.
    nearest : ndarray of shape (N, n), int, optional
        The nearest ions of each ion, without itself, such as from `msiss.analyse.similarity.nearest_among`.
    pairs : DataFrame, optional
        Columns i, j and kind: isotopes and adducts, see `msiss.analyse.mass_tolerance.find_pairs`.
    others : dict of str to ndarray of shape (N,), optional
        Other clusterings of the same ions by title, such as that of another representation; numbered in any way.
    settled : ndarray of shape (N,), bool, optional
        Ions that a person has decided about: they are left out.

    Returns
    -------
    DataFrame
        One row per ion with a reason: ion (int64), cluster (int64, its own), proposed (int64, the cluster that the
        reasons speak for most; its own if they speak for none), urgency (float64, 0 to 1: mean strength over the kinds
        of reason that were asked), reasons (tuple of `Reason`).
    """
    number = len(clusters)
    doubts = _Doubts(found=[[] for _ in range(number)])
    if confidence is not None and not np.isnan(confidence).all():
        _unsure(doubts, confidence)
    if nearest is not None and nearest.shape[1]:
        _outvoted(doubts, clusters, nearest)
    if pairs is not None and len(pairs):
        _torn(doubts, clusters, confidence, pairs)
    if others:
        _seen_differently(doubts, clusters, others)
    rows = []
    for ion, reasons in enumerate(doubts.found):
        if reasons and not (settled is not None and settled[ion]):
            urgency = sum(_strongest(reasons).values()) / doubts.asked
            rows.append((ion, int(clusters[ion]), _proposed(reasons, int(clusters[ion])), urgency, tuple(reasons)))
    table = pd.DataFrame(rows, columns=["ion", "cluster", "proposed", "urgency", "reasons"])
    table = table.astype({"ion": np.int64, "cluster": np.int64, "proposed": np.int64, "urgency": np.float64})
    return table.sort_values(["urgency", "ion"], ascending=[False, True], kind="stable", ignore_index=True)


def matched(clusters: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return another clustering (N,) with the numbers of the clusters that have the most ions in common with its own.

    Clusters that are matched to none are -1.
    """
    mine, own = np.unique(clusters, return_inverse=True)
    theirs, place = np.unique(other, return_inverse=True)
    common = np.zeros((len(theirs), len(mine)), dtype=np.int64)
    np.add.at(common, (place, own), 1)
    rows, columns = linear_sum_assignment(common, maximize=True)
    number = np.full(len(theirs), -1, dtype=np.int64)
    number[rows] = mine[columns]
    return number[place]


def _unsure(doubts: _Doubts, confidence: np.ndarray) -> None:
    doubts.asked += 1
    for ion in np.flatnonzero(confidence < LOW):
        doubts.found[ion].append(Reason(UNSURE, float(1 - confidence[ion])))


def _outvoted(doubts: _Doubts, clusters: np.ndarray, nearest: np.ndarray) -> None:
    doubts.asked += 1
    around = clusters[nearest]
    elsewhere = (around != clusters[:, None]).sum(axis=1)
    for ion in np.flatnonzero(2 * elsewhere > nearest.shape[1]):
        names, counts = np.unique(around[ion][around[ion] != clusters[ion]], return_counts=True)
        most, share = int(names[counts.argmax()]), float(elsewhere[ion] / nearest.shape[1])
        doubts.found[ion].append(Reason(NEIGHBOURS, share, most, number=int(elsewhere[ion]), among=nearest.shape[1]))


def _torn(doubts: _Doubts, clusters: np.ndarray, confidence: np.ndarray | None, pairs: pd.DataFrame) -> None:
    """Ask about the less sure of two ions that should be together, about both if neither is known to be surer."""
    doubts.asked += 1
    sure = np.zeros(len(clusters)) if confidence is None else np.nan_to_num(confidence)
    for one, other, kind in pairs[["i", "j", "kind"]].itertuples(index=False):
        if clusters[one] != clusters[other]:
            weight = 1.0 if kind in ISOTOPES else ADDUCT
            for ion, partner in ((one, other), (other, one)):
                if sure[ion] <= sure[partner]:
                    doubts.found[ion].append(
                        Reason(TORN, weight, int(clusters[partner]), ion=int(partner), about=str(kind))
                    )


def _seen_differently(doubts: _Doubts, clusters: np.ndarray, others: Mapping[str, np.ndarray]) -> None:
    doubts.asked += 1
    for title, other in others.items():
        seen = matched(clusters, other)
        for ion in np.flatnonzero((seen != clusters) & (seen >= 0)):
            doubts.found[ion].append(Reason(SEEN, 1 / len(others), int(seen[ion]), about=title))


def _strongest(reasons: Sequence[Reason]) -> dict[str, float]:
    """Return the strength of each kind of reason: several torn pairs count once, several clusterings add up."""
    strength: dict[str, float] = {}
    for reason in reasons:
        before = strength.get(reason.kind, 0.0)
        strength[reason.kind] = before + reason.strength if reason.kind == SEEN else max(before, reason.strength)
    return strength


def _proposed(reasons: Sequence[Reason], own: int) -> int:
    votes: dict[int, float] = {}
    for reason in reasons:
        if reason.cluster is not None:
            votes[reason.cluster] = votes.get(reason.cluster, 0.0) + reason.strength
    return max(votes, key=lambda cluster: (votes[cluster], -cluster)) if votes else own
