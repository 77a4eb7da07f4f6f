"""Spectra of one pixel that were measured over different ranges of m/z, as in stitched or segmented scans."""

import numpy as np
import pytest
from helpers import read_ions
from imzml_of_kinds import write_kinds

from msiss.data.formats.imzml.reader import open_imzml
from msiss.data.health import check

IONS = [150.0, 350.0]
PIXELS = [(x, y) for y in (1, 2) for x in (1, 2, 3)]


def window(lowest: float, highest: float) -> str:
    return (
        '<scanList count="1"><scan><scanWindowList count="1"><scanWindow>'
        f'<cvParam accession="MS:1000501" name="scan window lower limit" value="{lowest}"/>'
        f'<cvParam accession="MS:1000500" name="scan window upper limit" value="{highest}"/>'
        "</scanWindow></scanWindowList></scan></scanList>"
    )


def write(path, windows, *, alternating: bool = False):
    """Write a spectrum of each of two windows for each pixel, or of one of them in turn."""
    spectra = []
    for number, (x, y) in enumerate(PIXELS):
        for place, (mz, one) in enumerate(zip(IONS, windows, strict=True)):
            if not alternating or number % 2 == place:
                spectra.append((x, y, [mz, mz + 20], [10.0 + number, 1.0], window(*one)))
    return write_kinds(path, spectra)


def rows_of(path) -> dict[str, str]:
    return {row.check: f"{row.level}: {row.found}" for row in check(path).rows}


@pytest.mark.parametrize("windows", [[(100, 250), (250, 400)], [(100, 255), (245.5, 400)]])
def test_parts_of_the_range_add_up(tmp_path, windows) -> None:
    path = write(tmp_path / "a.imzML", windows)
    expected = np.tile(np.arange(10.0, 16).reshape(2, 3), (2, 1, 1))
    np.testing.assert_array_equal(read_ions(path, IONS).images, expected)
    rows = rows_of(path)
    assert rows["parts of pixels"] == "note: 6 pixels have several spectra that differ in their ranges of m/z."
    assert rows["duplicates"].startswith("pass")
    assert "ranges of m/z" not in rows


@pytest.mark.parametrize("windows", [[(100, 400), (100, 250)], [(100, 300), (200, 400)]])
def test_ranges_that_overlap_are_no_parts(tmp_path, windows) -> None:
    path = write(tmp_path / "a.imzML", windows)
    with pytest.warns(match="several spectra"):
        images = read_ions(path, IONS).images
    np.testing.assert_array_equal(images[0], np.arange(10.0, 16).reshape(2, 3) / 2)
    assert rows_of(path)["duplicates"].startswith("warning")


def test_ranges_of_each_kind_of_spectra_are_its_own(tmp_path) -> None:
    path = write(tmp_path / "a.imzML", [(100, 250), (250, 400)])
    parts = open_imzml(path)
    np.testing.assert_array_equal(parts.ranges, [0, 1] * 6)
    assert parts.of(np.arange(0, 12, 2)).ranges is None


def test_ranges_that_alternate_are_told(tmp_path) -> None:
    path = write(tmp_path / "a.imzML", [(100, 250), (250, 400)], alternating=True)
    found = "The spectra were measured over 2 ranges of m/z, of which 6 pixels lack some."
    assert rows_of(path)["ranges of m/z"] == f"warning: {found}"


def test_the_index_keeps_ranges(tmp_path) -> None:
    path = write(tmp_path / "a.imzML", [(100, 250), (250, 400)])
    np.testing.assert_array_equal(open_imzml(path).ranges, open_imzml(path).ranges)
    np.testing.assert_array_equal(open_imzml(path).windows[:2], [[100, 250], [250, 400]])
