import numpy as np
import pytest

from msiss.data.phantom import Phantom, make_phantom
from msiss.data.phantom_anatomy import CLASSES


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(seed=0)


def test_truth_matches_the_images(phantom):
    images, truth = phantom.images, phantom.truth
    assert len(images) == len(truth) == 280
    np.testing.assert_array_equal(images.mz, truth["mz"])
    np.testing.assert_array_equal(images.labels, truth["class"])
    assert images.names == tuple(truth["name"])
    assert (np.diff(images.mz) > 0).all()
    assert (np.bincount(images.labels, minlength=len(CLASSES)) >= 2).all()


def test_same_seed_same_section_other_seed_other_section(phantom):
    assert make_phantom(seed=0).images.fingerprint == phantom.images.fingerprint
    assert make_phantom(seed=1).images.fingerprint != phantom.images.fingerprint
