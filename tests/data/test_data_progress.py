"""A part of the progress fills its stretch of the whole."""

import pytest

from msiss.data.progress import part


def test_a_part_of_the_whole() -> None:
    told = []
    inner = part(lambda fraction, text: told.append((fraction, text)), 0.2, 0.7)
    for fraction in (0, 0.5, 1):
        inner(fraction, "reading")
    assert [fraction for fraction, _ in told] == pytest.approx([0.2, 0.45, 0.7])
    assert told[-1] == (0.7, "reading")
