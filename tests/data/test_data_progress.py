"""A part of the progress fills its stretch of the whole."""

import pytest

from msiss.data.progress import Watched, part


def test_a_part_of_the_whole() -> None:
    told = []
    inner = part(lambda fraction, text: told.append((fraction, text)), 0.2, 0.7)
    for fraction in (0, 0.5, 1):
        inner(fraction, "reading")
    assert [fraction for fraction, _ in told] == pytest.approx([0.2, 0.45, 0.7])
    assert told[-1] == (0.7, "reading")


def test_an_error_of_the_callback_is_told_from_one_of_the_work() -> None:
    def stop(fraction: float, text: str) -> None:
        if fraction == 1:
            raise ValueError(text)

    watched = Watched(stop)
    watched(0.5, "working")
    assert not watched.stopped
    with pytest.raises(ValueError, match="enough"):
        watched(1, "enough")
    assert watched.stopped
