"""Vectors without training: those of the measure, kept, and asked for again where anything is different."""

import os

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
    assert kept_vectors(small_images.fingerprint, "correlation", CONFIG) is None
    other = CONFIG.model_copy(update={"median_filter": not CONFIG.median_filter})
    assert kept_vectors(small_images.fingerprint, BANDS, other) is None


def test_damaged_vectors_are_made_again(small_images: IonImages) -> None:
    found = np.array(measured(small_images, BANDS, CONFIG))
    (path,) = measures_folder().iterdir()
    path.write_bytes(path.read_bytes()[:40])
    np.testing.assert_array_equal(measured(small_images, BANDS, CONFIG), found)


def test_old_vectors_give_way(small_images: IonImages, monkeypatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    for measure in (IMAGE_VECTORS, "correlation", BANDS):
        measured(small_images, measure, CONFIG)
        for path in measures_folder().iterdir():  # clocks are too coarse to tell files apart that come so fast
            os.utime(path, ns=(0, path.stat().st_mtime_ns - 10**10))
    assert len(list(measures_folder().iterdir())) == 2
    kept = {
        measure
        for measure in ("image-vectors", "correlation", BANDS)
        if kept_vectors(small_images.fingerprint, measure, CONFIG) is not None
    }
    assert kept == {"correlation", BANDS}


@pytest.mark.parametrize("oldest", range(3))
def test_the_oldest_vectors_give_way_whatever_their_names(
    small_images: IonImages, monkeypatch: pytest.MonkeyPatch, oldest: int
) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    folder = measures_folder()
    folder.mkdir(parents=True)
    for number, name in enumerate(("0.npy", "5.npy", "g.npy")):
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (1000 if number == oldest else 2000, 1000 if number == oldest else 2000))
    measured(small_images, BANDS, CONFIG)
    left = {path.name for path in folder.iterdir()}
    assert len(left) == 3
    assert {"0.npy", "5.npy", "g.npy"} - left == {("0.npy", "5.npy", "g.npy")[oldest]}
