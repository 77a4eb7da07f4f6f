"""Tables of pixels, wide and long."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import msiss.data.formats.tables
from msiss.data.findings import DataStop
from msiss.data.formats.tables import load

MZS = np.array([400.125, 500.25, 600.0])


def wide(cube: np.ndarray, order: np.ndarray, name: str = "{:g}") -> pd.DataFrame:
    y, x = (part.ravel()[order] for part in np.mgrid[: cube.shape[1], : cube.shape[2]])
    columns = {name.format(mz): image.ravel()[order] for mz, image in zip(MZS, cube, strict=False)}
    return pd.DataFrame({"x": x, "y": y, **columns})


def save(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Return a function that reads a table from its text."""
    return lambda text, encoding="utf-8": load(save(tmp_path / "a.csv", text, encoding))


@pytest.mark.parametrize("layout", ["wide", "long"])
@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), ("\t", "."), (";", ","), ("\t", ",")])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(2, 5), st.integers(2, 5)),
    seed=st.integers(0, 1000),
    name=st.sampled_from(["{:g}", "mz_{:g}", "X{:g}", "m/z {:g}"]),
)
def test_round_trip(tmp_path, layout, delimiter, decimal, shape, seed, name) -> None:
    rng = np.random.default_rng(seed)
    cube = rng.gamma(1, 50, shape).astype(np.float32)
    order = rng.permutation(shape[1] * shape[2])
    table = wide(cube, order, name if layout == "wide" else "{:g}")
    if layout == "long":
        table = table.melt(["x", "y"], var_name="m/z", value_name="Intensity").astype({"m/z": float})
        table = table.sample(frac=1, random_state=seed)
    elif decimal == ",":
        table.columns = [column.replace(".", ",") for column in table.columns]
    table.to_csv(tmp_path / "a.csv", sep=delimiter, decimal=decimal, index=False)
    images, rows = load(tmp_path / "a.csv")
    np.testing.assert_array_equal(images.images, cube)
    np.testing.assert_array_equal(images.mz, MZS[: shape[0]])
    assert {row.level for row in rows} == {"pass"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(read, encoding) -> None:
    images, _ = read("# é µm\n\nx (µm);y (µm);gewählt;700,5\n0;0;a;1,5\n50;0;b;2,5\n", encoding)
    assert images.images.tolist() == [[[1.5, 2.5]]]
    assert images.mz.tolist() == [700.5]


def test_columns_that_are_no_m_z_are_left_out(read) -> None:
    images, rows = read('id,x,y,label,700.5\n1,1,1,"a, #1",3\n2,2,1,b,4\n')
    assert images.images.tolist() == [[[3, 4]]]
    assert rows[-1].found == "2 columns whose name is no m/z: id, label."


def test_names_of_rows_without_a_name_of_their_column(read) -> None:
    assert read("x;y;X700.5\nspot1;1;1;3\nspot2;2;1;4\n")[0].images.tolist() == [[[3, 4]]]


@pytest.mark.parametrize("named", ["R00X{x:03d}Y{y:03d}", "x = {x}, y = {y}", "({x}, {y})", "{x}_{y}"])
@pytest.mark.parametrize("column", ["Spot", ""])
def test_names_of_pixels_tell_column_and_row(read, named, column) -> None:
    rows = [f'"{named.format(x=x, y=y)}",{10 * y + x},1' for y in (7, 8) for x in (3, 4, 5)]
    images, _ = read("\n".join([f"{column},700.5,800.5", *rows]))
    assert images.mz.tolist() == [700.5, 800.5]
    assert images.images[0].tolist() == [[73, 74, 75], [83, 84, 85]]
    assert images.positions[1, 2].tolist() == [5, 8]


def test_a_delimiter_at_the_end_of_each_row(read) -> None:
    assert read("x,y,700.5\n1,1,3,\n2,1,4,\n")[0].images.tolist() == [[[3, 4]]]


# A pixel of 3.5 and one of 4, as other programs write them.
WRITTEN = {
    "R": '"x" "y" "X700.5"\n"1" 1 1 3.5\n"2" 2 1 4\n',
    "R with commas": '"x","y","X700.5"\n"1",1,1,3.5\n"2",2,1,4\n',
    "aligned": "   x  y  700.5\n   1  1    3.5\n   2  1      4\n",
    "NumPy": "# x,y,700.5\n1,1,3.5\n2,1,4\n",
    "a title": 'Pixels of "the" section, all\n\nx,y,700.5\n1,1,3.5\n2,1,4\n',
    "a comment": "% by MATLAB\nx,y,700.5\n1,1,3.5\n2,1,4\n",
    "German": "X-Koordinate;Y-Koordinate;m/z 700,5\n1;1;3,5\n2;1;4\n",
    "German, long": "Spalte;Zeile;m/z (Th);Intensität\n1;1;700,5;3,5\n2;1;700,5;4\n",
    "SCiLS": "x;y;m/z 700.5 ± 0.01 Da\n1;1;3.5\n2;1;4\n",
    "notes": "x,y,700.5\n1,1,3.5\n2,1,4\n\nMeasured in Basel, 2024\n",
    "an old Mac": "x,y,700.5\r1,1,3.5\r2,1,4\r",
}


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_tables_of_other_programs(read, name, encoding) -> None:
    images, _ = read(WRITTEN[name], encoding)
    assert images.mz.tolist() == [700.5]
    assert images.images.tolist() == [[[3.5, 4]]]


def test_thousands(read) -> None:
    assert read('x,y,700.5\n1,1,"1,234.5"\n2,1,4\n')[0].images.tolist() == [[[1234.5, 4]]]
    assert read("x;y;700,5\n1;1;1.234,5\n2;1;4\n")[0].images.tolist() == [[[1234.5, 4]]]


def test_missing_pixels_and_cells(read) -> None:
    images, rows = read("x,y,700.5,800.5\n1,1,3,4\n3,1,,NA\n1,2,5,\n2,2,-1,6\n")
    assert images.mask.tolist() == [[True, False, False], [True, True, False]]
    assert images.images.tolist() == [[[3, 0, 0], [5, 0, 0]], [[4, 0, 0], [0, 6, 0]]]
    assert "1 of 6 intensities are not numbers" in next(row.text for row in rows if row.level == "warning")


def test_repeated_pixels_are_averaged_with_a_warning(read) -> None:
    images, rows = read("x,y,700.5\n1,1,3\n2,1,4\n1,1,5\n")
    assert images.images.tolist() == [[[4, 4]]]
    assert [row.check for row in rows if row.level == "warning"] == ["duplicates"]


def test_a_height_that_differs_from_pixel_to_pixel_makes_no_planes(read) -> None:
    assert read("x,y,z,700.5\n1,1,10.5,3\n2,1,11,4\n")[0].images.tolist() == [[[3, 4]]]
    long = "x,y,z,mz,intensity\n1,1,9,700.5,3\n1,1,9,800.5,5\n2,1,8,800.5,1\n"
    assert read(long)[0].images.tolist() == [[[3, 0]], [[5, 1]]]


def test_repeated_entries_of_a_long_table_are_averaged_with_a_warning(read) -> None:
    images, rows = read("x,y,mz,intensity\n1,1,700.5,3\n1,1,700.5,5\n2,1,800.5,1\n2,2,700.5,\n")
    assert images.images.tolist() == [[[4, 0], [0, 0]], [[0, 1], [0, 0]]]
    assert images.mask.tolist() == [[True, True], [False, False]]
    assert [row.check for row in rows if row.level == "warning"] == ["duplicates"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The table is empty"),
        ("\n\n", "The table is empty"),
        ("x,y,700.5\n", "a header but no rows"),
        ("mz,name\n700.5,PC\n", r"list of m/z.*together with an imzML"),
        ("a,700.5\n1,2\n", "no columns x and y, but a, 700.5"),
        ("1,2,3\n4,5,6\n", "no columns x and y"),
        ("x,y,a,b\n1,2,3,4\n", "No column has an m/z.*x, y, a, b"),
        ("x,y,1,2,3\n1,1,5,5,5\n2,1,5,5,5\n", "are numbered: 1, 2, 3"),
        ("x,y,z,700.5\n1,1,1,5\n2,1,1,5\n2,1,2,5\n", r"2 planes \(z = 1, 2\)"),
        ("x,y,700.5\n1,1,5\n2,1,five\n", 'Line 3, column 700.5: "five" is not a number'),
        ("x,y,700.5\n1,1,5\n2,one,5\n", 'Line 3, column y: "one" is not a number'),
        ("x,y,mz,intensity\n1,1,700.5,5\n2,1,none at all,5\n", 'Line 3, column mz: "none at all"'),
        ("x,y,700.5\n1,1,3,5\n2,1,4,5\n", "a row has 4 cells. If the decimal sign is a comma"),
        ("x,y,700.5\n" + "1,1,3\n" * 30 + "1,1,3,4\n", "damaged: Expected 3 fields in line 32, saw 4"),
        ("x,y,700.5,700.5\n1,1,1,1\n", "several columns called 700.5"),
        ("x,y,mz,intensity\n1,1,,5\n2,1,700.5,5\n", "1 row without an m/z"),
        ("x,y,700.5\n1,1,0\n2,1,0\n", "All intensities are 0"),
        ("x,y,700.5\n,,1\n,,2\n", "No pixel has coordinates"),
        ("x,y,700.5\n1,1,1\x00\n", "not a text file"),
    ],
)
def test_what_is_wrong_is_said(read, text, message) -> None:
    with pytest.raises(DataStop, match=rf"^a\.csv: .*{message}"):
        read(text)


