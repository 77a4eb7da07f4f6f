"""Comparison of two runs of one data set: the settings that differ, and their clusters."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msiss.errors import RunError
from msiss.learn.config import RunConfig
from msiss.runs.grouping import Grouping, grouping
from msiss.runs.store import Run

if TYPE_CHECKING:  # would import scikit-learn
    from msiss.analyse.matching import Matching


@dataclass(frozen=True, eq=False)
class RunComparison:
    """Two runs of N ions.

    Attributes
    ----------
    first, second : Grouping
        Their clusters with all corrections.
    settings : dict of str to tuple of two
        The settings that differ, by dotted name: the value of the first run and that of the second, None where its
        method has no such setting.
    same_code : bool
        Whether both were made by the same version of the method's code.
    matching : Matching
        Of the clusters.
    """

    first: Grouping
    second: Grouping
    settings: dict[str, tuple[Any, Any]]
    same_code: bool
    matching: "Matching"


def compare(first: Run, second: Run) -> RunComparison:
    """Compare two finished runs of the same ion images by the clusters of their trainings.

    Raises
    ------
    RunError
        If they are of different data, or one is not done.
    """
    from msiss.analyse.matching import match

    if first.request.fingerprint != second.request.fingerprint:
        raise RunError(
            f"The runs {first.path.name[:4]} and {second.path.name[:4]} are of different data, so their ions cannot be "
            "matched. Choose two runs of one data set."
        )
    one, other = grouping(first), grouping(second)
    return RunComparison(
        first=one,
        second=other,
        settings=different_settings(first.config, second.config),
        same_code=first.request.method == second.request.method,
        matching=match(one.labels, other.labels),
    )


def different_settings(first: RunConfig, second: RunConfig) -> dict[str, tuple[Any, Any]]:
    """Return the settings that differ, by dotted name; None where one of the methods has no such setting."""
    one, other = first.flat(), second.flat()
    return {
        name: (one.get(name), other.get(name))
        for name in dict.fromkeys((*one, *other))
        if (name in one) != (name in other) or one.get(name) != other.get(name)
    }
