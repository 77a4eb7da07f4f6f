"""Tables of what differs between two regions, for people and files."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from msiss.analyse.regions import Contrast
from msiss.data.ion_images import IonImages


def regions_table(
    images: IonImages, contrast: Contrast, clusters: Sequence[int] | np.ndarray | None = None, *, high_in: str = "a"
) -> pd.DataFrame:
    """Return one row per ion, those first that are highest in one region.

    Parameters
    ----------
    images : IonImages
    contrast : Contrast
        See `msiss.analyse.regions.rank`.
    clusters : sequence of int, optional
        Cluster of each ion.
    high_in : {"a", "b"}
        The region by which the rows are ordered.

    Returns
    -------
    DataFrame
        Columns ion (from 0), mz (Th, or the unit of the axis of the data set), name, formula, adduct and class if
        known, cluster if given, auc (0 to 1), log2_fold_change, mean_a and mean_b (unit of the intensities).
    """
    table = pd.DataFrame({"ion": np.arange(len(images)), "mz": images.mz, "name": images.names, **images.annotations})
    if clusters is not None:
        table["cluster"] = clusters
    table["auc"], table["log2_fold_change"] = contrast.auc, contrast.log2_fold_change
    table["mean_a"], table["mean_b"] = contrast.mean_a, contrast.mean_b
    return table.iloc[contrast.ranked(high_in=high_in)].reset_index(drop=True)


def cluster_table(
    intensities: np.ndarray, shares: np.ndarray, clusters: Mapping[int, str], regions: Sequence[str]
) -> pd.DataFrame:
    """Return one row per cluster: where its ions are bright.

    Parameters
    ----------
    intensities, shares : ndarray of shape (K, R)
        See `msiss.analyse.regions.intensity_in` and `shares`.
    clusters : mapping of int to str
        Title of each cluster.
    regions : sequence of str
        Names of the regions.

    Returns
    -------
    DataFrame
        Columns cluster, name, lives_in (the region with the largest share), and for each region its mean scaled
        intensity (0 to 1) and its share (0 to 1).
    """
    table = pd.DataFrame({"cluster": list(clusters), "name": list(clusters.values())})
    table["lives_in"] = [regions[number] for number in shares.argmax(axis=1)]
    for number, region in enumerate(regions):
        table[f"mean in {region}"] = intensities[:, number]
        table[f"share in {region}"] = shares[:, number]
    return table
