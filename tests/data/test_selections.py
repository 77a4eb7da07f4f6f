"""Selections: kept with a data set, and named by an address."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.selections import LONGEST_TEXT, Selection, ions_of, save, saved, text_of
from msiss.errors import DataError


@given(st.sets(st.integers(0, 4999), min_size=1, max_size=300))
def test_the_text_of_a_selection_names_its_ions(tmp_path_factory, ions) -> None:
    folder = tmp_path_factory.mktemp("data set")
    text = text_of(folder, list(ions))
    assert len(text) <= LONGEST_TEXT
    assert ions_of(folder, text, 5000) == sorted(ions)


def test_texts_are_short_and_readable(tmp_path) -> None:
    assert text_of(tmp_path, [9, 3, 4, 5]) == "3-5.9"
    assert not list(tmp_path.iterdir())
    text = text_of(tmp_path, range(0, 400, 2))
    assert len(text) == 11
    assert text_of(tmp_path, range(0, 400, 2)) == text
    assert [file.name for file in (tmp_path / "links").iterdir()] == [text]


def test_only_the_newest_long_links_are_kept(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("msiss.data.selections.MOST_LINKS", 2)
    texts = []
    for start in range(3):
        texts.append(text_of(tmp_path, range(start, 400, 2)))
        os.utime(tmp_path / "links" / texts[-1], (start, start))
    text_of(tmp_path, range(7, 400, 2))
    assert ions_of(tmp_path, texts[2], 400) == list(range(2, 400, 2))
    with pytest.raises(DataError, match="does not exist any more"):
        ions_of(tmp_path, texts[0], 400)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("3-", "not one of msiss"),
        ("<b>", "not one of msiss"),
        ("5-3", "not among the 12"),
        ("12", "not among the 12"),
        ("0-999999999", "not among the 12"),
        ("~0123456789", "does not exist any more"),
    ],
)
def test_a_link_to_other_ions_says_so(tmp_path, text, problem) -> None:
    with pytest.raises(DataError, match=problem):
        ions_of(tmp_path, text, 12)


def test_named_selections_are_replaced_and_deleted(tmp_path) -> None:
    save(tmp_path, Selection(name="lipids", ions=(1, 2)))
    save(tmp_path, Selection(name="matrix", ions=(3,)))
    save(tmp_path, Selection(name="lipids", ions=(4,), who="AB"))
    assert {name: one.ions for name, one in saved(tmp_path).items()} == {"matrix": (3,), "lipids": (4,)}
    save(tmp_path, Selection(name="matrix"))
    assert list(saved(tmp_path)) == ["lipids"]
