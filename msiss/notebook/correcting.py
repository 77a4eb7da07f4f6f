"""What a notebook says about clusters, and what moves with it."""

from collections.abc import Mapping

import pandas as pd

from msiss.runs.correcting import correct
from msiss.runs.grouping import grouping
from msiss.runs.refinement import refine_grouping
from msiss.runs.store import Run


def refined(
    run: Run,
    by: str,
    clusters: int | None,
    wanted: Mapping[int, int | str],
    *,
    along: str | None = None,
    who: str = "",
    why: str = "",
) -> pd.DataFrame:
    """Record the clusters of some ions, find the clusters again around them, and return what moved.

    The arguments are those of `msiss.notebook.run.Run.refine`, with the ions by their index.
    """
    before = grouping(run, by, clusters)
    after, _ = refine_grouping(correct(before, wanted, who=who, why=why), along=along, who=who, why=why)
    table = run.clusters()[["ion", "mz", "name"]]
    table = table.assign(before=before.labels, after=after.labels, by_hand=table["ion"].isin(list(wanted)))
    return table[table["before"] != table["after"]].reset_index(drop=True)
