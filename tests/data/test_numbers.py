"""Numbers as people write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.numbers import is_range, is_two_ways, numbers

NAN = math.nan
COLUMNS = {
    "points": (["760.585", "1e3", "-5"], [760.585, 1000, -5]),
    "commas": (["760,585", "782,5"], [760.585, 782.5]),
    "three digits behind each comma": (["760,585", "782,567"], [760.585, 782.567]),
    "thousands": (["1,234.56", "1,234", "760.5"], [1234.56, 1234, 760.5]),
    "thousands in German": (["1.234,56", "1.234", "760,5"], [1234.56, 1234, 760.5]),
    "millions": (["1,234,567", "1.5"], [1234567, 1.5]),
    "spaces": (["1 234,56", "1\xa0234,56", "1\u202f234,56", "1'234,56"], [1234.56] * 4),
    "either sign": (["760.5850", "782,5670"], [760.585, 782.567]),
    "in two ways": (["760.5850", "782,567"], [760.585, NAN]),
    "in two ways, both": (["760,5850", "782.567"], [760.585, NAN]),
    "uncertainty": (["760.585 ± 0.005", "760.585±3ppm", "760.585 (±3 ppm)", "760.585(5)"], [760.585] * 4),
    "uncertainty in letters": (["760.5 +/- 0.01 Da", "760.5 +- 5 ppm"], [760.5] * 2),
    "marks": (["~760.6", "760.6*", "760.6 †", "ca. 760.6", "≈760.6"], [760.6] * 5),
    "units": (["760.6 Da", "m/z 760.6", "760.6 m/z", "760.6 Th"], [760.6] * 4),
    "formulas that make text of numbers": (['="760.585"'], [760.585]),
    "another minus": (["−5.5"], [-5.5]),
    "ranges": (["760.580-760.590", "760.58 – 760.59", "760.58 bis 760.59"], [760.585] * 3),
    "wide ranges": (["700.5-760.5", "760.6-760.5"], [NAN, NAN]),
    "no numbers": (["", "abc", "760.585a", "nan", "12.5.2026", "7:30", "1 2", "9" * 201], [NAN] * 8),
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_columns(name) -> None:
    texts, values = COLUMNS[name]
    assert numbers(texts) == pytest.approx(values, rel=1e-12, nan_ok=True)


@given(st.lists(st.floats(1e-3, 1e6), min_size=1), st.sampled_from([".", ","]))
def test_every_digit_is_kept(values, decimal) -> None:
    assert numbers([repr(value).replace(".", decimal) for value in values]) == values


def test_what_is_said_of_a_cell() -> None:
    assert is_range("760.58-760.60")
    assert not is_range("-5")
    assert is_two_ways("782,567")
    assert not is_two_ways("782,5670")
