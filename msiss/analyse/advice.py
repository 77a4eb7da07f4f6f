"""Which of several representations to start with on a data set.

One is known to be good on other data. Another is advised only where the data's own pairs show beyond doubt that it is
better: of several that are equally good, one always looks the best.
"""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import numpy as np

from msiss.analyse.bootstrap import LEVEL, paired_difference


class Comparison(TypedDict):
    """A representation less the one that is best elsewhere: the mean over the queries, with its interval."""

    representation: str
    mean: float
    low: float
    high: float


def compare(answers: Mapping[str, np.ndarray], prior: str, groups: np.ndarray) -> list[Comparison]:
    """Compare each representation with the one that is best elsewhere.

    Parameters
    ----------
    answers : mapping of str to ndarray of shape (Q,)
        How well each representation answers each query, such as whether it found the partner.
    prior : str
        The representation that is best elsewhere.
    groups : ndarray of shape (Q,), int
        As for `msiss.analyse.bootstrap.paired_difference`.

    Returns
    -------
    list of Comparison
        One for each other representation, none if the prior is not among them. With C comparisons the intervals have
        the level 1 - 0.05 / C, so that all of them hold together with 95 % (Bonferroni).
    """
    others = [name for name in answers if name != prior]
    if prior not in answers:
        return []
    found: list[Comparison] = []
    for name in others:
        level = 1 - (1 - LEVEL) / len(others)
        mean, low, high = paired_difference(answers[name], answers[prior], groups, level=level)
        found.append({"representation": name, "mean": mean, "low": low, "high": high})
    return found


def better(comparisons: Sequence[Comparison]) -> str | None:
    """Return the best of the representations whose interval is above 0; None if there is none."""
    sure = [one for one in comparisons if one["low"] > 0]
    return max(sure, key=lambda one: one["mean"])["representation"] if sure else None
