"""AnnData files: what is in them by h5py, and that msiss reads the same images back.

That anndata, scanpy and squidpy open them is tried by benchmarks/opens.py, in environments of their own.
"""

from dataclasses import replace

import h5py
import numpy as np
import pytest

from msiss.analyse.similarity import cosine_similarity
from msiss.data.axis import RAMAN
from msiss.data.formats.h5ad import load
from msiss.runs.decisions import Moved, Named
from msiss.runs.grouping import decide, grouping
from msiss.runs.store import Run
from msiss.share import h5ad, material
from msiss.share.material import gather


@pytest.fixture
def rich(small_images):
    """Return the small images with everything that can be known of them."""
    formulas = ("C10H20", *("",) * 10, "+é\0")
    regions = np.where(small_images.mask, 1 + (np.arange(20) > 9), 0).astype(np.int16)
    return replace(
        small_images,
        annotations={"formula": formulas},
        regions=regions,
        region_names=("left", "left"),
        tic=small_images.images.sum(axis=0),
        polarity="negative",
        pixel_size=(20.0, 10.0),
        about={"Instrument": "Q Exactive HF", "m/z range": "400 to 1,000", "Room": "é"},
        positions=np.stack(np.indices(small_images.shape)[::-1], axis=-1) * 50 - 300,
        stage=np.where(small_images.mask[..., None], np.stack(np.indices(small_images.shape), axis=-1) * 0.5, np.nan),
    )


def encodings(group) -> None:
    """Check that every part tells its encoding, as anndata demands."""
    assert group.attrs["encoding-type"]
    assert group.attrs["encoding-version"]
    if isinstance(group, h5py.Group):
        for part in group.values():
            encodings(part)


def texts(dataset) -> list[str]:
    return dataset.asstr()[:].tolist()


def test_msiss_reads_the_same_images_back(finished_run: Run, rich, tmp_path) -> None:
    h5ad.write(gather(finished_run, images=rich), tmp_path / "ions.h5ad")
    images, rows = load(tmp_path / "ions.h5ad")
    np.testing.assert_array_equal(images.images, rich.images)
    np.testing.assert_array_equal(images.mz, rich.mz)
    np.testing.assert_array_equal(images.mask, rich.mask)
    assert images.names == rich.names
    assert (images.polarity, images.pixel_size, images.about) == ("negative", (20.0, 10.0), rich.about)
    assert images.fingerprint == replace(rich, labels=None, tic=None).fingerprint
    np.testing.assert_array_equal(images.positions[images.mask], rich.positions[rich.mask])
    np.testing.assert_array_equal(images.stage, rich.stage)
    assert not [row for row in rows if row.level == "warning"]


def test_what_is_known_of_ions_and_pixels_is_in_its_place(finished_run: Run, rich, tmp_path) -> None:
    decide(grouping(finished_run), Named(cluster=1, name="white matter"))
    decide(grouping(finished_run), Moved(ions=(3,), to=1))
    h5ad.write(gather(finished_run, images=rich), tmp_path / "ions.h5ad")
    with h5py.File(tmp_path / "ions.h5ad") as file:
        encodings(file)
        assert list(file.attrs["encoding-type"] for file in (file, file["X"], file["var"])) == [  # noqa: C400
            "anndata",
            "array",
            "dataframe",
        ]
        np.testing.assert_array_equal(file["X"], rich.images[:, rich.mask].T)
        var = file["var"]
        assert list(var.attrs["column-order"]) == [name for name in var if name != "_index"]
        assert texts(var["_index"])[:2] == ["400.1000", "436.4818"]
        assert texts(var["name"]) == list(rich.names)
        assert var["cluster"][:].tolist() == [0, 0, 0, 1, 0, 1, 1, 1, 1, 2, 2, 2]
        assert texts(var["cluster_name/categories"]) == ["0", "1 white matter", "2"]
        assert var["cluster_name/codes"][:].tolist() == var["cluster"][:].tolist()
        np.testing.assert_array_equal(var["confidence"], finished_run.clusters()["confidence"])
        assert var["by_hand"][:].tolist() == [ion == 3 for ion in range(12)]
        np.testing.assert_array_equal(var["known_class"], rich.labels)
        rows, columns = np.nonzero(rich.mask)
        np.testing.assert_array_equal(file["obs/x"], columns)
        np.testing.assert_array_equal(file["obs/y"], rows)
        np.testing.assert_array_equal(file["obsm/spatial"], np.stack([columns, rows], axis=1))
        assert file["obs/x_in_file"][0] == 50 * columns[0] - 300
        assert file["obs/y_in_file"][-1] == 50 * rows[-1] - 300
        np.testing.assert_array_equal(file["obs/tic"], rich.tic[rich.mask])
        assert texts(file["obs/region/categories"]) == ["left", "left-1"]
        np.testing.assert_array_equal(file["obs/region/codes"], columns > 9)
        assert len(set(texts(file["obs/_index"]))) == len(rows)
        assert texts(file["uns/cluster_name_colors"]) == ["#1e78d7", "#eb7814", "#46dcc8"]


