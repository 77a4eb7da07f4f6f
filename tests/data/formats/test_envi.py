"""ENVI images, written by hand in every layout and by the library spectral."""

import contextlib
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import msiss.data.formats.envi
from msiss.data.axis import MZ, NUMBER, RAMAN, WAVELENGTH, WAVENUMBER
from msiss.data.findings import DataStop
from msiss.data.formats.envi import is_envi, load

TYPES = {1: "u1", 2: "i2", 3: "i4", 4: "f4", 5: "f8", 12: "u2", 13: "u4", 14: "i8", 15: "u8"}
TURNS = {"bsq": (0, 1, 2), "bil": (1, 0, 2), "bip": (1, 2, 0)}


def write(path: Path, cube: np.ndarray, *, interleave: str = "bsq", code: int = 4, **fields: Any) -> Path:
    """Write a cube (bands, lines, samples) and its header, whose fields can be changed or left out with None."""
    order, offset = fields.get("byte_order", 0), fields.get("header_offset", 0)
    dtype = np.dtype(TYPES[code]).newbyteorder(">" if order else "<")
    path.with_suffix(".dat").write_bytes(bytes(offset) + cube.transpose(TURNS[interleave]).astype(dtype).tobytes())
    bands, lines, samples = cube.shape
    header = {
        "samples": samples,
        "lines": lines,
        "bands": bands,
        "header_offset": offset,
        "data_type": code,
        "interleave": interleave,
        "byte_order": order,
        "wavelength_units": "Wavenumber",
        "wavelength": "{" + ",\n ".join(f"{1000 + 2.5 * band}" for band in range(bands)) + "}",
    } | fields
    lines_ = [f"{key.replace('_', ' ')} = {value}" for key, value in header.items() if value is not None]
    path.write_text("\n".join(["ENVI", "; a comment = 1", *lines_]), encoding="utf-8")
    return path


@pytest.fixture
def cube() -> np.ndarray:
    return np.arange(1, 61, dtype=np.float32).reshape(5, 3, 4)


@pytest.mark.parametrize(("interleave", "code"), list(product(TURNS, TYPES)))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(2, 5)),
    order=st.sampled_from([0, 1]),
    offset=st.sampled_from([0, 7, 512]),
    seed=st.integers(0, 1000),
)
def test_round_trip(tmp_path, interleave, code, shape, order, offset, seed) -> None:
    cube = np.random.default_rng(seed).integers(1, 120, shape)
    path = write(tmp_path / "a.hdr", cube, interleave=interleave, code=code, byte_order=order, header_offset=offset)
    images, rows = load(path)
    np.testing.assert_array_equal(images.images, cube)
    assert images.mask.all()
    assert images.axis == WAVENUMBER
    np.testing.assert_array_equal(images.mz, 1000 + 2.5 * np.arange(shape[0]))
    assert {row.level for row in rows} == {"pass"}


def test_what_the_header_says_about_the_measurement(tmp_path, cube) -> None:
    header = write(tmp_path / "a.hdr", cube, acquisition_time="2019-03-01T10:11:12Z", description="{Liver,\n 4 um}")
    assert load(header)[0].about == {"Measured on": "2019-03-01T10:11:12Z", "Description": "Liver, 4 um"}
    assert load(write(tmp_path / "b.hdr", cube, sensor_type="Unknown"))[0].about == {}


@pytest.mark.parametrize("interleave", list(TURNS))
def test_what_the_library_spectral_writes(tmp_path, cube, interleave) -> None:
    envi = pytest.importorskip("spectral.io.envi")
    more = {"wavelength": [500.5, 600, 700, 800, 900], "wavelength units": "Nanometers", "description": "a = {b"}
    envi.save_image(str(tmp_path / "a.hdr"), cube.transpose(1, 2, 0), interleave=interleave, metadata=more)
    images, _ = load(tmp_path / "a.hdr")
    np.testing.assert_array_equal(images.images, cube)
    assert images.axis == WAVELENGTH
    assert images.names[0] == "500.5"


@pytest.mark.parametrize("name", ["cube.img", "cube", "CUBE.IMG"])
def test_the_data_file_finds_its_header(tmp_path, cube, name) -> None:
    header = write(tmp_path / "a.hdr", cube)
    data = (tmp_path / "a.dat").rename(tmp_path / name)
    header.rename(tmp_path / "cube.hdr")
    np.testing.assert_array_equal(load(data)[0].images, cube)
    np.testing.assert_array_equal(load(tmp_path / "cube.hdr")[0].images, cube)


