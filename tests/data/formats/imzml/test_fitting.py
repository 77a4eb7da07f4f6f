"""Number types that the header has wrong: what the lengths and the places of the arrays say is read, or refused."""

import re
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats.imzml.array_layouts import NUMBER_TYPES
from msiss.data.formats.imzml.reader import open_imzml, write_imzml
from msiss.data.health import check
from msiss.errors import DataError, MsissWarning

pytestmark = pytest.mark.filterwarnings("ignore:.*[Aa]ccession:UserWarning")

TERMS = {dtype: accession for accession, dtype in NUMBER_TYPES.items()}
IONS = np.array([100.05, 200.1, 300.15, 400.2, 500.25])
PIXELS = [(x, y) for y in range(1, 5) for x in range(1, 7)]
NUMBER = len(PIXELS)
# Bytes that programs give for an array of n values of so many bytes.
ENCODED: dict[str, Callable[[int, int], int]] = {
    "bytes": lambda n, size: n * size,
    "values": lambda n, size: n,
    "zero": lambda n, size: 0,
    "nothing": lambda n, size: -1,
}
REMARK = re.compile(r"The header (gives \w+ for|says that) the [\w/]+ arrays")


@pytest.fixture
def counts() -> np.ndarray:
    """Return the intensities of all pixels, such as a detector counts them, (NUMBER, len(IONS))."""
    return np.random.default_rng(3).integers(1, 30_000, (NUMBER, len(IONS))).astype(np.float64)


def write(
    path: Path,
    values: np.ndarray,
    *,
    stored: tuple[str, str] = ("<f8", "<f4"),
    declared: tuple[str, str] = ("<f8", "<f4"),
    encoded: str = "bytes",
    gap: int = 0,
    packed: bool = False,
    third: str = "",
    continuous: bool = False,
) -> Path:
    """Write `values` (NUMBER, len(IONS)) of the types `stored`, and a header that says something else about them.

    Parameters
    ----------
    encoded : str
        What the header gives as the bytes of an array, a name of `ENCODED`; those of the stored type.
    gap : int
        Bytes that are left free after each array.
    packed : bool
        Compress the arrays.
    third : str
        Type of another array after the intensities, such as ion mobility, about which the header is silent.
    """
    write_imzml(path, [(x, y, IONS, row) for (x, y), row in zip(PIXELS, values, strict=True)])
    data = bytearray(path.with_suffix(".ibd").read_bytes()[:16])
    offsets, sizes, places = [], [], {}
    for row in values:
        arrays = [IONS.astype(stored[0]), row.astype(stored[1])]
        if third:
            arrays.append(np.linspace(0.8, 1.4, len(IONS)).astype(third))
        for number, array in enumerate(arrays):
            content = zlib.compress(array.tobytes()) if packed else array.tobytes()
            if continuous and number == 0 and places:
                start = places["axis"]
            else:
                start = len(data)
                data += content + bytes(gap)
            if number == 0:
                places.setdefault("axis", start)
            if number < 2:
                offsets.append(start)
                sizes.append(len(content) if packed else ENCODED[encoded](len(array), array.itemsize))
    path.with_suffix(".ibd").write_bytes(data)
    text = path.read_text(encoding="utf-8")
    for name, found in (("external offset", iter(offsets)), ("external encoded length", iter(sizes))):
        text = re.sub(rf'({name}" value=)"\d+"', lambda match, found=found: f'{match[1]}"{next(found)}"', text)
    if encoded == "nothing" and not packed:
        text = re.sub(r"<cvParam[^>]*IMS:1000104[^>]*/>", "", text)
    text = text.replace("MS:1000523", "MZ").replace("MS:1000521", "INTENSITY")
    text = text.replace("MZ", TERMS[declared[0]]).replace("INTENSITY", TERMS[declared[1]])
    text = re.sub(r'name="\d\d-bit float"', 'name=""', text)
    if packed:
        text = text.replace("MS:1000576", "MS:1000574").replace("no compression", "zlib compression")
    path.write_text(text, encoding="utf-8")
    return path


