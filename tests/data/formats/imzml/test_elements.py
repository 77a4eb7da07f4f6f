"""What a header may lack, and where else it may say things: the images are the same."""

import re

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats.imzml.reader import open_imzml, write_imzml
from msiss.errors import DataError

IONS = np.array([150.02, 455.5])
POSITIONS = re.compile(r'(<cvParam cvRef="IMS" accession="IMS:100005[012]"[^>]*/>)')
GROUPS = re.compile(r"<referenceableParamGroupList.*?</referenceableParamGroupList>", re.DOTALL)


def without(element: str):
    return lambda text: re.sub(rf"<{element}\b.*?</{element}>", "", text, flags=re.DOTALL)


def emptied(element: str):
    return lambda text: re.sub(rf"(<{element}\b[^>]*>).*?(</{element}>)", r"\1\2", text, flags=re.DOTALL)


def within(element: str):
    """Put all positions into another element."""

    def change(text: str) -> str:
        spectra = text.split("<spectrum ")
        for number, one in enumerate(spectra[1:], 1):
            found = "".join(POSITIONS.findall(one))
            spectra[number] = POSITIONS.sub("", one).replace(f"<{element}", f"{found}<{element}", 1)
        return "<spectrum ".join(spectra)

    return change


def with_own_terms(text: str) -> str:
    """Write the terms of groups where they are referred to, and no groups."""
    groups = dict(re.findall(r'<referenceableParamGroup id="(\w+)">(.*?)</referenceableParamGroup>', text))
    text = re.sub(r'<referenceableParamGroupRef ref="(\w+)"/>', lambda match: groups[match[1]], text)
    return GROUPS.sub("", text)


def user_positions(text: str) -> str:
    return re.sub(
        r'<cvParam cvRef="IMS" accession="IMS:100005[01]" name="(position \w)"', r'<userParam name="\1"', text
    )


def reversed_attributes(tag: re.Match) -> str:
    return " ".join([tag[1], *re.findall(r'\S+="[^"]*"', tag[2])[::-1]]) + "/>"


def prefixed(text: str) -> str:
    text = re.sub(r"<(/?)(\w+)", r"<\1ms:\2", text.partition("?>")[2])
    return text.replace("xmlns=", "xmlns:ms=")


def indexed(text: str) -> str:
    start, body = text.split("?>", 1)
    after = '<indexList count="1"><index name="spectrum"><offset idRef="a">7</offset></index></indexList>'
    return f'{start}?><indexedmzML xmlns="urn:a">{body}{after}<indexListOffset>9</indexListOffset></indexedmzML>'


