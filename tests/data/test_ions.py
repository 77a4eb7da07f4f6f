"""Ions are chosen for reasons that are true, and said."""

from dataclasses import replace

import numpy as np
import pytest

from msiss.analyse.masses import CARBON_13
from msiss.data.ion_images import IonImages
from msiss.data.ions import choose_ions, ion_statistics
from msiss.data.recipe import IonsConfig
from msiss.errors import SettingError
from msiss.phantom.section import make_phantom


@pytest.fixture
def images() -> IonImages:
    """Return a smooth ion, its 13C isotope, the same peak once more, noise, and an ion of a single pixel."""
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[:20, :30]
    smooth = 100 + 50 * np.sin(rows / 4) * np.cos(columns / 5)
    single = np.zeros((20, 30))
    single[4, 5] = 9
    stack = np.stack([smooth, 0.4 * smooth, 0.5 * smooth + 1, rng.uniform(1, 200, (20, 30)), single])
    mz = np.array([760.5851, 760.5851 + CARBON_13, 760.5851 * (1 + 6e-6), 800.1, 812.3])
    mask = np.ones((20, 30), dtype=bool)
    mask[0, 0] = False
    return IonImages(images=(stack * mask).astype(np.float32), mz=mz, mask=mask)


def reasons(images: IonImages, **settings) -> tuple[str, ...]:
    return choose_ions(images, ion_statistics(images), IonsConfig(**settings), ppm=5)


def test_statistics(images):
    found = ion_statistics(images)
    np.testing.assert_allclose(found.share, [1, 1, 1, 1, 1 / 599])
    np.testing.assert_allclose(found.mean, [image[images.mask].mean() for image in images.images], rtol=1e-5)
    assert found.structure[0] > 0.9
    assert abs(found.structure[3]) < 0.15


def test_by_default_all_stay(images):
    assert not any(reasons(images))


def test_rare_and_unstructured_ions_go(images):
    found = reasons(images, least_share=0.01, least_structure=0.3)
    assert found[:3] == ("", "", "")
    assert found[3].startswith("Moran's I ")
    assert found[4] == "found in 0.17% of the pixels"


def test_of_near_duplicates_the_most_intense_stays(images):
    assert reasons(images, merge_duplicates=True) == (
        *("", ""),
        "near-duplicate of m/z 760.5851 (6.0 ppm, r = 1.00)",
        *("", ""),
    )
    apart = replace(images, mz=images.mz + np.array([0, 0, 0.02, 0, 0]))
    assert not any(reasons(apart, merge_duplicates=True))
    unlike = replace(images, images=images.images[[0, 1, 3, 2, 4]])
    assert not any(reasons(unlike, merge_duplicates=True))


@pytest.mark.parametrize("charge", [1, 2])
def test_an_isotope_has_the_mass_the_ratio_and_the_image(images, charge):
    shifted = replace(images, mz=np.array([760.5851, 760.5851 + CARBON_13 / charge, 700.0, 800.1, 812.3]))
    assert reasons(shifted, isotopes="drop") == ("", "13C isotope of m/z 760.5851", "", "", "")
    too_strong = replace(shifted, images=shifted.images * np.array([1, 8, 1, 1, 1], np.float32)[:, None, None])
    assert not any(reasons(too_strong, isotopes="drop"))
    unlike = replace(shifted, images=shifted.images[[0, 4, 2, 3, 1]])
    assert not any(reasons(unlike, isotopes="drop"))


def test_isotopes_of_the_phantom_are_found_and_hardly_anything_else():
    phantom = make_phantom(seed=2)
    found = np.array([bool(reason) for reason in reasons(phantom.images, isotopes="drop")])
    true = (phantom.truth["kind"] == "13C").to_numpy()
    assert (found & ~true).sum() <= 3
    assert (found & true).sum() >= 0.5 * true.sum()


def test_where_nothing_would_stay_it_is_said_what_to_loosen(images):
    with pytest.raises(SettingError, match=r"None of the 5 ions would stay.*found in 100.0% of the pixels"):
        reasons(images, least_structure=1)