def images_of(path: Path) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read_ions(path, mz=IONS, ppm=20).images.reshape(len(IONS), NUMBER).T


WRONG = [
    # stored, declared
    (("<f8", "<f8"), ("<f8", "<f4")),
    (("<f8", "<f8"), ("<f4", "<f4")),
    (("<f8", "<f4"), ("<f4", "<f4")),
    (("<f8", "<f4"), ("<f8", "<f8")),
    (("<f4", "<f4"), ("<f8", "<f8")),
    (("<f4", "<f4"), ("<f8", "<f4")),
    (("<f8", "<i4"), ("<f8", "<i8")),
    (("<f8", "<i8"), ("<f8", "<i4")),
    (("<f8", "<i2"), ("<f8", "<i4")),
    (("<f8", "<f2"), ("<f8", "<f4")),
    (("<f8", "<f4"), ("<f8", "<f2")),
    (("<f8", "<i2"), ("<f8", "<f4")),
    (("<f8", "<i8"), ("<f8", "<f4")),
    (("<f8", "<i4"), ("<f8", "<f8")),
]


@pytest.mark.parametrize(("stored", "declared"), WRONG)
@pytest.mark.parametrize("encoded", ENCODED)
@pytest.mark.parametrize("continuous", [False, True])
def test_the_type_that_fits_is_read_and_said(tmp_path, counts, stored, declared, encoded, continuous) -> None:
    values = counts % 2000 if "<f2" in stored + declared else counts
    path = tmp_path / "a.imzML"
    write(path, values, stored=stored, declared=declared, encoded=encoded, continuous=continuous)
    file = open_imzml(path)
    assert (file.mz.dtype, file.intensity.dtype) == stored
    np.testing.assert_allclose(images_of(path), values.astype(stored[1]), rtol=1e-6)
    wrong = [name for name, a, b in zip(("m/z", "intensity"), stored, declared, strict=True) if a != b]
    said = [row.found for row in check(path).rows if row.level == "warning"]
    for name, one in zip(wrong, said, strict=True):
        assert re.match(rf"The header gives \w+ for the {name} arrays, but .* They are read as \w+\.", one)


@pytest.mark.parametrize(("stored", "declared"), WRONG[:6])
def test_compressed_arrays_tell_their_type_by_their_values(tmp_path, counts, stored, declared) -> None:
    path = write(tmp_path / "a.imzML", counts, stored=stored, declared=declared, packed=True)
    np.testing.assert_allclose(images_of(path), counts)


@pytest.mark.parametrize("fractions", [0, 0.125, 0.1])
def test_numbers_with_and_without_fractions(tmp_path, counts, fractions) -> None:
    path = write(tmp_path / "a.imzML", counts + fractions, stored=("<f8", "<f8"), encoded="nothing")
    np.testing.assert_allclose(images_of(path), counts + fractions)


@pytest.mark.parametrize("encoded", ENCODED)
@pytest.mark.parametrize("gap", [0, 4, 20, 512])
@pytest.mark.parametrize("third", ["", "<f4", "<f8"])
def test_right_types_are_kept_whatever_else_lies_between(tmp_path, counts, encoded, gap, third) -> None:
    path = write(tmp_path / "a.imzML", counts, encoded=encoded, gap=gap, third=third)
    np.testing.assert_array_equal(images_of(path), counts)
    assert not open_imzml(path).remarks


@pytest.mark.parametrize("gap", [4, 512])
def test_declared_bytes_decide_where_places_do_not(tmp_path, counts, gap) -> None:
    path = write(tmp_path / "a.imzML", counts, stored=("<f8", "<f8"), gap=gap)
    np.testing.assert_array_equal(images_of(path), counts)


def test_a_trailing_part_of_the_file_does_not_matter(tmp_path, counts) -> None:
    path = write(tmp_path / "a.imzML", counts, stored=("<f8", "<f8"))
    with path.with_suffix(".ibd").open("ab") as ibd:
        ibd.write(bytes(50))
    np.testing.assert_array_equal(images_of(path), counts)


