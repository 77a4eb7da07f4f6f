"""What an export is made of: the clusters of a run, its ion images, and which of its ions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore
from msiss.errors import DataError, SettingError
from msiss.runs.grouping import Grouping, grouping
from msiss.runs.store import Run

BLOCK_BYTES = 2**26  # of ion images that are read at a time: 64 MB


@dataclass(frozen=True, eq=False)
class Material:
    """What an export is made of.

    Attributes
    ----------
    grouping : Grouping
        The clusters, as people have corrected them.
    ions : ndarray of shape (M,), int64
        The ions that are exported, in this order.
    given : IonImages, optional
        The images of the training; by default those of the data set of the run.
    """

    grouping: Grouping
    ions: np.ndarray
    given: IonImages | None = None

    @property
    def run(self) -> Run:
        """The run."""
        return self.grouping.run

    @cached_property
    def images(self) -> IonImages:
        """All images of the training, also of ions that are not exported.

        Raises
        ------
        DataError
            If the data set was deleted or changed.
        """
        return self.run.images() if self.given is None else self.given

    @property
    def about(self) -> Mapping[str, str]:
        """What the file says about the measurement; empty if the data set was deleted or changed."""
        return {} if lacks_images(self) else self.images.about

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per exported ion, see `msiss.share.tables.clusters_table`."""
        corrected = self.grouping
        names = {number: cluster.name for number, cluster in corrected.clusters.items()}
        whole = self.run.ions().assign(
            cluster=corrected.table["cluster"].to_numpy(),
            confidence=corrected.table["confidence"].to_numpy(),
            cluster_name=[names[number] for number in corrected.table["cluster"]],
            original_cluster=corrected.table["original"].to_numpy(),
            by_hand=corrected.table["by_hand"].to_numpy(),
        )
        return whole.iloc[self.ions].reset_index(drop=True)

    @property
    def clusters(self) -> list[int]:
        """The clusters of the exported ions, ascending."""
        return sorted(set(self.table["cluster"].tolist()))

    def members(self, cluster: int) -> np.ndarray:
        """Return the exported ions of a cluster, ascending."""
        return np.sort(self.ions[self.table["cluster"].to_numpy() == cluster])

    def blocks(self, itemsize: int = 4) -> Iterator[slice]:
        """Yield consecutive parts of `ions` whose images take about `BLOCK_BYTES`."""
        height, width = self.images.shape
        step = max(1, BLOCK_BYTES // (itemsize * height * width))
        for start in range(0, len(self.ions), step):
            yield slice(start, min(start + step, len(self.ions)))


def gather(
    run: Run,
    by: str | None = None,
    n_clusters: int | None = None,
    *,
    ions: Sequence[int] | np.ndarray | None = None,
    images: IonImages | None = None,
    progress: Progress = ignore,
) -> Material:
    """Return what the exports of a run are made of.

    Parameters
    ----------
    run : Run
    by : str, optional
        Representation of the clusters and features; by default the result of the training.
    n_clusters : int, optional
        Number of clusters; by default that of the run.
    ions : sequence of int, optional
        The ions to export, from 0; by default all.
    images : IonImages, optional
        The images of the training; by default those of the data set of the run, which are opened when they are needed.
    progress : callable, optional
        Receives the progress of a clustering.

    Raises
    ------
    RunError
        If the run is not finished.
    SettingError
        If the run has no such representation, the number of clusters is invalid, or an ion does not exist.
    """
    return of_clusters(grouping(run, by, n_clusters, progress=progress), ions=ions, images=images)


def of_clusters(
    corrected: Grouping, *, ions: Sequence[int] | np.ndarray | None = None, images: IonImages | None = None
) -> Material:
    """Return what the exports of these clusters are made of; see `gather`."""
    number = len(corrected.table)
    if ions is None:
        return Material(corrected, np.arange(number), images)
    chosen = np.array(list(dict.fromkeys(int(ion) for ion in ions)), dtype=np.int64)  # each once
    if not len(chosen):
        raise SettingError("ions: none are selected. Select at least one ion, or export all.")
    if chosen.min() < 0 or chosen.max() >= number:
        raise SettingError(f"ions: this run has {number} ions, numbered from 0; {chosen.max()} is not among them.")
    return Material(corrected, chosen, images)


def lacks_images(material: Material) -> str:
    """Return why there are no ion images, or an empty text."""
    try:
        material.images  # noqa: B018 - opens them
    except DataError as error:
        return str(error)
    return ""