@pytest.mark.parametrize(
    ("fields", "axis", "first"),
    [
        ({"wavelength_units": "Micrometers", "wavelength": "{1, 2, 3, 4, 5}"}, WAVELENGTH, 1000),
        ({"wavelength_units": "cm-1"}, WAVENUMBER, 1000),
        ({"wavelength_units": "cm-1", "description": "{Raman map}"}, RAMAN, 1000),
        ({"wavelength_units": "Raman shift"}, RAMAN, 1000),
        ({"wavelength_units": "m/z"}, MZ, 1000),
    ],
)
def test_units(tmp_path, cube, fields, axis, first) -> None:
    images, _ = load(write(tmp_path / "a.hdr", cube, **fields))
    assert images.axis == axis
    assert images.mz[0] == first


def test_without_wavelengths_the_images_are_numbered_with_a_warning(tmp_path, cube) -> None:
    images, rows = load(write(tmp_path / "a.hdr", cube, wavelength=None, wavelength_units=None))
    assert images.axis == NUMBER
    assert images.names == ("1", "2", "3", "4", "5")
    assert [row.check for row in rows if row.level == "warning"] == ["axis"]


def test_wavelengths_of_an_unknown_unit_keep_it_with_a_warning(tmp_path, cube) -> None:
    images, rows = load(write(tmp_path / "a.hdr", cube, wavelength_units="GHz"))
    assert images.axis.title == "band (GHz)"
    assert [row.found for row in rows if row.level == "warning"] == ["The unit of the wavelengths is GHz."]


def test_bad_bands_and_bands_at_0_are_left_out(tmp_path, cube) -> None:
    path = write(tmp_path / "a.hdr", cube, bbl="{1, 0, 1, 1, 1}", wavelength="{-10, 0, 10, 20, 30}")
    images, rows = load(path)
    np.testing.assert_array_equal(images.images, cube[2:])
    assert images.mz.tolist() == [10, 20, 30]
    assert any(row.found == "1 band at 0 or below." for row in rows)


@pytest.mark.parametrize("interleave", list(TURNS))
def test_missing_values_are_off_the_mask(tmp_path, cube, interleave) -> None:
    cube[:, 1, 2] = -9999
    cube[:, 0, 0] = np.nan
    images, rows = load(write(tmp_path / "a.hdr", cube, interleave=interleave, data_ignore_value="-9999"))
    assert np.argwhere(~images.mask).tolist() == [[0, 0], [1, 2]]
    assert {row.level for row in rows} == {"pass"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"samples": 5}, r"a\.dat has 240 bytes; the header speaks of 300\. It is cut off"),
        ({"samples": 2**50}, "samples = .* cannot be right"),
        ({"bands": 2**47}, "cut off"),
        ({"lines": None}, r"lines = \(missing\) cannot be right"),
        ({"lines": "many"}, "lines = many cannot be right"),
        ({"data_type": 6}, "complex numbers"),
        ({"data_type": 99}, "of the type 99"),
        ({"interleave": "bzip"}, "interleave bzip"),
        ({"file_compression": 1}, "file compression is not supported"),
        ({"wavelength": "{1, 2}"}, "2 wavelengths for 5 bands"),
        ({"wavelength": "{1, 2, a, 4, 5}"}, "wavelength is not a number"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, cube, fields, message) -> None:
    path = write(tmp_path / "a.hdr", cube)
    whole = (tmp_path / "a.dat").read_bytes()
    text = path.read_text()
    for key, value in fields.items():
        name = key.replace("_", " ")
        start = text.find(f"\n{name} =")
        end = text.find("}" if name == "wavelength" else "\n", start + 1) + (name == "wavelength") if start >= 0 else 0
        text = text[:start] + text[end:] if start >= 0 else text
        text += "" if value is None else f"\n{name} = {value}"
    path.write_text(text)
    (tmp_path / "a.dat").write_bytes(whole)
    with pytest.raises(DataStop, match=rf"^a\.hdr: .*{message}"):
        load(path)


