"""Bands on the training device: against loops over pixels, and what they do not depend on."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from msiss.learn.spatial.scales import Scales

SIGMAS = (0.7, 1.4, 2.8, 5.6, 11.2)  # pixels
COARSEST_WEIGHT, LEAST_RELIABILITY = 0.3, 0.001

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


def test_vectors_weigh_each_band_by_how_far_the_image_confirms_it(scales: Scales, images: torch.Tensor) -> None:
    found = scales.vectors(images[:3]).numpy()
    for vector, (image,) in zip(found, images.numpy(), strict=False):
        halves = [bands_oracle(image, [place for place in SHOWN if sum(place) % 2 == rest]) for rest in (0, 1)]
        parts = []
        for band, even, odd, weight in zip(
            bands_oracle(image, SHOWN), *halves, [1.0] * (len(SIGMAS) - 1) + [COARSEST_WEIGHT], strict=True
        ):
            agreement = np.corrcoef(even, odd)[0, 1]
            reliability = min(max(2 * agreement / (1 + abs(agreement)), LEAST_RELIABILITY), 1)
            centred = band - band.mean()
            parts.append(np.sqrt(weight * reliability) * centred / np.linalg.norm(centred))
        expected = np.concatenate(parts)
        np.testing.assert_allclose(vector, expected / np.linalg.norm(expected), atol=1e-4)


def test_brightness_company_and_what_lies_outside_do_not_matter(scales: Scales, images: torch.Tensor) -> None:
    outside = torch.where(torch.from_numpy(MASK), images, torch.rand(images.shape))
    for method in (scales, scales.vectors):
        expected = method(images)
        torch.testing.assert_close(method(1e4 * images), expected, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(method(1e-4 * images), expected, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(method(outside), expected, atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(method(images[[4, 1]]), expected[[4, 1]], atol=1e-6, rtol=1e-5)


def test_an_empty_image_has_neither_bands_nor_a_direction(scales: Scales) -> None:
    empty = torch.zeros(1, 1, 9, 11)
    assert not scales(empty).any()
    assert not scales.vectors(empty).any()


def test_vectors_have_the_length_1(scales: Scales, images: torch.Tensor) -> None:
    vectors = scales.vectors(images)
    assert vectors.shape == (6, len(SIGMAS) * MASK.sum())
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(6))


def test_nothing_of_the_bands_is_saved_with_the_weights(scales: Scales) -> None:
    assert not scales.state_dict()
