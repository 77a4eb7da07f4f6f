"""The m/z in the names of a whole folder, as programs and people write them."""

from collections.abc import Callable

import pytest

from msiss.data.formats.picture_names import is_total, read_names

MZ = [100.05, 200.1, 300.15, 450.22, 600.3, 760.585, 761.588, 782.567]
WHOLE = [round(mz) for mz in MZ]
COMPOUNDS = ["C42H82NO8P", "C3H7N", "C16H18N9", "C6H12O6"] * 2


def with_sign(mz: float, sign: str, *, width: int = 0) -> str:
    return (f"{mz:.{width}f}" if width else str(mz)).replace(".", sign)


NAMES: dict[str, Callable[[int, float], str]] = {
    "index before mz": lambda i, mz: f"{i + 1:03d}_mz_{mz:.4f}.tif",
    "index from 0": lambda i, mz: f"{i:03d}_mz_{mz:.4f}.tif",
    "index behind mz": lambda i, mz: f"{mz}_mz_{i}.png",
    "index and hyphen": lambda i, mz: f"{i + 1}-{mz}.tif",
    "index of ions": lambda i, mz: f"ion_{i:03d}_{mz}.tif",
    "slides of a presentation": lambda i, mz: f"Slide {i + 3} - {mz}.png",
    "a page behind": lambda i, mz: f"{mz:.4f}_760_{i}.tif",
    "underscore": lambda i, mz: f"mz_{with_sign(mz, '_', width=4)}.tif",
    "underscore of msiFlow": lambda i, mz: f"UPEC_12_{with_sign(mz, '_')}.tif",
    "underscore and index": lambda i, mz: f"{i:02d}_{with_sign(mz, '_', width=3)}.tif",
    "underscore and unit": lambda i, mz: f"{with_sign(mz, '_', width=3)}mz.tif",
    "underscore and window": lambda i, mz: f"mz_{with_sign(mz, '_', width=3)}_tol_0_01.tif",
    "underscore and plane": lambda i, mz: f"mz_{with_sign(mz, '_', width=3)}_z_{i}.tif",
    "underscore and size": lambda i, mz: f"{i}_{with_sign(mz, '_', width=3)}_10um.tif",
    "hyphen": lambda i, mz: f"ion_{with_sign(mz, '-', width=3)}.tif",
    "hyphens": lambda i, mz: f"ion-image-mz-{with_sign(mz, '-', width=3)}-10ppm.tif",
    "comma": lambda i, mz: f"ion_{with_sign(mz, ',')}.tif",
    "letter": lambda i, mz: f"{i:02d}_{with_sign(mz, 'p')}.tif",
    "tolerance in ppm": lambda i, mz: f"{mz} ± 5 ppm.png",
    "tolerance of SCiLS": lambda i, mz: f"m_z {mz} ± {mz * 5e-4:.2f} Da.png",
    "window": lambda i, mz: f"{mz}_{mz * 1e-5:.4f}.png",
    "same window": lambda i, mz: f"{mz}_0.1.png",
    "adduct": lambda i, mz: f"[M+2H]2+_{mz}.png",
    "lipid": lambda i, mz: f"PC {30 + i}:{i} {mz}.png",
    "formula": lambda i, mz: f"{COMPOUNDS[i]}_{mz}.png",
    "formula and adduct": lambda i, mz: f"{COMPOUNDS[i]}+H_{mz}.png",
    "formula and mass of SurfaceLab": lambda i, mz: f"{COMPOUNDS[i]}+ ({mz} u).png",
    "SurfaceLab": lambda i, mz: f"ITA_Positive_{mz}u.png",
    "date and resolution": lambda i, mz: f"20230512_brain3_600dpi_8bit_{mz}.png",
    "date in parts": lambda i, mz: f"2023-05-12_s3_{mz}_10um.png",
    "names of R": lambda i, mz: f"X{mz}.png",
    "between letters": lambda i, mz: f"ion{mz}neg.png",
    "mass": lambda i, mz: f"mass {mz}.png",
    "dots": lambda i, mz: f"brain.m.z.{mz}.tif",
    "score": lambda i, mz: f"{mz}_{0.9 - i / 20:.3f}.tif",
}