def test_raw_spectra_in_a_long_table_are_refused(read) -> None:
    lines = [f"{pixel},1,{400 + 0.01 * number},5" for number, pixel in enumerate([*range(4)] * 500)]
    with pytest.raises(DataStop, match=r"2,000 rows name 2,000 different m/z. These are raw spectra"):
        read("\n".join(["x,y,mz,intensity", *lines]))


def test_a_table_is_read_piece_by_piece(read, monkeypatch) -> None:
    monkeypatch.setattr(msiss.data.formats.tables, "_PIECE", 8)
    cube = np.random.default_rng(0).gamma(1, 50, (3, 6, 7)).astype(np.float32)
    images, _ = read(wide(cube, np.arange(42)).to_csv(index=False))
    np.testing.assert_array_equal(images.images, cube)


def test_the_m_z_list_of_the_bladder_is_refused_as_a_list(test_data) -> None:
    with pytest.raises(DataStop, match="This is a list of m/z"):
        load(test_data / "bladder" / "bladder79_annotations.csv")


def test_a_damaged_table_never_ends_in_a_traceback(read) -> None:
    text = "x,y,700.5,800.5\n" + "".join(f"{i % 5},{i // 5},{i},{i + 1}.5\n" for i in range(40))
    rng = np.random.default_rng(0)
    for _ in range(200):
        damaged = list(text[: rng.integers(1, len(text))] if rng.random() < 0.3 else text)
        for place in rng.integers(0, len(damaged), 3):
            damaged[place] = chr(rng.choice([*b'0123456789,.;"\n\t -eExy', 233]))
        try:
            images, _ = read("".join(damaged))
        except DataStop:
            continue
        assert np.isfinite(images.images).all()


