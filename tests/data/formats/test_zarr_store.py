"""What may do harm in a zarr folder is refused before it is decoded."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from msiss.data.findings import DataStop
from msiss.data.formats.budget import Budget
from msiss.data.formats.hdf5 import Unusable
from msiss.data.formats.zarr_store import Store, is_zarr


def array(folder: Path, version: int, values: np.ndarray | None = None) -> Path:
    values = np.arange(6.0).reshape(2, 3) if values is None else values
    top = zarr.open_group(str(folder), mode="w", zarr_format=version)  # type: ignore[arg-type]
    top.create_array("a", data=values)
    return folder / "a" / (".zarray" if version == 2 else "zarr.json")


def change(description: Path, **changes: Any) -> None:
    description.write_text(json.dumps(json.loads(description.read_text()) | changes))


def read(folder: Path) -> np.ndarray:
    return (
        Store(folder, Budget("a.zarr", *(path for path in folder.rglob("*") if path.is_file()))).root.values("a").read()
    )


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.filterwarnings("ignore:The data type")
@pytest.mark.parametrize("dtype", ["f4", ">f8", "i2", "u8", "?", "U5"])
def test_numbers_and_text_are_read(tmp_path, version, dtype) -> None:
    values = np.array([["1", "0", "1"]]).astype(dtype)
    array(tmp_path, version, values)
    found = read(tmp_path)
    np.testing.assert_array_equal(found, values)


def test_text_of_any_length_is_read(tmp_path) -> None:
    top = zarr.open_group(str(tmp_path), mode="w")
    top.create_array("a", shape=(2,), dtype=str)[...] = np.array(["µ" * 1000, ""], dtype=object)
    assert read(tmp_path).tolist() == ["µ" * 1000, ""]


HARMFUL = {
    "objects as pickles": (2, {"dtype": "|O", "filters": [{"id": "pickle"}]}, "pickle"),
    "objects as JSON": (2, {"dtype": "|O", "filters": [{"id": "json2"}]}, "json2"),
    "objects": (2, {"dtype": "|O", "filters": None}, "neither numbers nor text"),
    "a pickle as compressor": (2, {"compressor": {"id": "pickle"}}, "pickle"),
    "compound": (2, {"dtype": [["a", "<f4"]]}, "neither numbers nor text"),
    "complex": (2, {"dtype": "<c8"}, "neither numbers nor text"),
    "unknown codec": (3, {"codecs": [{"name": "numcodecs.pickle"}]}, "pickle"),
    "codec in a shard": (
        3,
        {"codecs": [{"name": "sharding_indexed", "configuration": {"codecs": [{"name": "evil"}], "index_codecs": []}}]},
        "evil",
    ),
    "unknown type": (3, {"data_type": "numpy.datetime64"}, "neither numbers nor text"),
    "too many chunks": (3, {"shape": [2**30, 2**30]}, "is cut into"),
    "a large chunk": (
        3,
        {"shape": [2**20, 2**12], "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2**20, 2**12]}}},
        "is cut into 1 chunks",
    ),
    "no shape": (3, {"shape": None}, "damaged"),
    "negative": (3, {"shape": [-1, 2]}, "damaged"),
    "contradiction": (2, {"chunks": [1]}, "contradicts itself"),
}


@pytest.mark.parametrize("case", HARMFUL)
def test_what_may_do_harm_is_refused(tmp_path, case) -> None:
    version, changes, message = HARMFUL[case]
    change(array(tmp_path, version), **changes)
    with pytest.raises(Unusable, match=message):
        read(tmp_path)


def test_memory_is_reserved_before_it_is_taken(tmp_path) -> None:
    description = array(tmp_path, 2)
    change(description, shape=[2**19, 2**19], chunks=[2**13, 2**13])
    with pytest.raises(DataStop, match="would unpack to"):
        read(tmp_path)


def test_names_lead_to_nothing_outside(tmp_path) -> None:
    array(tmp_path / "inside", 3)
    array(tmp_path / "outside", 3)
    root = Store(tmp_path / "inside", Budget("a")).root
    for name in ("../outside/a", "/etc", "", "..", str(tmp_path / "outside" / "a")):
        assert name not in root
    assert list(root) == ["a"]


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_a_damaged_description_is_refused(tmp_path, text) -> None:
    array(tmp_path, 3).write_text(text)
    with pytest.raises(Unusable, match=r"a/zarr\.json is damaged"):
        read(tmp_path)


def test_folders_are_told_by_their_description(tmp_path) -> None:
    array(tmp_path / "a", 2)
    assert is_zarr(tmp_path / "a")
    assert is_zarr(tmp_path / "a" / "a")
    assert not is_zarr(tmp_path)
