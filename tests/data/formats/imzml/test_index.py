"""The index: a second opening reads no XML, a changed file is read again, and no damage of it matters."""

from dataclasses import fields

import numpy as np
import pytest

from msiss.data.formats.imzml import header, index
from msiss.data.formats.imzml.file import ArrayLayout
from msiss.data.formats.imzml.reader import open_imzml
from msiss.home import index_folder

pytestmark = pytest.mark.usefixtures("msiss_home")


@pytest.fixture
def parsed(monkeypatch):
    """Count how often XML is read."""
    calls = []
    parse = header._parse
    monkeypatch.setattr(header, "_parse", lambda *args: calls.append(1) or parse(*args))
    return calls


def assert_same(one, other) -> None:
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, ArrayLayout):
            assert_same(left, right)
        elif isinstance(left, np.ndarray):
            np.testing.assert_array_equal(left, right)
        else:
            assert left == right


def test_a_second_opening_reads_no_xml_and_gives_the_same(imzml, parsed) -> None:
    first, second = open_imzml(imzml), open_imzml(imzml)
    assert len(parsed) == 1
    assert_same(first, second)


def test_a_copy_finds_the_index_and_a_changed_file_does_not(imzml, parsed, tmp_path, edit) -> None:
    open_imzml(imzml)
    (tmp_path / "copy").mkdir()
    for suffix in (".imzML", ".ibd"):
        (tmp_path / "copy" / f"b{suffix}").write_bytes(imzml.with_suffix(suffix).read_bytes())
    copy = open_imzml(tmp_path / "copy" / "b.imzML")
    assert len(parsed) == 1
    assert copy.ibd_path == tmp_path / "copy" / "b.ibd"
    edit(imzml, 'position x" value="4"', 'position x" value="9"')
    assert 9 in open_imzml(imzml).coordinates[:, 0]
    assert len(parsed) == 2


def test_a_change_of_any_piece_or_of_their_order_is_another_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(index, "PIECE", 4)
    keys = set()
    for text in ("", "abcd", "abcdefghij", "Xbcdefghij", "abcdeXghij", "abcdefghiX", "efghabcdij", "abcdefghijk"):
        (tmp_path / "a").write_text(text)
        keys.add(index.fingerprint(tmp_path / "a"))
    assert len(keys) == 8


@pytest.mark.parametrize("damage", [b"", b"no archive", None])
def test_a_damaged_index_is_made_anew(imzml, parsed, damage) -> None:
    open_imzml(imzml)
    (kept,) = index_folder().glob("*.npz")
    kept.write_bytes(kept.read_bytes()[:500] if damage is None else damage)
    assert len(open_imzml(imzml)) == 18
    assert len(parsed) == 2
    open_imzml(imzml)
    assert len(parsed) == 2


def test_a_full_disk_costs_only_time(imzml, parsed, monkeypatch) -> None:
    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert len(open_imzml(imzml)) == len(open_imzml(imzml)) == 18
    assert len(parsed) == 2
    assert list(index_folder().iterdir()) == []


def test_the_oldest_indices_give_way(imzml, monkeypatch, edit) -> None:
    open_imzml(imzml)
    (first,) = index_folder().glob("*.npz")
    monkeypatch.setattr(index, "MOST_BYTES", int(1.5 * first.stat().st_size))
    edit(imzml, 'position x" value="4"', 'position x" value="9"')
    open_imzml(imzml)
    (left,) = index_folder().glob("*.npz")
    assert left != first
