"""The clusters and ion images of a run in the form in which figures for print need them."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from msiss.analyse.representations import IMAGE_VECTORS
from msiss.data.formats import IMZML_ENDINGS
from msiss.data.ion_images import IonImages
from msiss.data.ion_search import known
from msiss.data.prepare import describe_normalisation, mean_images, pixel_factors
from msiss.data.recipe import ReadConfig
from msiss.errors import SettingError
from msiss.runs.grouping import Grouping
from msiss.share.figures.options import Options
from msiss.show.palette import cluster_colour
from msiss.show.print.groups import Groups
from msiss.show.print.page import Light

UNIT = "a.u."


class Subject:
    """What the figures of a run show.

    Parameters
    ----------
    grouping : Grouping
    images : IonImages
        The data set of the run.
    options : Options

    Raises
    ------
    SettingError
        If an ion or a cluster of the options does not exist.
    """

    def __init__(self, grouping: Grouping, images: IonImages, options: Options) -> None:
        self.grouping, self.images, self.options = grouping, images, options
        self.config = grouping.run.config.prepare
        self.light = Light(options.colours, options.quantile)
        if absent := [ion for ion in options.ions if not 0 <= ion < len(images)]:
            raise SettingError(f"ions: there is no ion {absent[0]}: they are 0 to {len(images) - 1}.")
        if absent := [cluster for cluster in options.clusters if cluster not in grouping.clusters]:
            listed = ", ".join(map(str, grouping.clusters))
            raise SettingError(f"clusters: there is no cluster {absent[0]}. There are: {listed}.")

    @cached_property
    def how(self) -> str:
        """The m/z window and the normalisation of the ion images, such as "±10 ppm, TIC-normalised"."""
        window = ppm_window(self.images)
        parts = [f"±{window:g} ppm"] if window else []
        return ", ".join([*parts, describe_normalisation(self.config, self.images.axis)])

    @property
    def clipped(self) -> str:
        """What "≥" beside a colour bar means; empty if nothing is clipped."""
        quantile = self.options.quantile
        return "" if quantile == 1 else f" ≥: brighter pixels, above the {quantile:g} quantile, have this colour, too."

    def image(self, ion: int) -> np.ndarray:
        """Return the normalised intensities of an ion, (H, W)."""
        image = np.asarray(self.images.images[ion], dtype=np.float32)
        return image if self._factors is None else image * self._factors

    def title(self, ion: int) -> str:
        """Return the m/z of an ion with its name."""
        return self.images.axis.text(self.images.mz[ion])

    def about(self, ion: int) -> str:
        """Return what is known about an ion; may be empty."""
        return " · ".join(known(self.images, ion)[:2])

    def names(self, ions: Sequence[int] | np.ndarray) -> list[str]:
        """Return the m/z of ions without its unit."""
        return [self.images.axis.number(self.images.mz[ion]) for ion in ions]

    def confidence(self, ion: int) -> str:
        """Return the confidence of an ion in words; empty if it is unknown."""
        value = float(self.grouping.table["confidence"].iloc[ion])
        return "" if np.isnan(value) else f"confidence {value:.2f}"

    def ordered(self, cluster: int) -> np.ndarray:
        """Return the ions of a cluster by descending confidence, and by m/z where that is equal or unknown."""
        members = self.grouping.members(cluster)
        confidence = np.nan_to_num(self.grouping.table["confidence"].to_numpy()[members])
        return members[np.lexsort([self.images.mz[members], -confidence])]

    def colour(self, ion: int) -> str:
        """Return the colour of the cluster of an ion."""
        return self.grouping.clusters[int(self.grouping.labels[ion])].colour

    @cached_property
    def groups(self) -> Groups:
        """The clusters of the ions."""
        clusters = self.grouping.clusters
        titles = {number: f"Cluster {one.title}" for number, one in clusters.items()}
        return Groups(self.grouping.labels, titles, {number: one.colour for number, one in clusters.items()})

    def groups_of(self, ions: np.ndarray) -> Groups:
        """Return the clusters of some ions."""
        return Groups(self.groups.of[ions], self.groups.titles, self.groups.colours)

    @cached_property
    def classes(self) -> Groups:
        """The known classes of the ions.

        Raises
        ------
        SettingError
            If no ion has one.
        """
        labels = self.images.labels
        if labels is None or not (labels >= 0).any():
            raise SettingError("This data set has no known classes. Import it with a list of m/z and their class.")
        named = self.images.annotations.get("class", ("",) * len(self.images))
        titles = {}
        for number in np.unique(labels[labels >= 0]).tolist():
            texts = {text for text, label in zip(named, labels, strict=True) if label == number and text}
            titles[number] = texts.pop() if len(texts) == 1 else f"Class {number}"
        colours = {number: cluster_colour(number) for number in titles}
        return Groups(labels, titles, colours, "no known class")

    @cached_property
    def means(self) -> dict[int, np.ndarray]:
        """The mean image of each cluster, (H, W)."""
        return mean_images(self.images, self.config, self.grouping.labels)

    @property
    def compared(self) -> tuple[str, ...]:
        """The representations that are compared."""
        run = self.grouping.run
        if unknown := [one for one in self.options.compare if one not in run.representations]:
            raise SettingError(f"compare: this run has no {unknown[0]}. It has: {', '.join(run.representations)}.")
        plain = IMAGE_VECTORS if self.grouping.by != IMAGE_VECTORS else run.config.result
        return self.options.compare or tuple(one for one in (self.grouping.by, plain) if one in run.representations)

    @property
    def chosen(self) -> np.ndarray:
        """The chosen ions, or all of them, by cluster and confidence."""
        if self.options.ions:
            return np.array(self.options.ions)
        return np.concatenate([self.ordered(cluster) for cluster in self.grouping.clusters])

    @cached_property
    def _factors(self) -> np.ndarray | None:
        return pixel_factors(self.images, self.config)


def ppm_window(images: IonImages) -> float | None:
    """Return half the width of the m/z window of each ion image in ppm; None if the images were not made by msiss."""
    if not images.axis.is_mz or not any(ending in images.source.lower() for ending in IMZML_ENDINGS):
        return None
    return float(images.recipe.get("read", {}).get("ppm", ReadConfig().ppm))