HARMLESS = {
    "no list of vocabularies": without("cvList"),
    "no description of the file": without("fileDescription"),
    "no content of the file": without("fileContent"),
    "no software": without("softwareList"),
    "no settings": without("scanSettingsList"),
    "no instrument": without("instrumentConfigurationList"),
    "no processing": without("dataProcessingList"),
    "empty settings": emptied("scanSettingsList"),
    "empty instruments": emptied("instrumentConfigurationList"),
    "empty software": emptied("softwareList"),
    "empty content": emptied("fileContent"),
    "nothing at all": lambda text: without("scanSettingsList")(
        without("instrumentConfigurationList")(without("dataProcessingList")(without("softwareList")(text)))
    ),
    "no groups": with_own_terms,
    "groups that do not exist": lambda text: text.replace('ref="spectrum"', 'ref="gone"'),
    "no attributes of the list": lambda text: re.sub("<spectrumList[^>]*>", "<spectrumList>", text),
    "wrong count": lambda text: text.replace('<spectrumList count="18"', '<spectrumList count="many"'),
    "no attributes of spectra": lambda text: re.sub("<spectrum [^>]*>", "<spectrum>", text),
    "no number of a layer": lambda text: text.replace("<scan>", '<scan><cvParam accession="IMS:1000052" value="NaN"/>'),
    "an empty layer": lambda text: text.replace("<scan>", '<scan><cvParam accession="IMS:1000052" value=""/>'),
    "positions in the spectrum": within("scanList"),
    "positions at its end": within("/spectrum>"),
    "positions of users": user_positions,
    "a scan too much": lambda text: text.replace(
        "</scanList>", '<scan><cvParam accession="IMS:1000050" value="99"/></scan></scanList>'
    ),
    "no scans": lambda text: re.sub("</?scan(List)?( [^>]*)?>", "", text),
    "terms without names": lambda text: re.sub(r'(<cvParam[^>]*) name="[^"]*"', r"\1", text),
    "terms without accessions": lambda text: re.sub(r' accession="[^"]*"', "", text),
    "terms with null for an accession": lambda text: re.sub(r' accession="[^"]*"', ' accession="null"', text),
    "terms without vocabularies": lambda text: re.sub(r' cvRef="\w+"', "", text),
    "terms without values": lambda text: text.replace(' value=""', ""),
    "odd terms": lambda text: re.sub("(<scan>|<fileContent>|<scanSettings [^>]*>)", r"\1<cvParam/><userParam/>", text),
    "odd terms in arrays": lambda text: text.replace("<binary/>", '<cvParam name="a" value="b"/><userParam/><binary/>'),
    "unknown terms": lambda text: text.replace("<scan>", '<scan><cvParam accession="XX:1" name="a" value="b"/>'),
    "an index": indexed,
    "prefixes": prefixed,
    "another namespace": lambda text: text.replace("http://psi.hupo.org/ms/mzml", "urn:other"),
    "no namespace": lambda text: text.replace(' xmlns="http://psi.hupo.org/ms/mzml"', ""),
    "another root": lambda text: text.replace("<mzML", "<a><mzML").replace("</mzML>", "</mzML></a>"),
    "no declaration": lambda text: text.partition("?>")[2],
    "lines before": lambda text: f"\n \n{text}",
    "text behind": lambda text: f"{text}\n<!-- --> and\0 more </a>",
    "NULs behind": lambda text: text + 5000 * "\0",
    "single quotes": lambda text: text.replace('"', "'"),
    "attributes in reverse": lambda text: re.sub("(<cvParam) ([^>]*)/>", reversed_attributes, text),
    "lengths in the attributes": lambda text: re.sub(
        r'(<binaryDataArray)( .*?)<cvParam cvRef="IMS" accession="IMS:1000103"[^>]*value="(\d+)"/>',
        r'\1 arrayLength="\3"\2',
        text,
    ),
    "no lengths in bytes": lambda text: re.sub('<cvParam [^>]*accession="IMS:1000104"[^>]*>', "", text),
    "spaces in numbers": lambda text: re.sub(r'(position \w" value=")(\d+)"', r'\1 \2 "', text),
}


@pytest.mark.parametrize("change", HARMLESS)
@pytest.mark.filterwarnings("ignore::msiss.errors.MsissWarning")
def test_what_nobody_needs_may_be_missing_or_elsewhere(imzml, change) -> None:
    expected = read_ions(imzml, IONS)
    text = imzml.read_text()
    changed = HARMLESS[change](text)
    assert changed != text
    imzml.write_text(changed)
    found = read_ions(imzml, IONS)
    np.testing.assert_array_equal(found.images, expected.images)
    np.testing.assert_array_equal(found.mask, expected.mask)


@pytest.fixture
def row(tmp_path):
    """Return a file of four pixels with as many values, whose text can be changed."""
    path = tmp_path / "row.imzML"
    write_imzml(path, [(x, 1, [100.0, 200.0], [1.0 * x, 2.0 * x]) for x in range(1, 5)])
    return path


@pytest.mark.parametrize(
    "lists",
    [
        "",
        "<binaryDataArrayList/>",
        '<binaryDataArrayList count="0"></binaryDataArrayList>',
        '<binaryDataArrayList count="2"><binaryDataArray><referenceableParamGroupRef ref="mz"/>'
        '<cvParam accession="IMS:1000103" value="0"/></binaryDataArray></binaryDataArrayList>',
        '<binaryDataArrayList count="2"><binaryDataArray><referenceableParamGroupRef ref="mz"/>'
        '<cvParam accession="IMS:1000103" value="0"/><cvParam accession="IMS:1000102" value="0"/></binaryDataArray>'
        '<binaryDataArray><referenceableParamGroupRef ref="intensity"/><cvParam accession="IMS:1000103" value="0"/>'
        "</binaryDataArray></binaryDataArrayList>",
    ],
)
@pytest.mark.parametrize("which", [0, 2])
@pytest.mark.filterwarnings("ignore::msiss.errors.MsissWarning")
def test_a_spectrum_without_arrays_is_a_measured_pixel_without_signal(row, lists, which) -> None:
    spectra = re.split("(<binaryDataArrayList.*?</binaryDataArrayList>)", row.read_text())
    spectra[1 + 2 * which] = lists
    row.write_text("".join(spectra))
    images = read_ions(row, np.array([100.0, 200.0]))
    expected = np.array([[1.0, 2.0, 3.0, 4.0]])
    expected[0, which] = 0
    np.testing.assert_array_equal(images.images, [expected, 2 * expected])
    assert images.mask.all()


