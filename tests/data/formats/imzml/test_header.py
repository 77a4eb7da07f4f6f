"""What is taken from the header, and headers that cannot be understood."""

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats.imzml.reader import open_imzml, write_imzml
from msiss.errors import MsissWarning

pytestmark = pytest.mark.filterwarnings("ignore:.*[Aa]ccession:UserWarning")

# What is replaced in a good header, by what, and what the refusal says.
DAMAGED = {
    "pixel out of 64 bits": ('position x" value="4"', f'position x" value="{2**70}"', "not a usable number"),
    "half a pixel": ('position y" value="2"', 'position y" value="2.5"', "position y=2.5"),
    "entity": ("<mzML", '<!DOCTYPE mzML [<!ENTITY a "aaaa">]><mzML', "declares XML entities"),
    "web page": ("<?xml", "<html><?xml", "a web page"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_headers_that_cannot_be_understood_are_refused(imzml, edit, refuses, damage) -> None:
    old, new, message = DAMAGED[damage]
    edit(imzml, old, new)
    refuses(imzml, message)


def test_other_xml_is_named(imzml, refuses) -> None:
    imzml.write_text('<mzXML><msRun><scan num="1"/></msRun></mzXML>')
    refuses(imzml, "not imzML: it begins with <mzXML>")


@pytest.mark.parametrize("polarity", ["positive", "negative", "mixed", "unknown"])
def test_polarity(tmp_path, spectra, polarity) -> None:
    path = tmp_path / "a.imzML"
    write_imzml(path, spectra, polarity=polarity)
    assert open_imzml(path).polarity == polarity


@pytest.mark.parametrize("spectrum_type", ["centroid", "profile"])
def test_spectrum_type(tmp_path, spectra, spectrum_type) -> None:
    path = tmp_path / "a.imzML"
    write_imzml(path, spectra, spectrum_type=spectrum_type)
    assert open_imzml(path).spectrum_type == spectrum_type


@pytest.mark.parametrize("own", ["MS:1000127", "MS:1000128"])
@pytest.mark.parametrize("spectrum_type", ["centroid", "profile"])
def test_the_type_that_spectra_give_counts_more_than_that_of_the_file(tmp_path, spectra, spectrum_type, own) -> None:
    path = tmp_path / "a.imzML"
    write_imzml(path, spectra, spectrum_type=spectrum_type)
    path.write_text(path.read_text().replace("<scanList", f'<cvParam accession="{own}" name=""/><scanList'))
    assert open_imzml(path).spectrum_type == {"MS:1000127": "centroid", "MS:1000128": "profile"}[own]


MICROMETRE = ' unitCvRef="UO" unitAccession="UO:0000017" unitName="micrometer"'
PIXEL_SIZES = {
    "nanometre": ('UO:0000017" unitName="micrometer"', 'UO:0000018" unitName="nanometer"', (0.02, 0.01)),
    "millimetre": ('UO:0000017" unitName="micrometer"', 'UO:0000016" unitName="millimeter"', (20_000, 10_000)),
    "only the name of a unit": (
        ' unitAccession="UO:0000017" unitName="micrometer"',
        ' unitName="mm"',
        (20_000, 10_000),
    ),
    "metre by its name": (f'value="10.0"{MICROMETRE}', 'value="1e-05" unitName="metre"', (20, 10)),
    "micron": (' unitAccession="UO:0000017" unitName="micrometer"', ' unitName="microns"', (20, 10)),
    "unit in the value": (f'value="10.0"{MICROMETRE}', 'value="10 µm"', (20, 10)),
    "decimal comma": ('value="10.0" unitCvRef', 'value="10,5" unitCvRef', (20, 10.5)),
    "another letter": (' unitAccession="UO:0000017" unitName="micrometer"', ' unitName="\u03bcm"', (20, 10)),
    "no unit": (' unitCvRef="UO" unitAccession="UO:0000017" unitName="micrometer"', "", (20, 10)),
}


@pytest.mark.parametrize("unit", PIXEL_SIZES)
def test_pixel_size_is_in_micrometres_whatever_the_unit(imzml, unit) -> None:
    old, new, expected = PIXEL_SIZES[unit]
    imzml.write_text(imzml.read_text().replace(old, new))
    assert open_imzml(imzml).pixel_size == pytest.approx(expected)


@pytest.mark.parametrize("value", ["10 mm", "10x10", "1.000,5", "-10", "."])
def test_a_pixel_size_that_contradicts_itself_is_left_out(imzml, edit, value) -> None:
    edit(imzml, 'value="10.0"', f'value="{value}"')
    file = open_imzml(imzml)
    assert file.pixel_size is None
    assert any(f'"{value}"' in remark and "not a length" in remark for remark in file.remarks)


ACCESSIONS = {
    "small": 'accession="ims:1000050"',
    "space before": 'accession=" IMS:1000050"',
    "after": 'accession="IMS:1000050 "',
}


@pytest.mark.parametrize("name", ACCESSIONS)
def test_accessions_in_small_letters_and_with_spaces(imzml, name) -> None:
    expected = open_imzml(imzml).coordinates
    imzml.write_text(imzml.read_text().replace('accession="IMS:1000050"', ACCESSIONS[name]))
    np.testing.assert_array_equal(open_imzml(imzml).coordinates, expected)


def test_pixels_are_square_where_only_one_side_is_given(imzml, edit) -> None:
    edit(imzml, "IMS:1000047", "IMS:1000048")
    assert open_imzml(imzml).pixel_size == (10, 10)


@pytest.mark.parametrize(("old", "new"), [('"10.0"', '"-1"'), ('"10.0"', '"wide"'), ("UO:0000017", "UO:0000031")])
def test_a_pixel_size_that_is_no_length_is_left_out_with_a_warning(imzml, edit, old, new) -> None:
    edit(imzml, old, new)
    with pytest.warns(MsissWarning, match="is not a length and is left out"):
        assert read_ions(imzml, mz=np.array([150.02])).pixel_size is None


def test_accession_and_name_that_contradict_each_other(imzml, edit) -> None:
    """The name decides, and the lengths confirm it: a known mistake of export programs."""
    edit(imzml, "MS:1000523", "MS:1000521")
    assert open_imzml(imzml).mz.dtype == np.float64
