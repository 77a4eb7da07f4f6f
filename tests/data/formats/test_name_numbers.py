"""Numbers in one name."""

import pytest

from msiss.data.formats.name_numbers import bare, numbers_in

VALUES = {
    "a_1,234.567.png": [1234.567],
    "1.234,567.tif": [1234.567],
    "335p971": [335.971],
    "335pt971 335point971": [335.971, 335.971],
    "760.58-760.60": [760.59],
    "760.58 to 760.60": [760.59],
    "760.58-800.60": [760.58, 800.6],
    "[M+2H]2+ 5": [5],
    "700.5 ± 0.38 Da": [700.5],
    "700.5+-5ppm": [700.5],
    "PC 34:1 700.5": [700.5],
}


@pytest.mark.parametrize("name", VALUES)
def test_the_values_of_the_numbers(name):
    assert [number.value for number, _ in numbers_in(name)] == VALUES[name]


LABELS = {
    **dict.fromkeys(["mz 7", "m/z_7", "m.z.7", "M_Z=7", "slide_mz7", "mass 7"], "before"),
    **dict.fromkeys(["7mz", "7 m/z", "7_Da", "(7 u)", "7Th"], "behind"),
    **dict.fromkeys(["7", "7um", "7 days", "7_umbra", "biomass_x_7"], ""),
}


@pytest.mark.parametrize("name", LABELS)
def test_what_calls_a_number_mz(name):
    assert [number.label for number, _ in numbers_in(name)] == [LABELS[name]]


@pytest.mark.parametrize("name", ["a7", "7um", "C7H", "1.2.3", "20230512"])
def test_numbers_beside_letters_dates_and_versions_are_marked(name):
    assert all(number.glued for number, _ in numbers_in(name))


def test_two_numbers_may_be_one():
    ((first, joined), (second, none)) = numbers_in("335_0971")
    assert joined is not None
    assert (first.value, joined.value, joined.fraction, second.value, none) == (335, 335.0971, "0971", 971, None)


@pytest.mark.parametrize("name", ["9" * 60_000 + ".png", "1.1_" * 20_000, "mz" * 30_000, "_" * 60_000 + "7mz"])
def test_an_endless_name_has_no_numbers(name):
    assert numbers_in(name) == []


def test_the_ending_of_a_picture_is_no_part_of_its_name():
    assert [bare(name) for name in ("a.PNG", "a.ome.tif", "a.1.tiff", "760.58")] == ["a", "a", "a.1", "760.58"]
