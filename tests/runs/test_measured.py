"""Vectors without training: those of the measure, kept, and asked for again where anything is different."""

import numpy as np
import pytest

from msiss.analyse import measures
from msiss.analyse.representations import BANDS, IMAGE_VECTORS
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, clean
from msiss.home import measures_folder
from msiss.runs import measured as module
from msiss.runs.measured import kept_vectors, measured

BANDS = BANDS
CONFIG = PrepareConfig()

pytestmark = pytest.mark.usefixtures("msiss_home")


def test_vectors_are_those_of_the_measure_and_are_kept(small_images: IonImages, monkeypatch) -> None:
    assert kept_vectors(small_images.fingerprint, BANDS, CONFIG) is None
    found = measured(small_images, BANDS, CONFIG)
    np.testing.assert_array_equal(found, measures.vectors(BANDS, clean(small_images, CONFIG), small_images.mask))
    monkeypatch.setattr(measures, "vectors", lambda *_: pytest.fail("computed again"))
    again = measured(small_images, BANDS, CONFIG)
    np.testing.assert_array_equal(again, found)
    assert not again.flags.writeable


def test_other_data_settings_or_measures_have_vectors_of_their_own(small_images: IonImages) -> None:
    measured(small_images, BANDS, CONFIG)
    assert kept_vectors(small_images.subset([0, 1, 2]).fingerprint, BANDS, CONFIG) is None
    assert kept_vectors(small_images.fingerprint, "pearson", CONFIG) is None
    other = CONFIG.model_copy(update={"median_filter": not CONFIG.median_filter})
    assert kept_vectors(small_images.fingerprint, BANDS, other) is None


def test_damaged_vectors_are_made_again(small_images: IonImages) -> None:
    found = np.array(measured(small_images, BANDS, CONFIG))
    (path,) = measures_folder().iterdir()
    path.write_bytes(path.read_bytes()[:40])
    np.testing.assert_array_equal(measured(small_images, BANDS, CONFIG), found)


def test_old_vectors_give_way(small_images: IonImages, monkeypatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    for measure in (IMAGE_VECTORS, "pearson", BANDS):
        measured(small_images, measure, CONFIG)
    assert len(list(measures_folder().iterdir())) == 2
    assert kept_vectors(small_images.fingerprint, BANDS, CONFIG) is not None
