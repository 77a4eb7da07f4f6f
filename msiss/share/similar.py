"""Tables of how similar ions are by several measures, for pages, notebooks, the command line and CSV files."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from msiss.data.ion_images import IonImages
from msiss.runs.grouping import Grouping


def ions_table(images: IonImages) -> pd.DataFrame:
    """Return one row per ion of a data set: ion (from 0), mz, name and the annotations that are known."""
    return pd.DataFrame(
        {"ion": np.arange(len(images)), "mz": images.mz, "name": images.names, **images.annotations}
    )  # fmt: skip


def partners_table(
    ions: pd.DataFrame, measured: Mapping[str, np.ndarray], ion: int, grouping: Grouping | None = None
) -> pd.DataFrame:
    """Return all other ions as partners of an ion, the most similar by the first measure first.

    Parameters
    ----------
    ions : DataFrame
        One row per ion, such as from `ions_table` or `Run.ions`.
    measured : dict of str to ndarray of shape (N, D)
        Vectors of the ions by each measure, by its name; at least one.
    ion : int
        Index of the ion.
    grouping : Grouping, optional
        The clusters of the ions.

    Returns
    -------
    DataFrame
        The columns of `ions`; for each measure NAME cosine_NAME (float32) and rank_NAME (int64, from 1; ties get the
        worst rank, so several ions may have the same); and cluster and cluster_name if there are clusters.
    """
    from msiss.analyse.partners import by_rank, partners

    found = {name: partners(vectors, np.array([ion])) for name, vectors in measured.items()}
    table = ions.copy()
    for name, (cosines, ranks) in found.items():
        table[f"cosine_{name}"], table[f"rank_{name}"] = cosines[0], ranks[0]
    if grouping is not None:
        table["cluster"] = grouping.labels
        table["cluster_name"] = [grouping.clusters[one].name for one in grouping.labels]
    first = next(iter(found.values()))[1][0]
    return table.iloc[by_rank(first)].reset_index(drop=True)


def pairs_table(ions: pd.DataFrame, measured: Mapping[str, np.ndarray], chosen: Sequence[int]) -> pd.DataFrame:
    """Return each pair of some ions, the most similar by the first measure first.

    Parameters
    ----------
    ions, measured
        As for `partners_table`.
    chosen : sequence of int
        The n ions, at least two.

    Returns
    -------
    DataFrame
        n (n - 1) / 2 rows: ion_i, mz_i, name_i, ion_j, mz_j, name_j, and for each measure NAME cosine_NAME and
        rank_NAME: the mean of the ranks that the two have among all partners of each other.
    """
    from msiss.analyse.partners import partners

    places = np.array([(i, j) for i in range(len(chosen)) for j in range(i + 1, len(chosen))])
    own = np.asarray(chosen)
    table = _of_pairs(ions, own[places])
    for name, vectors in measured.items():
        cosines, ranks = (values[:, own] for values in partners(vectors, own))
        table[f"cosine_{name}"] = cosines[places[:, 0], places[:, 1]]
        table[f"rank_{name}"] = (ranks + ranks.T)[places[:, 0], places[:, 1]] / 2
    by = next(iter(measured))
    return table.sort_values(f"cosine_{by}", ascending=False, kind="stable", ignore_index=True)


def disagreements_table(ions: pd.DataFrame, found: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Return the pairs that two measures judge most differently, with what is known about their ions.

    Parameters
    ----------
    ions : DataFrame
        As for `partners_table`.
    found : DataFrame
        From `msiss.analyse.disagreement.disagreements`.
    first, second : str
        Names of the measures.

    Returns
    -------
    DataFrame
        The columns of `pairs_table`, and difference: that of the percentiles, positive if the pair is nearer by the
        first measure.
    """
    table = _of_pairs(ions, found[["i", "j"]].to_numpy())
    for column, name in (("first", first), ("second", second)):
        table[f"cosine_{name}"], table[f"rank_{name}"] = found[f"{column}_cosine"], found[f"{column}_rank"]
    return table.assign(difference=found["difference"])


def _of_pairs(ions: pd.DataFrame, pairs: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame(index=range(len(pairs)))
    for side, column in zip("ij", pairs.reshape(-1, 2).T, strict=True):
        for name in ("ion", "mz", "name"):
            table[f"{name}_{side}"] = ions[name].to_numpy()[column]
    return table
