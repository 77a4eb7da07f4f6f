"""Ions are found by what people type: digits as precise as they know them, or a part of what is known."""

import dataclasses
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.axis import RAMAN
from msiss.data.ion_images import IonImages
from msiss.data.ion_search import known, one_ion, search
from msiss.errors import SettingError

MZ = (426.9289, 741.5306, 741.9, 742.5313, 970.1479)


def images(**changes: object) -> IonImages:
    values = {
        "images": np.ones((5, 2, 2), dtype=np.float32),
        "mz": np.array(MZ),
        "mask": np.ones((2, 2), dtype=bool),
        "names": ("", "PC(33:2) (+11)", "5000 Da standard", "", "a"),
        "annotations": {"formula": ("", "C41H78NO8P", "", "", ""), "adduct": ("", "[M+Na]+", "", "", "")},
    } | changes
    made = IonImages(**values)
    names = tuple(name or made.axis.number(mz) for name, mz in zip(made.names, made.mz, strict=True))
    return dataclasses.replace(made, names=names)


@pytest.mark.parametrize(
    ("typed", "ions"),
    [
        ("741.5306", [1]),
        ("741.531", [1]),
        ("741,53", [1]),
        ("741.5", [1]),
        ("742", [1, 2]),  # 741.5 to 742.5 and no more
        ("742.5", [3]),
        ("970.1500", [4]),  # within 10 ppm
        ("970.1600", []),
        ("5000", [2]),  # no ion there, but a name
        ("0", [2]),
        ("c41h78", [1]),
        ("na]", [1]),
        ("pc(33", [1]),
        ("nothing", []),
        (" ", []),
    ],
)
def test_what_is_typed_finds_what_is_meant(typed: str, ions: list[int]) -> None:
    assert list(search(images(), typed).ions) == ions


def test_what_is_not_there_says_how_far_the_nearest_is() -> None:
    assert search(images(), "970.16").said == "No ion at m/z 970.16. The nearest is 970.1479, 12 ppm away."
    assert search(images(), "9999").said == "No ion at m/z 9999. The nearest is 970.1479, 9028.8521 Th away."
    assert search(images(), "xyz").said == "No ion has “xyz” in its formula, adduct, class or name."
    assert search(images(), "741.53").said == "1 ion at m/z 741.53."


def test_the_width_of_a_peak_is_that_at_which_the_ions_were_read() -> None:
    wide = images(recipe={"read": {"ppm": 50.0}})
    assert search(wide, "970.1700").ions == (4,)
    assert search(wide, "970.2000").ions == ()


def test_another_axis_has_no_ppm() -> None:
    raman = images(axis=RAMAN)
    assert search(raman, "970.1500").ions == ()
    assert search(raman, "970.15").ions == (4,)


@given(st.integers(0, 4), st.decimals(400, 1000, places=5), st.integers(0, 5))
def test_numbers_against_exact_arithmetic(ion: int, other: Decimal, places: int) -> None:
    for typed in (round(Decimal(repr(MZ[ion])), places), round(other, places)):
        half = Decimal(5).scaleb(-places - 1)
        width = max(half, typed * 10 * Decimal("1e-6"))
        expected = [index for index, mz in enumerate(MZ) if abs(Decimal(repr(mz)) - typed) <= width]
        found = list(search(images(names=("",) * 5), f"{typed:f}").ions)
        assert found == expected


def test_formula_and_adduct_come_before_the_first_of_several_names() -> None:
    assert known(images(), 1) == ["C41H78NO8P", "[M+Na]+", "PC(33:2) (+11)"]
    assert known(images(), 0) == []


def test_one_ion_is_meant_or_it_is_said_which_there_are() -> None:
    found = images()
    assert one_ion(found, 741.531) == one_ion(found, "741.531") == one_ion(found, "PC(33") == 1
    assert one_ion(found, 742.0) == 2  # the nearer of two
    with pytest.raises(SettingError, match=r"2 ions at m/z 742\. Say which one by its m/z: 741\.5306, 741\.9000\."):
        one_ion(found, "742")
    with pytest.raises(SettingError, match=r"No ion at m/z 4000\. The nearest is 970\.1479"):
        one_ion(found, 4000)
    with pytest.raises(SettingError, match="No ion has “nothing” in its"):
        one_ion(found, "nothing")
