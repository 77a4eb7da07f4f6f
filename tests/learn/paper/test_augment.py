"""Views: values against slow per-image oracles, and what each setting must and must not change."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import correlate1d
from torchvision.transforms.functional import adjust_brightness, adjust_contrast, gaussian_blur

from msiss.learn.paper.augment import Draws, apply, augment, blur, draw, foreground_mean, preview
from msiss.learn.paper.config import AUGMENT_PRESETS, AugmentConfig, AugmentStrength, PaperConfig

NOTHING = AugmentConfig(blur_min=0.001, blur_max=0.001, brightness=0, contrast=0, noise=0, eight_bit=False)
EVERYWHERE = torch.ones(24, 20, dtype=torch.bool)


def images(seed: int = 0, batch: int = 6) -> torch.Tensor:
    return torch.rand(batch, 1, 24, 20, generator=torch.Generator().manual_seed(seed))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_all_settings_at_rest_change_nothing() -> None:
    assert torch.allclose(augment(images(), NOTHING, EVERYWHERE, generator()), images(), atol=1e-6)


@pytest.mark.parametrize("sigma", [0.01, 0.3, 0.75, 2.0])
def test_blur_is_a_gaussian_of_nine_pixels(sigma: float) -> None:
    offsets = np.arange(-4, 5)
    kernel = np.exp(-0.5 * (offsets / sigma) ** 2)
    kernel /= kernel.sum()
    batch = images()
    slow = correlate1d(correlate1d(batch.numpy(), kernel, axis=2, mode="mirror"), kernel, axis=3, mode="mirror")
    fast = blur(batch, torch.full((6,), sigma))
    np.testing.assert_allclose(fast, slow, atol=1e-6)
    torch.testing.assert_close(fast, gaussian_blur(batch, [9, 9], [sigma, sigma]), atol=1e-5, rtol=0)


def test_every_image_has_its_own_blur() -> None:
    sigmas = torch.linspace(0.1, 2, 6)
    together = blur(images(), sigmas)
    one_by_one = torch.cat([blur(image[None], sigma[None]) for image, sigma in zip(images(), sigmas, strict=True)])
    torch.testing.assert_close(together, one_by_one)


def slow_foreground_mean(image: np.ndarray) -> float:
    """Return the mean of the foreground of an image in grey levels from 0 to 255."""
    for level in (25, 20, 15, 10):
        if (image > level).any():
            return float(image[image > level].mean())
    return float(image.mean())


@given(st.floats(0, 255), st.integers(0, 99))
@settings(deadline=None, max_examples=30)
def test_foreground_mean_takes_the_first_level_that_any_pixel_reaches(brightest: float, seed: int) -> None:
    image = np.random.default_rng(seed).random((9, 7)).astype(np.float32) * np.float32(brightest)
    fast = foreground_mean(torch.from_numpy(image)[None, None])
    assert float(fast) == pytest.approx(slow_foreground_mean(image), rel=1e-5, abs=1e-5)


def test_intensity_and_noise_follow_the_formula_of_the_paper_s_code() -> None:
    config = NOTHING.model_copy(update={"brightness": 0.5, "contrast": 0.5, "noise": 0.4})
    batch = images()
    draws = draw(batch.shape, config, generator())
    assert 0 < draws.contrast_first.sum() < 6
    views = apply(batch, draws, config, EVERYWHERE)
    for i, image in enumerate(batch.numpy()[:, 0]):
        slow = image
        for step in ("contrast", "brightness") if draws.contrast_first[i] else ("brightness", "contrast"):
            factor = float(getattr(draws, step)[i])
            grey = slow.mean() if step == "contrast" else 0
            slow = np.clip(factor * slow + (1 - factor) * grey, 0, 1)
        slow = np.clip(slow + draws.noise[i, 0].numpy() * slow_foreground_mean(255 * slow) / 153, 0, 1)
        np.testing.assert_allclose(views[i, 0], slow, atol=1e-5)


def picture_of_the_paper_s_code(picture: Image.Image, draws: Draws, i: int, mask: np.ndarray | None) -> np.ndarray:
    """Return a view of the grey levels of 8 bits by the libraries and the lines of the authors' augmentations.py."""
    sigma = float(draws.blur[i])
    picture = gaussian_blur(picture, [9, 9], [sigma, sigma])
    if draws.contrast_first[i]:
        picture = adjust_brightness(adjust_contrast(picture, float(draws.contrast[i])), float(draws.brightness[i]))
    else:
        picture = adjust_contrast(adjust_brightness(picture, float(draws.brightness[i])), float(draws.contrast[i]))
    pixels = np.array(picture)[:, :, 0]
    noise = draws.noise[i, 0].double().numpy() / 153 * slow_foreground_mean(pixels)
    noisy = np.uint8(np.clip(pixels / 255 + noise, 0, 1) * 255)
    if mask is not None:
        noisy[~mask] = 0
    return noisy


@pytest.mark.parametrize("strength", list(AugmentStrength))
@pytest.mark.parametrize("brightest", [1.0, 0.3, 0.06, 0.0])
def test_in_256_grey_levels_a_view_is_that_of_the_paper_s_code(strength: AugmentStrength, brightest: float) -> None:
    config = AUGMENT_PRESETS[strength]
    levels = (images(batch=40) ** 3 * brightest * 255).round()
    draws = draw(levels.shape, config, generator())
    mask = EVERYWHERE.clone()
    mask[:7] = False
    views = apply(levels / 255, draws, config, mask)
    whole = views * 255
    torch.testing.assert_close(whole, whole.round(), atol=1e-4, rtol=0)
    for i, image in enumerate(levels.numpy()[:, 0]):
        picture = Image.fromarray(np.repeat(image.astype(np.uint8)[:, :, None], 3, axis=2))
        slow = picture_of_the_paper_s_code(picture, draws, i, mask.numpy() if config.mask_noise else None)
        difference = np.abs(whole[i, 0].numpy() - slow)
        # Rounding of single precision may decide between two levels, which the following steps may carry on.
        assert difference.max() <= 2
        assert (difference > 0.5).mean() < 0.01