def test_missing_files(tmp_path, cube) -> None:
    path = write(tmp_path / "a.hdr", cube)
    (tmp_path / "a.dat").unlink()
    with pytest.raises(DataStop, match=r"data file is missing beside it: a with the ending \.img"):
        load(path)
    path.rename(tmp_path / "b.img")
    with pytest.raises(DataStop, match=r"The header b\.hdr is missing beside it"):
        load(tmp_path / "b.img")


def test_more_data_than_the_header_says_is_a_warning(tmp_path, cube) -> None:
    path = write(tmp_path / "a.hdr", cube)
    with (tmp_path / "a.dat").open("ab") as file:
        file.write(bytes(9))
    _, rows = load(path)
    assert [row.check for row in rows if row.level == "warning"] == ["data file"]


def test_analyze_7_5_is_refused_by_name(test_data) -> None:
    header = next(path for path in (test_data / "odd").rglob("*") if path.suffix.lower() == ".hdr")
    assert not is_envi(header)
    with pytest.raises(DataStop, match=r"Analyze 7\.5"):
        load(header)


@pytest.mark.parametrize("interleave", list(TURNS))
def test_a_large_image_is_copied_piece_by_piece(tmp_path, cube, interleave, monkeypatch) -> None:
    monkeypatch.setattr(msiss.data.formats.envi, "_PIECE", 25)
    told: list[float] = []
    path = write(tmp_path / "a.hdr", cube, interleave=interleave, bbl="{1, 1, 0, 1, 1}")
    images, _ = load(path, progress=lambda fraction, _: told.append(fraction))
    np.testing.assert_array_equal(images.images, cube[[0, 1, 3, 4]])
    assert len(told) > 1
    assert told == sorted(told)


def test_a_damaged_header_never_ends_in_a_traceback(tmp_path, cube) -> None:
    path = write(tmp_path / "a.hdr", cube)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(whole[: rng.integers(4, len(whole))] if rng.random() < 0.3 else whole)
        for place in rng.integers(4, len(damaged), 3) if len(damaged) > 4 else ():
            damaged[place] = rng.integers(0, 256)
        path.write_bytes(damaged)
        with contextlib.suppress(DataStop):
            images, _ = load(path)
            assert np.isfinite(images.images).all()


# Each would take hours if the time grew with the square of the length.
LONG = {
    "spaces": "a" + " " * 4_000_000,
    "words": "a b " * 1_000_000,
    "open braces": "a = {" * 800_000 + "}",
    "names": "a\n" * 2_000_000,
    "many fields": "".join(f"field {number} = {number}\n" for number in range(200_000)),
    "a long list": "other = {" + "1, " * 1_000_000 + "}",
}


@pytest.mark.parametrize("what", LONG)
def test_a_long_header_is_read_once(tmp_path, cube, what) -> None:
    path = write(tmp_path / "a.hdr", cube)
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n{LONG[what]}\n", encoding="utf-8")
    np.testing.assert_array_equal(load(path)[0].images, cube)


def test_a_list_without_an_end_is_refused(tmp_path, cube) -> None:
    path = write(tmp_path / "a.hdr", cube, description="{of a section\nof tissue")
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\ndescription = {" + "a, " * 100_000, encoding="utf-8")
    with pytest.raises(DataStop, match="a brace } is missing"):
        load(path)


def test_fields_are_those_of_the_lines(tmp_path, cube) -> None:
    more = "Description = { Raman, {of} a section\n; a comment\n of tissue } here\nband   names={a,\n b}\nno field\n=\n"
    path = write(tmp_path / "a.hdr", cube)
    path.write_text(path.read_text(encoding="utf-8") + "\n" + more, encoding="utf-8")
    header = msiss.data.formats.envi._read_header(path)
    assert header["description"] == [" Raman", " {of"]
    assert [name.strip() for name in header["band names"]] == ["a", "b"]
    assert header["interleave"] == "bsq"


@pytest.mark.parametrize("value", ["9" * 5000, "1" * 16, "-1", "1.0"])
def test_numbers_that_cannot_be_are_refused(tmp_path, cube, value) -> None:
    path = write(tmp_path / "a.hdr", cube)
    path.write_text(path.read_text(encoding="utf-8") + f"\nlines = {value}\n", encoding="utf-8")
    with pytest.raises(DataStop, match=r"lines = .* cannot be right"):
        load(path)
