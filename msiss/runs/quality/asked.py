"""The ions that the evidence asks about: each image once, and the pairs of one molecule among them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from msiss.analyse import isotopes
from msiss.analyse.copies import copied_and_empty
from msiss.analyse.mass_tolerance import FoundPairs, find_pairs
from msiss.data.ion_images import IonImages
from msiss.runs.quality.evidence import Number, ToleranceNumbers


@dataclass(frozen=True, eq=False)
class Asked:
    """The ions whose images are neither empty nor copies of an earlier one, and their pairs.

    Attributes
    ----------
    ions : ndarray of shape (n,), int64
        Their indices in the data set.
    found : FoundPairs or None
        Their pairs, numbered from 0 to n - 1; None for an axis without m/z.
    copies, empty : int
        How many images were left out because they are copies, and because they are 0 everywhere.
    """

    ions: np.ndarray
    found: FoundPairs | None
    copies: int
    empty: int

    @property
    def pairs(self) -> np.ndarray:
        """The two ions of each pair, shape (M, 2), int64; M may be 0."""
        return np.zeros((0, 2), np.int64) if self.found is None else self.found.table[["i", "j"]].to_numpy()

    @property
    def kinds(self) -> list[str]:
        """The kind of each pair."""
        return [] if self.found is None else self.found.table["kind"].tolist()

    @cached_property
    def molecules(self) -> np.ndarray:
        """The molecule of each ion as inferred from the pairs, shape (n,)."""
        return isotopes.molecules(self.pairs, len(self.ions))

    @property
    def tolerance(self) -> ToleranceNumbers | None:
        """The tolerance of the mass differences; None if there is none."""
        if self.found is None or self.found.tolerance is None:
            return None
        return {"ppm": self.found.tolerance.ppm, "least": self.found.tolerance.least}

    def numbers(self) -> dict[str, Number] | None:
        """Return how many pairs of each kind there are and how many are expected by chance; None without m/z."""
        if self.found is None:
            return None
        chance, counted = self.found.by_chance, self.found.table["kind"].value_counts()
        kinds: dict[str, Number] = {
            kind: {"n": int(counted[kind]), "by_chance": chance[kind]} for kind in chance if kind in counted
        }
        # The total includes the pairs by chance of kinds that were not found.
        return kinds | {"all": {"n": len(self.pairs), "by_chance": sum(chance.values())}}


def asked_of(dataset: IonImages) -> Asked:
    """Return what is asked about a data set of N ions; its images are read one at a time."""
    copied, empty = copied_and_empty(dataset.images, dataset.mask)
    ions = np.flatnonzero(~empty & ~copied)
    if not len(ions):  # nothing can be told then, but a run does not fail at its end
        ions, empty = np.arange(len(dataset)), np.zeros(len(dataset), bool)
    found = find_pairs(dataset.mz[ions], polarity=dataset.polarity) if dataset.axis.is_mz else None
    return Asked(ions, found, copies=int(copied.sum()), empty=int(empty.sum()))
