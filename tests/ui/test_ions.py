"""How ions are named: m/z or another axis, and all that is known about them."""

from dataclasses import replace

import pytest

from msiss.data.axis import RAMAN
from msiss.ui import ions


@pytest.fixture
def annotated(small_images):
    formulas = ("C42H82NO8P", *[""] * 11)
    classes = ("PC", "", "PC", *[""] * 9)
    names = ("PC(34:1)", *(f"{mz:.4f}" for mz in small_images.mz[1:]))
    return replace(small_images, names=names, annotations={"formula": formulas, "class": classes})


def test_all_that_is_known_about_an_ion_is_said(annotated):
    assert ions.title(annotated, 0) == "m/z 400.1000 · PC(34:1) · C42H82NO8P · PC"
    assert ions.label(annotated, 2) == f"{annotated.mz[2]:.4f} · PC"
    assert ions.title(annotated, 1) == f"m/z {annotated.mz[1]:.4f}"


def test_ions_are_found_by_anything_that_is_known(annotated):
    assert ions.matching(annotated, "pc") == [0, 2]
    assert ions.matching(annotated, "c42h") == [0]
    assert ions.matching(annotated, "glucose") == []


def test_other_imaging_has_its_own_axis(small_images):
    raman = replace(small_images, axis=RAMAN, names=())
    assert ions.position(raman, 0) == "Raman shift 400.1 cm⁻¹"
    assert ions.label(raman, 0) == "400.1"
