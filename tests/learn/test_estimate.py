"""The time told before a training grows with what has to be done."""

import pytest

from msiss.learn import estimate
from msiss.learn.methods import METHODS, preset_config, presets
from msiss.learn.paper.encoders import B0, ENCODERS
from msiss.learn.spatial.method import measures_seconds


def told(preset: str = "paper", ions: int = 100, **settings: object) -> float:
    return estimate.seconds(preset_config(preset, clusters=5).with_settings(settings), ions)


def test_the_sum_is_that_of_the_figures() -> None:
    first, second, third = ENCODERS[B0].seconds
    rest = METHODS["paper"].analyse_seconds + METHODS["paper"].check_seconds
    expected = estimate.START_SECONDS + 367 * (50 * first + 20 * second + 150 * third + rest)
    assert told(ions=367) == pytest.approx(expected)


def test_the_check_on_half_of_the_pixels_is_a_second_training() -> None:
    config = preset_config("msiss", clusters=5)
    with_check, without = estimate.parts(config, 100), estimate.parts(config.with_settings({"check": False}), 100)
    assert with_check.retraining == with_check.training == without.training > 0
    assert without.retraining == 0
    assert with_check.whole - without.whole == pytest.approx(without.training)


def test_a_step_sees_as_many_images_as_a_batch_has_and_no_more_than_there_are() -> None:
    few, batch, many = (
        estimate.parts(preset_config("msiss", clusters=5).with_settings({"spatial.batch_size": 128}), ions)
        for ions in (64, 128, 256)
    )
    few, batch, many = (
        parts.training - measures_seconds(ions) for parts, ions in ((few, 64), (batch, 128), (many, 256))
    )
    assert many == pytest.approx(batch)
    assert batch == pytest.approx(2 * few)
    assert few > 0


def test_an_image_of_twice_the_side_costs_four_times_as_much() -> None:
    idle = {"contrastive.epochs": 0, "classifier.epochs": 0, "self_label.epochs": 0}
    rest = told(**idle)
    assert told(**{"prepare.side": 192}) - rest == pytest.approx(4 * (told() - rest))


@pytest.mark.parametrize("preset", list(presets(METHODS)))
def test_more_ions_take_longer(preset: str) -> None:
    assert 0 < told(preset, ions=50) < told(preset, ions=500)


def test_quick_is_quicker_than_paper() -> None:
    assert told("quick") < told("paper") / 5
