"""Several molecules in one cell."""

import pytest

from msiss.data.candidates import between_commas, candidates, first_of


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("", []),
        ("Glucose", ["Glucose"]),
        ("Glucose; Fructose;", ["Glucose", "Fructose"]),
        ("Glucose, Fructose", ["Glucose, Fructose"]),  # one name, unless METASPACE wrote it
        ("['Glucose', \"5'-AMP\"]", ["Glucose", "5'-AMP"]),
        ("[M+H]+", ["[M+H]+"]),
    ],
)
def test_candidates(cell, found) -> None:
    assert candidates(cell) == found


@pytest.mark.parametrize(
    ("names", "ids", "found"),
    [
        ("Glucose, Fructose, Mannose", "", ["Glucose", "Fructose", "Mannose"]),
        ("Glucose, Fructose", "HMDB1, HMDB2", ["Glucose", "Fructose"]),
        ("Cholestane, 3-oxo", "HMDB1", ["Cholestane, 3-oxo"]),
        ("PC(16:0, 18:1), 1,2-DG", "", ["PC(16:0, 18:1)", "1,2-DG"]),
        ("(3S, [5R, 6R])-x), y", "", ["(3S, [5R, 6R])-x)", "y"]),
        ("['PC(16:0, 18:1)', 'PE']", "['a', 'b']", ["PC(16:0, 18:1)", "PE"]),
        ("", "", []),
        ("", "HMDB1", []),
    ],
)
def test_between_commas(names, ids, found) -> None:
    assert between_commas(names, ids) == found


def test_the_first_with_the_number_of_others() -> None:
    assert [first_of(found) for found in ([], ["a"], ["a", "b", "c"])] == ["", "a", "a (+2)"]
    assert first_of(["a" * 80, "b"]) == "a" * 59 + "… (+1)"
