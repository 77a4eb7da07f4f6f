"""What differs between two regions of a section: compared by name, and as tables."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.analyse.regions import Contrast, rank
from msiss.data import foreign
from msiss.data.areas import Area, AreaFile, all_areas
from msiss.data.ion_images import IonImages
from msiss.data.masks import total_ion_image
from msiss.data.prepare_steps import pixel_factor
from msiss.errors import SettingError


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


def regions_of(images: IonImages, folder: Path | None = None, file: Path | None = None) -> dict[str, np.ndarray]:
    """Return the measured pixels of the regions of a section by name, each of shape (H, W), bool.

    Parameters
    ----------
    images : IonImages
    folder : Path, optional
        Folder of the data set, where regions may be kept.
    file : Path, optional
        A file with regions, see `msiss.data.area_files.read_areas`; then only those. It is read in a separate process.

    Raises
    ------
    DataError
        If the file cannot be read.
    """
    if file is None:
        kept = () if folder is None else AreaFile(folder, taken=images.region_names).read()
        return all_areas(images, kept)
    areas: dict[str, Area] = {}
    for layer in foreign.read_areas(file, images.shape):
        for area in layer.areas:
            areas.setdefault(area.name, area)
    return all_areas(replace(images, regions=None, region_names=()), areas.values())


def compare(
    images: IonImages,
    regions: Mapping[str, np.ndarray],
    region: str | None = None,
    against: str | None = None,
    *,
    by_tic: bool = False,
) -> Contrast:
    """Compare every ion between a region and another one, or the rest of the section.

    Parameters
    ----------
    images : IonImages
    regions : mapping of str to ndarray of shape (H, W)
        See `regions_of`.
    region : str, optional
        Name of region A; may be left out if there is only one region.
    against : str, optional
        Name of region B; by default the rest of the measured pixels.
    by_tic : bool
        Whether the intensities of each pixel are divided by its total ion count first.

    Raises
    ------
    SettingError
        If there is no such region, or it has no pixels.
    """
    if region is None and len(regions) == 1:
        region = next(iter(regions))
    for name in (region, against):
        if name not in regions and not (name is None and region is not None):
            there = ", ".join(regions) or "none, so draw one on the page Regions, or give a file of them"
            asked = "Which region?" if name is None else f"There is no region “{name}”."
            raise SettingError(f"{asked} There are: {there}.")
    a = regions[str(region)]
    b = images.mask & ~a if against is None else regions[against]
    factor = pixel_factor(total_ion_image(images), images.mask) if by_tic else None
    return rank(images.images, a, b, factor=factor)
