"""Which arrays hold what, and when that is not known."""

import re

import numpy as np
import pytest

from msiss.data.formats.imzml.reader import open_imzml, write_imzml
from msiss.errors import DataError

MZ = '<cvParam accession="MS:1000514" name="m/z array"/>'
DOUBLE, SINGLE = (
    f'<cvParam accession="MS:100052{one}" name="{name} float"/>' for one, name in ((3, "64-bit"), (1, "32-bit"))
)
ZLIB = '<cvParam accession="MS:1000574" name="zlib compression"/>'
MOBILITY = '<cvParam accession="MS:1003006" name="mean inverse reduced ion mobility array"/>'


@pytest.fixture
def row(tmp_path):
    path = tmp_path / "row.imzML"
    write_imzml(path, [(x, 1, np.arange(100.0, 105), np.ones(5)) for x in range(1, 5)])
    return path


def arrays(path) -> list[str]:
    """Return the text of the file, with an array at every odd place."""
    return re.split("(<binaryDataArray .*?</binaryDataArray>)", path.read_text())


def change(path, places, old, new) -> None:
    """Change some of the arrays; even ones hold m/z and odd ones intensities."""
    pieces = arrays(path)
    for place in places:
        changed = re.sub(old, new, pieces[1 + 2 * place])
        assert changed != pieces[1 + 2 * place]
        pieces[1 + 2 * place] = changed
    path.write_text("".join(pieces))


REFERENCE = '<referenceableParamGroupRef ref="[a-z]+"/>'


@pytest.mark.parametrize(
    ("places", "new", "message"),
    [
        ((4,), "", "whether an array of spectrum 3 holds m/z or intensities. Export"),
        (
            range(8),
            '<referenceableParamGroupRef ref="gone"/>',
            'of spectrum 1 .* refers to the group "gone", which does',
        ),
        ((5,), DOUBLE, "whether an array of spectrum 3 holds"),
        ((7,), MZ + DOUBLE, "Spectrum 4 has 2 arrays of the kind m/z array. It is not known which one is meant"),
        ((1, 3, 5, 7), MOBILITY, "No array of the spectra is described as intensity array"),
    ],
)
def test_arrays_of_which_nobody_knows_what_they_hold(row, places, new, message) -> None:
    change(row, places, REFERENCE, new)
    with pytest.raises(DataError, match=message):
        open_imzml(row)


def test_a_third_array_of_which_nobody_knows_what_it_holds_is_ignored(row) -> None:
    pieces = arrays(row)
    for place in (1, 5):
        pieces[place + 2] += re.sub(REFERENCE, SINGLE, pieces[place])
    row.write_text("".join(pieces))
    file = open_imzml(row)
    np.testing.assert_array_equal(file.mz.lengths, [5, 5, 5, 5])
    assert "an array of which the header does not say what it is" in file.remarks[0]


@pytest.mark.parametrize("in_group", [False, True])
def test_the_value_of_a_general_term_says_what_an_array_holds(row, in_group) -> None:
    terms = '<cvParam accession="MS:1000786" name="non-standard data array" value="Ion Mobility"/>' + DOUBLE
    pieces = arrays(row)
    for place in range(1, 16, 4):
        pieces[place + 2] += re.sub(
            REFERENCE, '<referenceableParamGroupRef ref="im"/>' if in_group else terms, pieces[place]
        )
    end = "</referenceableParamGroupList>"
    group = f'<referenceableParamGroup id="im">{terms}</referenceableParamGroup>{end}'
    row.write_text("".join(pieces).replace(end, group))
    layout = open_imzml(row).mobility_array
    np.testing.assert_array_equal(layout.lengths, [5, 5, 5, 5])


def test_several_groups_of_one_array_add_up(row) -> None:
    groups = "".join(
        f'<referenceableParamGroup id="{name}">{term}</referenceableParamGroup>'
        for name, term in (("a", MZ), ("b", DOUBLE))
    )
    change(row, (0, 2, 4, 6), REFERENCE, '<referenceableParamGroupRef ref="a"/><referenceableParamGroupRef ref="b"/>')
    row.write_text(row.read_text().replace("</referenceableParamGroupList>", f"{groups}</referenceableParamGroupList>"))
    assert open_imzml(row).mz.dtype == np.float64


def test_an_empty_array_of_another_type_changes_nothing(row) -> None:
    change(row, (2, 3), '(IMS:100010[23]"[^>]*value=)"[0-9]+"', r'\1"0"')
    change(row, (2,), REFERENCE, MZ + SINGLE + ZLIB)
    layout = open_imzml(row).mz
    assert (layout.dtype, layout.compression) == (np.float64, "none")
    np.testing.assert_array_equal(layout.lengths, [5, 0, 5, 5])


def test_arrays_that_are_compressed_only_in_part_are_not_taken_for_one_or_the_other(row) -> None:
    change(row, (2,), "<binary/>", f"{ZLIB}<binary/>")
    assert open_imzml(row).mz.compression == "none + zlib"


def test_the_encoded_length_of_every_array_is_kept(row) -> None:
    change(row, (1,), 'IMS:1000104"[^>]*value="[0-9]+"', 'IMS:1000104" value="77"')
    change(row, (4,), "<cvParam[^>]*IMS:1000104[^>]*>", "")
    change(row, (6,), 'IMS:1000104"[^>]*value="[0-9]+"', 'IMS:1000104" value="-9"')
    file = open_imzml(row)
    np.testing.assert_array_equal(file.mz.encoded, [40, 40, -1, -1])
    np.testing.assert_array_equal(file.intensity.encoded, [77, 20, 20, 20])


@pytest.mark.parametrize("held", [(0, 1, 2, 3), (0, 1, 3)])
def test_a_third_array_of_mobilities_has_a_layout_if_every_value_has_one(row, held) -> None:
    pieces = arrays(row)
    for place in held:
        third = pieces[1 + 4 * place].replace('<referenceableParamGroupRef ref="mz"/>', MOBILITY + SINGLE + ZLIB)
        pieces[3 + 4 * place] += third
    row.write_text("".join(pieces))
    file = open_imzml(row)
    if len(held) < len(file):
        assert file.mobility_array is None
        assert "do not have one value for each m/z" in file.remarks[-1]
        return
    for one in (file, open_imzml(row)):  # the second time from the index
        layout = one.mobility_array
        assert (layout.dtype, layout.compression) == (np.float32, "zlib")
        np.testing.assert_array_equal(layout.lengths, [5, 5, 5, 5])
        np.testing.assert_array_equal(layout.offsets, file.mz.offsets)
    np.testing.assert_array_equal(file.of(np.array([3])).mobility_array.lengths, [5])


def test_there_is_no_layout_without_them(row) -> None:
    assert open_imzml(row).mobility_array is None
