"""Names, notes and tags of runs."""

import pytest

from msiss.errors import RunError, SettingError
from msiss.runs.labels import Label, change_label, label_of, pinned_first, title_of_run, titles_of_runs
from msiss.runs.store import Run, RunStore


def test_a_label_is_kept_beside_the_run_and_changes_nothing_of_it(finished_run):
    before = (finished_run.path / "config.json").read_bytes(), finished_run.request.identity
    assert label_of(finished_run) == Label()
    change_label(finished_run, name=" cortex  ", tags=["a", " b ", "a"], pinned=True)
    change_label(finished_run, note="second try")
    again = Run(finished_run.path)
    assert label_of(again) == Label(name="cortex", note="second try", tags=("a", "b"), pinned=True)
    assert ((again.path / "config.json").read_bytes(), again.request.identity) == before
    assert change_label(again, tags=(), pinned=False).tags == ()


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"name": "x" * 81}, "name of a run"),
        ({"note": "x" * 2001}, "note of a run"),
        ({"tags": [str(number) for number in range(11)]}, "tags of a run"),
        ({"tags": ["x" * 31]}, "tags of a run"),
        ({"tags": [" "]}, "tags of a run"),
    ],
)
def test_what_is_too_long_is_refused_in_words_and_nothing_is_lost(finished_run, changes, what):
    change_label(finished_run, name="kept")
    with pytest.raises(SettingError, match=what):
        change_label(finished_run, **changes)
    assert label_of(finished_run) == Label(name="kept")


@pytest.mark.parametrize("text", ["", "{", '{"name": 1}', '{"tags": "ab"}'])
def test_a_damaged_label_is_none(finished_run, text):
    (finished_run.path / "label.json").write_text(text)
    assert label_of(finished_run) == Label()


def test_a_run_that_is_gone_cannot_be_named(finished_run):
    finished_run.delete()
    with pytest.raises(RunError, match="cannot be kept"):
        change_label(finished_run, name="x")


def test_unnamed_runs_are_told_apart_by_method_clusters_seed_and_date(finished_run):
    made = f"{finished_run.request.created.astimezone():%d %b %H:%M}"
    assert title_of_run(finished_run) == f"paper, 3 clusters, {made}"
    assert title_of_run(finished_run, short=True) == f"paper 3, {made}"
    store, request = RunStore(finished_run.path.parent), finished_run.request
    others = [
        store.create(
            dataset=request.dataset,
            fingerprint=request.fingerprint,
            config=request.config.with_settings(changes),
        )
        for changes in ({"seed": 4}, {"batch_size": 20})
    ]
    for other in others:
        other.request = other.request.model_copy(update={"created": request.created})
    titles = titles_of_runs([finished_run, *others])
    assert titles == {
        finished_run.path.name: f"{finished_run.path.name[:4]} paper, 3 clusters, {made}",
        others[0].path.name: f"paper, 3 clusters, seed 4, {made}",
        others[1].path.name: f"{others[1].path.name[:4]} paper, 3 clusters, {made}",
    }
    change_label(others[1], name="fine", pinned=True)
    assert titles_of_runs([finished_run, *others])[others[1].path.name] == "fine"
    assert [run.path for run in pinned_first([finished_run, *others])] == [
        others[1].path,
        finished_run.path,
        others[0].path,
    ]
