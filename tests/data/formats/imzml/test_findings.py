"""Grids, modes and values that are wrong or unusual."""

import numpy as np
import pytest
from helpers import read_ions, reading

from msiss.data.formats.imzml.reader import read_imzml, write_imzml
from msiss.data.health import check
from msiss.data.recipe import ReadConfig
from msiss.errors import DataError, MsissWarning

pytestmark = pytest.mark.filterwarnings("ignore:.*[Aa]ccession:UserWarning")

# What is replaced in a good header, by what, and what the refusal says.
DAMAGED = {
    "far pixel": ('position x" value="4"', 'position x" value="40000000"', "spread over 39,999,998 x 4 pixels"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_grids_that_cannot_be_are_refused(imzml, edit, refuses, damage) -> None:
    old, new, message = DAMAGED[damage]
    edit(imzml, old, new)
    refuses(imzml, message)


def test_one_of_several_planes_is_read(imzml, edit) -> None:
    z = '<cvParam cvRef="IMS" accession="IMS:1000052" name="position z" value="{}"/>'
    imzml.write_text(imzml.read_text().replace("</scan>", z.format(3) + "</scan>"))
    edit(imzml, z.format(3), z.format(8))  # the first spectrum, at x=3, y=2, which then is at the place of the second
    edit(imzml, 'position x" value="3"', 'position x" value="4"')
    with pytest.raises(DataError, match=r"holds 2 planes \(z = 3, 8\)"):
        read_ions(imzml, mz=np.array([150.02]))
    with pytest.raises(DataError, match=r"no plane z = 4; there is z = 3, 8"):
        read_imzml(imzml, ReadConfig(plane=4))
    images = read_imzml(imzml, reading(np.array([150.02])).model_copy(update={"plane": 3}))
    assert images.mask.sum() == 17
    assert not images.mask[0, 0]
    rows = {row.check: row for row in check(imzml).rows}
    assert (rows["planes"].level, rows["pixels"].level) == ("warning", "pass")


# What is replaced in a good header, by what, and what the warning says.
UNUSUAL = {
    "other number of spectra": (
        '<spectrumList count="18"',
        '<spectrumList count="20"',
        "announces 20 spectra, but lists 18",
    ),
    "smaller grid": ('of pixels x" value="7"', 'of pixels x" value="6"', "declares 6 x 5 pixels"),
    "counted from 0": ('position x" value="3"', 'position x" value="0"', "do not count from 1"),
    "not continuous": ("IMS:1000031", "IMS:1000030", "says continuous mode"),
}


@pytest.mark.parametrize("change", UNUSUAL)
def test_unusual_headers_are_read_with_a_warning(imzml, edit, change) -> None:
    old, new, message = UNUSUAL[change]
    edit(imzml, old, new)
    with pytest.warns(MsissWarning, match=message):
        images = read_ions(imzml, mz=np.array([150.02]))
    assert images.mask.sum() == 18
    assert check(imzml).usable


def test_a_stray_pixel_is_warned_of(imzml, edit) -> None:
    edit(imzml, 'position x" value="7"', 'position x" value="900"')
    edit(imzml, 'of pixels x" value="7"', 'of pixels x" value="900"')
    with pytest.warns(MsissWarning, match="Only 18 of the 898 x 4 pixels"):
        read_ions(imzml, mz=np.array([150.02]))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -300.0, 1e7])
def test_impossible_mz_are_refused_with_their_place(tmp_path, spectra, wrong) -> None:
    spectra[4][2][3] = wrong
    path = tmp_path / "wrong.imzML"
    write_imzml(path, spectra)
    x, y = spectra[4][:2]
    with pytest.raises(DataError, match=rf"1 m/z value .* spectrum 5 \(pixel x={x}, y={y}\)"):
        read_ions(path, mz=np.array([150.02]))


def test_regions_far_apart_are_set_side_by_side_and_named(tmp_path, spectra) -> None:
    rng = np.random.default_rng(3)
    far = [(x + 5000, y + 1, mz, rng.gamma(2, 50, len(mz)).astype(np.float32)) for x, y, mz, _ in spectra]
    path = tmp_path / "two.imzML"
    write_imzml(path, [*(_more(spectra)), *(_more(far))])
    with pytest.warns(MsissWarning, match="2 regions lie far apart"):
        images = read_ions(path, mz=np.array([150.02, 900.4]))
    assert images.region_names == ("Region 1", "Region 2")
    assert images.shape == (9, 5 + 3 + 5)
    assert images.regions[0, 0] == 1
    assert images.regions[1, 8] == 2
    assert ((images.regions > 0) == images.mask).all()


def _more(spectra):
    """Return the spectra twice, one below the other, so that there are enough for a region."""
    return [*spectra, *((x, y + 4, mz, intensity) for x, y, mz, intensity in spectra)]


def test_hot_pixels_are_named(tmp_path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "hot.imzML"
    values = rng.gamma(50, 2, (200, 3))
    values[123] *= 1000
    write_imzml(path, [(1 + n % 20, 1 + n // 20, np.array([100.0, 200, 300]), row) for n, row in enumerate(values)])
    row = next(row for row in check(path).rows if row.check == "hot pixels")
    assert row.level == "warning"
    assert row.found.startswith("1 pixel has more than 10 times")
    assert "spectrum 124 (pixel x=4, y=7)" in row.found


def test_a_pixel_of_metres_is_doubted(imzml, edit) -> None:
    edit(imzml, 'unitAccession="UO:0000017"', 'unitAccession="UO:0000015"')
    row = next(row for row in check(imzml).rows if row.check == "pixel size")
    assert row.level == "warning"


def test_a_header_without_the_number_of_pixels_is_read(imzml, edit) -> None:
    edit(imzml, "IMS:1000042", "IMS:1000048")
    row = next(row for row in check(imzml).rows if row.check == "dimensions")
    assert row.found == "The header gives no number of pixels; the positions are used."
    assert len(read_ions(imzml, mz=np.array([150.02]))) == 1
