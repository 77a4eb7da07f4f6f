"""What a file says about its measurement."""

from datetime import datetime

import pytest

from msiss.data.about import INSTRUMENT, LONGEST_TEXT, MOST, SOFTWARE, moment, together, told


def test_texts_are_plain_ordered_and_never_empty() -> None:
    said = {"Room": "B 12", SOFTWARE: " Xcalibur\n2.1\x00\u202e ", INSTRUMENT: "Q Exactive HF"}
    said |= {"Matrix": " \t", "Detector": "Unknown"}
    assert list(told(said).items()) == [
        (INSTRUMENT, "Q Exactive HF"),
        (SOFTWARE, "Xcalibur 2.1"),
        ("Room", "B 12"),
    ]


def test_number_and_length_are_bounded_and_once_is_enough() -> None:
    said = told({f"title {number}": "x" * 10**6 for number in range(500)})
    assert len(said) == MOST
    assert {len(text) for text in said.values()} == {LONGEST_TEXT}
    assert all(text.endswith("x…") for text in said.values())
    assert told(said) == said


def test_what_files_agree_on_is_told_once() -> None:
    first, second = {INSTRUMENT: "solariX", SOFTWARE: "ftmsControl"}, {INSTRUMENT: "solariX", "Matrix": "DHB"}
    assert together([first, second], ["a", "b"]) == {
        INSTRUMENT: "solariX",
        SOFTWARE: "a: ftmsControl",
        "Matrix": "b: DHB",
    }
    assert together([first, first | {SOFTWARE: "none"}], ["a", "b"])[SOFTWARE] == "a: ftmsControl; b: none"


@pytest.mark.parametrize(
    ("text", "when"),
    [("2019-03-01", datetime(2019, 3, 1)), ("2019-03-01T10:11:12", datetime(2019, 3, 1, 10, 11, 12)), ("1.3.19", None)],
)
def test_dates_are_told_from_other_texts(text: str, when: datetime | None) -> None:
    assert moment(text) == when
