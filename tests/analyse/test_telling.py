"""What tells a cluster from the rest: where it is brighter, by how much, and which of its ions are typical."""

import numpy as np

from msiss.analyse.telling import difference, telling, typicality
from msiss.analyse.vectors import unit


def section() -> tuple[np.ndarray, np.ndarray]:
    """Return twenty images of 6 x 8 pixels, of which the first eight are bright on the left, and their mask."""
    rng = np.random.default_rng(0)
    images = rng.uniform(1, 2, (20, 6, 8)).astype(np.float32)
    images[:8, :, :4] *= 3
    mask = np.ones((6, 8), bool)
    mask[0] = False
    return images, mask


def test_the_difference_is_in_robust_deviations_of_the_others() -> None:
    images, mask = section()
    members = np.arange(8)
    found = difference(images, mask, members)
    assert np.isnan(found[0]).all()
    relative = images[:, mask] / images[:, mask].mean(axis=1, keepdims=True)
    others = relative[8:]
    deviation = 1.4826 * np.median(np.abs(others - np.median(others, axis=0)), axis=0)
    expected = (relative[:8].mean(axis=0) - others.mean(axis=0)) / np.maximum(deviation, np.median(deviation) / 2)
    np.testing.assert_allclose(found[mask], expected, rtol=1e-4)
    assert (found[1:, :4] > 1).all()
    assert (found[1:, 4:] < 0).all()


def test_brightness_alone_makes_no_difference() -> None:
    images, mask = section()
    louder = images * np.linspace(1, 1000, 20, dtype=np.float32)[:, None, None]
    members = np.array([3, 9, 15])
    np.testing.assert_allclose(difference(louder, mask, members), difference(images, mask, members), atol=1e-4)


def test_where_there_is_nothing_to_compare() -> None:
    images, mask = section()
    assert (difference(images, mask, np.arange(20))[mask] == 0).all()
    assert (difference(np.zeros_like(images), mask, np.arange(3))[mask] == 0).all()
    constant = np.ones_like(images)
    constant[:2, 1, 1] = 4
    found = difference(constant, mask, np.arange(2))
    assert np.isfinite(found[mask]).all()
    assert found[1, 1] > 1


def test_the_most_typical_ion_is_most_like_the_others() -> None:
    vectors = np.random.default_rng(1).normal(size=(9, 5)) + 1
    vectors[6] = -vectors[2]
    members = np.array([0, 2, 4, 6, 8])
    ions, typical = typicality(vectors, members)
    cosines = unit(vectors[members]) @ unit(vectors[members]).T
    expected = (cosines.sum(axis=1) - 1) / 4
    np.testing.assert_array_equal(ions, members[np.argsort(-expected)])
    np.testing.assert_allclose(typical, np.sort(expected)[::-1], rtol=1e-5)
    assert ions[-1] == 6
    assert typicality(vectors, np.array([5]))[0].tolist() == [5]
    assert typicality(vectors, np.array([5]))[1].tolist() == [1]


def test_of_a_cluster() -> None:
    images, mask = section()
    clusters = np.where(np.arange(20) < 8, 5, 2)
    found = telling(images, mask, images[:, mask], clusters, 5)
    np.testing.assert_array_equal(found.difference, difference(images, mask, np.arange(8)))
    assert sorted(found.ions.tolist()) == list(range(8))
