"""Arrays in .npy and .npz files are read as NumPy reads them, whatever the files claim about themselves."""

import io
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest

from msiss.data.findings import DataStop
from msiss.data.formats import budget as budgets
from msiss.data.formats.arrays import load
from msiss.data.formats.budget import Budget
from msiss.data.formats.npy import open_npz, read_npy
from msiss.data.formats.numpy_pickle import NotPlain


def written(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version)
    return file.getvalue()


def with_header(header: str, content: bytes = b"", *, length: int | None = None) -> bytes:
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + (len(text) if length is None else length).to_bytes(2, "little") + text + content


def read(folder: Path, content: bytes) -> np.ndarray:
    path = folder / "a.npy"
    path.write_bytes(content)
    return read_npy(path, Budget(path.name, path))


ARRAYS = [
    np.arange(6, dtype=np.uint8).reshape(2, 3),
    np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
    np.arange(4, dtype=">i2"),
    np.array(7.5, dtype=np.float16),
    np.array([True, False]),
    np.array([["neg", "146.0641"], ["µ", ""]]),
    np.array([b"a", b"bcd"]),
    np.zeros((0, 3)),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_arrays_are_the_same_as_numpy_reads_them(tmp_path, array, version) -> None:
    mine = read(tmp_path, written(array, version))
    np.testing.assert_array_equal(mine, array)
    assert mine.dtype == array.dtype
    assert mine.flags.f_contiguous == array.flags.f_contiguous


def test_headers_of_other_programs_are_read(tmp_path) -> None:
    content = np.arange(6, dtype="<i8").tobytes()
    for header in (
        "{'descr': '<i8', 'fortran_order': False, 'shape': (2L, 3L), }\n",  # Python 2
        '{"shape": (2,3), "descr":"<i8", "fortran_order":False}',
    ):
        np.testing.assert_array_equal(read(tmp_path, with_header(header, content)), np.arange(6).reshape(2, 3))


def _shape(shape: str, descr: str = "'<f8'") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"


DAMAGED = {
    "empty": b"",
    "text": b"hello, this is no array",
    "another version": b"\x93NUMPY\x09\x00" + bytes(200),
    "a long header": b"\x93NUMPY\x02\x00" + (2**32 - 1).to_bytes(4, "little") + b"{" * 100,
    "a header cut off": with_header(_shape("(2,)"), length=9000),
    "nested brackets": with_header("(" * 9000),
    "nested signs": with_header(_shape("-" * 9000 + "1")),
    "a power": with_header(_shape("(9**9**9,)")),
    "a negative length": with_header(_shape("(-1,)")),
    "a length of many digits": with_header(_shape(f"({'9' * 9000},)")),
    "a product that overflows": with_header(_shape("(4294967296, 4294967296, 2)")),
    "an overflow without values": with_header(_shape("(0, 4611686018427387904, 4611686018427387904)")),
    "many dimensions": with_header(_shape("(" + "1, " * 40 + ")"), bytes(8)),
    "numbers side by side": with_header(_shape("(1 2,)"), bytes(8)),
    "cut off": with_header(_shape("(3,)"), bytes(23)),
    "huge": with_header(_shape("(1000000000000,)"), bytes(8)),
    "records": with_header(_shape("(1,)", "[('a', '<f8')]"), bytes(8)),
    "objects": with_header(_shape("(1,)", "'|O'"), bytes(8)),
    "addresses as bytes": with_header(_shape("(1,)", "'V8'"), bytes(8)),
    "huge text": with_header(_shape("(1,)", "'<U999999999'"), bytes(8)),
    "text of no letters": with_header(_shape("(1000000000000,)", "'<U0'")),
    "long doubles": with_header(_shape("(1,)", "'<f16'"), bytes(16)),
    "dates": with_header(_shape("(1,)", "'<M8[ns]'"), bytes(8)),
    "no shape": with_header("{'descr': '<f8', 'fortran_order': False}"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_is_no_plain_array_is_refused(tmp_path, case) -> None:
    with pytest.raises(NotPlain):
        read(tmp_path, DAMAGED[case])


@pytest.mark.parametrize("case", DAMAGED)
def test_what_is_no_plain_array_is_refused_in_a_zip_file_too(tmp_path, case) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("images.npy", DAMAGED[case])
    with pytest.raises(DataStop):
        load(tmp_path / "a.npz")


def test_too_little_room_is_said_before_any_is_taken(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(budgets, "memory", lambda: 2_000)
    with pytest.raises(DataStop, match=r"would take 0\.0 MB of memory"):
        read(tmp_path, written(np.zeros(200)))


def npz(folder: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(folder / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return folder / "a.npz"


def test_all_arrays_of_a_file_share_one_limit(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(budgets, "LEAST", 1_000_000)
    monkeypatch.setattr(budgets, "MOST_TIMES", 10)
    zeros = written(np.zeros(50_000))
    path = npz(tmp_path, a=zeros, b=zeros, c=zeros)
    with open_npz(path, Budget(path.name, path)) as file:
        assert list(file) == ["a", "b", "c"]
        assert file["a"].shape == file["b"].shape == (50_000,)
        with pytest.raises(DataStop, match=r"c.npy would unpack to 0.4 MB, all of it to 1.2 MB .* at most 1.0 MB"):
            file["c"]


def test_what_is_stored_without_compression_is_never_too_much_for_its_size(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(budgets, "LEAST", 0)
    monkeypatch.setattr(budgets, "MOST_TIMES", 2)
    np.savez(tmp_path / "a.npz", images=np.ones((3, 20, 20)), mz=np.arange(1.0, 4))
    images, _ = load(tmp_path / "a.npz")
    assert len(images) == 3


def test_a_member_that_holds_less_than_it_claims_is_cut_off(tmp_path) -> None:
    path = npz(tmp_path, images=with_header(_shape("(1000,)"), bytes(80)))
    content = path.read_bytes()
    claim = (80 + len(with_header(_shape("(1000,)")))).to_bytes(4, "little")
    assert content.count(claim) == 2  # the two places where a zip file says how large the member is
    path.write_bytes(content.replace(claim, (10_000).to_bytes(4, "little")))
    with open_npz(path, Budget(path.name, path)) as file, pytest.raises(NotPlain, match=r"cut off|damaged"):
        file["images"]


def test_members_packed_in_another_way_are_refused(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("images.npy", written(np.ones((2, 3, 3))))
    with pytest.raises(DataStop, match=r"images\.npy is compressed by a method that NumPy does not use"):
        load(tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
@pytest.mark.filterwarnings("ignore")
def test_changed_files_are_read_or_refused(tmp_path, name) -> None:
    images = np.arange(24.0).reshape(2, 3, 4)
    if name == "a.npy":
        np.save(tmp_path / name, images)
    else:
        np.savez_compressed(tmp_path / name, images=images, mz=[1.5, 2.5], names=["a", "b"], labels=["x", "y"])
    whole = (tmp_path / name).read_bytes()
    draw = random.Random(1)
    outcomes = set()
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(draw.randint(1, 5)):
            place = draw.randrange(len(content))
            content[place : place + draw.randint(0, 3)] = draw.randbytes(draw.randint(0, 3))
        (tmp_path / name).write_bytes(content)
        try:
            load(tmp_path / name)
            outcomes.add("read")
        except DataStop:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}
