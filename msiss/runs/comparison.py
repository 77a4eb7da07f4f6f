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
        The settings that differ, by dotted name: the value of the first run and that of the second. Settings that only
        one of two methods has are left out.
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
    """Return the settings that differ, by dotted name, of those that the methods of both have."""
    one, other = first.flat(), second.flat()
    return {name: (one[name], other[name]) for name in one if name in other and one[name] != other[name]}


def title_of_setting(config: RunConfig, name: str) -> str:
    """Return the titles of a setting and of the groups that have it, such as "Contrastive: Epochs"."""
    model: Any = type(config)
    *groups, last = name.split(".")
    for group in groups:
        model = model.model_fields[group].annotation
    title = str(model.model_fields[last].title or last)
    where = ", ".join(group.replace("_", " ").capitalize() for group in groups)
    return f"{where}: {title}" if where else title
