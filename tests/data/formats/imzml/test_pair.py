"""Which .ibd file belongs to which header, whatever their names; and files that are no imzML pair at all."""

import unicodedata
import uuid

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats import find
from msiss.data.formats.imzml.pair import first_look, partner, same_uuid
from msiss.data.formats.imzml.reader import open_imzml, write_imzml
from msiss.data.health import check
from msiss.errors import DataError

# Beginning of a file -> what it is taken for.
CONTENTS = {
    b"": "is empty",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:bb2636\n": "a Git-LFS pointer",
    b"PK\x03\x04rest": "a zip archive",
    b"\x1f\x8b\x08rest": "a gzip archive",
    b"<!DOCTYPE html><html><body>Not found": "a web page",
}
GREAT_NFC, GREAT_NFD = (unicodedata.normalize(form, "Größe") for form in ("NFC", "NFD"))
# Names of the two files of a pair, as programs, file servers and other systems leave them.
SPELLED = [
    ("Section.imzML", "section.ibd"),
    ("section.imzml", "SECTION.IBD"),
    ("SECTION.IMZML", "Section.ibd"),
    (f"{GREAT_NFC}.imzML", f"{GREAT_NFD}.ibd"),
    (f"{GREAT_NFD.upper()}.imzML", f"{GREAT_NFC}.ibd"),
    ("brain 1.2 (left).imzML", "brain 1.2 (LEFT).ibd"),
    ("a.imzML", "a.imzML.ibd"),
    ("[a]*.imzML", "[A]*.ibd"),
]


@pytest.mark.parametrize(("header", "ibd"), SPELLED)
@pytest.mark.parametrize("other", [None, "other.ibd"])
def test_spelled_names_are_a_pair(imzml, header, ibd, other) -> None:
    header, ibd = imzml.rename(imzml.with_name(header)), imzml.with_suffix(".ibd").rename(imzml.with_name(ibd))
    if other:
        ibd.with_name(other).write_bytes(ibd.read_bytes())
    assert (partner(header), partner(ibd), find(ibd)) == (ibd, header, header)
    assert len(read_ions(header, mz=np.array([150.02]))) == 1
    assert check(ibd).usable


@pytest.mark.parametrize("ending", [".ibd", ".IBD", ".Ibd"])
def test_the_ibd_is_found_whatever_the_case_of_its_ending(imzml, ending) -> None:
    ibd = imzml.with_suffix(".ibd").rename(imzml.with_suffix(ending))
    assert first_look(imzml) == ([], ibd)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_another_name_is_a_pair_by_the_uuid_alone(imzml, encoding) -> None:
    text = imzml.read_text(encoding="utf-8").replace('encoding="utf-8"', f'encoding="{encoding}"')
    imzml.write_text(text, encoding=encoding)
    ibd = imzml.with_suffix(".ibd").rename(imzml.with_name("section (1).ibd"))
    write_imzml(imzml.with_name("b.imzML"), [(1, 1, np.array([5.0]), np.array([1.0]))])
    assert (partner(imzml), partner(ibd)) == (ibd, imzml)
    (row,) = first_look(imzml)[0]
    assert (row.level, row.found) == ("note", "good.imzML is read together with section (1).ibd, which has its UUID.")
    assert len(read_ions(imzml, mz=np.array([150.02]))) == 1


def test_the_uuid_decides_among_files_of_one_name(imzml) -> None:
    ibd = imzml.with_suffix(".ibd").rename(imzml.with_name("GOOD.ibd"))
    imzml.with_name("Good.ibd").write_bytes(uuid.uuid4().bytes + ibd.read_bytes()[16:])
    imzml.with_name("good.ibd").write_bytes(uuid.uuid4().bytes)
    assert partner(imzml) == ibd
    imzml.with_name("good.ibd").write_bytes(ibd.read_bytes())  # copies; then the spelling decides
    assert partner(imzml) == imzml.with_name("good.ibd")


def test_a_file_of_the_same_name_is_not_left_for_one_with_the_uuid(imzml) -> None:
    """Programs that write changed data beside the originals keep the UUID in the header only."""
    ibd = imzml.with_suffix(".ibd")
    ibd.with_name("original.ibd").write_bytes(ibd.read_bytes())
    ibd.write_bytes(uuid.uuid4().bytes + ibd.read_bytes()[16:])
    assert partner(imzml) == ibd


def test_copies_under_other_names_are_not_chosen_from(imzml) -> None:
    ibd = imzml.with_suffix(".ibd")
    for name in ("copy 1.ibd", "copy 2.ibd"):
        ibd.with_name(name).write_bytes(ibd.read_bytes())
    ibd.unlink()
    assert partner(imzml) is None
    with pytest.raises(DataError, match=r"good.ibd is missing beside good.imzML \(copy 1.ibd, copy 2.ibd lie there\)"):
        open_imzml(imzml)


def test_zeros_are_no_uuid(imzml) -> None:
    text = imzml.read_text(encoding="utf-8")
    imzml.write_text(text.replace(open_imzml(imzml).uuid, str(uuid.UUID(int=0))), encoding="utf-8")
    other = imzml.with_name("other.ibd")
    other.write_bytes(bytes(100))
    imzml.with_suffix(".ibd").unlink()
    assert not same_uuid(imzml, other)
    assert partner(imzml) is None


def test_the_pair_of_a_link_lies_beside_it_or_beside_its_file(imzml, tmp_path) -> None:
    link = tmp_path / "links" / "section.imzML"
    link.parent.mkdir()
    link.symlink_to(imzml)
    assert partner(link) == imzml.with_suffix(".ibd")
    (link.parent / "section.ibd").symlink_to(imzml.with_suffix(".ibd"))
    assert partner(link) == link.parent / "section.ibd"


def test_a_missing_ibd_is_named_and_so_is_the_one_that_may_be_meant(imzml) -> None:
    imzml.with_suffix(".ibd").unlink()
    imzml.with_name("section 1.ibd").write_bytes(uuid.uuid4().bytes)
    with pytest.raises(DataError, match=r"good.ibd is missing beside good.imzML \(section 1.ibd lies there\)"):
        open_imzml(imzml)


def test_an_ibd_without_its_header_is_refused(imzml) -> None:
    imzml.unlink()
    with pytest.raises(DataError, match=r"The file good.imzML is missing beside it"):
        find(imzml.with_suffix(".ibd"))


def test_a_folder_is_not_a_file(tmp_path) -> None:
    (tmp_path / "a.imzML").mkdir()
    with pytest.raises(DataError, match="There is no file"):
        open_imzml(tmp_path / "a.imzML")


@pytest.mark.parametrize("suffix", [".imzML", ".ibd"])
@pytest.mark.parametrize("content", CONTENTS)
def test_other_content_is_named(imzml, suffix, content) -> None:
    imzml.with_suffix(suffix).write_bytes(content)
    with pytest.raises(DataError, match=CONTENTS[content]) as error:
        open_imzml(imzml)
    assert f"good{suffix}" in str(error.value)
