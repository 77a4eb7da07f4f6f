"""Events of components: what a browser sends is only used where it makes sense."""

import streamlit as st

from msiss.ui.components.events import Event, handled


def test_only_ions_of_the_data_set_are_taken():
    event = Event({"ions": [0, 2.0, 3, -1, 1.5, True, "1", None, [1], float("nan")], "ion": 2, "far": 9})
    assert event.ions("ions", 3) == [0, 2]
    assert event.ion("ion", 3) == 2
    assert event.ion("far", 3) is None
    assert event.ions("missing", 3) == []
    assert Event({"ions": 7}).ions("ions", 12) == []


def test_other_words_and_numbers_fall_back():
    event = Event({"how": "add", "strange": ["add"], "to": 4, "flag": True})
    assert event.one_of("how", ("replace", "add")) == "add"
    assert event.one_of("strange", ("replace", "add")) == "replace"
    assert event.number("to") == 4
    assert event.number("flag") is None
    assert Event("text").number("to") is None
    assert [part.number("to") for part in Event({"steps": [{"to": 1}, "nonsense"]}).parts("steps")] == [1, None]


def test_an_event_of_a_component_that_is_gone_is_no_error(monkeypatch):
    handled_events = []
    monkeypatch.setattr(st, "session_state", {"there": {"event": {"to": 1}}})
    for key in ("there", "gone"):
        handled(key, lambda event: handled_events.append(event.number("to")))()
    assert handled_events == [1]
