"""The mean image of each cluster, for the files that hold them."""

from dataclasses import dataclass

import numpy as np

from msiss.data import prepare
from msiss.share.material import Material


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean image of a cluster.

    Attributes
    ----------
    cluster : int
    title : str
        Number and name of the cluster.
    ions : int
        Number of its ions.
    mz : float
        The middle one of their m/z, the lower of two: always that of an ion, in Th or on the axis of the data set.
    image : ndarray of shape (H, W), float32
        In [0, 1]: every ion image is prepared as for the training and scaled to [0, 1] first.
    """

    cluster: int
    title: str
    ions: int
    mz: float
    image: np.ndarray


def mean_images(material: Material) -> list[Mean]:
    """Return the mean image of each cluster of the exported ions, by number."""
    images, clusters = material.images, np.full(len(material.grouping.table), -1)
    clusters[material.ions] = material.table["cluster"]
    found = prepare.mean_images(images, material.run.config.prepare, clusters)
    means = []
    for number in material.clusters:
        members = material.members(number)
        mz = np.sort(images.mz[members])
        title = material.grouping.clusters[number].title
        means.append(Mean(number, title, len(members), float(mz[(len(mz) - 1) // 2]), found[number]))
    return means
