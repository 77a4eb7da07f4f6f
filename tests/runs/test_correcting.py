"""A list of ions and their clusters: what is moved, what is confirmed, which clusters are new."""

import pytest

from msiss.analyse.representations import JOINT
from msiss.errors import SettingError
from msiss.runs.correcting import correct
from msiss.runs.decisions import Confirmed, Merged, Moved, Named
from msiss.runs.grouping import Grouping, decide, grouping
from msiss.runs.store import Run


@pytest.fixture
def start(finished_run: Run) -> Grouping:
    """Return twelve ions in the clusters 0 0 0 0 0 1 1 1 1 2 2 2, of which 1 has a name."""
    decide(grouping(finished_run, JOINT), Named(cluster=1, name="White matter"))
    return grouping(finished_run, JOINT)


def test_ions_are_moved_and_confirmed(start: Grouping) -> None:
    after = correct(start, {0: 1, 1: "white MATTER ", 5: "1.0", 9: 0}, who="A", why="seen")
    assert after.labels.tolist() == [1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 2, 2]
    assert after.table["by_hand"].tolist() == [ion in (0, 1, 5, 9) for ion in range(12)]
    made = after.decisions[1:]
    assert [(type(one), one.who, one.why) for one in made] == [(Moved, "A", "seen")] * 2 + [(Confirmed, "A", "seen")]
    assert correct(after, {0: 1, 5: 1}).decisions == after.decisions  # nothing new


def test_new_clusters(start: Grouping) -> None:
    after = correct(start, {0: "cortex", 1: "Cortex", 2: "7", 3: "tumour"})
    assert after.labels.tolist()[:5] == [8, 8, 7, 9, 0]
    assert [after.clusters[number].title for number in (1, 7, 8, 9)] == ["1 White matter", "7", "8 cortex", "9 tumour"]


def test_what_is_refused_changes_nothing(start: Grouping) -> None:
    decide(start, Merged(merged=(2,), into=0))
    merged = grouping(start.run, JOINT)
    for wanted, told in (
        (
            {0: 2},
            r"no cluster 2 any more. There are: 0, 1 White matter\. A new one .* by the number 3",
        ),
        ({12: 0}, "there is no ion 12; there are 12 ions"),
        ({1: 0, 0: " "}, "the name of a cluster is empty"),
        ({1: 0, 0: -1}, "-1 is no number of a cluster"),
        ({1: "0.5"}, "0.5 is no number of a cluster"),
        ({1: "nan"}, "nan is no number of a cluster"),
    ):
        with pytest.raises(SettingError, match=told):
            correct(merged, wanted)
    assert grouping(start.run, JOINT).decisions == merged.decisions
