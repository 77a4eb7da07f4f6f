"""TIFF files are counted before they are read."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile

from msiss.data.findings import DataStop
from msiss.data.formats import budget as budgets
from msiss.data.formats.budget import Budget
from msiss.data.formats.pictures import load
from msiss.data.formats.tiff import NotRead, numbers, open_tiff

CUBE = np.arange(1, 25, dtype=np.uint16).reshape(2, 3, 4)


def written(**options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, CUBE, photometric="minisblack", **options)
    return file.getvalue()


def read(content: bytes) -> np.ndarray:
    budget = Budget("a.tif")
    with open_tiff(io.BytesIO(content), budget) as file:
        return numbers(file, budget)


PACKINGS = ["none", "zlib", "lzw", "packbits", "zstd"]


@pytest.mark.parametrize("compression", PACKINGS)
@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("tile", [None, (16, 16)])
def test_every_layout_is_read(compression, bigtiff, byteorder, tile) -> None:
    content = written(compression=compression, bigtiff=bigtiff, byteorder=byteorder, tile=tile)
    np.testing.assert_array_equal(read(content), CUBE)


def pages(*, number: int = 1, back: int = 0, tags: tuple[tuple[int, int, int, int], ...] = ()) -> bytes:
    """Return a TIFF of some pages with these entries; the last one points back to where it says."""
    size = 2 + 12 * len(tags) + 4
    content = [b"II" + struct.pack("<HI", 42, 8)]
    for page in range(number):
        following = 8 + size * (page + 1) if page < number - 1 else back
        entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
        content.append(struct.pack("<H", len(tags)) + entries + struct.pack("<I", following))
    return b"".join(content)


REFUSED = {
    "nothing": (b"", "no TIFF"),
    "no page": (b"II*\0" + struct.pack("<I", 1000), "cut off"),
    "a circle": (pages(number=3, back=8), "does not end"),
    "a page that follows itself": (pages(back=8), "does not end"),
    "many entries": (b"II*\0" + struct.pack("<IH", 8, 60_000) + bytes(720_006), "60,000 entries"),
    "cut off": (pages(tags=((256, 3, 1, 4),))[:-6], "cut off"),
    "a huge entry": (pages(tags=((273, 4, 2**30, 8),)), "larger than the file"),
    "a codec of pictures": (pages(tags=((259, 3, 1, 34712),)), "compression 34712"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_lists_of_pages_that_make_no_sense_are_refused(case) -> None:
    content, message = REFUSED[case]
    with pytest.raises(NotRead, match=message):
        read(content)


def test_too_many_pages_are_refused() -> None:
    with pytest.raises(NotRead, match="more than 50,000"):
        read(pages(number=50_001))


def test_pages_that_share_one_long_entry_are_counted_each_time() -> None:
    content = pages(number=1000, tags=((273, 4, 25_000, 8),)) + bytes(100_000)
    with pytest.raises(DataStop, match="What its pages say about themselves would unpack to"):
        read(content)


@pytest.mark.parametrize("entity", ['<!DOCTYPE a [<!ENTITY b "c">]>', "<!DOCTYPE a>"])
def test_descriptions_with_entities_are_refused(entity) -> None:
    with pytest.raises(NotRead, match="declares XML entities"):
        read(written(description=f'<?xml version="1.0"?>{entity}<OME></OME>', metadata=None))


def test_a_description_with_a_comment_is_read() -> None:
    content = written(description="<OME><!-- a comment --></OME>", metadata=None)
    np.testing.assert_array_equal(read(content).reshape(CUBE.shape), CUBE)


def test_sizes_are_asked_for_before_the_pages_are_unpacked(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(budgets, "LEAST", 1_000_000)
    monkeypatch.setattr(budgets, "MOST_TIMES", 10)
    tifffile.imwrite(
        tmp_path / "a.tif", np.zeros((4, 1000, 1000), np.uint16), photometric="minisblack", compression="zlib"
    )
    with pytest.raises(DataStop, match=r"4 x 1,000 x 1,000 numbers would unpack to 24\.0 MB"):
        load(tmp_path / "a.tif")


def test_changed_files_are_read_or_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(budgets, "LEAST", 1_000_000)
    path: Path = tmp_path / "a.tif"
    whole = written(compression="zlib")
    rng = np.random.default_rng(0)
    outcomes = set()
    for _ in range(200):
        content = bytearray(whole)
        for place in rng.integers(0, len(content), 3):
            content[place] = rng.integers(0, 256)
        path.write_bytes(content)
        try:
            load(path)
            outcomes.add("read")
        except DataStop:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}
