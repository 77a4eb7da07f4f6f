"""What a person says about clusters: ions that belong to a cluster, ions that belong together, and ions that do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from msiss.errors import SettingError

FREE = -1  # the label of an ion that may be in any cluster


@dataclass(frozen=True, eq=False)
class Constraints:
    """What must hold for the clusters of N ions.

    Attributes
    ----------
    labels : ndarray of shape (N,), int64
        The cluster that an ion belongs to; `FREE` if nobody said so.
    together : ndarray of shape (M, 2), int64
        Pairs of ions that must be in one cluster.
    apart : ndarray of shape (L, 2), int64
        Pairs of ions that must not be in one cluster.
    """

    labels: np.ndarray
    together: np.ndarray
    apart: np.ndarray

    @classmethod
    def of(
        cls,
        number: int,
        labels: Mapping[int, int] | None = None,
        *,
        together: Sequence[tuple[int, int]] | np.ndarray = (),
        apart: Sequence[tuple[int, int]] | np.ndarray = (),
    ) -> "Constraints":
        """Return the constraints of `number` ions, from the clusters of some of them and from pairs.

        Raises
        ------
        SettingError
            If there is no such ion, or a cluster is negative.
        """
        whole = np.full(number, FREE, dtype=np.int64)
        pairs = [np.array(some, dtype=np.int64).reshape(-1, 2) for some in (together, apart)]
        named = np.concatenate([np.array(list(labels or ()), dtype=np.int64), *(some.ravel() for some in pairs)])
        outside = named[(named < 0) | (named >= number)]
        if len(outside):
            raise SettingError(f"ions: there is no ion {outside[0]}; there are {number} ions, numbered from 0.")
        for ion, cluster in (labels or {}).items():
            if cluster < 0:
                raise SettingError(f"cluster: ion {ion} cannot be in cluster {cluster}; clusters are numbered from 0.")
            whole[ion] = cluster
        return cls(whole, *pairs)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not (len(self.together) or len(self.apart) or (self.labels != FREE).any())

    def subset(self, ions: np.ndarray) -> "Constraints":
        """Return what is said about some ions (n,) alone, numbered from 0 to n - 1."""
        place = np.full(len(self.labels), -1)
        place[ions] = np.arange(len(ions))
        pairs = (place[some] for some in (self.together, self.apart))
        return Constraints(self.labels[ions], *(some[(some >= 0).all(axis=1)] for some in pairs))


@dataclass(frozen=True, eq=False)
class Bonds:
    """Constraints with all that follows from them.

    Attributes
    ----------
    group : ndarray of shape (N,), int64
        Group of each ion, from 0 to G - 1: ions of one group must be in one cluster.
    label : ndarray of shape (G,), int64
        Cluster of each group; `FREE` if it may be any.
    apart : ndarray of shape (L, 2), int64
        Pairs of groups that must not be in one cluster, without those that have different labels.
    """

    group: np.ndarray
    label: np.ndarray
    apart: np.ndarray

    @property
    def bound(self) -> np.ndarray:
        """Whether something was said about each ion or an ion of its group, shape (N,), bool."""
        groups = (self.label != FREE) | (np.bincount(self.group, minlength=len(self.label)) > 1)
        groups[self.apart] = True
        return groups[self.group]


def bonds(constraints: Constraints) -> Bonds:
    """Return what follows from constraints: what is together with the same ion is together.

    Raises
    ------
    SettingError
        If they contradict each other; the message names two of the ions.
    """
    from scipy.sparse import coo_array  # slow to import
    from scipy.sparse.csgraph import connected_components

    labels, number = constraints.labels, len(constraints.labels)
    known = np.flatnonzero(labels != FREE)
    by_label = known[np.argsort(labels[known], kind="stable")]
    chained = np.stack([by_label[:-1], by_label[1:]], axis=1)
    chained = chained[labels[chained[:, 0]] == labels[chained[:, 1]]]
    links = np.concatenate([constraints.together, chained])
    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(number, number))
    count, group = connected_components(graph, directed=False)
    group = group.astype(np.int64)
    label, named_by = np.full(count, FREE, dtype=np.int64), np.full(count, -1)
    for ion in known:
        own = group[ion]
        if label[own] not in (FREE, labels[ion]):
            raise SettingError(
                f"ions: ion {named_by[own]} is in cluster {label[own]} and ion {ion} in cluster {labels[ion]}, but "
                "they must be together. Take one of these back."
            )
        label[own], named_by[own] = labels[ion], ion
    apart = group[constraints.apart]
    for (first, second), (one, other) in zip(constraints.apart, apart, strict=True):
        if one == other:
            raise SettingError(
                f"ions: ion {first} and ion {second} must be apart, but also together. Take one of these back."
            )
    either = (label[apart] == FREE).any(axis=1)
    return Bonds(group, label, np.unique(np.sort(apart[either], axis=1), axis=0))


def assign(scores: np.ndarray, held: Bonds, numbers: np.ndarray) -> np.ndarray:
    """Return the best cluster of each ion with which all constraints hold.

    Groups that few clusters are left for are assigned first, and of these the surest.

    Parameters
    ----------
    scores : ndarray of shape (N, K)
        How well each ion fits into each cluster; those of a group are added up.
    held : Bonds
        Every label is among the numbers.
    numbers : ndarray of shape (K,), int64
        Numbers of the clusters, ascending.

    Returns
    -------
    ndarray of shape (N,), int64
        Numbers of clusters.

    Raises
    ------
    SettingError
        If an ion is kept apart from every cluster.
    """
    total = np.zeros((len(held.label), len(numbers)))
    np.add.at(total, held.group, scores)
    allowed = np.ones(total.shape, dtype=bool)
    known = held.label != FREE
    allowed[known] = held.label[known, None] == numbers
    found = np.where(allowed, total, -np.inf).argmax(axis=1)
    rivals: dict[int, list[int]] = {int(one): [] for one in np.unique(held.apart)}
    for one, other in held.apart.tolist():
        rivals[one].append(other)
        rivals[other].append(one)
    waiting = set(rivals)
    while waiting:
        open_scores = {one: np.sort(total[one][allowed[one]]) for one in waiting}
        one = min(waiting, key=lambda group: (len(open_scores[group]), -_lead(open_scores[group]), group))
        if not len(open_scores[one]):
            ion = int(np.flatnonzero(held.group == one)[0])
            raise SettingError(
                f"ions: ion {ion} must be apart from ions of every cluster. Take one of these back, or make a new "
                "cluster of it."
            )
        waiting.remove(one)
        found[one] = np.where(allowed[one], total[one], -np.inf).argmax()
        allowed[rivals[one], found[one]] = False
    return numbers[found][held.group]


def _lead(ascending: np.ndarray) -> float:
    """Return by how much the best score is above the next one."""
    return float(ascending[-1] - ascending[-2]) if len(ascending) > 1 else 0.0
