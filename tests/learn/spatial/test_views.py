"""Views that keep the place: counts within the range, each setting does what its name says, and nothing else moves."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from msiss.errors import SettingError
from msiss.learn.spatial.config import SpatialConfig, SpatialViewsConfig
from msiss.learn.spatial.views import preview, views

MASK = torch.ones(24, 28, dtype=torch.bool)
MASK[:5, :9] = False
MASK[20:, 20:] = False
AREA = int(MASK.sum())
# No change, and so many counts that their noise is below 1 %: a view is its image.
STILL = {
    "mix": 0,
    "contrast": 0,
    "background": 0,
    "gain": 0,
    "lines": 0,
    "pixels": 0,
    "counts_min": 1e8,
    "counts_max": 1e8,
}
FIELDS = ("mix", "contrast", "background", "gain", "lines", "pixels")


@pytest.fixture
def images() -> torch.Tensor:
    """Return six smooth images in [0, 1], nowhere quite dark inside the mask."""
    rows, columns = torch.meshgrid(torch.linspace(0, 1, 24), torch.linspace(0, 1, 28), indexing="ij")
    shapes = [rows, columns, 1 - rows, 1 - columns, rows * columns, (rows - 0.5) ** 2 + (columns - 0.5) ** 2]
    return torch.stack([(0.2 + 0.8 * shape / shape.max()) * MASK for shape in shapes])[:, None]


def draw(images: torch.Tensor, seed: int = 0, **changes: float) -> torch.Tensor:
    config = SpatialViewsConfig(**STILL | changes)
    return views(images, config, MASK, torch.Generator().manual_seed(seed))


def relative(images: torch.Tensor) -> np.ndarray:
    """Return the measured pixels (B, P), relative to their mean."""
    inside = images[:, 0, MASK]
    return (inside / inside.mean(1, keepdim=True)).double().numpy()


def logs(images: torch.Tensor, **changes: float) -> np.ndarray:
    """Return the logarithms (B, H, W) of the factors between still and changed views; NaN outside the mask."""
    factors = np.full((len(images), *MASK.shape), np.nan)
    factors[:, MASK.numpy()] = np.log(relative(draw(images, **changes)) / relative(images))
    return factors


def test_views_are_counts_inside_the_mask(images: torch.Tensor) -> None:
    drawn = views(images, SpatialViewsConfig(), MASK, torch.Generator().manual_seed(0))
    assert drawn.shape == images.shape
    assert drawn.isfinite().all()
    assert (drawn >= 0).all()
    assert torch.equal(drawn, drawn.round())
    assert not drawn[:, :, ~MASK].any()


@pytest.mark.parametrize(("fewest", "most"), [(300, 300), (50, 20_000)])
def test_counts_lie_within_their_range(images: torch.Tensor, fewest: float, most: float) -> None:
    many = images.repeat(40, 1, 1, 1)
    config = SpatialViewsConfig(counts_min=fewest, counts_max=most)
    totals = views(many, config, MASK, torch.Generator().manual_seed(0)).sum((1, 2, 3)).double()
    assert totals.min() > fewest - 5 * fewest**0.5
    assert totals.max() < most + 5 * most**0.5
    # Drawn evenly on a logarithmic scale.
    assert totals.log().mean() == pytest.approx((np.log(fewest) + np.log(most)) / 2, abs=0.35)
    if fewest == most:
        assert totals.std() == pytest.approx(fewest**0.5, rel=0.2)


def test_the_same_generator_draws_the_same_views_and_each_image_gets_its_own(images: torch.Tensor) -> None:
    config = SpatialViewsConfig()
    same = images[:1].repeat(4, 1, 1, 1)
    first, again, other = (views(same, config, MASK, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert len({tuple(view.flatten().tolist()) for view in first}) == 4


def test_without_any_change_a_view_is_its_image_up_to_counting_noise(images: torch.Tensor) -> None:
    drawn = draw(images, counts_min=1e6, counts_max=1e6)
    expected = 1e6 * images / images.sum((2, 3), keepdim=True)
    inside = (drawn - expected)[:, 0, MASK] / expected[:, 0, MASK].sqrt()
    assert inside.std() == pytest.approx(1, abs=0.05)
    assert inside.abs().max() < 6


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_changes_the_views(images: torch.Tensor, name: str) -> None:
    still, changed, more = (draw(images, **{name: value}) for value in (0, 0.3, 0.6))
    np.testing.assert_allclose(relative(still), relative(images), rtol=0.02)
    departures = [np.abs(np.log(relative(one) / relative(images))).mean() for one in (changed, more)]
    assert departures[0] > 0.01
    assert departures[1] > departures[0]


def test_brightness_does_not_matter(images: torch.Tensor) -> None:
    torch.testing.assert_close(draw(1000 * images, gain=1), draw(images, gain=1), rtol=1e-2, atol=0)


def test_mixed_views_hold_at_most_the_share_of_one_other_ion(images: torch.Tensor) -> None:
    own = relative(images)
    shares = []
    for seed in range(20):
        for number, view in enumerate(relative(draw(images, seed, mix=0.4))):
            fits = []
            for other in range(len(own)):
                difference = own[other] - own[number]
                share = 0 if other == number else difference @ (view - own[number]) / (difference @ difference)
                fits.append((np.abs(own[number] + share * difference - view).max(), share))
            misfit, share = min(fits)
            assert misfit < 0.05
            shares.append(share)
    assert min(shares) > -0.02
    assert 0.3 < max(shares) < 0.42


def test_contrast_is_a_power_within_its_range(images: torch.Tensor) -> None:
    powers = []
    for seed in range(10):
        for own, view in zip(np.log(relative(images)), np.log(relative(draw(images, seed, contrast=0.5))), strict=True):
            slope, offset = np.polyfit(own, view, 1)
            assert np.abs(slope * own + offset - view).max() < 0.03
            powers.append(np.log(slope))
    assert -0.52 < min(powers) < -0.3
    assert 0.3 < max(powers) < 0.52


def test_background_is_even_and_within_its_range(images: torch.Tensor) -> None:
    backgrounds = []
    for seed in range(10):
        for own, view in zip(relative(images), relative(draw(images, seed, background=0.8)), strict=True):
            slope, offset = np.polyfit(own, view, 1)
            assert np.abs(slope * own + offset - view).max() < 0.02
            backgrounds.append(offset / slope)  # (own + b) / (1 + b)
    assert -0.02 < min(backgrounds) < 0.2
    assert 0.6 < max(backgrounds) < 0.82


def test_gain_is_smooth_lines_jump_between_rows_and_pixels_are_independent(images: torch.Tensor) -> None:
    same = images[:1].repeat(30, 1, 1, 1)
    steps = {}
    for name in ("gain", "lines", "pixels"):
        changes = logs(same, **{name: 0.6})
        down, right = (np.nanstd(np.diff(changes, axis=axis)) for axis in (1, 2))
        steps[name] = down, right, np.nanstd(changes)
    assert max(steps["gain"][:2]) < 0.5 * steps["gain"][2]
    assert steps["lines"][0] > 10 * steps["lines"][1]
    assert steps["pixels"][0] == pytest.approx(steps["pixels"][1], rel=0.05)
    assert steps["pixels"][1] == pytest.approx(np.sqrt(2) * steps["pixels"][2], rel=0.05)


@pytest.mark.parametrize("name", ["gain", "lines", "pixels"])
def test_the_sensitivity_is_another_one_for_every_image(images: torch.Tensor, name: str) -> None:
    changes = logs(images[:1].repeat(12, 1, 1, 1), **{name: 1})[:, MASK.numpy()]
    alike = np.corrcoef(changes)[~np.eye(12, dtype=bool)]
    assert abs(alike.mean()) < 0.2
    assert changes.std(axis=1).max() > 2 * changes.std(axis=1).min()


def test_an_empty_image_gives_finite_views(images: torch.Tensor) -> None:
    images[2] = 0
    assert not draw(images)[2].any()
    drawn = views(images, SpatialViewsConfig(), MASK, torch.Generator().manual_seed(0))
    assert drawn.isfinite().all()
    assert drawn[[0, 1, 3]].sum((1, 2, 3)).gt(0).all()


def test_more_fewest_than_most_counts_are_refused() -> None:
    with pytest.raises(SettingError, match="the fewest counts are more than the most counts"):
        SpatialConfig(clusters=2).with_settings({"spatial.views.counts_min": 500, "spatial.views.counts_max": 400})


def draw_preview(images: np.ndarray, mask: np.ndarray, *, chosen: Sequence[int] = range(6), seed: int) -> np.ndarray:
    return preview(images, chosen, mask, SpatialConfig(clusters=2), "spatial.views", number=3, seed=seed)


def test_a_preview_mixes_ions_of_the_batch_into_those_that_are_shown(images: torch.Tensor) -> None:
    arrays, mask = images[:, 0].numpy(), MASK.numpy()
    some = draw_preview(arrays, mask, chosen=[2, 4], seed=5)
    assert some.shape == (2, 3, 24, 28)
    turned = arrays.copy()
    turned[[0, 1, 3, 5]] = turned[[0, 1, 3, 5], ::-1]
    assert not np.array_equal(some, draw_preview(turned, mask, chosen=[2, 4], seed=5))


def test_a_preview_shows_views_from_0_to_1_and_the_same_again(images: torch.Tensor) -> None:
    arrays, mask = images[:, 0].numpy(), MASK.numpy()
    shown = draw_preview(arrays, mask, seed=5)
    assert shown.shape == (6, 3, 24, 28)
    assert shown.dtype == np.float32
    np.testing.assert_array_equal(shown.max(axis=(2, 3)), 1)
    assert shown.min() == 0
    assert not shown[:, :, ~mask].any()
    np.testing.assert_array_equal(shown, draw_preview(arrays, mask, seed=5))
    assert not np.array_equal(shown[:, 0], shown[:, 1])
    assert not np.array_equal(shown, draw_preview(arrays, mask, seed=6))
