import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.show.print.numbers import short


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1"),
        (10, "10"),
        (100, "100"),
        (0.25, "0.25"),
        (8374.4, "8374"),
        (99_999, "1e5"),
        (123_456, "1.23e5"),
        (0.000_12, "1.2e-4"),
        (0.001, "0.001"),
        (-0.281, "−0.281"),
        (9.999, "10"),
    ],
)
def test_numbers_are_short(value, text):
    assert short(value) == text


@given(st.floats(1e-12, 1e12))
def test_a_short_number_is_nearly_the_number(value):
    assert float(short(value)) == pytest.approx(value, rel=6e-3)
