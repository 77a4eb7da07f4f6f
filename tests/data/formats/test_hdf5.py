"""Nothing of an HDF5 file lies in another one, and none is read however the file is made."""

import os
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

import msiss.data.formats.h5ad
from msiss.data.findings import DataStop
from msiss.data.formats import budget as budgets
from msiss.data.formats import hdf5
from msiss.data.formats.budget import Budget
from msiss.data.formats.h5ad import load
from msiss.data.formats.hdf5 import Hdf5, Unusable, Values
from tests.data.formats.test_h5ad import MZS, TEXT, write

CANARY = b"canary"


@pytest.fixture
def secret(tmp_path) -> Path:
    """A file of the server that no upload may show."""
    path = tmp_path / "secret"
    path.write_bytes(CANARY * 100)
    return path


@pytest.fixture
def cube() -> np.ndarray:
    return np.arange(1, 37, dtype=np.float32).reshape(3, 3, 4)


def elsewhere(file: h5py.File, key: str, shape: tuple[int, ...], dtype: object, secret: Path) -> None:
    """Put a dataset in place of another one, whose values are the bytes of the secret."""
    attributes = dict(file[key].attrs) if key in file else {}
    if key in file:
        del file[key]
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    dataset = file.create_dataset(key, shape, dtype, external=[(str(secret), 0, size)])
    dataset.attrs.update(attributes)


def _compound(key: str, length: int) -> Callable[[h5py.File, Path], None]:
    fields = [("index", "S6"), ("x", "S6"), ("y", "S6"), ("mz", "S6")]
    return lambda file, secret: elsewhere(file, key, (length,), np.dtype(fields), secret)


def _categories(file: h5py.File, secret: Path) -> None:
    del file["var/name"]
    file["var/name/codes"] = np.zeros(3, dtype=np.int8)
    elsewhere(file, "var/name/categories", (1,), "S6", secret)


def _old_categories(file: h5py.File, secret: Path) -> None:
    del file["var/name"]
    file["var/name"] = np.zeros(3, dtype=np.int8)
    elsewhere(file, "var/__categories/name", (1,), "S6", secret)
    file["var/name"].attrs["categories"] = file["var/__categories/name"].ref


def _categories_without_a_name(file: h5py.File, secret: Path) -> None:
    _old_categories(file, secret)
    file["keep"] = file["var/__categories/name"].ref
    file["anonymous"] = file["var/__categories"]
    del file["var/__categories"]  # what a reference leads to is kept as long as something else names it


def _obsm(file: h5py.File, secret: Path) -> None:
    del file["obs/x"], file["obs/y"]
    elsewhere(file, "obsm/spatial", (12, 2), "u1", secret)


def _layer(file: h5py.File, secret: Path) -> None:
    del file["X"]
    elsewhere(file, "layers/counts", (12, 3), "u1", secret)


EXTERNAL: dict[str, Callable[[h5py.File, Path], None]] = {
    "obs": _compound("obs", 12),
    "var": _compound("var", 3),
    "a column of var": lambda file, secret: elsewhere(file, "var/name", (3,), "S6", secret),
    "the names of the ions": lambda file, secret: elsewhere(file, "var/_index", (3,), "S6", secret),
    "X": lambda file, secret: elsewhere(file, "X", (12, 3), "u1", secret),
    "data": lambda file, secret: elsewhere(file, "X/data", (36,), "u1", secret),
    "indices": lambda file, secret: elsewhere(file, "X/indices", (36,), "u1", secret),
    "indptr": lambda file, secret: elsewhere(file, "X/indptr", (13,), "u1", secret),
    "obsm": _obsm,
    "a layer": _layer,
    "uns": lambda file, secret: elsewhere(file, "uns/metaspace/polarity", (1,), "S6", secret),
    "categories": _categories,
    "categories by reference": _old_categories,
    "categories by reference alone": _categories_without_a_name,
    "what is not read": lambda file, secret: elsewhere(file, "uns/deep/in/it", (3,), "S6", secret),
}


def hostile(tmp_path: Path, cube: np.ndarray, how: str = "dense") -> Path:
    return write(tmp_path / "a.h5ad", cube, how=how, var={"mz": MZS, "name": ["a", "b", "c"]})


@pytest.mark.parametrize("what", EXTERNAL)
def test_values_of_other_files_are_refused(tmp_path, cube, secret, what) -> None:
    path = hostile(tmp_path, cube, "csr" if what in ("data", "indices", "indptr") else "dense")
    with h5py.File(path, "r+") as file:
        EXTERNAL[what](file, secret)
    with pytest.raises(DataStop, match="lies in another file") as refused:
        load(path)
    assert CANARY.decode() not in str(refused.value)


