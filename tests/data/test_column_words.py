"""What the name of a column says, as programs and people write it."""

import pytest

from msiss.data.column_words import adduct_in, is_mass, is_mz, is_neutral, plain, says_mobility, words

MZ = (
    *("mz", "m/z", "M/Z", "m.z", "m_z", "m z", "m/z (Th)", "m/z [Da]", "m/z, Da", "obs. m/z", "m/z_theoretical"),
    *("Calc. m/z", "observedMz", "PrecursorMz", "Average Mz", "row m/z", "mzmed", "exact m/z", "m/z-Wert"),
    *("m/z gemessen", "m/z calculé", "m/z teórico", "m/z 实测", "质荷比 (m/z)"),
)
MASS = ("Mass", "mass (Da)", "Masse", "Masse [Da]", "observed mass", "masa", "measured mass")
NEUTRAL = (
    *("exact mass", "Exact Mass (Da)", "Monoisotopic mass", "neutral mass", "MW", "MW (g/mol)", "Molecular Mass"),
    *("Monoisotopenmasse", "exakte Masse", "masse exacte", "masse monoisotopique", "masa exacta", "分子量"),
)
OTHER = (
    *("", "m/z +/- ppm", "mz_error", "Δm/z", "m/z min", "mass error", "mass accuracy (ppm)", "amz", "mzx", "Name"),
    *("Interval Width (+/- Da)", "[M+H]+", "m/z [M+H]+", "massive", "700.12"),
)


@pytest.mark.parametrize("name", [*MZ, *MASS, *NEUTRAL, *OTHER])
def test_m_z_and_masses(name) -> None:
    assert (is_mz(name), is_mass(name), is_neutral(name)) == (name in MZ, name in MASS, name in NEUTRAL)


@pytest.mark.parametrize(
    ("name", "adduct"),
    [
        ("M+H", "M+H"),
        ("[M+H]+", "[M+H]+"),
        ("M-H", "M-H"),
        ("[M-H]-", "[M-H]-"),
        ("[M+2H]2+", "[M+2H]2+"),
        ("[M]+", "[M]+"),
        ("M+", "M+"),
        ("MH+", "MH+"),
        ("M+H-H2O", "M+H-H2O"),
        ("2M+H", "2M+H"),
        ("+Na", "+Na"),
        ("'+Na", "+Na"),
        ("m/z [M+Na]+", "[M+Na]+"),
        ("mz_M+H", "M+H"),
        ("M+H (m/z)", "M+H"),
        ("[M+H]+ (Da)", "[M+H]+"),
        ("Theoretical m/z [M+H]+", "[M+H]+"),
        ("M.H", "M.H"),
        *((name, "") for name in ("", "M", "Mass", "m/z", "m/z +/- ppm", "MW", "m-h", "Na", "M/Z", "+", "M" * 80)),
    ],
)
def test_adducts(name, adduct) -> None:
    assert adduct_in(name) == adduct


def test_words_and_letters() -> None:
    assert words("m/z (gemessen)") == ["mz", "gemessen"]
    assert words("mzmin averagemz") == ["mz", "min", "average", "mz"]
    assert plain("Composé [µm]") == "composeum"
    assert plain("质荷比") == "质荷比"
    assert plain("クラス") == "クラス"
    assert plain("m/z") == "mz"


def test_ion_mobility() -> None:
    told = [name for name in ("1/K0", "Ion mobility", "Interval Width (+/- 1/K0)", "mobilité") if says_mobility(name)]
    assert len(told) == 4
    assert not any(map(says_mobility, ("automobility", "m/z", "K", "1")))