def test_a_length_may_stand_in_the_group(row) -> None:
    text = re.sub('<cvParam[^>]*IMS:1000103[^>]*value="2"/>', "", row.read_text())
    length = r'\1<cvParam accession="IMS:1000103" value="2"/>'
    row.write_text(re.sub('(<referenceableParamGroup id="(?:mz|intensity)">)', length, text))
    np.testing.assert_array_equal(open_imzml(row).mz.lengths, [2, 2, 2, 2])


def test_values_in_the_header_itself_are_refused_by_name(row) -> None:
    """As in mzML files that were renamed; where other spectra are empty, they must not be taken for empty ones."""
    text = re.sub('<cvParam[^>]*IMS:100010[234]"[^>]*>', "", row.read_text())
    begin, array, end = text.rpartition('<binaryDataArray encodedLength="0">')
    assert array
    row.write_text(f'{begin}<binaryDataArray encodedLength="12">{end}')
    with pytest.raises(DataError, match=r"Spectrum 4 has its values in the \.imzML file, as mzML files have them"):
        open_imzml(row)


def test_terms_behind_the_arrays_are_those_of_the_spectrum(row) -> None:
    negative = '<cvParam accession="MS:1000129" name="negative scan"/>'
    row.write_text(row.read_text().replace("</spectrum>", f"{negative}</spectrum>"))
    file = open_imzml(row)
    assert file.polarity == "negative"
    assert file.intensity.dtype == np.float32


def test_positions_of_terms_count_more_than_those_of_users(row) -> None:
    text = row.read_text().replace(
        "<scan>", '<scan><userParam name="x" value="15635.5"/><userParam name="y" value="8"/>'
    )
    row.write_text(text)
    assert open_imzml(row).coordinates.tolist() == [[1, 1, 1], [2, 1, 1], [3, 1, 1], [4, 1, 1]]


def with_stage(path, *values) -> np.ndarray | None:
    """Write positions on the stage into spectra, and return what is read."""
    places = iter(values)

    def add(match: re.Match) -> str:
        x, y = next(places)
        return f'{match[0]}<userParam name="3DPositionX" value="{x}"/><userParam name="3DPositionY" value="{y}"/>'

    path.write_text(re.sub("<scan>", add, path.read_text()))
    return open_imzml(path).stage


def test_the_stage_is_in_micrometres(row) -> None:
    found = with_stage(row, ("15635.508789", "1715.6"), ("15735.5", 1715.6), ("-1e2", 0), (5, 6))
    np.testing.assert_array_equal(found, [[15635.508789, 1715.6], [15735.5, 1715.6], [-100, 0], [5, 6]])


def test_numbers_of_pixels_are_no_places_on_the_stage(row) -> None:
    assert with_stage(row, ("1.000000", "1.000000"), ("2.0", 1), (3, 1), (4, 1)) is None


def test_mobilities_of_spectra(row) -> None:
    terms = iter([0.85, 0.9, "much"])
    text = re.sub(
        "<scan>",
        lambda match: f'{match[0]}<cvParam accession="MS:1002815" value="{next(terms, 1.1)}"/>',
        row.read_text(),
    )
    assert open_imzml(row).mobility is None
    row.write_text(text)
    file = open_imzml(row)
    np.testing.assert_array_equal(file.mobility, [0.85, 0.9, np.nan, 1.1])
    np.testing.assert_array_equal(file.of(np.array([3, 0])).mobility, [1.1, 0.85])


@pytest.mark.parametrize("default", ["", ' defaultArrayLength="0"'])
def test_a_length_that_nobody_gives(row, default) -> None:
    text = re.sub(r"<cvParam[^>]*IMS:1000103[^>]*/>", "", row.read_text())
    row.write_text(text.replace(' defaultArrayLength="0"', default))
    with pytest.raises(DataError, match=r"Spectrum 1 does not give the length of an array in the .ibd file"):
        open_imzml(row)


def test_an_array_that_says_nothing_is_empty(row) -> None:
    text = re.sub(r"<cvParam[^>]*IMS:100010[234][^>]*/>", "", row.read_text(), count=6)
    row.write_text(text)
    file = open_imzml(row)
    np.testing.assert_array_equal(file.mz.lengths, [0, 2, 2, 2])
    np.testing.assert_array_equal(file.intensity.lengths, [0, 2, 2, 2])
