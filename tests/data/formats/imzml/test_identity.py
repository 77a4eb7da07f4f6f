"""Whether the .ibd file belongs to its header: UUIDs as programs write them, and a pair whose UUIDs differ."""

import re
import uuid
import warnings
from pathlib import Path

import numpy as np
import pytest

from msiss.data.formats.imzml.identity import parsed
from msiss.data.formats.imzml.reader import open_imzml, read_imzml, write_imzml
from msiss.data.health import HealthRow, check
from msiss.data.importing import import_data
from msiss.data.recipe import ReadConfig, Recipe
from msiss.errors import DataError, MsissWarning

ANYWAY = ReadConfig(number=5, other_uuid=True)
IDENTITY = uuid.UUID("a1b2c3d4-0000-4000-8000-0123456789ab")
WRITTEN = ["{}", "{{{}}}", "urn:uuid:{}", " {} ", "({})", "uuid:{}", "{{ {} }}"]


def row_of(path: Path, name: str = "identity", **how) -> HealthRow:
    return next(row for row in check(path, **how).rows if row.check == name)


@pytest.fixture
def other(imzml) -> Path:
    """Return a pair whose UUIDs differ, without a checksum."""
    text = imzml.read_text(encoding="utf-8")
    imzml.write_text(re.sub(r"<cvParam[^>]*IMS:1000091[^>]*/>", "", text), encoding="utf-8")
    ibd = imzml.with_suffix(".ibd")
    ibd.write_bytes(IDENTITY.bytes + ibd.read_bytes()[16:])
    return imzml


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("text", [str(IDENTITY), str(IDENTITY).upper(), IDENTITY.hex])
def test_a_uuid_is_read_however_it_is_written(form, text) -> None:
    assert parsed(form.format(text)) == IDENTITY


@pytest.mark.parametrize("text", ["", "none", "a1b2", f"{IDENTITY}0", f"{IDENTITY}"[:-1]])
def test_what_is_no_uuid_is_none(text) -> None:
    assert parsed(text) is None


@pytest.mark.parametrize("form", WRITTEN)
def test_other_spellings_belong_together(imzml, edit, form) -> None:
    known = open_imzml(imzml).uuid
    edit(imzml, known, form.format(known.strip("{}").replace("-", "").upper()))
    assert row_of(imzml).level == "pass"


def test_a_file_without_identity_is_read_with_a_warning(imzml, edit) -> None:
    edit(imzml, "IMS:1000080", "IMS:1000099")
    with pytest.warns(MsissWarning, match="gives no UUID"):
        assert len(read_imzml(imzml, ReadConfig(number=5))) == 5


FORMS = {
    "the byte order of Windows": lambda identity: identity.bytes_le,
    "hexadecimal letters": lambda identity: identity.hex.encode(),
    "a text": lambda identity: str(identity).upper().encode(),
    "braces": lambda identity: f"{{{identity}}}".encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_identity_in_other_forms(imzml, form) -> None:
    identity = parsed(open_imzml(imzml).uuid)
    data = bytearray(imzml.with_suffix(".ibd").read_bytes())
    assert data[:16] == identity.bytes
    data[:16] = FORMS[form](identity)[:16]
    imzml.with_suffix(".ibd").write_bytes(data)
    assert len(read_imzml(imzml, ReadConfig(number=5))) == 5


def test_another_uuid_stops_with_a_way_to_go_on(other) -> None:
    row = row_of(other)
    assert (row.level, row.setting, [value for value, _ in row.options]) == ("stop", "other_uuid", ["false", "true"])
    assert f"are {IDENTITY.hex}, the UUID is" in row.text
    assert "Its size fits the header exactly." in row.text
    assert "--other-uuid" in row.action
    with pytest.raises(DataError, match="may belong to another file"):
        read_imzml(other, ReadConfig(number=5))


def test_who_knows_better_goes_on_and_the_data_set_tells(other, imzml, tmp_path, spectra) -> None:
    row = row_of(other, config=ANYWAY)
    assert (row.level, row.setting, [value for value, _ in row.options]) == ("warning", "other_uuid", ["true", "false"])
    with pytest.warns(MsissWarning, match="used all the same"):
        images = import_data([other], Recipe(read=ANYWAY))
    assert images.recipe["read"]["other_uuid"] is True
    write_imzml(tmp_path / "same.imzML", spectra)
    np.testing.assert_array_equal(images.images, read_imzml(tmp_path / "same.imzML", ReadConfig(number=5)).images)


@pytest.mark.parametrize("change", [lambda data: data + bytes(2000), lambda data: data[:-100]])
def test_another_size_stays_a_stop(other, change) -> None:
    ibd = other.with_suffix(".ibd")
    ibd.write_bytes(change(ibd.read_bytes()))
    for config in (ANYWAY, ReadConfig()):
        row = row_of(other, config=config)
        assert (row.level, row.setting) == ("stop", "")
        assert "does not fit the header, either" in row.text


def test_a_little_more_than_the_header_uses_may_be_used(other) -> None:
    with other.with_suffix(".ibd").open("ab") as ibd:
        ibd.write(bytes(20))
    assert "Its size fits the header." in row_of(other).text


def test_a_file_whose_checksum_fits_is_said_to_be_unchanged(imzml, edit) -> None:
    edit(imzml, open_imzml(imzml).uuid.strip("{}"), str(IDENTITY))
    row = row_of(imzml)
    assert row.level == "stop"
    assert "good.ibd is unchanged since it was written (sha1)" in row.text


@pytest.mark.parametrize("changed", [False, True])
def test_a_file_whose_checksum_fits_but_for_the_uuid_is_said_to_be_so(imzml, changed) -> None:
    data = imzml.with_suffix(".ibd").read_bytes()
    imzml.with_suffix(".ibd").write_bytes(IDENTITY.bytes + data[16:-1] + bytes([data[-1] ^ changed]))
    row = row_of(imzml)
    assert row.level == "stop"
    assert ("But for its UUID, good.ibd is unchanged since it was written (sha1)." in row.text) != changed
    assert ("does not have the checksum" in row.text) == changed


def test_compressed_arrays_fit_by_their_declared_bytes(other) -> None:
    """The header of a compressed file says how many bytes its arrays take, or the next array does."""
    text = other.read_text(encoding="utf-8")
    other.write_text(text.replace("MS:1000576", "MS:1000574"), encoding="utf-8")
    assert "Its size fits the header exactly." in row_of(other).text
    other.write_text(
        re.sub(r"<cvParam[^>]*IMS:1000104[^>]*/>", "", other.read_text(encoding="utf-8")), encoding="utf-8"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert "Its size fits the header" in row_of(other).text


def test_the_checksum_is_compared_on_request_only(imzml) -> None:
    def row(*, checksum: bool):
        return row_of(imzml, "checksum", checksum=checksum)

    assert "not asked for" in row(checksum=False).text
    assert row(checksum=True).text == "good.ibd is unchanged since it was written (sha1)."
    data = bytearray(imzml.with_suffix(".ibd").read_bytes())
    data[-1] ^= 1
    imzml.with_suffix(".ibd").write_bytes(data)
    assert row(checksum=False).level == "pass"
    assert row(checksum=True).level == "warning"
