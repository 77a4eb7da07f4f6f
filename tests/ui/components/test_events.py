"""Events of components: what a browser sends is only used where it makes sense."""

from msiss.ui.components.events import Event


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
