"""The time told before a training grows with what has to be done."""

import pytest

from msiss.learn import estimate
from msiss.learn.config import Encoder, Preset, RunConfig


def told(preset: Preset = Preset.PAPER, ions: int = 100, **settings: object) -> float:
    return estimate.seconds(RunConfig.from_preset(preset, clusters=5).with_settings(settings), ions)


def test_the_sum_is_that_of_the_figures() -> None:
    first, second, third = estimate.IMAGE_SECONDS[Encoder.EFFICIENTNET_B0]
    expected = estimate.START_SECONDS + 367 * (50 * first + 20 * second + 150 * third + estimate.ION_SECONDS)
    assert told(ions=367) == pytest.approx(expected)


def test_an_image_of_twice_the_side_costs_four_times_as_much() -> None:
    idle = {"contrastive.epochs": 0, "classifier.epochs": 0, "self_label.epochs": 0}
    rest = told(**idle)
    assert told(**{"prepare.side": 192}) - rest == pytest.approx(4 * (told() - rest))


@pytest.mark.parametrize("preset", list(Preset))
def test_more_ions_take_longer(preset: Preset) -> None:
    assert 0 < told(preset, ions=50) < told(preset, ions=500)


def test_quick_is_quicker_than_paper() -> None:
    assert told(Preset.QUICK) < told(Preset.PAPER) / 5
