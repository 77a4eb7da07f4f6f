"""Run directories: who they are, what is written when, and what is read back."""

import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from msiss.analyse.representations import BANDS, IMAGE_VECTORS, JOINT, measure_names
from msiss.data.ion_images import IonImages
from msiss.errors import DataError, RunError, SettingError
from msiss.learn.methods import METHODS
from msiss.learn.paper.config import CONTRASTIVE, PaperConfig
from msiss.runs import store
from msiss.runs.jobs import HEARTBEAT_TIMEOUT_SECONDS, LOCK, State, Status, damaged, work_exclusively
from msiss.runs.quality.evidence import evidence_of
from msiss.runs.store import RESULTS, Run, RunStore, planned

CONFIG = PaperConfig(clusters=3)


def create(path: Path, **changes: Any) -> Run:
    return Run.create(path, **({"dataset": path.parent, "fingerprint": "f", "config": CONFIG} | changes))


def test_a_new_run_is_queued(tmp_path: Path) -> None:
    run = create(tmp_path / "new" / "run")
    assert run.status.state == State.QUEUED
    assert run.config == CONFIG
    assert [path.name for path in run.path.parent.iterdir()] == ["run"]


def test_creating_a_run_again_gives_the_same_run(tmp_path: Path) -> None:
    first = create(tmp_path / "run")
    first.write_status(Status(state=State.DONE))
    again = create(tmp_path / "run")
    assert again.status.state == State.DONE
    assert again.request.created == first.request.created


@pytest.mark.parametrize("change", [{"fingerprint": "g"}, {"config": PaperConfig(clusters=4)}])
def test_the_folder_of_another_run_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    create(tmp_path / "run")
    with pytest.raises(RunError, match="contains a run of other data or settings"):
        create(tmp_path / "run", **change)


def test_a_run_of_an_older_method_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create(tmp_path / "run")
    monkeypatch.setattr("msiss.runs.request.method_version", lambda: "newer")
    with pytest.raises(RunError, match="another version of msiss"):
        create(tmp_path / "run")


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").write_bytes(b"cat")
    with pytest.raises(RunError, match="not a run of msiss"):
        create(tmp_path / "photos")
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.png"]


