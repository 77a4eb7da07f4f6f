"""Positions along the spectral axis as text."""

from msiss.data.axis import MZ, NUMBER, RAMAN


def test_numbers_are_as_short_as_tells_them_apart() -> None:
    assert MZ.numbers([760.5851, 741.5306]) == ["760.59", "741.53"]
    assert MZ.numbers([760.5851, 760.5852]) == ["760.5851", "760.5852"]
    assert MZ.numbers([760.5811, 760.584]) == ["760.581", "760.584"]
    assert MZ.numbers([760.5851, 760.5851]) == ["760.59", "760.59"]  # more decimals would not help
    assert RAMAN.numbers([1003.2, 1003.4]) == ["1003.2", "1003.4"]
    assert NUMBER.numbers([1, 2]) == ["1", "2"]
    assert MZ.numbers([]) == []
