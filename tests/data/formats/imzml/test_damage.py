"""Why a header cannot be read."""

import pytest

from msiss.data.formats.imzml.reader import open_imzml
from msiss.errors import DataError

# What is taken out of a good header, and what is said about it.
INCOMPLETE = {
    '<cvParam cvRef="IMS" accession="IMS:1000051" name="position y" value="2"/>': "Spectrum 1 has no position y",
    '<scanList count="1">': "is damaged at line 20, after 0 complete spectra \\(mismatched tag\\)",
    'ref="mz"': 'does not say whether an array of spectrum 1 holds m/z or intensities. It refers to the group ""',
    'accession="MS:1000514" name="m/z array"': "say whether an array of spectrum 1 holds m/z or intensities. Export",
    '<cvParam cvRef="IMS" accession="IMS:1000102" name="external offset" value="16"/>': (
        "Spectrum 1 does not give the offset of an array in the .ibd file"
    ),
}


@pytest.mark.parametrize("part", INCOMPLETE)
def test_incomplete_headers_are_explained(imzml, edit, part) -> None:
    edit(imzml, part, "")
    with pytest.raises(DataError, match=INCOMPLETE[part]):
        open_imzml(imzml)


def test_a_header_that_is_cut_off_is_located(imzml) -> None:
    text = imzml.read_text()
    kept = text[: text.index('index="5"')]
    imzml.write_text(kept)
    line = kept.count("\n") + 1
    with pytest.raises(DataError, match=f"is cut off at line {line}, after 5 complete spectra"):
        open_imzml(imzml)


@pytest.mark.parametrize(
    "filling",
    ["<a>" * 5000 + "</a>" * 5000, "<a>" * 5000, "<a/>" * 1_100_000, f'<a b="{"c" * 6_000_000}"/>'],
    ids=["deep", "deep without an end", "long", "an attribute"],
)
def test_xml_of_which_nobody_needs_so_much_is_refused(imzml, edit, filling) -> None:
    edit(imzml, "<fileDescription", f"<x>{filling}</x><fileDescription")
    with pytest.raises(DataError, match="more XML in one place than any imzML file needs"):
        open_imzml(imzml)


@pytest.mark.parametrize("digits", ["9" * 100_000, "1e400", "-" * 100_000])
def test_numbers_of_many_digits_are_refused(imzml, edit, digits) -> None:
    edit(imzml, 'external offset" value="16"', f'external offset" value="{digits}"')
    with pytest.raises(DataError) as refused:
        open_imzml(imzml)
    assert len(str(refused.value)) < 1000