def test_a_configuration_that_cannot_be_read(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    (run.path / "config.json").write_text('{"dataset": "a"}')
    with pytest.raises(RunError, match="another version of msiss"):
        Run(run.path)


def test_many_asking_at_once_get_one_run(tmp_path: Path) -> None:
    found: list[Run] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(create(tmp_path / "run"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({run.request.created for run in found}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_reader_never_sees_half_a_status(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    over = threading.Event()
    messages: set[str] = set()
    problems: list[Exception] = []

    def read() -> None:
        while not over.is_set():
            try:
                messages.add(run.status.message)
            except RunError as error:
                problems.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    long = [letter * 100_000 for letter in "abc"]
    for _ in range(30):
        for message in long:
            run.write_status(Status(message=message))
    over.set()
    reader.join()
    assert not problems
    assert messages <= {"", *long}
    assert not list(run.path.glob(".status.json*"))


def test_a_running_run_that_fell_silent_is_lost(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    now = time.time()
    run.write_status(Status(state=State.RUNNING, fraction=0.4, heartbeat=now))
    assert run.status.state == State.RUNNING
    run.write_status(Status(state=State.RUNNING, fraction=0.4, heartbeat=now - HEARTBEAT_TIMEOUT_SECONDS - 1))
    assert run.status.state == State.LOST
    assert run.status.fraction == 0.4
    assert "Start it again" in run.status.message


def test_whoever_holds_the_lock_is_running_whatever_the_clock_says(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    for heartbeat in (0, time.time() + 1000):
        run.write_status(Status(state=State.RUNNING, heartbeat=heartbeat))
        with FileLock(run.path / LOCK):
            assert run.status.state == State.RUNNING
        assert run.status.state == State.LOST


def test_on_a_cluster_the_heartbeat_counts_whose_clock_may_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSISS_SCHEDULER", "tcp://lab:8786")
    run = create(tmp_path / "run")
    for difference, state in ((30, State.RUNNING), (-30, State.RUNNING), (90, State.LOST), (-90, State.LOST)):
        run.write_status(Status(state=State.RUNNING, heartbeat=time.time() + difference))
        assert run.status.state == state


def test_asking_whether_a_run_is_worked_on_keeps_nobody_from_working(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    done = []
    asking = FileLock(run.path / LOCK)
    asking.acquire()
    thread = threading.Thread(target=lambda: work_exclusively(run, done.append))
    thread.start()
    asking.release()
    thread.join()
    assert done == [run]


@pytest.mark.parametrize("state", [State.QUEUED, State.DONE, State.STOPPED, State.FAILED])
def test_other_states_need_no_heartbeat(tmp_path: Path, state: State) -> None:
    run = create(tmp_path / "run")
    run.write_status(Status(state=state, heartbeat=0))
    assert run.status.state == state


@pytest.mark.parametrize("text", ["", '{"state": "sleeping"}', "[]", None])
def test_a_status_that_cannot_be_read(tmp_path: Path, text: str | None) -> None:
    run = create(tmp_path / "run")
    (run.path / "status.json").unlink()
    if text is not None:
        (run.path / "status.json").write_text(text)
    assert run.status.state == State.DAMAGED
    assert "The status of the run in" in run.status.message


def test_events_are_appended_and_half_a_line_is_not_read(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    assert run.events() == []
    run.append_event({"event": "PhaseStarted", "phase": "prepare"})
    run.append_event({"event": "EpochEnded", "epoch": 1})
    with (run.path / "events.jsonl").open("a") as file:
        file.write(json.dumps({"event": "EpochEnded", "epoch": 2})[:12])
    assert [event["event"] for event in run.events()] == ["PhaseStarted", "EpochEnded"]
    assert [event["epoch"] for event in run.events("EpochEnded")] == [1]
    assert time.time() - run.events()[0]["time"] < 60


def test_half_a_line_of_a_killed_writer_harms_no_other(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    run.append_event({"event": "PhaseStarted", "phase": "prepare"})
    with (run.path / "events.jsonl").open("a") as file:
        file.write('{"event": "Epoch')
    run.append_event({"event": "EpochEnded", "epoch": 1})
    with (run.path / "events.jsonl").open("a") as file:
        file.write("null\n[1]\n\n")
    run.append_event({"event": "EpochEnded", "epoch": 2})
    assert [event.get("epoch") for event in run.events()] == [None, 1, 2]
    assert len(run.events("EpochEnded")) == 2


def test_settings_of_a_later_version_are_told_and_harm_nothing(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    text = json.loads((run.path / "config.json").read_text())
    text["config"]["contrastive"]["views"]["zoom"] = 2
    text["config"]["colour"] = "blue"
    (run.path / "config.json").write_text(json.dumps(text))
    again = Run(run.path)
    assert sorted(again.unknown) == ["config.colour", "config.contrastive.views.zoom"]
    assert again.config == run.config


@pytest.mark.parametrize("text", ["", "{}", "not JSON"])
def test_what_cannot_be_read_of_a_store_is_listed_with_the_reason(tmp_path: Path, text: str) -> None:
    runs = RunStore(tmp_path)
    good, bad = (runs.create(dataset=tmp_path, fingerprint=name, config=CONFIG) for name in "ab")
    (tmp_path / "notes").mkdir()
    (bad.path / "config.json").write_text(text)
    assert [run.path for run in runs] == [good.path]
    ((path, reason),) = damaged(tmp_path, Run).items()
    assert path == bad.path
    assert "is damaged" in reason


def test_stop_is_asked_for_and_taken_back(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    assert not run.stop_requested()
    run.request_stop()
    run.request_stop()
    assert Run(run.path).stop_requested()
    run.clear_stop()
    run.clear_stop()
    assert not run.stop_requested()


@pytest.mark.parametrize(
    "read", [lambda run: run.clusters(), lambda run: run.maps(), lambda run: run.features(CONTRASTIVE)]
)
def test_results_of_an_unfinished_run(tmp_path: Path, read: Any) -> None:
    with pytest.raises(RunError, match="yet: it is queued"):
        read(create(tmp_path / "run"))


def test_results_are_there_once_their_folder_is_or_in_the_first_versions_once_the_run_is_done(tmp_path: Path) -> None:
    new, old = create(tmp_path / "new"), create(tmp_path / "old")
    assert not new.has_results
    (new.path / RESULTS).mkdir()
    assert new.has_results
    old.write_status(Status(state=State.DONE))
    assert old.has_results


def test_results_of_a_finished_run(finished_run: Run) -> None:
    assert finished_run.features("metaspace").shape == (12, 8)
    assert finished_run.features("metaspace").dtype == np.float32
    assert set(finished_run.clusters()) == {"ion", "mz", "name", "confidence", *finished_run.representations}
    mapped = (*finished_run.config.trained, IMAGE_VECTORS, JOINT)
    assert len(finished_run.maps()) == 12 * 2 * len(mapped)


@pytest.mark.parametrize("method", METHODS.names)
def test_a_run_shows_its_result_first_then_what_led_there_then_what_needs_no_training(method: str) -> None:
    config = METHODS[method].config(clusters=3)
    shown = planned(config)
    assert shown[0] == config.result
    assert shown[: -len(measure_names())] == config.trained[::-1]
    assert shown[-len(measure_names()) :] == measure_names()


def test_the_store_names_runs_by_their_identity(tmp_path: Path) -> None:
    runs = RunStore(tmp_path)
    run = runs.create(dataset=tmp_path, fingerprint="f", config=CONFIG)
    assert run.path == tmp_path / run.request.identity
    assert runs.get(run.request.identity).request == run.request
    assert runs.create(dataset=tmp_path, fingerprint="f", config=CONFIG).path == run.path
    with pytest.raises(RunError, match="not a run of msiss"):
        runs.get("0" * 16)


def test_the_store_lists_the_newest_first_and_passes_over_what_is_no_run(tmp_path: Path) -> None:
    runs = RunStore(tmp_path)
    assert list(runs) == []
    expected = [runs.create(dataset=tmp_path, fingerprint=name, config=CONFIG).path for name in "abc"]
    create(tmp_path / ".unfinished")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    assert [run.path for run in runs] == expected[::-1]


def test_the_store_of_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert list(RunStore(tmp_path / "none")) == []


def test_deleting_a_run(finished_run: Run) -> None:
    finished_run.delete()
    assert list(finished_run.path.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["clusters.parquet", "maps.parquet", "evidence.json", "features/bands.npy"])
def test_a_damaged_result_says_so(finished_run: Run, name: str) -> None:
    (finished_run.path / RESULTS / name).write_bytes(b"")
    with pytest.raises(RunError, match=f"is done, but its {name} is missing or damaged"):
        {
            "clusters.parquet": finished_run.clusters,
            "maps.parquet": finished_run.maps,
            "evidence.json": lambda: evidence_of(finished_run),
            "features/bands.npy": lambda: finished_run.features(BANDS),
        }[name]()


def test_a_run_shows_what_it_holds(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = finished_run.representations
    assert before == planned(finished_run.config)
    (finished_run.path / RESULTS / "features" / "bands.npy").unlink()
    table = finished_run.clusters().drop(columns="joint").assign(tomorrow=0)
    table.to_parquet(finished_run.path / RESULTS / "clusters.parquet", index=False)
    np.save(finished_run.path / RESULTS / "features" / "tomorrow.npy", np.zeros((12, 2)))
    assert finished_run.representations == tuple(one for one in before if one not in ("bands", "joint"))
    known = measure_names()[:2]
    monkeypatch.setattr(store, "measure_names", lambda: known)  # as in another version of msiss
    assert set(finished_run.representations) == set(before) - {"bands", "joint"}


def test_evidence_of_what_this_version_does_not_know_is_left_out(finished_run: Run) -> None:
    known, unknown = {"test": "halves", "plain": "bands"}, {"test": "pairs", "plain": "tomorrow"}
    kept = {"ions": 12, "representations": {"bands": 1, "tomorrow": 2}, "differences": [known, unknown], "result": "x"}
    (finished_run.path / RESULTS / "evidence.json").write_text(json.dumps(kept), encoding="utf-8")
    found = {"ions": 12, "representations": {"bands": 1}, "differences": [known], "result": "x"}
    assert evidence_of(finished_run) == found


def test_names_are_those_of_the_data_set_at_hand(finished_run: Run, small_images: IonImages, msiss_home: Path) -> None:
    other = replace(small_images, names=tuple("abcdefghijkl"), annotations={"formula": ("C6H12O6",) * 12})
    other.save(msiss_home / "datasets" / "other")
    assert list(finished_run.ions()["name"]) == list(small_images.names)
    finished_run.use_dataset(msiss_home / "datasets" / "other")
    assert list(finished_run.ions()["name"]) == list("abcdefghijkl")
    assert set(finished_run.ions()["formula"]) == {"C6H12O6"}
    finished_run.use_dataset(msiss_home / "datasets" / "gone")
    assert list(finished_run.ions()["name"]) == list(small_images.names)
    assert "formula" not in finished_run.ions()


def test_features_are_shared_and_cannot_be_changed(finished_run: Run) -> None:
    with pytest.raises(ValueError, match="read-only"):
        finished_run.features(BANDS)[0] = 0


def test_images_are_those_of_the_training(finished_run: Run, small_images: IonImages, tmp_path: Path) -> None:
    np.testing.assert_array_equal(finished_run.images().images, small_images.images)
    replace(small_images, mz=small_images.mz + 1).save(tmp_path / "other")
    finished_run.use_dataset(tmp_path / "other")
    with pytest.raises(DataError, match="has changed since this run was made"):
        finished_run.images()


def test_positions_are_in_the_order_of_the_ions(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    maps = finished_run.maps()
    name = finished_run.mapped[0]
    monkeypatch.setattr(Run, "maps", lambda _run: maps.sample(frac=1, random_state=0))
    own = maps[(maps["representation"] == name) & (maps["method"] == "tsne")].set_index("ion")
    np.testing.assert_array_equal(finished_run.positions(name, "tsne"), [own.loc[ion, ["x", "y"]] for ion in range(12)])
    with pytest.raises(SettingError, match=f"There is no map of {name} by pca. There are umap"):
        finished_run.positions(name, "pca")