def test_similarities_features_and_maps_are_those_of_the_representation(finished_run: Run, tmp_path) -> None:
    ions = [7, 2, 11]
    h5ad.write(gather(finished_run, "image-vectors", ions=ions), tmp_path / "few.h5ad")
    features = finished_run.features("image-vectors")[ions]
    maps = finished_run.maps().query("representation == 'image-vectors' and method == 'tsne'").set_index("ion")
    with h5py.File(tmp_path / "few.h5ad") as file:
        np.testing.assert_array_equal(file["varp/colocalization"], cosine_similarity(features))
        compact = file["varm/features"][:]
        assert compact.shape == (3, 3)
        np.testing.assert_allclose(compact @ compact.T, features @ features.T, atol=1e-6)
        np.testing.assert_allclose(file["varm/X_tsne"], maps.loc[ions, ["x", "y"]])
        assert file["X"].shape[1] == 3
    h5ad.write(gather(finished_run, "bands"), tmp_path / "bands.h5ad")  # of which there is no map
    with h5py.File(tmp_path / "bands.h5ad") as file:
        assert list(file["varm"]) == ["features"]


def test_the_section_is_told_as_squidpy_expects_it(finished_run: Run, small_images, tmp_path) -> None:
    h5ad.write(gather(finished_run), tmp_path / "ions.h5ad")
    with h5py.File(tmp_path / "ions.h5ad") as file:
        section = file["uns/spatial/msiss"]
        picture = section["images/hires"][:]
        scaled = small_images.images / small_images.images.max(axis=(1, 2), keepdims=True)
        np.testing.assert_allclose(picture[..., 0], scaled.sum(axis=0) / scaled.sum(axis=0).max(), rtol=1e-5)
        assert picture.shape == (16, 20, 3)
        assert section["scalefactors/tissue_hires_scalef"][()] == 1
        assert section["metadata/pixel_width_um"][()] == 10


def test_many_ions_have_no_matrix_and_the_file_says_why(finished_run: Run, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(h5ad, "MOST_SIMILAR", 11)
    h5ad.write(gather(finished_run), tmp_path / "ions.h5ad")
    with h5py.File(tmp_path / "ions.h5ad") as file:
        assert list(file["varp"]) == []
        assert "more than 11 ions" in file["uns/msiss/colocalization"].asstr()[()]


def test_blocks_change_nothing(finished_run: Run, small_images, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(material, "BLOCK_BYTES", 1)
    monkeypatch.setattr(h5ad, "CHUNK", (7, 5))
    h5ad.write(gather(finished_run), tmp_path / "ions.h5ad")
    with h5py.File(tmp_path / "ions.h5ad") as file:
        np.testing.assert_array_equal(file["X"], small_images.images[:, small_images.mask].T)


def test_equal_mz_and_other_axes(finished_run: Run, small_images, tmp_path) -> None:
    same = replace(small_images, mz=np.full(12, 500.0), axis=RAMAN)
    finished_run.use_dataset(finished_run.path / "gone")
    table = finished_run.clusters().assign(mz=500.0)
    table.to_parquet(finished_run.path / "results" / "clusters.parquet", index=False)
    h5ad.write(gather(finished_run, images=same), tmp_path / "ions.h5ad")
    with h5py.File(tmp_path / "ions.h5ad") as file:
        assert texts(file["var/_index"])[:3] == ["500.0", "500.0-1", "500.0-2"]
        assert "mz" not in file["var"]
        assert file["var/position"][0] == 500
