"""Corrected clusters: what each decision does, that all are kept, undone and done again, and that the run stays."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.errors import SettingError
from msiss.runs.decisions import (
    FILE,
    Coloured,
    Confirmed,
    Flagged,
    Judged,
    Merged,
    Moved,
    Named,
    Noted,
    Refined,
    Split,
    record,
    recorded,
)
from msiss.runs.grouping import can_redo, corrected, decide, grouping, labels_before, redo, undo
from msiss.runs.store import Run
from msiss.show.palette import cluster_colour


def contents(run: Run) -> dict[str, str]:
    files = [path for path in run.path.rglob("*") if path.is_file() and "decisions" not in path.name]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_without_decisions_the_clusters_are_those_of_the_run(finished_run: Run) -> None:
    found, own = grouping(finished_run), finished_run.clusters()
    np.testing.assert_array_equal(found.labels, own["self-labelled"])
    np.testing.assert_array_equal(found.table["confidence"], own["confidence"])
    assert list(found.clusters) == [0, 1, 2]
    assert [one.colour for one in found.clusters.values()] == [cluster_colour(number) for number in range(3)]
    assert not found.table["by_hand"].any()
    assert not found.is_corrected


def test_every_decision_does_what_it_says_and_the_run_stays(finished_run: Run) -> None:
    before = contents(finished_run)
    first = grouping(finished_run)
    members = {number: first.members(number) for number in range(3)}
    decide(first, Named(cluster=0, name="cortex", who="AB", why="brightest there"))
    decide(first, Noted(cluster=0, note="see Fig. 2"))
    decide(first, Coloured(cluster=1, colour="#102030"))
    decide(first, Flagged(cluster=2, tissue=False))
    moved = members[0][:2]
    decide(first, Moved(ions=tuple(moved.tolist()), to=1))
    decide(first, Confirmed(ions=(int(members[2][0]),)))
    found = grouping(finished_run)
    assert (found.clusters[0].title, found.clusters[0].note) == ("0 cortex", "see Fig. 2")
    assert found.clusters[1].colour == "#102030"
    assert [one.tissue for one in found.clusters.values()] == [True, True, False]
    np.testing.assert_array_equal(found.members(1), np.sort([*members[1], *moved]))
    np.testing.assert_array_equal(np.flatnonzero(found.table["by_hand"]), np.sort([*moved, members[2][0]]))
    np.testing.assert_array_equal(found.table["original"], first.labels)
    assert found.is_corrected
    assert (found.decisions[0].who, found.decisions[0].why) == ("AB", "brightest there")
    decide(found, Merged(merged=(2,), into=0))
    merged = grouping(finished_run)
    assert list(merged.clusters) == [0, 1]
    assert merged.next_number == 3
    halves = (tuple(members[1][:1].tolist()), tuple(members[1][1:].tolist()))
    decide(merged, Split(parent=1, first=merged.next_number, parts=halves))
    split = grouping(finished_run)
    np.testing.assert_array_equal(split.members(4), members[1][1:])
    assert split.clusters[4].parent == 1
    assert split.next_number == 5
    decide(split, Refined(assigned=tuple([7] * 12), confidence=tuple([0.5] * 11 + [None])))
    refined = grouping(finished_run)
    assert list(refined.clusters) == [7]
    np.testing.assert_array_equal(refined.table["confidence"], [0.5] * 11 + [np.nan])
    assert contents(finished_run) == before


def test_undo_and_redo_walk_through_the_decisions(finished_run: Run) -> None:
    start = grouping(finished_run)
    assert undo(start) is None
    for name in ("a", "b", "c"):
        decide(start, Named(cluster=0, name=name))
    names = []
    for step in (undo, undo, redo, redo, redo, undo):
        step(grouping(finished_run))
        names.append(grouping(finished_run).clusters[0].name)
    assert names == ["b", "a", "b", "c", "c", "b"]
    decide(grouping(finished_run), Named(cluster=0, name="d"))
    assert can_redo(grouping(finished_run)) is None  # a new decision ends what could be done again
    undo(grouping(finished_run))
    assert grouping(finished_run).clusters[0].name == "b"


def test_decisions_belong_to_the_clusters_that_they_were_made_about(finished_run: Run) -> None:
    decide(grouping(finished_run), Named(cluster=0, name="cortex"))
    assert grouping(finished_run, "image-vectors").clusters[0].name == ""
    assert grouping(finished_run, n_clusters=2).clusters[0].name == ""
    other = finished_run.clusters()["self-labelled"].to_numpy()[::-1]
    found = corrected(
        finished_run, "self-labelled", 3, pd.DataFrame({"cluster": other, "confidence": np.float32(np.nan)})
    )
    assert (found.clusters[0].name, found.untold) == ("", 1)


def test_a_line_that_was_cut_off_loses_no_other(finished_run: Run) -> None:
    decide(grouping(finished_run), Named(cluster=0, name="first"))
    with (finished_run.path / FILE).open("ab") as file:
        file.write(b'{"do": "name", "clus')
    decide(grouping(finished_run), Named(cluster=1, name="second"))
    found = grouping(finished_run)
    assert [found.clusters[number].name for number in (0, 1)] == ["first", "second"]
    assert found.untold == 1


def test_what_does_not_exist_is_refused(finished_run: Run) -> None:
    before = grouping(finished_run)
    with pytest.raises(SettingError, match="There are: 0, 1, 2"):
        decide(before, Named(cluster=3, name="nowhere"))
    with pytest.raises(SettingError, match="there are 12 ions"):
        decide(before, Moved(ions=(12,), to=0))
    with pytest.raises(SettingError, match="there are 12 ions"):
        decide(before, Refined(assigned=(0, 1)))
    assert recorded(finished_run) == []


def test_a_judged_pair_is_no_decision_about_clusters(finished_run: Run) -> None:
    record(finished_run, Judged(ions=(1, 2), measures=("joint", "image-vectors"), right="first"))
    assert grouping(finished_run).decisions == ()
    assert [one.right for one in recorded(finished_run)] == ["first"]


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 4)), max_size=12), st.data())
def test_any_order_of_moves_and_undos_gives_the_moves_that_are_left(tmp_path_factory, moves, data) -> None:
    class Folder:
        path = tmp_path_factory.mktemp("run")

    run = Folder()
    start = pd.DataFrame({"cluster": np.arange(12) % 3, "confidence": np.float32(1)})
    expected: list[tuple[int, int]] = []
    for move in moves:
        now = corrected(run, "joint", 3, start)
        if expected and data.draw(st.booleans()):
            undo(now)
            expected.pop()
            now = corrected(run, "joint", 3, start)
        decide(now, Moved(ions=(move[0],), to=move[1]))
        expected.append(move)
    labels = start["cluster"].to_numpy().copy()
    for ion, to in expected:
        labels[ion] = to
    np.testing.assert_array_equal(corrected(run, "joint", 3, start).labels, labels)


def test_the_clusters_before_a_decision_are_found_again(finished_run: Run) -> None:
    seen = []
    for decision in (Moved(ions=(0, 1), to=1), Merged(merged=(2,), into=0), Refined(assigned=(1, 0) * 6)):
        seen.append((grouping(finished_run).labels, decide(grouping(finished_run), decision)))
    last = grouping(finished_run)
    for labels, decision in seen:
        np.testing.assert_array_equal(labels_before(last, decision), labels)
    assert last.labels.tolist() == [1, 0] * 6  # not touched by looking back
