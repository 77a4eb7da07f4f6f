"""Tables and images in zarr folders, as SpatialData, AnnData and OME-NGFF lay them out."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from msiss.data import foreign
from msiss.data.formats import read
from msiss.data.formats.zarr_data import load
from msiss.data.ion_images import IonImages
from msiss.data.recipe import ReadConfig, Recipe
from msiss.errors import DataError, MsissWarning

IMAGES = np.random.default_rng(0).gamma(2, 50, (3, 4, 5)).round(1).astype(np.float32)
MZ = [100.5, 200.5, 300.5]
FORMATS = [2, 3]


def group(place: Path, version: int = 3, **attributes: Any) -> zarr.Group:
    return zarr.open_group(str(place), mode="w", zarr_format=version, attributes=attributes)  # type: ignore[arg-type]


def frame(parent: zarr.Group, key: str, /, **columns: np.ndarray) -> None:
    """Write a table as anndata does."""
    size = len(next(iter(columns.values())))
    columns = {"_index": np.array([f"i{n}" for n in range(size)], dtype=object)} | columns
    about = {"encoding-type": "dataframe", "_index": "_index", "column-order": [*columns][1:]}
    table = parent.create_group(key, attributes=about)
    for column, values in columns.items():
        text = values.dtype.kind == "O"
        array = table.create_array(column, shape=values.shape, dtype=str if text else values.dtype)
        array[...] = values


def anndata(top: zarr.Group, kind: str = "dense", *, obsm: bool = False) -> None:
    """Write the images as a table of pixels x ions."""
    top.attrs["encoding-type"] = "anndata"
    y, x = (places.ravel() for places in np.mgrid[:4, :5])
    where = {"region": np.arange(20)} if obsm else {"x": x, "y": y}
    frame(top, "obs", **where)
    frame(top, "var", mz=np.array(MZ), name=np.array(["A", "B", "C"], dtype=object))
    if obsm:
        top.create_group("obsm").create_array("spatial", data=np.stack([x, y], axis=1) * 50.0)
    table = IMAGES.reshape(3, 20).T
    if kind == "dense":
        top.create_array("X", data=table, chunks=(7, 2))
        return
    lines = table if kind == "csr" else table.T
    sparse = top.create_group("X", attributes={"encoding-type": f"{kind}_matrix", "shape": list(table.shape)})
    sparse.create_array("data", data=lines[lines > 0])
    sparse.create_array("indices", data=np.nonzero(lines)[1].astype(np.int32))
    sparse.create_array("indptr", data=np.append(0, np.cumsum((lines > 0).sum(axis=1))).astype(np.int32))


def ngff(
    top: zarr.Group, *, labels: list[str], axes: str = "cyx", images: np.ndarray = IMAGES, new: bool = True
) -> None:
    """Write the images as OME-NGFF 0.4 or 0.5, with a second resolution."""
    scale = [{"type": "scale", "scale": [1.0] * (len(axes) - 2) + [20.0, 10.0]}]
    about = {
        "multiscales": [
            {
                "axes": [{"name": axis} | ({"unit": "micrometer"} if axis in "yx" else {}) for axis in axes],
                "datasets": [{"path": f"s{n}", "coordinateTransformations": scale} for n in (0, 1)],
            }
        ],
        "omero": {"channels": [{"label": label} for label in labels]},
    }
    top.attrs.update({"ome": about} if new else about)
    top.create_array("s0", data=images)
    top.create_array("s1", data=images[..., ::2, ::2])


def check(path: Path) -> IonImages:
    images = read(path)
    np.testing.assert_array_equal(images.images, IMAGES)
    np.testing.assert_array_equal(images.mz, MZ)
    assert images.source == path.name
    return images


@pytest.mark.parametrize("version", FORMATS)
@pytest.mark.parametrize("kind", ["dense", "csr", "csc"])
def test_tables_of_anndata(tmp_path, version, kind) -> None:
    anndata(group(tmp_path / "a.zarr", version), kind)
    assert check(tmp_path / "a.zarr").names == ("A", "B", "C")


def test_a_table_with_coordinates_in_obsm(tmp_path) -> None:
    anndata(group(tmp_path / "a.zarr"), obsm=True)
    check(tmp_path / "a.zarr")


@pytest.mark.parametrize("version", FORMATS)
def test_the_table_of_spatialdata_goes_before_its_images(tmp_path, version) -> None:
    top = group(tmp_path / "a.zarr", version)
    anndata(top.create_group("tables").create_group("msi"), "csr")
    ngff(top.create_group("images").create_group("tic"), labels=["tic"], images=IMAGES[:1])
    top.create_group("shapes")
    check(tmp_path / "a.zarr")


def test_several_tables_are_asked_about_and_each_can_be_chosen(tmp_path) -> None:
    tables = group(tmp_path / "a.zarr").create_group("tables")
    for name in ("one", "two"):
        anndata(tables.create_group(name))
    with pytest.raises(
        DataError, match=r"several that could be meant: tables/one and tables/two\. Choose .* a\.zarr/tables/one"
    ):
        read(tmp_path / "a.zarr")
    check(tmp_path / "a.zarr" / "tables" / "two")


@pytest.mark.parametrize(("version", "new"), [(2, False), (3, True)])
def test_channels_of_an_image_are_named_by_mz(tmp_path, version, new) -> None:
    ngff(group(tmp_path / "a.ome.zarr", version), labels=[f"mz {mz}" for mz in MZ], new=new)
    assert check(tmp_path / "a.ome.zarr").pixel_size == (20, 10)


def test_the_image_of_spatialdata_with_axes_of_length_1(tmp_path) -> None:
    top = group(tmp_path / "a.zarr").create_group("images").create_group("msi")
    ngff(top, labels=[str(mz) for mz in MZ], axes="tczyx", images=IMAGES[None, :, None])
    check(tmp_path / "a.zarr")


def test_an_image_without_mz_is_numbered_with_a_warning(tmp_path) -> None:
    ngff(group(tmp_path / "a.zarr"), labels=["DAPI", "CD3", "CD8"])
    with pytest.warns(MsissWarning, match="does not say which m/z"):
        images = read(tmp_path / "a.zarr")
    assert images.names == ("DAPI", "CD3", "CD8")


def test_plain_arrays_in_shards(tmp_path) -> None:
    top = group(tmp_path / "a.zarr")
    top.create_array("images", shape=(4, 5, 3), dtype="f8", chunks=(1, 5, 3), shards=(4, 5, 3))[...] = np.moveaxis(
        IMAGES, 0, -1
    )
    top.create_array("mz", data=np.array(MZ))
    check(tmp_path / "a.zarr")


def test_the_order_of_the_axes_can_be_set(tmp_path) -> None:
    zarr.save(str(tmp_path / "a.zarr"), np.moveaxis(IMAGES, 0, -1))
    images, rows = load(tmp_path / "a.zarr", config=ReadConfig(axes="rows columns mz"))
    np.testing.assert_array_equal(images.images, IMAGES)
    assert not any(row.check == "axes" for row in rows)


@pytest.mark.parametrize("flat", [False, True])
def test_zarr_in_a_zip_file_in_a_child(tmp_path, flat) -> None:
    anndata(group(tmp_path / "in" / "a.zarr", 2), "csr")
    folder = tmp_path / "in" / "a.zarr" if flat else tmp_path / "in"
    path = Path(shutil.make_archive(str(tmp_path / "a.zarr"), "zip", folder))
    assert foreign.check([path]).usable
    (tmp_path / "made").mkdir()
    foreign.make([path], Recipe(), tmp_path / "made" / "d")
    images = IonImages.load(tmp_path / "made" / "d")
    np.testing.assert_array_equal(images.images, IMAGES)
    assert images.source == "a.zarr"


def test_what_is_no_data_is_refused_in_words(tmp_path) -> None:
    group(tmp_path / "a.zarr").create_group("shapes")
    with pytest.raises(DataError, match=r"It holds shapes, but no table of pixels and no image"):
        read(tmp_path / "a.zarr")
    zarr.save(str(tmp_path / "b.zarr"), IMAGES[0])
    with pytest.raises(DataError, match=r"The array has the shape \(4, 5\)"):
        read(tmp_path / "b.zarr")
