"""AnnData files, written with h5py in every encoding that anndata has used."""

import contextlib
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

import msiss.data.formats.h5ad
from msiss.data.axis import MZ, NUMBER
from msiss.data.findings import DataStop
from msiss.data.formats.h5ad import load

MZS = np.array([400.1, 500.2, 600.3])
TEXT = h5py.string_dtype()


def write_frame(parent: h5py.Group, key: str, columns: dict[str, Any], index: list[str]) -> None:
    """Write a table as anndata 0.8 and later do."""
    group = parent.create_group(key)
    group.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index"})
    group.attrs["column-order"] = np.array(list(columns), dtype=TEXT)
    for name, values in {"_index": index, **columns}.items():
        values = np.asarray(values)
        text = values.dtype.kind in "UO"
        group.create_dataset(name, data=values.astype(object) if text else values, dtype=TEXT if text else None)


def write_old_frame(parent: h5py.Group, key: str, columns: dict[str, Any], index: list[str]) -> None:
    """Write a table as anndata 0.6 did: one compound array."""
    fields = {"index": np.array(index, dtype="S")} | {
        name: np.array(values, dtype="S") if np.asarray(values).dtype.kind == "U" else np.asarray(values)
        for name, values in columns.items()
    }
    table = np.zeros(len(index), dtype=[(name, values.dtype) for name, values in fields.items()])
    for name, values in fields.items():
        table[name] = values
    parent.create_dataset(key, data=table)


def write_sparse(parent: h5py.Group, key: str, matrix: Any) -> None:
    group = parent.create_group(key)
    group.attrs.update({"encoding-type": f"{matrix.format}_matrix", "encoding-version": "0.1.0", "shape": matrix.shape})
    for name in ("data", "indices", "indptr"):
        group[name] = getattr(matrix, name)


def write(
    path: Path,
    cube: np.ndarray,
    *,
    how: str = "dense",
    frame: Any = write_frame,
    var: dict[str, Any] | None = None,
    order: np.ndarray | None = None,
    index: list[str] | None = None,
) -> Path:
    """Write a cube (N, H, W) as pixels x ions with the coordinates x and y, pixels in the given order."""
    number, height, width = cube.shape
    y, x = (part.ravel() for part in np.mgrid[:height, :width])
    table = cube.reshape(number, -1).T
    order = np.arange(height * width) if order is None else order
    with h5py.File(path, "w") as file:
        frame(file, "obs", {"x": x[order], "y": y[order]}, [str(pixel) for pixel in order])
        frame(file, "var", {"mz": MZS[:number]} if var is None else var, index or [f"ion{i}" for i in range(number)])
        if how == "dense":
            file["X"] = table[order]
        else:
            write_sparse(file, "X", sparse.csr_matrix(table[order]).asformat(how))
    return path


@pytest.mark.parametrize("how", ["dense", "csr", "csc"])
@pytest.mark.parametrize("frame", [write_frame, write_old_frame])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), height=st.integers(1, 6), width=st.integers(2, 6), number=st.integers(1, 3))
def test_round_trip(tmp_path, how, frame, seed, height, width, number) -> None:
    rng = np.random.default_rng(seed)
    cube = rng.gamma(1, 50, (number, height, width)).astype(np.float32) * (rng.random((number, height, width)) < 0.6)
    cube[:, 0, 0] = 1
    order = rng.permutation(height * width)
    images, rows = load(write(tmp_path / "a.h5ad", cube.astype(np.float32), how=how, frame=frame, order=order))
    np.testing.assert_array_equal(images.images, cube.astype(np.float32))
    np.testing.assert_array_equal(images.mz, MZS[:number])
    assert images.mask.all()
    assert images.axis == MZ
    assert images.source == "a.h5ad"
    assert {row.level for row in rows} == {"pass"}


@pytest.fixture
def cube() -> np.ndarray:
    return np.arange(1, 37, dtype=np.float32).reshape(3, 3, 4)