def test_one_contradiction_among_many_arrays_is_settled_by_the_places_or_refused(tmp_path, counts) -> None:
    path = write(tmp_path / "a.imzML", counts)
    text = path.read_text(encoding="utf-8")
    assert text.count('encoded length" value="20"') == NUMBER
    path.write_text(text.replace('encoded length" value="20"', 'encoded length" value="40"', 1), encoding="utf-8")
    np.testing.assert_array_equal(images_of(path), counts)
    path = write(tmp_path / "b.imzML", counts, gap=30)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('encoded length" value="20"', 'encoded length" value="48"', 1), encoding="utf-8")
    with pytest.raises(DataError, match=r"intensity array of spectrum 1 .*: 5 values .* are 20 bytes, but it gives 48"):
        images_of(path)


@pytest.mark.parametrize(("stored", "declared"), [WRONG[0], WRONG[2], WRONG[4], WRONG[7]])
def test_places_decide_where_the_declared_bytes_repeat_the_wrong_type(tmp_path, counts, stored, declared) -> None:
    path = write(tmp_path / "a.imzML", counts + 0.1, stored=stored, declared=declared)
    text = path.read_text(encoding="utf-8")
    wrong = [str(len(IONS) * np.dtype(one).itemsize) for one in declared]
    parts = re.split(r'(encoded length" value=")\d+', text)
    numbers = [wrong[place % 2] for place in range(len(parts) // 2)]
    text = parts[0] + "".join(a + n + b for a, n, b in zip(parts[1::2], numbers, parts[2::2], strict=True))
    path.write_text(text, encoding="utf-8")
    np.testing.assert_allclose(images_of(path), (counts + 0.1).astype(stored[1]), rtol=1e-6)
    assert REMARK.match(open_imzml(path).remarks[0])


@pytest.mark.parametrize(("stored", "declared"), [("<i4", "<f4"), ("<f4", "<i4"), ("<i8", "<f8"), ("<f8", "<i8")])
def test_fractions_and_whole_numbers_of_one_size_are_told_apart_by_their_values(
    tmp_path, counts, stored, declared
) -> None:
    path = write(tmp_path / "a.imzML", counts, stored=("<f8", stored), declared=("<f8", declared))
    np.testing.assert_array_equal(images_of(path), counts)
    assert "but their values in a.ibd are those of" in open_imzml(path).remarks[0]


@pytest.mark.parametrize("third", ["", "<f4"])
def test_fractions_of_any_size_stay_fractions(tmp_path, counts, third) -> None:
    """As smoothing leaves them: many values of 1e-38 beside usual ones."""
    values = np.where(counts % 3, counts / 1e5, 1.2e-38)
    path = write(tmp_path / "a.imzML", values, third=third)
    assert not open_imzml(path).remarks
    np.testing.assert_array_equal(images_of(path), values.astype(np.float32))


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("arrays", ["both", "intensity"])
def test_compression_is_decided_by_the_bytes(tmp_path, counts, packed, arrays) -> None:
    path = write(tmp_path / "a.imzML", counts, packed=packed)
    text = path.read_text(encoding="utf-8")
    terms = ('MS:1000576" name="no compression"', 'MS:1000574" name="zlib compression"')
    old, new = terms[::-1] if packed else terms
    assert old in text
    if arrays == "both":
        path.write_text(text.replace(old, new), encoding="utf-8")
    else:
        begin, _, end = text.partition('id="intensity')
        assert old in end.partition("</ref")[0] or old in begin.rpartition("<ref")[2]
        path.write_text(f'{begin}id="intensity{end.replace(old, new, 1)}', encoding="utf-8")
    np.testing.assert_array_equal(images_of(path), counts)
    assert open_imzml(path).remarks


def test_values_that_make_no_sense_with_any_type_are_refused(tmp_path, counts) -> None:
    """The places say 64 bit, but as such numbers they are nonsense: nobody knows what they are."""
    path = write(tmp_path / "a.imzML", counts, stored=("<f8", "<f8"))
    data = bytearray(path.with_suffix(".ibd").read_bytes())
    noise = np.random.default_rng(0).integers(0, 256, len(data) - 16, dtype=np.uint8).tobytes()
    path.with_suffix(".ibd").write_bytes(data[:16] + noise)
    with pytest.raises(DataError, match="contradicts itself for the intensity array"):
        images_of(path)


def test_a_missing_type_that_the_values_do_not_tell_is_refused(tmp_path, counts) -> None:
    path = write(tmp_path / "a.imzML", counts)
    path.write_text(path.read_text(encoding="utf-8").replace(TERMS["<f8"], "MS:1000040"), encoding="utf-8")
    data = bytearray(path.with_suffix(".ibd").read_bytes())
    noise = np.random.default_rng(0).integers(0, 256, len(data) - 16, dtype=np.uint8).tobytes()
    path.with_suffix(".ibd").write_bytes(data[:16] + noise)
    with pytest.raises(DataError, match="no single number type for the m/z arrays"):
        images_of(path)


def test_m_z_that_are_the_intensities_are_refused(tmp_path, counts) -> None:
    """In continuous mode, the offsets of the m/z go on as if each spectrum had its own (MALDIquantForeign)."""
    path = write(tmp_path / "a.imzML", counts, stored=("<f4", "<f4"), declared=("<f4", "<f4"), continuous=True)
    offset = re.compile(r'("mz".*?external offset" value=)"16"', re.DOTALL)
    begin, *spectra = re.split(r"(?=<spectrum )", path.read_text(encoding="utf-8"))
    pieces = [offset.sub(f'\\1"{16 + 20 * place}"', one, count=1) for place, one in enumerate(spectra)]
    path.write_text(begin + "".join(pieces), encoding="utf-8")
    with pytest.raises(DataError, match=r"gives the bytes of the intensities of spectrum 1 .* as m/z, too"):
        images_of(path)


@pytest.mark.parametrize("left_out", ["array", "numbers"])
def test_spectra_in_continuous_mode_that_name_no_m_z_share_the_list(tmp_path, counts, left_out) -> None:
    path = write(tmp_path / "a.imzML", counts, continuous=True)
    begin, first, *spectra = re.split(r"(?=<spectrum )", path.read_text(encoding="utf-8"))
    pattern = r"<binaryDataArray [^>]*><[^>]*mz.*?</binaryDataArray>"
    for place, one in enumerate(spectra):
        array = re.search(pattern, one, re.DOTALL)[0]
        changed = "" if left_out == "array" else re.sub(r'(length|offset)" value="\d+"', r'\1" value="0"', array)
        assert changed != array
        spectra[place] = one.replace(array, changed)
    text = begin + first + "".join(spectra)
    text = text.replace("IMS:1000031", "IMS:1000030")
    path.write_text(text, encoding="utf-8")
    np.testing.assert_array_equal(images_of(path), counts)
    assert "23 spectra without m/z in continuous mode: the one list of m/z is for all." in open_imzml(path).remarks


def test_a_pixel_without_a_peak_may_name_the_shared_axis(tmp_path, counts) -> None:
    path = write(tmp_path / "a.imzML", counts, continuous=True)
    text = path.read_text(encoding="utf-8")
    parts = re.split(r"(?=<spectrum )", text)
    begin, _, end = parts[4].rpartition('array length" value="5"')
    parts[4] = f'{begin}array length" value="0"{end}'.replace('encoded length" value="20"', 'encoded length" value="0"')
    path.write_text("".join(parts), encoding="utf-8")
    expected = counts.copy()
    expected[3] = 0
    np.testing.assert_array_equal(images_of(path), expected)
    rows = check(path).rows
    assert not any("continuous mode, but" in row.found for row in rows)


@pytest.mark.parametrize(("dtype", "arrays"), [("<f4", "intensity"), ("<f8", "m/z")])
def test_types_that_are_missing_are_found(tmp_path, counts, dtype, arrays) -> None:
    path = write(tmp_path / "a.imzML", counts)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(TERMS[dtype], "MS:1000040"), encoding="utf-8")
    with pytest.warns(MsissWarning, match=f"gives no number type for the {arrays} arrays"):
        found = read_ions(path, mz=IONS, ppm=20)
    np.testing.assert_array_equal(found.images.reshape(len(IONS), NUMBER).T, counts)
