"""Tables with one row per ion and one column per pixel."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from msiss.data.formats import ion_rows, read
from msiss.data.formats.tables import load
from msiss.errors import DataError

IMAGES = np.random.default_rng(0).gamma(2, 50, (3, 4, 5)).round(1).astype(np.float32)
MZ = [100.05, 200.1, 300.15]


def write(
    path: Path,
    named: Callable[[int, int], str] = "x{}_y{}".format,
    *,
    before: tuple[str, ...] = ("mz",),
    above: str = "",
    mask: np.ndarray | None = None,
    delimiter: str = ",",
    **how: int,
) -> Path:
    """Write the images, columns of pixels outermost, with the m/z in the last column of `before`."""
    pixels = [(x, y) for x in range(5) for y in range(4) if mask is None or mask[y, x]]
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(above)
        writer = csv.writer(file, delimiter=delimiter, **how)  # type: ignore[arg-type]
        writer.writerow([*before, *(named(x, y) for x, y in pixels)])
        for mz, image in zip(MZ, IMAGES, strict=True):
            rest = [f"{column} {mz}" for column in before[:-1]]
            writer.writerow([*rest, mz, *(image[y, x] for x, y in pixels)])
    return path


def test_pixel_intensities_of_metaspace(tmp_path) -> None:
    path = tmp_path / "ds_pixel_intensities.csv"
    names = ["mol_formula", "adduct", "mz", "moleculeNames", "moleculeIds"]
    pixels = [(x, y) for x in range(5) for y in range(4)]
    with path.open("w", newline="") as file:
        file.write("# Generated at 2025-11-26 10:00:00. Hot-spot removal has been applied.\n# URL: https://x.org/a,b\n")
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow([*names, *(f"x{x}_y{y}" for x, y in pixels)])
        for mz, image in zip(MZ, IMAGES, strict=True):
            molecules = ["C10H20O5", "M+H", mz, '"Glucose, Fructose"', '"H1, H2"']
            writer.writerow([*molecules, *(image[y, x] for x, y in pixels)])
    stack = read(path)
    np.testing.assert_array_equal(stack.images, IMAGES)
    assert stack.mz.tolist() == MZ
    assert stack.names == ("Glucose (+1)",) * 3
    assert stack.annotations["formula"] == ("C10H20O5",) * 3
    assert stack.annotations["adduct"] == ("M+H",) * 3
    assert stack.mask.all()
    assert stack.source == path.name


@pytest.mark.parametrize(
    "named", ["x{}_y{}", "X{}Y{}", "x={},y={}", "x={}, y={}", "(x={}, y={})", "R00X{}Y{}", "pixel x{} y{}", "x_{}_y_{}"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_names_of_pixels(tmp_path, named, delimiter) -> None:
    stack, rows = load(write(tmp_path / "a.csv", named.format, delimiter=delimiter))
    np.testing.assert_array_equal(stack.images, IMAGES)
    assert not [row for row in rows if row.level in ("note", "warning")]


@pytest.mark.parametrize("named", ["y{1}_x{0}", "Y = {1}, X = {0}"])
def test_the_row_may_be_named_before_the_column(tmp_path, named) -> None:
    stack, rows = load(write(tmp_path / "a.csv", named.format))
    np.testing.assert_array_equal(stack.images, IMAGES)
    assert not [row for row in rows if row.level in ("note", "warning")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252", "mac-roman"])
def test_tables_are_read_as_lists_are(tmp_path, encoding) -> None:
    path = write(tmp_path / "a.csv", before=("Name", "m/z"), above="Maß der Pixel, 3. März\n\n", delimiter=";")
    text = path.read_bytes().decode().replace("Name 100.05", "Säure").replace("\r\n", "\n")
    path.write_bytes(text.replace("\n", "\r" if encoding == "mac-roman" else "\n").encode(encoding))
    stack = read(path)
    np.testing.assert_array_equal(stack.images, IMAGES)
    assert stack.names == ("Säure", "Name 200.1", "Name 300.15")


def test_commas_in_names_of_metaspace(tmp_path) -> None:
    path = tmp_path / "a.csv"
    cells = ["mz,moleculeNames,moleculeIds,x0_y0,x1_y0", '100.05,"PC(16:0, 18:1)",H1,1,2']
    path.write_text("\n".join([*cells, '200.1,"Glucose, Fructose","H1, H2",3,4\n']))
    assert read(path).names == ("PC(16:0, 18:1)", "Glucose (+1)")


@pytest.mark.parametrize("named", ["({}, {})", "({},{})", "[{} {}]", "{}_{}"])
def test_numbers_without_letters_are_x_and_y(tmp_path, named) -> None:
    stack, rows = load(write(tmp_path / "a.csv", named.format, before=("ID", "Name", "Drift", "m/z")))
    np.testing.assert_array_equal(stack.images, IMAGES)
    assert "taken as x" in next(row for row in rows if row.check == "coordinates").meaning


def test_pixels_that_are_not_listed_are_not_measured(tmp_path) -> None:
    mask = np.random.default_rng(1).random((4, 5)) < 0.7
    stack = read(write(tmp_path / "a.csv", mask=mask))
    np.testing.assert_array_equal(stack.mask, mask)
    np.testing.assert_array_equal(stack.images, IMAGES * mask)


def test_micrometres_and_an_only_column_beside_the_pixels(tmp_path) -> None:
    path = write(tmp_path / "a.csv", lambda x, y: f"x{1000 + 50 * x}_y{50 * y}", before=("",))
    stack = read(path)
    np.testing.assert_array_equal(stack.images, IMAGES)
    assert stack.positions[2, 3].tolist() == [1150, 100]


def test_decimal_commas_byte_order_and_missing_cells(tmp_path) -> None:
    path = write(tmp_path / "a.csv", delimiter=";")
    path.write_text(path.read_text().replace(".", ","), encoding="utf-16")
    np.testing.assert_array_equal(read(path).images, IMAGES)
    text = write(tmp_path / "b.csv").read_text().splitlines()
    cells = text[1].split(",")
    cells[2] = "NA"
    (tmp_path / "b.csv").write_text("\n".join([text[0], ",".join(cells), *text[2:]]))
    images = IMAGES.copy()
    images[0, 1, 0] = 0
    with pytest.warns(match="1 of 60 intensities"):
        np.testing.assert_array_equal(read(tmp_path / "b.csv").images, images)


def test_more_pixels_than_a_list_has_columns(tmp_path) -> None:
    width = 30_000
    header = ",".join(["mz", *(f"x{x}_y{y}" for y in (0, 1) for x in range(width))])
    rows = [",".join([str(mz), *(["1"] * width), *(["2"] * width)]) for mz in MZ]
    (tmp_path / "a.csv").write_text("\n".join([header, *rows]))
    stack = read(tmp_path / "a.csv")
    assert stack.shape == (2, width)
    assert (stack.images[:, 0] == 1).all()
    assert (stack.images[:, 1] == 2).all()


REFUSED = {
    "no m/z": ("formula,adduct,x0_y0,x1_y0\nC,H,1,2\n", "none of the others is m/z"),
    "cut off": ("mz,x0_y0,x1_y0\n100,1,2\n200,1\n", "Line 3 has 2 cells, the header names 3"),
    "text": ("mz,x0_y0,x1_y0\n100,1,much\n", 'Line 2: "much" is not a number'),
    "m/z": ("mz,x0_y0,x1_y0\n\n-3,1,2\n", 'Line 3: "-3" is not an m/z'),
    "empty": ("mz,x0_y0,x1_y0\n", "no rows"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_in_words(tmp_path, case) -> None:
    text, message = REFUSED[case]
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize(
    "header", ["x,y,335_971,400_2", "mz,intensity", "row,col,1_2,3_4", "1_2,3_4", "x,y,mz_335.9,mz_400.1"]
)
def test_other_tables_are_left_to_their_reader(tmp_path, header) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\n1,2,3,4\n")
    assert ion_rows.recognised(tmp_path / "a.csv") is None
