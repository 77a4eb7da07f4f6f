"""Regions are read from pictures of labels, AnnData and GeoJSON."""

import json

import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from msiss.data import area_files, foreign
from msiss.data.area_files import read_areas
from msiss.errors import DataError

SHAPE = (4, 6)
LABELS = np.array([[0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1], [12, 12, 12, 0, 0, 0], [12, 12, 12, 0, 0, 300]])


def found(layer) -> dict[str, np.ndarray]:
    return {area.name: area.pixels(SHAPE) for area in layer.areas}


def write_labels(path, labels):
    if path.suffix == ".npy":
        np.save(path, labels)
    elif path.suffix == ".tif":
        tifffile.imwrite(path, labels.astype(np.uint16))
    else:
        Image.fromarray(labels.astype(np.uint16)).save(path)
    return path


@pytest.mark.parametrize("ending", ["png", "tif", "npy"])
@pytest.mark.parametrize("times", [1, 5])
def test_each_label_is_a_region(tmp_path, ending, times):
    path = write_labels(tmp_path / f"tissue.{ending}", LABELS.repeat(times, 0).repeat(times, 1))
    (layer,) = read_areas(path, SHAPE)
    regions = found(layer)
    assert list(regions) == ["tissue 1", "tissue 12", "tissue 300"]
    for label in (1, 12, 300):
        np.testing.assert_array_equal(regions[f"tissue {label}"], label == LABELS)
    assert {area.source for area in layer.areas} == {path.name}


def test_a_smaller_picture_and_colours(tmp_path):
    small = np.zeros((2, 3, 3), np.uint8)
    small[0, 1:] = (255, 0, 16)
    small[1, 0] = (0, 0, 1)
    Image.fromarray(small).save(tmp_path / "a.png")
    regions = found(read_areas(tmp_path / "a.png", SHAPE)[0])
    assert list(regions) == ["a #000001", "a #ff0010"]
    np.testing.assert_array_equal(regions["a #ff0010"], LABELS == 1)


def test_a_mask_is_one_region_named_after_its_file(tmp_path):
    Image.fromarray(np.where(LABELS == 12, 255, 0).astype(np.uint8)).convert("1").save(tmp_path / "lumen.png")
    regions = found(read_areas(tmp_path / "lumen.png", SHAPE)[0])
    assert list(regions) == ["lumen"]
    np.testing.assert_array_equal(regions["lumen"], LABELS == 12)


def test_what_is_no_picture_of_regions_is_told(tmp_path):
    for labels, reason in [
        (np.zeros((4, 6), np.uint16), "holds no region"),
        (np.ones((4, 7), np.uint16), r"has 4 x 7 pixels \(rows x columns\), the section has 4 x 6"),
        (np.arange(8 * 48).reshape(16, 24), "383 numbers or colours"),
        (np.ones((2, 4, 6)), r"has the shape \(2, 4, 6\)"),
    ]:
        path = write_labels(tmp_path / "a.npy", labels)
        shape = (16, 24) if labels.shape == (16, 24) else SHAPE
        with pytest.raises(DataError, match=reason):
            read_areas(path, shape)
    for name, reason in [
        ("a.png", "is no picture"),
        ("a.tif", "cannot be read"),
        ("a.h5ad", "HDF5"),
        ("b.json", "JSON"),
    ]:
        (tmp_path / name).write_bytes(b"nothing of the kind")
        with pytest.raises(DataError, match=reason):
            read_areas(tmp_path / name, SHAPE)


def write_anndata(path, **columns):
    rows, places = np.mgrid[:4, :6]
    with h5py.File(path, "w") as file:
        obs = file.create_group("obs")
        obs.attrs["_index"] = "_index"
        obs["_index"] = [f"pixel {number}" for number in range(24)]
        obs["x"], obs["y"] = places.ravel() * 20.0, rows.ravel() * 20.0
        for name, values in columns.items():
            if isinstance(values, tuple):
                group = obs.create_group(name)
                group["categories"], group["codes"] = list(values[0]), values[1]
            else:
                obs[name] = values
    return path


def test_columns_of_anndata_are_layers(tmp_path):
    codes = np.select([LABELS == 1, LABELS == 12], [0, 1], -1).ravel().astype(np.int8)
    path = write_anndata(
        tmp_path / "a.h5ad",
        leiden=(("cortex", "lumen"), codes),
        cluster=np.where(LABELS == 12, 10, 9).ravel(),
        total=np.linspace(0, 1, 24) ** 2,
        same=np.ones(24),
    )
    layers = {layer.name: found(layer) for layer in read_areas(path, SHAPE)}
    # 24 different values are few enough to be regions; whoever loads them chooses the column.
    assert set(layers) == {"leiden", "cluster", "total"}
    assert list(layers["leiden"]) == ["leiden cortex", "leiden lumen"]
    np.testing.assert_array_equal(layers["leiden"]["leiden lumen"], LABELS == 12)
    assert list(layers["cluster"]) == ["cluster 9", "cluster 10"]
    np.testing.assert_array_equal(layers["cluster"]["cluster 10"], LABELS == 12)
    with pytest.raises(DataError, match="fill 4 x 6 places"):
        read_areas(path, (4, 7))
    with pytest.raises(DataError, match="No column of obs"):
        read_areas(write_anndata(tmp_path / "b.h5ad", same=np.ones(24)), SHAPE)


def square(left, top, right, bottom):
    return [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]


def test_polygons_of_geojson_are_regions_by_their_name(tmp_path):
    features = [
        {"geometry": {"type": "Polygon", "coordinates": [square(2, 0, 6, 2)]}, "properties": {"name": "wall"}},
        {
            "geometry": {"type": "MultiPolygon", "coordinates": [[square(0, 2, 3, 4)], [square(5, 3, 6, 4)]]},
            "properties": {"classification": {"name": "lumen"}},
        },
        {"geometry": {"type": "Polygon", "coordinates": [square(3, 0, 5, 1), square(4, 0, 5, 1)]}},
        {"geometry": {"type": "Polygon", "coordinates": [square(2, 1, 6, 2)]}, "properties": {"name": "wall"}},
        {"geometry": {"type": "Point", "coordinates": [1, 1]}},
        {"geometry": {"type": "Polygon", "coordinates": [square(20, 20, 30, 30)]}, "properties": {"name": "far away"}},
    ]
    path = tmp_path / "marks.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (layer,) = read_areas(path, SHAPE)
    regions = found(layer)
    assert list(regions) == ["wall", "lumen", "marks"]
    np.testing.assert_array_equal(regions["wall"], LABELS == 1)
    np.testing.assert_array_equal(regions["lumen"], (LABELS == 12) | (LABELS == 300))
    assert np.argwhere(regions["marks"]).tolist() == [[0, 3]]  # with a hole


@pytest.mark.parametrize(
    "content",
    ["[1]", '{"features": 3}', '{"features": [{"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}}]}'],
)
def test_damaged_geojson_is_told(tmp_path, content):
    (tmp_path / "a.geojson").write_text(content)
    with pytest.raises(DataError, match="no GeoJSON"):
        read_areas(tmp_path / "a.geojson", SHAPE)


def test_a_confined_child_reads_the_same(tmp_path):
    path = write_labels(tmp_path / "tissue.png", LABELS)
    assert foreign.read_areas(path, SHAPE) == area_files.read_areas(path, SHAPE)
    (tmp_path / "b.png").write_bytes(b"nothing")
    with pytest.raises(DataError, match="is no picture"):
        foreign.read_areas(tmp_path / "b.png", SHAPE)
