"""A finding stops, warns or passes, with the same words everywhere."""

import pytest

from msiss.data.findings import DataStop, HealthRow, raise_or_warn
from msiss.errors import DataError, MsissWarning
from msiss.words import count

PASS = HealthRow("a", "pass", "All is well.")
WARNING = HealthRow("b", "warning", "A pixel is missing.", "It is masked.", "Measure it.")
STOP = HealthRow("c", "stop", "The file is empty.", "", "Copy it again.")


def test_the_first_stop_is_raised_after_the_warnings_before_it() -> None:
    rows = iter([PASS, WARNING, STOP, HealthRow("d", "stop", "never reached")])
    with (
        pytest.warns(MsissWarning, match=r"^f.imzML: A pixel is missing\. It is masked\. Measure it\.$"),
        pytest.raises(DataError, match=r"^f\.imzML: The file is empty\. Copy it again\.$") as error,
    ):
        raise_or_warn(rows, "f.imzML")
    assert isinstance(error.value, DataStop)
    assert error.value.row is STOP
    assert next(rows).check == "d"


def test_what_passes_is_silent() -> None:
    raise_or_warn([PASS], "f.imzML")


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(1, "pixel", "1 pixel"), (0, "pixel", "0 pixels"), (12000, "spectrum", "12,000 spectra")],
)
def test_counts(number, noun, text) -> None:
    assert count(number, noun) == text


def test_what_a_file_says_is_repeated_in_short() -> None:
    row = HealthRow("m/z", "stop", "It says " + "9" * 100_000 + ", which is no number.")
    assert len(row.text) < 700
    assert row.text.startswith("It says 99")
    assert row.text.endswith("9, which is no number.")
