"""The compiled loops against whole batches of torch, and the noise against the normal distribution."""

import numpy as np
import pytest
import torch
from scipy.stats import kstest, kurtosis

from msiss.learn.paper.augment import _change, _change_compiled, draw
from msiss.learn.paper.config import AUGMENT_PRESETS, AugmentStrength
from msiss.learn.paper.view_kernels import NORMAL, fill_normal


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("strength", list(AugmentStrength))
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(("height", "width"), [(24, 20), (9, 33), (96, 96)])
def test_views_are_those_of_torch(strength: AugmentStrength, whole: bool, height: int, width: int) -> None:
    config = AUGMENT_PRESETS[strength].model_copy(update={"eight_bit": whole})
    images = torch.rand(30, 1, height, width, generator=generator())
    images *= torch.linspace(0, 1, 30).view(-1, 1, 1, 1) ** 2  # black, and each level of the foreground
    inside = (torch.rand(30, 1, height, width, generator=generator(1)) > 0.2).float()
    before, draws = images.clone(), draw(images.shape, config, generator())
    quick, slow = _change_compiled(images, inside, draws, config), _change(images, inside, draws, config)
    assert torch.equal(images, before)
    difference = (quick - slow).abs() * 255
    if whole:  # where rounding decides between two levels
        assert float(difference.max()) < 2.001
        assert float((difference > 0.5).float().mean()) < 1e-3
    else:
        assert float(difference.max()) < 1e-3


def noise(seeds: list[int], sigmas: list[float], pixels: int) -> np.ndarray:
    out = np.full((len(seeds), pixels), np.nan, dtype=np.float32)
    fill_normal(np.array(seeds, np.uint64), np.array(sigmas, np.float32), NORMAL, out, 0, len(seeds))
    return out


def test_one_random_number_makes_four_pixels() -> None:
    def splitmix64(state: int) -> int:
        """Return the next number as Steele, Lea & Flood (2014) write it."""
        word = 2**64 - 1
        state = (state + 0x9E3779B97F4A7C15) & word
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & word
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & word
        return state ^ (state >> 31)

    assert splitmix64(1234567) == 6457827717110365317  # from the reference implementation's known output
    found = noise([1234567], [1.0], 7)[0]
    numbers = [splitmix64(1234567), splitmix64(1234567 + 0x9E3779B97F4A7C15)]
    expected = [NORMAL[(number >> shift) & 0xFFFF] for shift in (0, 16, 32, 48) for number in numbers][:7]
    np.testing.assert_array_equal(found, np.array(expected, np.float32))


def test_noise_is_normal_and_independent() -> None:
    values = noise([1, 2, 3], [1.0, 1.0, 0.25], 90_001)
    assert np.isfinite(values).all()
    for row in (values[0], values[1], values[2] * 4):
        assert kstest(row, "norm").pvalue > 1e-3
        assert abs(kurtosis(row)) < 0.1
        for shift in (1, 2, 300, 22_501):  # the last one is a quarter of the pixels
            assert abs(np.corrcoef(row[:-shift], row[shift:])[0, 1]) < 0.015
    assert abs(np.corrcoef(values[:2])[0, 1]) < 0.015
    assert float(NORMAL.std()) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(NORMAL, -NORMAL[::-1], atol=1e-6)


def test_the_number_of_threads_does_not_matter() -> None:
    config, before = AUGMENT_PRESETS[AugmentStrength.STRONG], torch.get_num_threads()
    drawn = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            drawn.append(draw((7, 1, 24, 20), config, generator()).noise)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*drawn)