def test_thousands_of_columns_are_read(read) -> None:
    mz = [f"{100 + number / 100:.2f}" for number in range(4000)]
    rows = [f"{x},{y}," + ",".join(["1.5"] * len(mz)) for x in range(2) for y in range(2)]
    images, _ = read("x,y," + ",".join(mz) + "\n" + "\n".join(rows) + "\n")
    assert len(images) == 4000
    assert (images.images == 1.5).all()


def test_too_many_columns_are_refused(read) -> None:
    with pytest.raises(DataStop, match="names more than 20,000 columns"):
        read("x,y," + ",".join(f"{100 + number / 100:.2f}" for number in range(20_000)) + "\n1,1\n")


def test_a_first_line_that_does_not_end_is_refused(read) -> None:
    with pytest.raises(DataStop, match="or does not end"):
        read("x,y," + "9" * 17_000_000)


def test_a_cell_of_many_letters_is_refused(read) -> None:
    with pytest.raises(DataStop):
        read("x,y,700.1\n1,1,2\n1,2," + "a" * 200_000 + "\n")
    with pytest.raises(DataStop):
        read('x,y,700.1\n1,1,2\n1,2,"' + "a\n" * 2_000_000)


def test_names_that_are_there_many_times_are_numbered_once(read) -> None:
    others = ["note"] * 15_000
    images, rows = read(f"x,y,700.1,{','.join(others)}\n1,1,5,{','.join(others)}\n1,2,6,{','.join(others)}\n")
    assert images.images.ravel().tolist() == [5, 6]
    assert any("15,000 columns whose name is no m/z: note, note#4" in row.text for row in rows)
