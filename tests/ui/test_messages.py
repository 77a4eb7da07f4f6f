"""What goes wrong, and what is unusual, is said on the page of the session that it happened in."""

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from helpers import HANG_SECONDS

from msiss.errors import MsissWarning
from msiss.ui.messages import caught_warnings, plain_errors


def warn(text):
    warnings.warn(text, MsissWarning, stacklevel=1)


def test_only_warnings_for_the_user_are_kept_each_once(monkeypatch):
    others = []
    monkeypatch.setattr(warnings, "showwarning", lambda message, *_: others.append(str(message)))
    with warnings.catch_warnings(), caught_warnings() as warned:
        warnings.simplefilter("always", DeprecationWarning)
        warn("a pixel is missing")
        warn("a pixel is missing")
        warnings.warn("for programmers", DeprecationWarning, stacklevel=1)
    assert warned == ["a pixel is missing"]
    assert others == ["for programmers"]


def test_what_is_warned_of_before_an_error_is_kept():
    lists = []

    def broken():
        with caught_warnings() as warned:
            lists.append(warned)
            warn("a pixel is missing")
            raise ValueError("broken")

    with warnings.catch_warnings(), pytest.raises(ValueError, match="broken"):
        broken()
    assert lists == [["a pixel is missing"]]


def test_two_sessions_at_once_hear_only_their_own_warnings():
    both_listen, one_is_done = threading.Barrier(2, timeout=HANG_SECONDS), threading.Event()

    def first():
        with caught_warnings() as warned:
            both_listen.wait()
            warn("first")
        one_is_done.set()
        return warned

    def second():
        with caught_warnings() as warned:
            both_listen.wait()
            one_is_done.wait(timeout=HANG_SECONDS)  # the first has stopped listening, which must not end this one's
            warn("second")
        return warned

    with warnings.catch_warnings(), ThreadPoolExecutor(2) as sessions:
        found = [sessions.submit(session) for session in (first, second)]
        assert [one.result(timeout=HANG_SECONDS) for one in found] == [["first"], ["second"]]


def test_many_warnings_of_many_sessions_are_all_heard():
    def session(number):
        with caught_warnings() as warned:
            for place in range(50):
                warn(f"{number} {place}")
        return warned

    with warnings.catch_warnings(), ThreadPoolExecutor(8) as sessions:
        for number, warned in enumerate(sessions.map(session, range(16))):
            assert warned == [f"{number} {place}" for place in range(50)]


@pytest.mark.parametrize("writable", [True, False])
def test_what_nobody_foresaw_is_written_down_or_printed(msiss_home, monkeypatch, capsys, writable):
    if not writable:
        msiss_home.write_text("in the way")
    shown = []
    monkeypatch.setattr("streamlit.error", lambda text, **_: shown.append(text))
    with plain_errors():
        raise ValueError("a bug")
    (text,) = shown
    number = text.partition("error number ")[2].split()[0]
    written = (msiss_home / "app.log").read_text() if writable else capsys.readouterr().err
    assert number in written
    assert "ValueError: a bug" in written
    assert str(msiss_home / "app.log") in text
