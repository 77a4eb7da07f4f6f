"""Object arrays are read as NumPy reads them; a pickle that wants more is refused and nothing of it runs."""

import io
import pickle
import random
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from msiss.data.findings import DataStop
from msiss.data.formats import budget as budgets
from msiss.data.formats.arrays import load
from msiss.data.formats.budget import Budget
from msiss.data.formats.numpy_pickle import NotPlain, decode

NAMES = b"cnumpy.core.multiarray\n_reconstruct\n", b"cnumpy\nndarray\n", b"cnumpy\ndtype\n"
EMPTY_ARRAY = NAMES[0] + b"(" + NAMES[1] + b"K\x00\x85C\x01btR"  # _reconstruct(ndarray, (0,), b"b")


def decoded(content: bytes) -> np.ndarray:
    return decode(io.BytesIO(content), len(content), Budget("a.npy"))


def state(order: bytes = b"<", flags: bytes = b"\x00") -> bytes:
    return b"(K\x03X\x01\x00\x00\x00" + order + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK" + flags + b"tb"


def dtype(code: bytes, state: bytes = state()) -> bytes:
    return NAMES[2] + b"(X" + struct.pack("<I", len(code)) + code + b"\x89\x88tR" + state


def array(code: bytes, shape: bytes, content: bytes) -> bytes:
    order = state(b"|", b"\x3f") if code == b"O8" else state()
    return EMPTY_ARRAY + b"(K\x01" + shape + dtype(code, order) + b"\x89" + content + b"tb"


def objects(shape: bytes, *entries: bytes) -> bytes:
    return b"\x80\x03" + array(b"O8", shape, b"](" + b"".join(entries) + b"e") + b"."


def example() -> np.ndarray:
    entries = np.empty((2, 4), dtype=object)
    entries[0] = np.arange(6, dtype=np.uint8).reshape(2, 3), np.int64(-7), "text", None
    entries[1] = np.asfortranarray(np.eye(3, dtype=">f8")), 3.5, np.str_("µm"), np.array(["a", "bc"])
    return entries


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))  # numpy.save writes 2, 3 or 4
def test_object_arrays_are_the_same_as_numpy_reads_them(protocol) -> None:
    content = pickle.dumps(example(), protocol=protocol)
    for mine, numpys in zip(decoded(content).ravel(), pickle.loads(content).ravel(), strict=True):
        assert type(mine) is type(numpys)
        np.testing.assert_array_equal(mine, numpys)
        if isinstance(mine, np.ndarray):
            assert mine.dtype.newbyteorder("=") == numpys.dtype.newbyteorder("=")


def test_a_fortran_array_of_objects_keeps_its_places() -> None:
    content = pickle.dumps(np.asfortranarray(np.array([[1, "a"], [2, "b"], [3, "c"]], dtype=object)))
    assert decoded(content).tolist() == [[1, "a"], [2, "b"], [3, "c"]]


def test_the_published_file_is_read_as_numpy_reads_it(test_data) -> None:
    path = test_data / "uterus" / "labeling_data.npy"
    expected = np.load(path, allow_pickle=True)
    images, _ = load(path)
    np.testing.assert_array_equal(images.images, np.stack(list(expected[:, 0]))[..., 0] * images.mask)
    assert images.labels is not None
    assert images.labels.tolist() == expected[:, 1].tolist()


