"""Zip files are unpacked with limits."""

import stat
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from msiss.data.findings import DataStop
from msiss.data.formats import unpack
from msiss.data.formats.unpack import Archive


def archive(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes], **how: int) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", **how) as file:  # type: ignore[arg-type]
        for name, content in members:
            file.writestr(name, content)
    return path


def unpacked(path: Path, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    with Archive(path) as opened:
        places = opened.unpack({name: name for name in opened.names}, folder)
    assert all(place.is_relative_to(folder) for place in places.values())
    return {str(name): place.read_bytes() for name, place in places.items()}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_keep_their_folders(tmp_path, method) -> None:
    path = archive(tmp_path, ("a/b.ibd", bytes(3_000_000)), ("µ/ü.imzML", b"x"), compression=method)
    assert unpacked(path, tmp_path / "out") == {"a/b.ibd": bytes(3_000_000), "µ/ü.imzML": b"x"}


def test_no_name_leads_out_of_the_folder(tmp_path) -> None:
    names = ["../../evil.txt", "/etc/evil.conf", r"..\..\evil.ini", "C:/evil.bat", "a/../../evil.sh", "con.txt"]
    found = unpacked(archive(tmp_path, *((name, b"x") for name in names)), tmp_path / "out")
    assert len(found) == len(names)
    assert all(".." not in PurePosixPath(name).parts for name in found)
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip", "out"}


def test_links_and_folders_are_not_files(tmp_path) -> None:
    link = zipfile.ZipInfo("section.imzML")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert unpacked(archive(tmp_path, (link, b"/etc/passwd"), ("in/", b""), ("b", b"x")), tmp_path / "out") == {
        "b": b"x"
    }


def test_a_locked_file_is_refused(tmp_path) -> None:
    path = archive(tmp_path, ("a.imzML", b"secret"))
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(DataStop, match="locked by a password"):
        unpacked(path, tmp_path / "out")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_packing_is_refused(tmp_path, method) -> None:
    with pytest.raises(DataStop, match="packed in a way that msiss does not know"):
        unpacked(archive(tmp_path, ("a.imzML", bytes(99)), compression=method), tmp_path / "out")


def test_the_packing_of_windows_for_large_files_is_refused(tmp_path) -> None:
    path = archive(tmp_path, ("a.imzML", bytes(99)), compression=zipfile.ZIP_DEFLATED)
    content = bytearray(path.read_bytes())
    content[8] = 9
    content[content.index(b"PK\1\2") + 10] = 9
    path.write_bytes(content)
    with pytest.raises(DataStop, match="as Windows does"):
        unpacked(path, tmp_path / "out")


def test_damage_is_refused(tmp_path) -> None:
    path = archive(tmp_path, ("a.imzML", bytes(range(99))))
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataStop, match=r"a\.imzML in the zip file is damaged"):
        unpacked(path, tmp_path / "out")
    path.write_bytes(content[:70])
    with pytest.raises(DataStop, match="The zip file is damaged"):
        Archive(path)


def test_more_than_the_size_of_the_zip_file_allows_is_refused(tmp_path, monkeypatch) -> None:
    path = archive(tmp_path, ("a.ibd", bytes(2_000_000)), compression=zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(unpack, "most_unpacked", lambda size: 1_000_000)
    with pytest.raises(DataStop, match="made to do harm"):
        unpacked(path, tmp_path / "out")
    content = bytearray(path.read_bytes())  # it declares less than it unpacks to
    place = content.index(b"PK\1\2") + 24
    content[place : place + 4] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(DataStop):
        unpacked(path, tmp_path / "out2")
    assert sum(file.stat().st_size for file in (tmp_path / "out2").rglob("*")) <= 1_000_000


def test_more_than_the_disk_holds_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(unpack, "FREE", 10**18)
    with pytest.raises(DataStop, match="the disk has no space"):
        unpacked(archive(tmp_path, ("a.ibd", bytes(9))), tmp_path / "out")


def test_too_many_files_are_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(unpack, "MOST_MEMBERS", 2)
    with pytest.raises(DataStop, match="more than 2 files"):
        Archive(archive(tmp_path, *((str(n), b"") for n in range(3))))