def test_a_file_of_the_metaspace_converter(tmp_path, cube) -> None:
    path = tmp_path / "a.h5ad"
    y, x = (part.ravel() for part in np.mgrid[:3, :4])
    with h5py.File(path, "w") as file:
        places = {"ion_image_pixel_x": x, "ion_image_pixel_y": y, "ion_image_shape_y": np.full(12, 3)}
        write_frame(file, "obs", places, [str(pixel) for pixel in range(12)])
        var = {
            "formula": ["C6H12O6", "C5H9NO4", "C41H78NO8P"],
            "adduct": ["+H", "+Na", "+K"],
            "ionFormula": ["C6H13O6", "C5H9NO4Na", "C41H78KNO8P"],
            "mz": MZS,
            "moleculeNames": [json.dumps(names) for names in (["Glucose", "Fructose"], [], ["PE(36:2)"])],
        }
        write_frame(file, "var", var, ["C6H12O6+H", "C5H9NO4+Na", "C41H78NO8P+K"])
        file["X"] = cube.reshape(3, -1).T
        file["obsm/spatial"] = np.random.default_rng(0).normal(size=(12, 2))  # on the optical image: not a grid
        file["uns/metaspace/polarity"] = "Negative"
        file["uns/metaspace/metadata/Sample_Information/Organism_Part"] = "Kidney"
        file["uns/metaspace/metadata/MS_Analysis/Detector_Resolving_Power/mz"] = 400
        file["uns/metaspace/metadata/MS_Analysis/Detector_Resolving_Power/Resolving_Power"] = 130000
        file["uns/metaspace/metadata/MS_Analysis/Pixel_Size/Xaxis"] = 25.0
        file["uns/metaspace/metadata/MS_Analysis/Pixel_Size/Yaxis"] = 50.0
    images, _ = load(path)
    np.testing.assert_array_equal(images.images, cube)
    assert images.names == ("Glucose (+1)", "C5H9NO4+Na", "PE(36:2)")
    assert images.annotations == {"formula": ("C6H12O6", "C5H9NO4", "C41H78NO8P"), "adduct": ("+H", "+Na", "+K")}
    assert images.polarity == "negative"
    assert images.pixel_size == (50.0, 25.0)
    assert images.about == {"Resolving power": "130,000 at m/z 400", "Tissue": "Kidney"}


@pytest.mark.parametrize("third", [False, True])
def test_coordinates_in_micrometres_from_obsm(tmp_path, cube, third) -> None:
    path = write(tmp_path / "a.h5ad", cube)
    with h5py.File(path, "r+") as file:
        xy = np.stack([np.asarray(file["obs/x"]), np.asarray(file["obs/y"])], axis=1) * 50 + 1000.25
        del file["obs/x"], file["obs/y"]
        file["obsm/spatial"] = np.c_[xy, np.full(12, 7)] if third else xy
    images, rows = load(path)
    np.testing.assert_array_equal(images.images, cube)
    assert any("50 apart in x and 50 in y" in row.text for row in rows)


def test_columns_of_categories_and_missing_values(tmp_path, cube) -> None:
    path = write(tmp_path / "a.h5ad", cube)
    with h5py.File(path, "r+") as file:
        var = file["var"]
        for name, codes, known in (("formula", [1, 0, -1], ["CO2", "H2O"]), ("adduct", [0, 0, 0], ["+H"])):
            group = var.create_group(name)
            group["codes"], group["categories"] = np.array(codes, dtype=np.int8), np.array(known, dtype=object)
        var.create_dataset("name", data=np.array([0, 1, -1], dtype=np.int8))  # as anndata 0.7
        var["__categories/name"] = np.array(["a", "b"], dtype=object)
        var["name"].attrs["categories"] = var["__categories/name"].ref
        group = file["obs"].create_group("ion_image_pixel_x")  # a nullable integer
        group["values"], group["mask"] = np.asarray(file["obs/x"]), np.arange(12) == 11
        file["obs/ion_image_pixel_y"] = np.asarray(file["obs/y"])
    images, rows = load(path)
    assert images.annotations == {"formula": ("H2O", "CO2", ""), "adduct": ("+H", "+H", "+H")}
    assert images.names == ("a", "b", "ion2")
    assert not images.mask[2, 3]
    assert images.mask.sum() == 11
    assert [row.found for row in rows if row.level == "warning"] == ["1 pixel without coordinates."]


def test_m_z_in_the_names_of_the_ions(tmp_path, cube) -> None:
    images, _ = load(write(tmp_path / "a.h5ad", cube, var={}, index=["400.1", "mz_500.2", "X600.3"]))
    np.testing.assert_array_equal(images.mz, MZS)
    assert images.names == ("400.1000", "500.2000", "600.3000")


def test_without_m_z_the_images_are_numbered_with_a_warning(tmp_path, cube) -> None:
    images, rows = load(write(tmp_path / "a.h5ad", cube, var={}, index=["Actb", "Gapdh", "Mbp"]))
    assert images.axis == NUMBER
    assert images.mz.tolist() == [1, 2, 3]
    assert images.names == ("Actb", "Gapdh", "Mbp")
    assert [row.check for row in rows if row.level == "warning"] == ["m/z"]


