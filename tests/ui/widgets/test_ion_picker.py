"""How ions are named: m/z or another axis, and all that is known about them."""

from dataclasses import replace

import pytest

from msiss.data.axis import RAMAN
from msiss.ui.widgets import ion_picker


@pytest.fixture
def annotated(small_images):
    formulas = ("C42H82NO8P", *[""] * 11)
    classes = ("PC", "", "PC", *[""] * 9)
    names = ("PC(34:1)", *(f"{mz:.4f}" for mz in small_images.mz[1:]))
    return replace(small_images, names=names, annotations={"formula": formulas, "class": classes})


def test_all_that_is_known_about_an_ion_is_said(annotated):
    assert ion_picker.title(annotated, 0) == "m/z 400.1000 · C42H82NO8P · PC · PC(34:1)"
    assert ion_picker.label(annotated, 2) == f"{annotated.mz[2]:.4f} · PC"
    assert ion_picker.title(annotated, 1) == f"m/z {annotated.mz[1]:.4f}"


def test_other_imaging_has_its_own_axis(small_images):
    raman = replace(small_images, axis=RAMAN, names=())
    assert ion_picker.position(raman, 0) == "Raman shift 400.1 cm⁻¹"
    assert ion_picker.label(raman, 0) == "400.1"


@pytest.mark.parametrize(
    ("typed", "taken"), [("400.100", 0), ("400,1", 0), ("pc", 0), ("5000", 7), ("glucose", 7), (3, 3), (None, None)]
)
def test_what_is_typed_into_a_single_choice_is_the_ion_that_is_meant(annotated, monkeypatch, typed, taken):
    said = []
    monkeypatch.setattr(ion_picker.state, "notify", lambda text, _icon: said.append(text))
    monkeypatch.setattr(ion_picker.st, "session_state", {"key": typed})
    ion_picker._take_typed_one(annotated, "key", before=7)
    assert ion_picker.st.session_state["key"] == taken
    assert bool(said) == isinstance(typed, str)


def test_what_is_typed_into_a_choice_of_several_is_put_in_its_place(annotated, monkeypatch):
    monkeypatch.setattr(ion_picker.state, "notify", lambda *_: None)
    monkeypatch.setattr(ion_picker.st, "session_state", {"key": [5, "pc", 2, "nothing"]})
    ion_picker._take_typed(annotated, "key", most=3)
    assert ion_picker.st.session_state["key"] == [5, 0, 2]
    monkeypatch.setattr(ion_picker.st, "session_state", {"key": [5, "pc", 3]})
    ion_picker._take_typed(annotated, "key", most=3)
    assert ion_picker.st.session_state["key"] == [5, 0, 2]  # no more than there may be
