"""Names of columns."""

import pytest

from msiss.data.column_names import (
    COLUMNS,
    are_counted,
    fields_in,
    find,
    find_fields,
    find_places,
    isomers,
    mz_in,
    number,
    window_columns,
)


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
        ("m/z 700.12 (10 ppm)", 700.12),
        ("700.12 (± 0.01 Da)", 700.12),
        ("700.12 (2)", None),
        ("700.12 m/z", 700.12),
        ("700.12 Da", 700.12),
        ("7.0012e2", 700.12),
        ("[700.12]", 700.12),
        ("m/z 700.12 ± 0.05 Da", 700.12),
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


@pytest.mark.parametrize(
    ("names", "word", "ends"),
    [
        (["m/z min", "name", "m/z max"], "mz", ("m/z min", "m/z max")),
        (["mzmin", "mzmax", "mobility start", "mobility end"], "mobility", ("mobility start", "mobility end")),
        (["m/z min", "m/z end"], "mz", None),
        (["min", "max"], "mz", None),
    ],
)
def test_window_columns(names, word, ends) -> None:
    assert window_columns(names, word) == ends


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        (["m/z", "Name", "Klasse", "x"], 4),
        (["x", "y", "700.5"], 2),
        (["mz_i", "mz_j", "kind"], 3),
        (["name", "class"], 0),  # says nothing of ions
        (["760.585", "Mass", "[M+H]+"], 0),  # a row of data
        (["Table S1: m/z of lipids"], 0),
        ([], 0),
    ],
)
def test_fields_in(cells, fields) -> None:
    assert fields_in(cells) == fields


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
        (["mz_calc", "mz_error"], ("mz",), {"mz": "mz_calc"}),
        (["mz_lockmass", "mz_error"], ("mz",), {"mz": "mz_lockmass"}),
        (["mz_error"], ("mz",), {}),
        (["mass", "m/z measured"], ("mz",), {"mz": "m/z measured"}),
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
