"""Bands on the training device: against loops over pixels, and what they do not depend on."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from msiss.learn.spatial.scales import Scales

SIGMAS = (0.7, 1.4, 2.8, 5.6, 11.2)  # pixels

MASK = np.ones((9, 11), dtype=bool)
MASK[:2, :4] = MASK[7:, 9:] = MASK[4, 5] = False
SHOWN = [tuple(place) for place in np.argwhere(MASK)]


@pytest.fixture(scope="module")
def scales() -> Scales:
    return Scales(torch.from_numpy(MASK))


@pytest.fixture
def images() -> torch.Tensor:
    rng = np.random.default_rng(0)
    powers = rng.uniform(0, 3, (6, 1, 1, 1))
    images = (np.linspace(0.1, 1, 11) ** powers) * rng.gamma(3, size=(6, 1, 9, 11)) * MASK
    return torch.from_numpy(images.astype(np.float32))


def bands_oracle(image: np.ndarray, counted: list[tuple[int, int]]) -> list[np.ndarray]:
    """Return the bands of one image (H, W), fine to coarse, at the measured pixels."""
    mean = np.mean([image[place] for place in counted])
    roots = []
    for sigma in SIGMAS:
        smoothed = []
        for row, column in SHOWN:
            weights = [np.exp(-((row - r) ** 2 + (column - c) ** 2) / (2 * sigma**2)) for r, c in counted]
            smoothed.append(np.average([image[place] / mean for place in counted], weights=weights))
        roots.append(np.sqrt(smoothed))
    return [fine - coarse for fine, coarse in pairwise(roots)] + [roots[-1] - np.mean(roots[-1])]


def test_bands_against_the_oracle(scales: Scales, images: torch.Tensor) -> None:
    bands = scales(images[:2]).numpy()
    assert bands.shape == (2, len(SIGMAS), 9, 11)
    assert not bands[:, :, ~MASK].any()
    for found, image in zip(bands, images.numpy(), strict=False):
        np.testing.assert_allclose(found[:, MASK], bands_oracle(image[0], SHOWN), atol=1e-5)


def test_brightness_company_and_what_lies_outside_do_not_matter(scales: Scales, images: torch.Tensor) -> None:
    outside = torch.where(torch.from_numpy(MASK), images, torch.rand(images.shape))
    expected = scales(images)
    torch.testing.assert_close(scales(1e4 * images), expected, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(scales(1e-4 * images), expected, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(scales(outside), expected, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(scales(images[[4, 1]]), expected[[4, 1]], atol=1e-6, rtol=1e-5)


def test_an_empty_image_has_no_bands(scales: Scales) -> None:
    assert not scales(torch.zeros(1, 1, 9, 11)).any()


def test_nothing_of_the_bands_is_saved_with_the_weights(scales: Scales) -> None:
    assert not scales.state_dict()