def test_rounding_only_if_it_is_wanted() -> None:
    config = AugmentConfig(eight_bit=False)
    draws = draw((6, 1, 24, 20), config, generator())
    exact = apply(images(), draws, config, EVERYWHERE)
    rounded = apply(images(), draws, config.model_copy(update={"eight_bit": True}), EVERYWHERE)
    assert len((exact * 255).round().unique()) < len(exact.unique()) / 5
    assert len(rounded.unique()) <= 256
    assert float((exact - rounded).abs().max()) < 5 / 255


def test_noise_outside_the_mask_only_without_mask_noise() -> None:
    mask = EVERYWHERE.clone()
    mask[:, :5] = False
    batch = images() * mask
    config = AugmentConfig(noise=0.4)
    assert augment(batch, config, mask, generator())[..., :5].max() > 0
    masked = augment(batch, config.model_copy(update={"mask_noise": True}), mask, generator())
    assert masked[..., :5].max() == 0
    assert masked[..., 5:].max() > 0


def test_draws_stay_in_their_ranges_and_differ_per_image() -> None:
    config = AUGMENT_PRESETS[AugmentStrength.STRONG]
    draws = draw((500, 1, 4, 4), config, generator())
    for values, low, high in ((draws.blur, 0.1, 2.0), (draws.brightness, 0.5, 1.5), (draws.contrast, 0.5, 1.5)):
        assert low <= values.min() < low + 0.1
        assert high - 0.1 < values.max() <= high
        assert len(values.unique()) > 490
    sigma = draws.noise.std((1, 2, 3))
    assert sigma.max() < 0.4 * 2
    assert sigma.min() < 0.05
    assert 200 < int(draws.contrast_first.sum()) < 300


def test_the_least_noise_is_that_of_the_paper_s_code_unless_the_most_is_less() -> None:
    least = AugmentConfig(noise=0.001)
    noise = draw((4, 1, 200, 200), least, generator()).noise
    assert noise.std((1, 2, 3)).numpy() == pytest.approx(np.full(4, 0.001), rel=0.02)
    assert draw((4, 1, 20, 20), AugmentConfig(noise=0.0), generator()).noise.abs().max() == 0
    sigma = draw((400, 1, 20, 20), AugmentConfig(noise=0.002), generator()).noise.std((1, 2, 3))
    assert 0.0009 < sigma.min() < 0.00105
    assert 0.0019 < sigma.max() < 0.0022


@pytest.mark.parametrize(
    ("setting", "value"),
    [("brightness", 0.5), ("contrast", 0.5), ("noise", 0.2), ("translation", 0.1), ("crop", 0.2), ("rotation", 15.0)],
)
def test_every_setting_reaches_the_views(setting: str, value: float) -> None:
    config = NOTHING.model_copy(update={setting: value})
    assert not torch.allclose(augment(images(), config, EVERYWHERE, generator()), images(), atol=1e-3)


def test_blur_setting_reaches_the_views() -> None:
    config = NOTHING.model_copy(update={"blur_min": 1.0, "blur_max": 1.0})
    expected = blur(images(), torch.ones(6))
    torch.testing.assert_close(augment(images(), config, EVERYWHERE, generator()), expected)


def test_translation_moves_by_at_most_its_fraction_of_the_side() -> None:
    spot = torch.zeros(200, 1, 40, 40)
    spot[:, :, 20, 20] = 1
    config = NOTHING.model_copy(update={"translation": 0.1})
    views = augment(spot, config, torch.ones(40, 40, dtype=torch.bool), generator())
    places = np.array([np.unravel_index(int(view.argmax()), (40, 40)) for view in views[:, 0]])
    assert np.abs(places - 20).max() <= 4 + 0.5
    assert np.abs(places - 20).max() >= 3


@pytest.mark.parametrize("strength", list(AugmentStrength))
@given(seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=10)
def test_views_stay_images(strength: AugmentStrength, seed: int) -> None:
    views = augment(images(seed), AUGMENT_PRESETS[strength], EVERYWHERE, generator(seed))
    assert views.shape == (6, 1, 24, 20)
    assert views.min() >= 0
    assert views.max() <= 1


def test_same_seed_same_views_other_seed_other_views() -> None:
    config = AugmentConfig()
    first = augment(images(), config, EVERYWHERE, generator(1))
    assert torch.equal(first, augment(images(), config, EVERYWHERE, generator(1)))
    assert not torch.equal(first, augment(images(), config, EVERYWHERE, generator(2)))


def test_preview_shows_what_training_draws() -> None:
    config, chosen = PaperConfig(clusters=2), [3, 1]
    shown = preview(
        images()[:, 0].numpy(), chosen, EVERYWHERE.numpy(), config, "self_label.weak_views", number=2, seed=7
    )
    source = generator(7)
    weak = AUGMENT_PRESETS[AugmentStrength.WEAK]
    first, second = (augment(images()[chosen], weak, EVERYWHERE, source) for _ in range(2))
    np.testing.assert_array_equal(shown, torch.cat([first, second], dim=1).numpy())
