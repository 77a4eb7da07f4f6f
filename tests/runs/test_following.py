"""Following a training until it ends, whoever does it."""

import os
import signal
import threading

import pytest

from msiss.runs.following import follow
from msiss.runs.jobs import State, Status
from msiss.runs.store import Run


def test_the_status_is_shown_until_the_training_ends(finished_run: Run) -> None:
    states = iter([State.QUEUED, State.DONE])
    finished_run.write_status(Status(state=State.QUEUED))
    shown = []

    def show(status: Status) -> None:
        shown.append(status.state)
        finished_run.write_status(finished_run.status.model_copy(update={"state": next(states)}))

    last = follow(finished_run, None, show=show, interrupted=lambda: None)
    assert shown == [State.QUEUED, State.QUEUED]
    assert last.state == State.DONE


def test_an_interrupt_is_handed_on_and_the_training_is_followed_to_its_end(finished_run: Run) -> None:
    finished_run.write_status(Status(state=State.QUEUED))
    told = []

    def interrupt(_: Status) -> None:
        raise KeyboardInterrupt

    def interrupted() -> None:
        told.append("interrupted")
        finished_run.write_status(Status(state=State.STOPPED))

    assert follow(finished_run, None, show=interrupt, interrupted=interrupted).state == State.STOPPED
    assert told == ["interrupted"]


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signal to a thread")
def test_an_interrupt_while_waiting_does_not_lose_the_thread_that_trains(
    finished_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished_run.write_status(Status(state=State.QUEUED))
    waiting, told = threading.Event(), threading.Event()

    def train() -> None:
        waiting.wait()
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        told.wait()
        finished_run.write_status(Status(state=State.STOPPED))

    thread = threading.Thread(target=train, daemon=True)
    thread.start()

    def show(_: Status) -> None:
        monkeypatch.setattr("msiss.runs.following.LOOK_SECONDS", 0.01 if waiting.is_set() else 2)
        waiting.set()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
    try:
        assert follow(finished_run, thread, show=show, interrupted=told.set).state == State.STOPPED
    finally:
        signal.signal(signal.SIGINT, before)