@pytest.mark.parametrize("case", NAMES)
def test_the_mz_is_in_the_part_that_varies(case):
    reading = read_names([NAMES[case](place, mz) for place, mz in enumerate(MZ)])
    assert reading.mz == MZ


@pytest.mark.parametrize("case", NAMES)
def test_the_order_of_the_names_does_not_matter(case):
    names = [NAMES[case](place, mz) for place, mz in enumerate(MZ)]
    assert read_names(names[::-1]).mz == MZ[::-1]


@pytest.mark.parametrize(
    "pattern", ["{1}.png", "{0}_{1}.png", "mz_{1}_slide1_{0}.tif", "mz_{1}_{0}.tif", "{0}_mz_{1}.png"]
)
def test_nominal_masses(pattern):
    assert read_names([pattern.format(place, mz) for place, mz in enumerate(WHOLE)]).mz == WHOLE


@pytest.mark.parametrize("pattern", ["ion_{}.png", "{}.png", "a{}.png", "mz_{}.png", "2023_{}_10um.png", "{:03d}.tif"])
@pytest.mark.parametrize("first", [0, 1])
def test_what_only_counts_is_no_mz(pattern, first):
    assert read_names([pattern.format(place + first) for place in range(8)]).mz == [None] * 8


def test_masses_without_a_gap_are_doubted():
    reading = read_names([f"image_{number}.png" for number in range(100, 108)])
    assert reading.mz == list(range(100, 108))
    assert "may only count" in reading.doubt


def test_the_middle_of_a_window():
    assert read_names(["100.04-100.06.png", "760.58-760.60.png"]).mz == [100.05, 760.59]


DOUBTED = {
    "two values": (lambda i, mz: f"{mz}_CCS_{200 + mz / 10:.1f}.png", "both 100.05 and 210.0"),
    "two that rise together": (lambda i, mz: f"{12 + 4 * i}_{round(mz)}.png", "both 12_100 and 100"),
}


@pytest.mark.parametrize("case", DOUBTED)
def test_two_plausible_readings_give_none(case):
    name, said = DOUBTED[case]
    reading = read_names([name(place, mz) for place, mz in enumerate(MZ)])
    assert reading.mz == [None] * len(MZ)
    assert said in reading.doubt


def test_a_replaced_decimal_point_is_said():
    reading = read_names(["UPEC_12_335_971.tif", "UPEC_12_200_05.tif"])
    assert reading.mz == [335.971, 200.05]
    assert reading.note == '"_" is read as the decimal point: UPEC_12_335_971.tif is m/z 335.971.'
    unsure = read_names(["335_971.tif", "200_5.tif"])  # transitions are written like that, too
    assert unsure.mz == [335.971, 200.5]
    assert unsure.doubt.startswith('"_" is read as the decimal point')


ALONE = {
    "700.1234.png": 700.1234,
    "two_grids_1.1mz.png": 1.1,
    "12.0mz.tif": 12,
    "section 3_700,12 mz.png": 700.12,
    "mz_700.12.tif": 700.12,
    "mz_700_12.tif": 700.12,
    "m-z 885.5499 slide2.tif": 885.5499,
    "slide4_885.5499.png": 885.5499,
    "885.png": 885,
    "tic.png": None,
    "700.12_800.34.png": None,
    "a1.png": None,
    "9" * 400: None,
}


@pytest.mark.parametrize("name", ALONE)
def test_the_name_of_one_picture(name):
    assert read_names([name]).mz == [ALONE[name]]


def test_names_of_another_kind_are_read_alone():
    names = ["a_1_700.12.png", "a_2_701.png", "b 702.5mz.png", "optical.png", "a_4_703.5.png"]
    assert read_names(names).mz == [700.12, 701, 702.5, None, 703.5]


def test_the_total_ion_image():
    assert all(map(is_total, ["tic.png", "UPEC_12_13_TIC.tif", "total ion image", "a_sum_2023.png"]))
    assert not any(map(is_total, ["static.png", "tic-norm_700.12.png", "sum_mz_700.png", "tic" + "c" * 400]))
