"""Scale bars have round lengths."""

import pytest

from msiss.show.scale_bar import bar_length, length_text


@pytest.mark.parametrize(
    ("width", "length"), [(100, 20), (79.9, 10), (80, 20), (200, 50), (2600, 500), (4, 1), (0.3, 0.05), (39_999, 5000)]
)
def test_the_longest_round_length_below_a_quarter(width, length):
    assert bar_length(width) == pytest.approx(length, rel=1e-12)


def test_lengths_are_written_with_a_fitting_unit():
    assert [length_text(length) for length in (0.5, 200, 1000, 2000)] == ["0.5 µm", "200 µm", "1 mm", "2 mm"]
