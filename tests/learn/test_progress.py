"""The estimate of the time left."""

from msiss.learn.progress import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_time_left_extrapolates_the_time_taken() -> None:
    clock = Clock()
    pace = Pace(10, clock=clock)
    assert pace.seconds_left is None
    clock.now += 6
    pace.advance(2)
    assert pace.fraction == 0.2
    assert pace.seconds_left == 24


def test_work_of_an_earlier_process_counts_as_done_but_not_as_fast() -> None:
    clock = Clock()
    pace = Pace(10, clock=clock)
    pace.skip(5)
    assert pace.fraction == 0.5
    assert pace.seconds_left is None
    clock.now += 4
    pace.advance(1)
    assert pace.seconds_left == 16
