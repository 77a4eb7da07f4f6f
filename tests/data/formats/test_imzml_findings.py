"""Grids, modes and values that are wrong or unusual."""

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats.imzml import write_imzml
from msiss.data.health import check
from msiss.errors import DataError, MsissWarning

pytestmark = pytest.mark.filterwarnings("ignore:.*[Aa]ccession:UserWarning")

# What is replaced in a good header, by what, and what the refusal says.
DAMAGED = {
    "far pixel": ('position x" value="4"', 'position x" value="40000000"', "spread over 39,999,998 x 4 pixels"),
    "layers": (
        'position y" value="2"/>',
        'position y" value="2"/><cvParam cvRef="IMS" accession="IMS:1000052" name="position z" value="2"/>',
        "2 planes",
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_grids_that_cannot_be_are_refused(imzml, edit, refuses, damage) -> None:
    old, new, message = DAMAGED[damage]
    edit(imzml, old, new)
    refuses(imzml, message)


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