class _Attack:
    """Pickles as a call that creates a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple:
        return Path.touch, (self.target,)


def test_a_malicious_pickle_is_refused_and_not_run(tmp_path) -> None:
    target = tmp_path / "attacked"
    entries = np.empty((1, 2), dtype=object)
    entries[0] = np.zeros((2, 2, 3)), _Attack(target)
    np.save(tmp_path / "a.npy", entries)

    with pytest.raises(DataStop, match="which is not a NumPy array"):
        load(tmp_path / "a.npy")
    assert not target.exists()

    np.load(tmp_path / "a.npy", allow_pickle=True)  # proof that the file is dangerous
    assert target.exists()


def test_numbers_are_never_taken_for_addresses(tmp_path) -> None:
    # A record with a field of objects, which are addresses, whose state says that it is plain bytes: NumPy believes it.
    field = b"}X\x01\x00\x00\x00a" + dtype(b"O8", state(b"|", b"\x3f")) + b"K\x00\x86s"
    record = b"(K\x03X\x01\x00\x00\x00|NX\x01\x00\x00\x00a\x85" + field + b"K\x08K\x01K\x00tb"
    inner = NAMES[0].replace(b"_reconstruct", b"scalar") + dtype(b"V8", record) + b"C\x08" + b"\x41" * 8 + b"\x86R"
    content = objects(b"K\x01K\x02\x86", inner, b"K\x01")
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": (1, 2)})
        file.write(content)

    code = "import numpy, sys; numpy.load(sys.argv[1], allow_pickle=True)[0, 0].tolist()"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.npy")], capture_output=True, check=False)
    assert done.returncode < 0  # proof that the file is dangerous: the process ends by a signal

    with pytest.raises(DataStop, match="EMPTY_DICT"):
        load(tmp_path / "a.npy")


REFUSED = {
    "a list": (pickle.dumps([1, 2]), "does not hold an array"),
    "an array of numbers": (pickle.dumps(np.arange(3)), "does not hold an array"),
    "a list in the array": (objects(b"K\x01\x85", b"]"), "a list, not an array"),
    "an array without content": (b"\x80\x03" + NAMES[1] + b"K\x09\x85\x85R.", "without content"),
    "an array never filled": (objects(b"K\x01\x85", EMPTY_ARRAY), "has no content"),
    "too few bytes": (objects(b"K\x01\x85", array(b"f8", b"K\x02\x85", b"C\x08" + bytes(8))), "has 8 bytes"),
    "a negative length": (
        objects(b"K\x01\x85", array(b"f8", b"J\xff\xff\xff\xff\x85", b"C\x00")),
        "a negative length",
    ),
    "an impossible length": (
        objects(b"K\x01\x85", array(b"f8", b"K\x00\x8a\x08" + b"\xff" * 7 + b"\x7f\x86", b"C\x00")),
        "impossible shape",
    ),
    "records": (
        objects(b"K\x01\x85", array(b"V8", b"K\x01\x85", b"C\x08" + bytes(8))),
        "it holds records, not numbers",
    ),
    "records by their state": (
        objects(b"K\x01\x85", dtype(b"f8", state().replace(b"<NNN", b"<K\x01NN"))),
        "records",
    ),
    "text of no letters": (objects(b"K\x01\x85", array(b"U0", b"J\0\0\0\x70\x85", b"C\x00")), "type <U0"),
    "a number of 96 bits": (objects(b"K\x01\x85", b"\x8a\x0c" + b"\x7f" * 12), "more than 64 bits"),
    "an instruction of no array": (b"\x80\x03}.", "the instruction EMPTY_DICT"),
    "a list of marks": (b"\x80\x03(NNl.", "the instruction LIST"),
    "a call of a class": (b"\x80\x03(cos\nsystem\no.", r"asks for os\.system"),
    "an object kept elsewhere": (b"\x80\x03NQ.", "the instruction BINPERSID"),
    "a registered extension": (b"\x80\x03\x82\x01.", "the instruction EXT1"),
    "a buffer kept elsewhere": (b"\x80\x05\x97.", "the instruction NEXT_BUFFER"),
    "an unknown instruction": (b"\x80\x03\xff.", "damaged"),
    "a claim of many bytes": (b"\x80\x04\x8e" + struct.pack("<Q", 2**50) + b".", "cut off"),
    "no end": (b"\x80\x03N", "cut off"),
    "an empty stack": (b"\x80\x03R.", "damaged"),
    "nothing remembered": (b"\x80\x03h\x05.", "damaged"),
    "no mark": (b"\x80\x03NNt.", "damaged"),
    "a long name": (b"\x80\x03c" + b"a" * 10_000 + b"\nb\n.", "damaged"),
    "a name of two lines": (b"\x80\x03X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93.", r"asks for os\.system"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_array_of_arrays_is_refused(case) -> None:
    content, message = REFUSED[case]
    with pytest.raises(NotPlain, match=message):
        decoded(content)


def test_deeply_nested_tuples_end_in_words() -> None:
    with pytest.raises(NotPlain, match="a tuple, not an array"):
        decoded(objects(b"K\x01\x85", b")" + b"\x85" * 300_000))


def test_two_lists_of_objects_are_refused() -> None:
    # One list of n objects that n instructions make an array of would take n x n steps.
    again = EMPTY_ARRAY + b"(K\x01K\x01\x85" + dtype(b"O8") + b"\x89](K\x01etb"
    with pytest.raises(NotPlain, match="several lists"):
        decoded(objects(b"K\x02\x85", again, again))


def test_one_picture_named_many_times_is_counted_each_time(tmp_path, monkeypatch) -> None:
    entries = np.empty((50, 2), dtype=object)
    picture = np.ones((100, 100), dtype=np.uint8)
    for place in range(50):
        entries[place] = picture, 1
    np.save(tmp_path / "a.npy", entries)
    assert (tmp_path / "a.npy").stat().st_size < 20_000
    monkeypatch.setattr(budgets, "memory", lambda: 10**7)
    load(tmp_path / "a.npy")
    monkeypatch.setattr(budgets, "memory", lambda: 10**6)
    with pytest.raises(DataStop, match="50 pictures would take"):
        load(tmp_path / "a.npy")


def test_text_encoded_again_and_again_is_counted_each_time(monkeypatch) -> None:
    monkeypatch.setattr(budgets, "LEAST", 10**6)
    text = b"X" + struct.pack("<I", 10_000) + b"a" * 10_000
    once = b"c_codecs\nencode\nh\x00h\x01\x86R"
    entries = text + b"q\x00X\x06\x00\x00\x00latin1q\x01" + once * 200
    with pytest.raises(DataStop, match="An array in it would unpack to"):
        decoded(b"\x80\x03(" + entries + b"t.")


def test_damaged_pickles_end_in_words() -> None:
    whole = pickle.dumps(example(), protocol=4)
    draw = random.Random(0)
    read = 0
    for _ in range(2000):
        content = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            place = draw.randrange(len(content))
            content[place : place + draw.randint(0, 2)] = draw.randbytes(draw.randint(0, 2))
        try:
            found = decoded(bytes(content))
        except (NotPlain, DataStop):
            continue
        read += 1
        for entry in found.ravel():
            assert isinstance(entry, np.ndarray | np.generic | int | float | str | bytes | None)
    assert 0 < read < 1500  # some changes are of values, most are of instructions
