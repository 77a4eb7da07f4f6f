"""The spectrum list as columns: the same as pyIMZML finds, in any encoding, and what other programs write into it."""

import numpy as np
import pytest
from helpers import GOOD_FILES, read_ions
from pyimzml.ImzMLParser import ImzMLParser

from msiss.data.formats.imzml.reader import open_imzml, write_imzml
from msiss.data.formats.imzml.scan import Scan
from msiss.data.progress import ignore
from msiss.errors import MsissWarning

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def scanned(path):
    scan = Scan()
    scan.read(path, ignore)
    return scan


@pytest.mark.parametrize("name", GOOD_FILES)
def test_real_headers_are_read_as_by_pyimzml(test_data, name) -> None:
    file, parser = open_imzml(test_data / name), ImzMLParser(str(test_data / name), ibd_file=None)
    np.testing.assert_array_equal(file.coordinates, parser.coordinates)
    for layout, offsets, lengths in (
        (file.mz, parser.mzOffsets, parser.mzLengths),
        (file.intensity, parser.intensityOffsets, parser.intensityLengths),
    ):
        np.testing.assert_array_equal(layout.offsets, offsets)
        np.testing.assert_array_equal(layout.lengths, lengths)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "us-ascii"])
def test_headers_in_any_encoding(imzml, encoding) -> None:
    expected = read_ions(imzml, mz=np.array([150.02]))
    text = imzml.read_text()
    name = encoding.removesuffix("-sig")
    if encoding not in ("us-ascii",):
        text = text.replace('fullName="Proteomics', 'fullName="Prötéomics')
    imzml.write_bytes(text.replace('encoding="utf-8"', f'encoding="{name}"').encode(encoding))
    assert read_ions(imzml, mz=np.array([150.02])).fingerprint == expected.fingerprint


def test_the_head_is_the_document_with_its_first_spectrum(imzml) -> None:
    scan = scanned(imzml)
    assert len(scan.spectra) == 18
    assert [element.get("id") for element in scan.head.iter("spectrum")] == ["Scan=1"]
    assert len(list(scan.head.iter("binaryDataArray"))) == 2


def test_numbers_in_scientific_notation(imzml) -> None:
    expected = open_imzml(imzml)
    text = imzml.read_text()
    for name in ("external offset", "external array length", "position x"):
        before, *parts = text.split(f'name="{name}" value="')
        pieces = [before]
        for part in parts:
            number, rest = part.split('"', 1)
            pieces.append(f'name="{name}" value="{float(number):.6E}"{rest}')
        text = "".join(pieces)
    assert "E+0" in text
    imzml.write_text(text)
    found = open_imzml(imzml)
    np.testing.assert_array_equal(found.coordinates, expected.coordinates)
    np.testing.assert_array_equal(found.intensity.offsets, expected.intensity.offsets)
    np.testing.assert_array_equal(found.mz.lengths, expected.mz.lengths)


def test_arrays_of_ion_mobility_that_cannot_be_read_are_left_out_with_a_word(imzml) -> None:
    expected = read_ions(imzml, mz=np.array([150.02, 455.5]))
    group = (
        '<referenceableParamGroup id="mobility"><cvParam cvRef="MS" accession="MS:1003006" '
        'name="mean inverse reduced ion mobility array" value=""/><cvParam cvRef="MS" accession="MS:1002312" '
        'name="MS-Numpress linear prediction compression" value=""/></referenceableParamGroup>'
    )
    array = (
        '<binaryDataArray encodedLength="0"><referenceableParamGroupRef ref="mobility"/>'
        '<cvParam cvRef="IMS" accession="IMS:1000103" name="external array length" value="15"/>'
        '<cvParam cvRef="IMS" accession="IMS:1000102" name="external offset" value="16"/><binary/></binaryDataArray>'
    )
    text = imzml.read_text()
    text = text.replace("</referenceableParamGroupList>", group + "</referenceableParamGroupList>")
    imzml.write_text(text.replace("</binaryDataArrayList>", array + "</binaryDataArrayList>"))
    with pytest.warns(MsissWarning, match="left out: msiss does not read their number type.* share an image"):
        found = read_ions(imzml, mz=np.array([150.02, 455.5]))
    assert found.fingerprint == expected.fingerprint


def test_compression_said_in_each_array_counts(imzml) -> None:
    zlib = '<cvParam cvRef="MS" accession="MS:1000574" name="zlib compression" value=""/>'
    text = imzml.read_text().replace("<binary/>", zlib + "<binary/>")
    imzml.write_text(text)
    assert open_imzml(imzml).remarks[0].startswith("The header says that the m/z arrays are zlib-compressed, but")


def test_offsets_of_32_bits_that_began_anew_are_mended(tmp_path) -> None:
    """As programs write that count in 32 bits with sign: 2 GiB is -2 GiB, and 4 GiB is 0 again."""
    path = tmp_path / "a.imzML"
    write_imzml(path, [(x, 1, [100.0], [1.0]) for x in range(1, 7)])
    true = [16, 2**31 + 8, 3 * 2**30, 2**32 + 8, 2**32 + 2**31 + 8, 2**33 + 4]
    wrapped = [(value + 2**31) % 2**32 - 2**31 for value in true]
    text = path.read_text()
    pieces = text.split('name="external offset" value="')
    for number, value in enumerate(wrapped):
        place = 1 + 2 * number
        pieces[place] = f"{value}{pieces[place][pieces[place].index(chr(34)) :]}"
    path.write_text('name="external offset" value="'.join(pieces))
    np.testing.assert_array_equal(open_imzml(path).mz.offsets, true)
