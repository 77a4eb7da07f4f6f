"""Shares of each pixel's total."""

import numpy as np

from msiss.analyse.measures import relative
from msiss.analyse.similarity import cosine_similarity


def test_against_the_oracle(images: np.ndarray, mask: np.ndarray, smooth_oracle) -> None:
    means = images / images[:, mask].mean(axis=1)[:, None, None]
    smoothed = np.array([smooth_oracle(image, mask, 1.0)[mask] for image in means])
    expected = np.corrcoef(np.sqrt(smoothed / smoothed.mean(axis=0)))
    found = cosine_similarity(relative.fit(images, mask)(images))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_what_changes_all_ions_of_a_spectrum_alike_hardly_matters(images: np.ndarray, mask: np.ndarray) -> None:
    crystals = 1 + 4 * np.sin(np.indices(mask.shape)[1]) ** 2
    stacks = (images, images * crystals)
    relative_change, plain_change = (
        np.abs(np.subtract(*similarities)).mean()
        for similarities in (
            [cosine_similarity(relative.fit(stack, mask)(stack)) for stack in stacks],
            [np.corrcoef(stack[:, mask]) for stack in stacks],
        )
    )
    assert relative_change < plain_change / 2
