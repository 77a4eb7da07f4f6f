import numpy as np
import pytest

from msiss.phantom.families import FAMILIES, Likeness
from msiss.phantom.section import make_phantom

MEMBERS = [one for members in FAMILIES.values() for one in members]


def test_every_member_is_like_a_set_of_its_own():
    assert len({one.like for one in MEMBERS}) == len(MEMBERS)
    assert set(FAMILIES) == {"tissue", "genes"}
    assert {one.regime.anatomy for one in MEMBERS} == {"nested"}


@pytest.mark.parametrize("one", MEMBERS, ids=lambda one: one.like)
def test_a_member_gives_the_same_counts_and_pairs_for_the_same_seed(one: Likeness):
    made, again, other = (
        make_phantom(seed=seed, shape=one.shape, ions=one.ions, regime=one.regime) for seed in (3, 3, 4)
    )
    assert made.images.fingerprint == again.images.fingerprint != other.images.fingerprint
    images = made.images.images
    np.testing.assert_array_equal(images, np.round(images))
    assert images.any(axis=(1, 2)).sum() > 0.5 * len(images)
    assert len(made.pairs()) > 10
    assert len(set(made.images.labels)) == one.regime.classes
