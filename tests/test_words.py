import pytest

from msiss import words


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (59.4, "59 s"), (90, "2 min"), (3599, "60 min"), (5400, "1.5 h")]
)
def test_durations_are_said_as_people_say_them(seconds, text):
    assert words.duration(seconds) == text


def test_nothing_is_said_about_a_time_that_is_not_known():
    assert words.time_left(None) == ""
    assert words.time_left(120) == "about 2 min left"


def test_the_plural_follows_the_number():
    assert words.count(1, "ion") == "1 ion"
    assert words.count(1234, "ion") == "1,234 ions"


def test_a_list_ends_with_and():
    assert words.listed([5, 7, 10]) == "5, 7 and 10"
    assert words.listed(["a", "b"]) == "a and b"


def test_bytes_have_their_usual_unit():
    assert [words.size(number) for number in (0, 999, 1000, 25_400_000, 72_300_000_000, 5e12)] == [
        "0 bytes",
        "999 bytes",
        "1 kB",
        "25 MB",
        "72.3 GB",
        "5000.0 GB",
    ]
