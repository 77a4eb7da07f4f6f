"""Groups of ions of one molecule, and whether clusters keep them together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from msiss.analyse.isotopes import molecules

ISOTOPES = ("13C", "37Cl")  # kinds of pairs whose two ions are of one molecule with one charge carrier


@dataclass(frozen=True)
class IsotopeGroup:
    """Ions that are linked by the mass differences of isotopes or adducts.

    Attributes
    ----------
    ions : tuple of int
        By m/z, the lightest first.
    kinds : tuple of str
        Differences that link them.
    clusters : tuple of int
        Cluster of each ion.
    """

    ions: tuple[int, ...]
    kinds: tuple[str, ...]
    clusters: tuple[int, ...]

    @property
    def kept(self) -> bool:
        """Whether all its ions are in one cluster."""
        return len(set(self.clusters)) == 1


def isotope_groups(pairs: pd.DataFrame, clusters: np.ndarray, mz: np.ndarray) -> list[IsotopeGroup]:
    """Return the groups of at least two ions that pairs link, those with the lightest ion first.

    Parameters
    ----------
    pairs : DataFrame
        Columns i, j and kind, from `msiss.analyse.isotopes.expected_pairs`.
    clusters : ndarray of shape (N,), int
        Cluster of each ion.
    mz : ndarray of shape (N,)
        m/z of each ion in Th.
    """
    linked = pairs[["i", "j"]].to_numpy(dtype=np.int64)
    molecule = molecules(linked, len(mz))
    kinds_of: dict[int, set[str]] = {}
    for (ion, _), kind in zip(linked.tolist(), pairs["kind"], strict=True):
        kinds_of.setdefault(int(molecule[ion]), set()).add(kind)
    ions_of: dict[int, list[int]] = {}
    for ion in np.argsort(mz, kind="stable").tolist():
        if (one := int(molecule[ion])) in kinds_of:
            ions_of.setdefault(one, []).append(ion)
    return [
        IsotopeGroup(tuple(ions), tuple(sorted(kinds_of[one])), tuple(clusters[ions].tolist()))
        for one, ions in ions_of.items()
    ]


def recall(pairs: pd.DataFrame, clusters: np.ndarray) -> pd.DataFrame:
    """Return the share of pairs in one cluster, by kind and of all together.

    Parameters
    ----------
    pairs : DataFrame
        Columns i, j and kind.
    clusters : ndarray of shape (N,), int

    Returns
    -------
    DataFrame
        By kind of pair, and "all" last: n (int), together (float, 0 to 1) and chance (float, what is expected for
        permuted clusters). Without rows if there are no pairs.
    """
    from msiss.analyse.metrics import same_cluster  # imports scikit-learn

    rows = {}
    for kind, part in [*pairs.groupby("kind"), *([("all", pairs)] if len(pairs) else [])]:
        together, chance = same_cluster(clusters, part[["i", "j"]].to_numpy())
        rows[str(kind)] = {"n": len(part), "together": together, "chance": chance}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["n", "together", "chance"])
    return table.astype({"n": np.int64})
