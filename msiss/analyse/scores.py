"""The scores of representations against known classes of ions: one record each.

To add one, write a function in `msiss.analyse.metrics` or elsewhere, and add a `Score` here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from msiss.registry import Registry, load


@dataclass(frozen=True)
class Score:
    """A score of clusters or features against known classes of ions; 1 is best.

    Attributes
    ----------
    name : str
        In files and tables.
    title : str
        On screen.
    about : str
        What it measures; continues the title.
    measure : str
        The function that computes it, as "module:function"; it takes the argument that `of` names and the classes of
        the ions, shape (N,), negative if unknown, and returns a float.
    of : "clusters", "features" or "neighbours"
        Whether clusters (N,) are scored, feature vectors (N, D), or the k-NN purities for k = 1 to 30.
    question : str
        The question that it answers, for the sentence that names the best representation; empty for none.
    drawn : bool
        Whether it is in the figure as well as in the table.
    """

    name: str
    title: str
    about: str
    measure: str
    of: Literal["clusters", "features", "neighbours"] = "clusters"
    question: str = ""
    drawn: bool = True

    def __call__(self, found: Mapping[str, np.ndarray], labels: np.ndarray) -> float:
        """Return the score of one representation, whose clusters, features and neighbours are `found`."""
        return float(load(self.measure)(found[self.of], labels))


SCORES = Registry(
    "score",
    (
        Score(
            "purity",
            "Purity",
            "share of ions that belong to the most common class of their cluster. It grows with the number of "
            "clusters, up to 1 for one ion per cluster: never read it alone.",
            measure="msiss.analyse.metrics:purity",
        ),
        Score(
            "rounded_purity",
            "Purity, rounded",
            "the same with each cluster's share rounded to two decimals, as the code of Hu, Bindu & Laskin (2022) has "
            "it; for comparing with their figures only.",
            measure="msiss.analyse.metrics:rounded_purity",
            drawn=False,
        ),
        Score(
            "ari",
            "ARI",
            "adjusted Rand index: how well the clusters agree with the classes, pair of ions by pair of ions. 1 is "
            "perfect; random clusters get 0, whatever their number.",
            measure="msiss.analyse.metrics:ari",
            question="Known classes, clusters (ARI)",
        ),
        Score(
            "ami",
            "AMI",
            "adjusted mutual information: the same question in terms of information. 1 is perfect, random clusters "
            "get 0.",
            measure="msiss.analyse.metrics:ami",
        ),
        Score(
            "knn10",
            "10-NN purity",
            "share of an ion's ten nearest neighbours that have its class. It needs no clusters; its chance level is "
            "the share of the class among all ions.",
            measure="msiss.analyse.metrics:purity_of_ten",
            of="neighbours",
            question="Known classes, neighbours (10-NN purity)",
        ),
    ),
)
