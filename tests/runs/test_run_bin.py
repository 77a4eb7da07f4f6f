"""Runs that are deleted can be restored until the bin is emptied."""

import pytest

from msiss.errors import RunError
from msiss.runs.jobs import State, Status
from msiss.runs.labels import change_label, label_of
from msiss.runs.run_bin import RunBin, folder_bytes, free_bytes
from msiss.runs.store import RunStore


@pytest.fixture
def store(finished_run):
    return RunStore(finished_run.path.parent)


def test_a_deleted_run_is_out_of_sight_and_comes_back_whole(finished_run, store):
    change_label(finished_run, name="mine")
    before = sorted(path.relative_to(finished_run.path) for path in finished_run.path.rglob("*"))
    trash, size = RunBin(store.folder), folder_bytes(finished_run.path)
    trash.put(finished_run)
    assert list(store) == []
    assert not finished_run.path.exists()
    (deleted,) = trash
    assert (deleted.identity, trash.bytes()) == (finished_run.path.name, size)
    assert label_of(deleted.run).name == "mine"
    assert trash.restore(trash.find(deleted.identity[:4])).path == finished_run.path
    assert sorted(path.relative_to(finished_run.path) for path in finished_run.path.rglob("*")) == before
    assert [run.path for run in store] == [finished_run.path]
    assert (list(trash), trash.bytes()) == ([], 0)


def test_a_running_training_is_not_deleted_and_a_waiting_one_is_stopped(finished_run, store):
    trash = RunBin(store.folder)
    running = Status(state=State.RUNNING)
    finished_run.write_status(running.model_copy(update={"heartbeat": finished_run.status.heartbeat}))
    with pytest.raises(RunError, match="Stop it first"):
        trash.put(finished_run)
    finished_run.write_status(Status(state=State.QUEUED))
    trash.put(finished_run)
    (deleted,) = trash
    assert deleted.run.status.state is State.STOPPED


def test_a_run_that_was_trained_again_is_not_overwritten(finished_run, store):
    trash, request = RunBin(store.folder), finished_run.request
    trash.put(finished_run)
    again = store.create(dataset=request.dataset, fingerprint=request.fingerprint, config=request.config)
    with pytest.raises(RunError, match="started again after it had been deleted"):
        trash.restore(trash.find(finished_run.path.name))
    trash.put(again)
    first, second = trash
    assert first.when > second.when
    assert trash.find(first.identity).when == first.when
    assert trash.restore(first).status.state is State.STOPPED
    assert len(list(trash)) == 1


def test_emptying_takes_what_cannot_be_read_too(finished_run, store):
    trash = RunBin(store.folder)
    trash.put(finished_run)
    (store.folder / ".bin" / "0123456789abcdef-20260131T093000000000Z").mkdir()
    (store.folder / ".bin" / "something").mkdir()
    assert len(list(trash)) == 1
    assert trash.empty() == 3
    assert list((store.folder / ".bin").iterdir()) == []
    assert trash.empty() == 0
    with pytest.raises(RunError, match="no run in the bin"):
        trash.find("0123")


def test_a_run_that_is_gone_is_said_in_words(finished_run, store):
    finished_run.delete()
    with pytest.raises(RunError, match="cannot be deleted"):
        RunBin(store.folder).put(finished_run)


def test_free_space_is_that_of_the_disk(tmp_path):
    assert free_bytes(tmp_path) > 0
    assert free_bytes(tmp_path / "missing") == 0
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"123")
    assert folder_bytes(tmp_path) == 8
