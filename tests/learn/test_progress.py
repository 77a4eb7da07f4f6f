"""The estimate of the time left."""

import pytest

from msiss.learn.progress import FIRST_ESTIMATE, Countdown, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_work_of_an_earlier_process_is_done_but_told_apart() -> None:
    pace = Pace(10)
    assert (pace.fraction, pace.skipped) == (0, 0)
    pace.skip(5)
    pace.advance(2)
    assert (pace.fraction, pace.skipped) == (0.7, 0.5)


def test_time_left_extrapolates_the_time_taken() -> None:
    clock = Clock()
    countdown = Countdown(clock=clock)
    clock.now += 6
    assert countdown.left(FIRST_ESTIMATE) is None
    assert countdown.left(0.2) == pytest.approx(24)


def test_time_left_does_not_count_what_an_earlier_process_did_as_fast() -> None:
    clock = Clock()
    countdown = Countdown(clock=clock)
    assert countdown.left(0.5, skipped=0.5) is None
    clock.now += 4
    assert countdown.left(0.6, skipped=0.5) == pytest.approx(16)
