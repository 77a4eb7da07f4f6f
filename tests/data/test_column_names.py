"""Names of columns."""

import pytest

from msiss.data.column_names import COLUMNS, are_counted, find, find_fields, find_places, isomers, mz_in, number


@pytest.mark.parametrize(
    ("text", "mz"),
    [
        ("700.12", 700.12),
        ("700,12", 700.12),
        ("mz_700.12", 700.12),
        ("m/z 700.12", 700.12),
        ("m.z.700.12", 700.12),
        ("MZ700.12", 700.12),
        ("X700.12", 700.12),
        ("700.12 m/z", 700.12),
        ("700.12 Da", 700.12),
        ("7.0012e2", 700.12),
        ("[700.12]", 700.12),
        ("ion1", None),
        ("PE(36:2)", None),
        ("700.12.1", None),
        ("label", None),
        ("", None),
        ("0", None),
        ("x", None),
    ],
)
def test_mz_in(text, mz) -> None:
    assert mz_in(text) == mz


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Y", "X", "z"], ("X", "Y")),
        (["x", "y", "ion_image_pixel_y", "ion_image_pixel_x"], ("ion_image_pixel_x", "ion_image_pixel_y")),
        (["x (µm)", "y (µm)"], ("x (µm)", "y (µm)")),
        (["Row", "Column"], ("Column", "Row")),
        (["x"], None),
        (["mz", "name"], None),
    ],
)
def test_find_places(names, expected) -> None:
    assert find_places(names) == expected


def test_find() -> None:
    assert find(["a", "m/z", "mass"], COLUMNS["mz"]) == "m/z"
    assert find(["a", "b"], COLUMNS["mz"]) is None


@pytest.mark.parametrize(
    ("names", "fields", "expected"),
    [
        (["label", "mz"], ("name", "class"), {"name": "label"}),  # one column is not both
        (["label", "mz"], ("class",), {"class": "label"}),
        (["name", "label"], ("name", "class"), {"name": "name", "class": "label"}),
        (["mz_calc", "mz_700.5"], ("mz",), {"mz": "mz_calc"}),  # the other one holds intensities
        (["mz_calc", "mz_error"], ("mz",), {}),
    ],
)
def test_find_fields(names, fields, expected) -> None:
    assert find_fields(names, fields) == expected


def test_are_counted() -> None:
    assert are_counted([1.0, 2.0, 3.0])
    assert are_counted([0.0, 1.0])
    assert not are_counted([1.0])
    assert not are_counted([100.0, 101.0])


def test_isomers_and_numbers() -> None:
    assert [isomers(names) for names in ([], ["a"], ["a", "b", "c"])] == ["", "a", "a (+2)"]
    assert number("1e3") == 1000
    assert number("-1,5e3") == -1500
    assert number("1,234.5") is None
    assert number("a") is None