@pytest.mark.parametrize("key", ["X", "obs/x", "var/mz", "uns/else"])
@pytest.mark.parametrize("sort", ["fixed", "unlimited"])
def test_virtual_datasets_are_refused(tmp_path, cube, key, sort) -> None:
    with h5py.File(tmp_path / "source.h5", "w") as source:
        source.create_dataset("d", data=np.ones(12), maxshape=(None,))
    path = hostile(tmp_path, cube)
    with h5py.File(path, "r+") as file:
        if key in file:
            del file[key]
        layout = h5py.VirtualLayout((12,), "f8", maxshape=(None,) if sort == "unlimited" else None)
        part = slice(h5py.h5s.UNLIMITED) if sort == "unlimited" else slice(None)
        layout[part] = h5py.VirtualSource(str(tmp_path / "source.h5"), "d", (12,), maxshape=(None,))[part]
        file.create_virtual_dataset(key, layout)
    with pytest.raises(DataStop, match="lies in another file"):
        load(path)


@pytest.mark.parametrize("key", ["X", "obs/x", "uns", "uns/a/b"])
def test_links_to_other_files_are_refused(tmp_path, cube, key) -> None:
    with h5py.File(tmp_path / "source.h5", "w") as source:
        source["d"] = np.ones((12, 3))
    path = hostile(tmp_path, cube)
    with h5py.File(path, "r+") as file:
        if key in file:
            del file[key]
        file[key] = h5py.ExternalLink(str(tmp_path / "source.h5"), "/d")
    with pytest.raises(DataStop, match="lies in another file"):
        load(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_what_is_refused_is_not_even_opened(tmp_path, cube) -> None:
    os.mkfifo(tmp_path / "pipe")  # whoever opens it waits for ever
    path = hostile(tmp_path, cube)
    with h5py.File(path, "r+") as file:
        layout = h5py.VirtualLayout((12,), "f8", maxshape=(None,))
        source = h5py.VirtualSource(str(tmp_path / "pipe"), "d", (12,), maxshape=(None,))
        layout[: h5py.h5s.UNLIMITED] = source[: h5py.h5s.UNLIMITED]
        file.create_virtual_dataset("uns/virtual", layout)
    with pytest.raises(DataStop, match="lies in another file"):
        load(path)
    with h5py.File(path, "r+") as file:
        del file["uns/virtual"]
        file["uns/link"] = h5py.ExternalLink(str(tmp_path / "pipe"), "/d")
    with pytest.raises(DataStop, match="lies in another file"):
        load(path)


def test_soft_links_and_circles_within_the_file_are_followed_once(tmp_path, cube) -> None:
    path = hostile(tmp_path, cube)
    with h5py.File(path, "r+") as file:
        file["uns/circle"] = file["/"]
        file["uns/soft"] = h5py.SoftLink("/uns/soft")
        file["uns/gone"] = h5py.SoftLink("/nowhere")
        file.move("X", "real")
        file["X"] = h5py.SoftLink("/real")
        file["uns"].attrs["self"] = file["uns"].ref
    images, _ = load(path)
    np.testing.assert_array_equal(images.images, cube)


def test_groups_deep_in_one_another_are_refused(tmp_path, cube) -> None:
    path = hostile(tmp_path, cube)
    with h5py.File(path, "r+") as file:
        group = file.create_group("uns")
        for _ in range(3000):
            group = group.create_group("a")
    with pytest.raises(DataStop, match="More than 100 groups lie in one another"):
        load(path)


def test_too_many_objects_are_refused(tmp_path, cube, monkeypatch) -> None:
    monkeypatch.setattr(hdf5, "MOST_OBJECTS", 50)
    path = hostile(tmp_path, cube)
    load(path)
    with h5py.File(path, "r+") as file:
        for number in range(60):
            file.create_group(f"uns/{number}")
    with pytest.raises(DataStop, match="more than 50 objects"):
        load(path)


def test_filters_that_a_plugin_would_undo_are_refused(tmp_path, cube) -> None:
    path = hostile(tmp_path, cube)
    with h5py.File(path, "r+") as file:
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_chunk((12,))
        made.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
        space = h5py.h5s.create_simple((12,))
        h5py.h5d.create(file["obs"].id, b"more", h5py.h5t.IEEE_F32LE, space, made)
    with pytest.raises(DataStop, match="HDF5 filter 32015"):
        load(path)


GZIP = {"compression": "gzip", "shuffle": True, "fletcher32": True}


@pytest.mark.parametrize("filters", [GZIP, {"compression": "lzf"}])
def test_usual_filters_are_read(tmp_path, cube, filters) -> None:
    path = hostile(tmp_path, cube)
    with h5py.File(path, "r+") as file:
        values = np.asarray(file["X"])
        del file["X"]
        file.create_dataset("X", data=values, **filters)
    np.testing.assert_array_equal(load(path)[0].images, cube)


def values(tmp_path: Path, key: str, **options: object) -> tuple[Hdf5, Values]:
    """Open a file with one dataset."""
    path = tmp_path / "one.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset(key, **options)
    opened = Hdf5(path, Budget(path.name, path))
    return opened, opened.root.values(key)


def test_what_a_dataset_claims_is_asked_for_before_it_is_read(tmp_path) -> None:
    opened, found = values(tmp_path, "a", shape=(10**12,), dtype="f8", chunks=(10**6,), compression="gzip")
    with opened, pytest.raises(DataStop, match=r"/a would unpack to 8,000\.0 GB"):
        found.read()


def test_long_fixed_texts_are_asked_for(tmp_path) -> None:
    opened, found = values(tmp_path, "a", shape=(100_000,), dtype="S60000", chunks=(100,))
    with opened, pytest.raises(DataStop, match=r"/a would unpack to 6\.0 GB"):
        found.read()


@pytest.mark.parametrize(("shape", "chunks"), [((3000, 3000), (1, 1)), ((10,), (10**8,))])
def test_chunks_too_many_or_too_large_are_refused(tmp_path, shape, chunks) -> None:
    most = tuple(None for _ in shape)
    with pytest.raises(Unusable, match="is cut into"):
        values(tmp_path, "a", shape=shape, dtype="f4", chunks=chunks, maxshape=most)


def test_a_long_text_named_many_times_is_counted_each_time(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(budgets, "LEAST", 10**7)
    monkeypatch.setattr(budgets, "MOST_TIMES", 10)
    monkeypatch.setattr(hdf5, "_TEXTS", 10**6)
    path = tmp_path / "a.h5"
    long = "x" * 100_000
    with h5py.File(path, "w") as file:
        file.create_dataset("a", (1000,), TEXT, fillvalue="")
        file["a"][0] = long
    content = bytearray(path.read_bytes())
    with h5py.File(path, "r") as file:
        start = file["a"].id.get_offset()
    content[start : start + 16_000] = bytes(content[start : start + 16]) * 1000  # where the text lies in its heap
    path.write_bytes(content)
    with Hdf5(path, Budget(path.name, path)) as opened:
        assert 100_000 < opened.longest_text < 105_000
        with pytest.raises(DataStop, match="/a would unpack to"):
            opened.root.values("a").read()


def test_texts_are_read_whole_in_whatever_pieces(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(hdf5, "_TEXTS", 3 * 4096)
    texts = np.array([f"text {number}" for number in range(100)], dtype=object)
    opened, found = values(tmp_path, "a", data=texts, dtype=TEXT)
    with opened:
        assert [text.decode() for text in found.read()] == texts.tolist()


def test_a_table_of_many_columns_in_one_array(tmp_path, cube) -> None:
    path = hostile(tmp_path, cube)
    fields = [("index", "S4"), ("x", "f8"), ("y", "f8"), *((f"c{number}", "u1") for number in range(900))]
    table = np.zeros(12, dtype=fields)
    table["x"], table["y"] = np.tile(np.arange(4), 3), np.repeat(np.arange(3), 4)
    with h5py.File(path, "r+") as file:
        del file["obs"]
        file.create_dataset("obs", data=table)
    np.testing.assert_array_equal(load(path)[0].images, cube)


def test_committed_types_and_nested_records_are_no_columns(tmp_path, cube) -> None:
    path = hostile(tmp_path, cube)
    nested: object = "u1"
    for _ in range(30):
        nested = np.dtype([("a", nested)])
    with h5py.File(path, "r+") as file:
        file["uns/type"] = np.dtype("f8")
        file["uns/nested"] = np.zeros(3, dtype=nested)
        del file["var/name"]
        file["var/name"] = np.zeros(3, dtype=nested)
    with pytest.raises(DataStop, match="holds neither numbers nor text"):
        load(path)


def test_large_attributes_are_not_read(tmp_path, cube) -> None:
    path = hostile(tmp_path, cube)
    with h5py.File(path, "r+") as file:
        file["X"].attrs["encoding-type"] = np.zeros(8000)
    np.testing.assert_array_equal(load(path)[0].images, cube)


@pytest.mark.parametrize("chunks", [(5, 2), (1, 3), (12, 1), None])
def test_a_dense_table_is_read_in_blocks_of_whole_chunks(tmp_path, cube, chunks, monkeypatch) -> None:
    monkeypatch.setattr(msiss.data.formats.h5ad, "_PIECE", 7)
    path = hostile(tmp_path, cube)
    with h5py.File(path, "r+") as file:
        values = np.asarray(file["X"])
        del file["X"]
        file.create_dataset("X", data=values, chunks=chunks)
    np.testing.assert_array_equal(load(path)[0].images, cube)


def test_a_part_of_several_files_is_refused(tmp_path, cube) -> None:
    whole = hostile(tmp_path, cube)
    with (
        h5py.File(whole, "r") as source,
        h5py.File(tmp_path / "a%d.h5ad", "w", driver="family", memb_size=4096) as file,
    ):
        for name in source:
            source.copy(name, file)
    assert (tmp_path / "a1.h5ad").is_file()
    with pytest.raises(DataStop, match="cannot be read"):
        load(tmp_path / "a0.h5ad")