def test_an_empty_x_and_one_layer(tmp_path, cube) -> None:
    path = write(tmp_path / "a.h5ad", cube)
    with h5py.File(path, "r+") as file:
        file["layers/raw"] = file["X"]
        del file["X"]
    np.testing.assert_array_equal(load(path)[0].images, cube)
    with h5py.File(path, "r+") as file:
        file["layers/log"] = file["layers/raw"]
    with pytest.raises(DataStop, match=r"X is empty and there are 2 layers: log, raw\. Copy the layer"):
        load(path)


def test_pixels_that_are_nan_were_not_measured(tmp_path, cube) -> None:
    cube[:, 1, 1] = np.nan
    images, rows = load(write(tmp_path / "a.h5ad", cube))
    assert not images.mask[1, 1]
    assert {row.level for row in rows} == {"pass"}


def damage(file: h5py.File, how: str) -> None:
    match how:
        case "no obs":
            del file["obs"]
        case "no coordinates":
            del file["obs/x"]
        case "short":
            data = np.asarray(file["X/data"])[:-1]
            del file["X/data"]
            file["X/data"] = data
        case "outside":
            file["X/indices"][0] = 99
        case "backwards":
            file["X/indptr"][1] = 30
        case "planes":
            file["obs/z"] = np.arange(12)
            file["obs/x"][:], file["obs/y"][:] = 1, 1
        case "shape":
            file["X"].attrs["shape"] = (2**40, 2**40)
        case "text":
            del file["X"]
            file.create_dataset("X", data=np.full((12, 3), "a", dtype=object), dtype=TEXT)
        case "elsewhere":
            del file["X"]
            file["X"] = h5py.ExternalLink("other.h5", "/X")
        case "huge":
            del file["X"], file["obs"], file["var"]
            file.create_dataset("X", shape=(2**40, 3), chunks=(2**20, 1), dtype="f4")
            group = file.create_group("obs")
            group.attrs["_index"] = "_index"
            for name in ("_index", "x", "y"):
                group.create_dataset(name, shape=(2**40,), chunks=(2**20,), dtype="i8")
            write_frame(file, "var", {"mz": MZS}, ["a", "b", "c"])
        case "one m/z":
            file["var/mz"][1] = np.nan


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("no obs", "not AnnData: it holds X, var, not obs and var"),
        ("no coordinates", "no coordinates: obs has y.* Add the columns x and y"),
        ("short", "cut off: 35 of 36 values"),
        ("outside", "damaged: a value lies outside"),
        ("backwards", "damaged"),
        ("planes", "lie on 12 planes"),
        ("shape", "has the shape"),
        ("text", "not numbers"),
        ("elsewhere", "X lies in another file"),
        ("huge", "would unpack to"),
        ("one m/z", "1 ion without an m/z, such as ion1"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, cube, how, message) -> None:
    path = write(tmp_path / "a.h5ad", cube, how="csr")
    with h5py.File(path, "r+") as file:
        damage(file, how)
    with pytest.raises(DataStop, match=rf"^a\.h5ad: .*{message}"):
        load(path)


def test_a_damaged_file_never_ends_in_a_traceback(tmp_path, cube) -> None:
    whole = write(tmp_path / "a.h5ad", cube, how="csr").read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(100):
        damaged = bytearray(whole[: rng.integers(1, len(whole))] if rng.random() < 0.3 else whole)
        for place in rng.integers(0, len(damaged), 20):
            damaged[place] = rng.integers(0, 256)
        (tmp_path / "b.h5ad").write_bytes(damaged)
        with contextlib.suppress(DataStop):
            images, _ = load(tmp_path / "b.h5ad")
            assert np.isfinite(images.images).all()


@pytest.mark.parametrize("how", ["dense", "csr", "csc"])
def test_a_large_table_is_read_piece_by_piece(tmp_path, cube, how, monkeypatch) -> None:
    monkeypatch.setattr(msiss.data.formats.h5ad, "_PIECE", 7)
    told: list[float] = []
    images, _ = load(write(tmp_path / "a.h5ad", cube, how=how), progress=lambda fraction, _: told.append(fraction))
    np.testing.assert_array_equal(images.images, cube)
    assert len(told) > 1
    assert told == sorted(told)


def test_a_file_that_is_not_hdf5(tmp_path) -> None:
    (tmp_path / "a.h5ad").write_text("version https://git-lfs.github.com/spec/v1")
    with pytest.raises(DataStop, match=r"^a\.h5ad: The HDF5 file cannot be read"):
        load(tmp_path / "a.h5ad")


def test_it_can_be_stopped(tmp_path, cube) -> None:
    def stop(fraction: float, _: str) -> None:
        raise RuntimeError(fraction)

    with pytest.raises(RuntimeError):
        load(write(tmp_path / "a.h5ad", cube), progress=stop)
