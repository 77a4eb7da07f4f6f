"""A run whose clusters a person has named and corrected."""

import pytest

from msiss.runs.decisions import Coloured, Flagged, Moved, Named, Noted
from msiss.runs.grouping import Grouping, decide, grouping

HOSTILE = "<img src=http://a.b> & $x_1$"


@pytest.fixture
def corrected(finished_run) -> Grouping:
    """Return clusters of which one has a name, a note and a colour, one is no tissue, and one got an ion."""
    for decision in (
        Named(cluster=1, name=HOSTILE, who="a reader"),
        Noted(cluster=1, note=f"{HOSTILE} note", who="a reader", why="it follows the edge"),
        Coloured(cluster=1, colour="#123456"),
        Flagged(cluster=2, tissue=False),
        Moved(ions=(3,), to=1, why="=1+1"),
    ):
        decide(grouping(finished_run), decision)
    return grouping(finished_run)
