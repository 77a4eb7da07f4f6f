"""What is known about ions: by the nearest m/z within the tolerance, without loss of what was known."""

from dataclasses import replace

import numpy as np
import pytest

from msiss.data.annotate import annotate, only_listed
from msiss.data.recipe import ListedIon
from msiss.errors import DataError


def test_ions_get_what_the_list_says_and_keep_the_rest(small_images) -> None:
    known = replace(small_images, annotations={"adduct": ("[M+H]+", *[""] * 11)})
    mz = small_images.mz
    listed = (
        ListedIon(mz=float(mz[0] * (1 + 4e-6)), name="PC(34:1)", formula="C42H82NO8P", **{"class": "PC"}),
        ListedIon(mz=float(mz[0] * (1 + 8e-6)), name="further away"),
        ListedIon(mz=float(mz[1] * (1 + 20e-6)), name="too far"),
        ListedIon(mz=float(mz[2]), formula="C5H5"),
    )
    annotated = annotate(known, listed, 10)
    assert annotated.names[:3] == ("PC(34:1)", "lipid 1", "lipid 2")
    assert annotated.annotations["formula"][:3] == ("C42H82NO8P", "", "C5H5")
    assert annotated.annotations["class"][:3] == ("PC", "", "")
    assert annotated.annotations["adduct"][0] == "[M+H]+"
    assert annotated.fingerprint == small_images.fingerprint


def test_images_that_were_made_of_a_list_are_named_by_their_own_row(small_images) -> None:
    mz = small_images.mz
    listed = [ListedIon(mz=float(mz[0]), name=name) for name in ("first", "isomer", "third")]
    annotated = annotate(small_images, listed, 10, taken=[2, 1])
    assert annotated.names[:3] == ("third", "isomer", "lipid 2")


def test_only_what_is_listed_stays(small_images) -> None:
    kept = only_listed(small_images, small_images.mz[[7, 2]] * (1 + 5e-6), 10)
    np.testing.assert_array_equal(kept.mz, small_images.mz[[2, 7]])
    assert only_listed(small_images, small_images.mz, 10) is small_images
    with pytest.raises(DataError, match="None of the 1 m/z of the list is among the 12 ion images within 10 ppm"):
        only_listed(small_images, np.array([50.0]), 10)


def test_the_bladder_is_named_by_its_annotations(test_data) -> None:
    from msiss.data.formats import load
    from msiss.data.mz_list import read_mz_list

    images, _ = load(test_data / "bladder" / "bladder79.npz")
    listed = read_mz_list(test_data / "bladder" / "bladder79_annotations.csv")
    annotated = annotate(images, listed, 5)
    assert sum(bool(formula) for formula in annotated.annotations["formula"]) == len(images)
