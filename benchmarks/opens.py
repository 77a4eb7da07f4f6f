"""Whether every export opens in the programs that it is for, with equal values.

    .venv/bin/python benchmarks/opens.py make FOLDER [--run RUN]
    OTHER/bin/python benchmarks/opens.py check FOLDER

The first command writes all exports of a run, by default of a small simulated section, and what they must hold, into a
new folder. The second one opens them with whatever readers its environment has, without msiss: each program needs its
own environment, as anndata 0.12 and 0.13 do. What is not installed is said. BIOFORMATS_JAR names the archive of
Bio-Formats (bioformats_package.jar), which Fiji and QuPath read OME-TIFF with, and which needs Java.

Prints Markdown: a row per program and export. The exit code is 1 if an export is not equal.
"""

import argparse
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

TRUTH = "truth.npz"
EXPORTS = "exports"


def main() -> int:
    """Make or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["make", "check"])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--run", type=Path, metavar="RUN")
    options = parser.parse_args()
    return _make(options.folder, options.run) if options.what == "make" else _check(options.folder)


def _make(folder: Path, path: Path | None) -> int:
    import msiss
    from msiss.phantom.section import make_phantom
    from msiss.runs.decisions import Moved, Named
    from msiss.runs.grouping import decide, grouping
    from msiss.share.export_files import write_files
    from msiss.share.exports import EXPORTS as known
    from msiss.share.exports import lacking
    from msiss.share.material import gather

    folder.mkdir(parents=True)
    if path is None:
        os.environ["MSISS_HOME"] = str(folder / "home")
        make_phantom(shape=(40, 50), ions=60).write(folder / "section")
        images = msiss.read(folder / "section" / "demo.imzML", mz_list=folder / "section" / "truth.csv")
        images.save(folder / "home" / "datasets" / "demo")
        settings: dict[str, Any] = {"spatial.steps": 20}
        data = folder / "home" / "datasets" / "demo"
        run = msiss.cluster(data, clusters=4, folder=folder / "run", progress=False, **settings).stored
        decide(grouping(run), Named(cluster=1, name='=1+1 "white" & <matter> µ'))
        decide(grouping(run), Moved(ions=(3,), to=1))
    else:
        run = msiss.Run(path).stored
    material = gather(run)
    write_files(material, folder / EXPORTS, [one.name for one in known if not lacking(one, material)])
    images, table = material.images, material.table
    values: dict[str, Any] = {
        "images": images.images,
        "mask": images.mask,
        "mz": images.mz,
        "pixel_size": np.array(images.pixel_size or (np.nan, np.nan)),
        "cluster": table["cluster"].to_numpy(),
        "confidence": table["confidence"].to_numpy(),
        "features": run.features(run.config.result),
        "names": table["name"].to_numpy(dtype=str),
        "titles": np.array([material.grouping.clusters[one].title for one in table["cluster"]]),
    }
    np.savez(folder / TRUTH, **values)
    print(f"Wrote {folder / EXPORTS}.")
    return 0


def _check(folder: Path) -> int:
    with np.load(folder / TRUTH) as stored:
        truth = {name: stored[name] for name in stored}
    print("| program | export | |\n| --- | --- | --- |")
    wrong = 0
    for packages, file, check in CHECKS:
        versions = [_version(name) for name in packages]
        program = ", ".join(f"{name} {version}" for name, version in zip(packages, versions, strict=True))
        if None in versions:
            print(f"| {', '.join(packages)} | {file} | not installed here |")
            continue
        try:
            said = check(folder / EXPORTS / file, truth)
        except Exception as error:  # whatever another program raises
            wrong += 1
            said = f"**fails**: {type(error).__name__}: {error}".replace("\n", " ")[:600]
        print(f"| {program} | {file} | {said} |", flush=True)
    return 1 if wrong else 0


def _version(name: str) -> str | None:
    if name == "Bio-Formats":
        return "by Java" if os.environ.get("BIOFORMATS_JAR") else None
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _anndata(path: Path, truth: dict[str, np.ndarray]) -> str:
    import anndata

    data = anndata.read_h5ad(path)
    spectra = truth["images"][:, truth["mask"]].T
    np.testing.assert_array_equal(np.asarray(data.X), spectra)
    np.testing.assert_array_equal(data.var["mz"], truth["mz"])
    np.testing.assert_array_equal(data.var["cluster"], truth["cluster"])
    assert list(data.var["cluster_name"].astype(str)) == list(truth["titles"])
    assert list(data.var["name"].astype(str)) == list(truth["names"])
    np.testing.assert_array_equal(data.var["confidence"].to_numpy(), truth["confidence"])
    rows, columns = np.nonzero(truth["mask"])
    np.testing.assert_array_equal(data.obsm["spatial"], np.stack([columns, rows], axis=1))
    directions = truth["features"].astype(float)
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    directions = directions / np.where(lengths > 0, lengths, 1)
    np.testing.assert_allclose(data.varp["colocalization"], directions @ directions.T, atol=1e-6)
    compact = np.asarray(data.varm["features"], dtype=float)
    np.testing.assert_allclose(compact @ compact.T, truth["features"] @ truth["features"].T, atol=1e-4)
    with tempfile.TemporaryDirectory() as place:
        data.write_h5ad(Path(place) / "again.h5ad")
        again = anndata.read_h5ad(Path(place) / "again.h5ad")
    assert again.shape == data.shape
    assert sorted(again.varm) == sorted(data.varm)
    backed = anndata.read_h5ad(path, backed="r")
    np.testing.assert_array_equal(backed.X[:5], spectra[:5])
    return f"equal, also written and read again and from the disk: {data.shape[0]} pixels x {data.shape[1]} ions"


def _scanpy(path: Path, _truth: dict[str, np.ndarray]) -> str:
    import matplotlib as mpl

    mpl.use("Agg")
    import anndata
    import scanpy

    ions = anndata.read_h5ad(path).T
    scanpy.pl.umap(ions, color="cluster_name", show=False)
    colours = list(ions.uns["cluster_name_colors"])
    scanpy.pp.neighbors(ions, use_rep="features", n_neighbors=5, metric="cosine")
    scanpy.tl.rank_genes_groups(ions, "cluster_name", method="t-test", n_genes=5)
    return f"umap of the ions in the colours {', '.join(colours)}; neighbours and markers of the clusters"


def _squidpy(path: Path, _truth: dict[str, np.ndarray]) -> str:
    import matplotlib as mpl

    mpl.use("Agg")
    import anndata
    import squidpy

    data = anndata.read_h5ad(path)
    squidpy.gr.spatial_neighbors(data, coord_type="grid", n_neighs=4)
    neighbours = data.obsp["spatial_connectivities"].sum(axis=1)
    assert int(neighbours.max()) == 4
    squidpy.gr.spatial_autocorr(data, genes=list(data.var_names[:3]), mode="moran", n_perms=None)
    moran = data.uns["moranI"]["I"]
    squidpy.pl.spatial_scatter(data, color=data.var_names[0], shape="square", save=None)
    assert np.isfinite(moran).all()
    return (
        f"neighbours on the grid; Moran's I of three ions, {moran.min():.2f} to {moran.max():.2f}; drawn on the section"
    )


def _ome_types(path: Path, truth: dict[str, np.ndarray]) -> str:
    import ome_types

    (image,) = ome_types.from_tiff(path).images
    pixels = image.pixels
    assert (pixels.size_y, pixels.size_x) == truth["mask"].shape
    assert pixels.size_c == len(pixels.channels)
    np.testing.assert_allclose((pixels.physical_size_y, pixels.physical_size_x), truth["pixel_size"])
    return f"valid; {pixels.size_c} channels, such as “{pixels.channels[0].name}”; {pixels.physical_size_x_quantity}"


def _bioio(path: Path, truth: dict[str, np.ndarray]) -> str:
    import bioio_ome_tiff
    from bioio import BioImage

    image = BioImage(path, reader=bioio_ome_tiff.Reader)
    cube = image.get_image_data("CYX")
    assert cube.shape[1:] == truth["mask"].shape
    if path.name.startswith("ions"):
        np.testing.assert_array_equal(cube, truth["images"])
    np.testing.assert_allclose((image.physical_pixel_sizes.Y, image.physical_pixel_sizes.X), truth["pixel_size"])
    return f"equal; {len(image.channel_names)} channels"


def _napari(path: Path, truth: dict[str, np.ndarray]) -> str:
    from napari_tiff.napari_tiff_reader import napari_get_reader

    read = napari_get_reader(str(path))
    layers = read(str(path))
    data, more, *_ = layers[0]
    np.testing.assert_array_equal(np.asarray(data).reshape(truth["images"].shape), truth["images"])
    return f"equal, as the reader of napari's plug-in; {len(layers)} layer, channel axis {more.get('channel_axis')}"


def _bioformats(path: Path, truth: dict[str, np.ndarray]) -> str:
    jar = os.environ["BIOFORMATS_JAR"]
    command = ["java", "-cp", jar, "loci.formats.tools.ImageInfo", "-nopix", "-omexml-only", "-novalid", str(path)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    height, width = truth["mask"].shape
    assert f'SizeX="{width}"' in text, text[:300]
    assert f'SizeY="{height}"' in text
    assert 'PhysicalSizeXUnit="µm"' in text
    with tempfile.TemporaryDirectory() as place:
        raw = Path(place) / "again.ome.tif"
        convert = [
            "java",
            "-cp",
            jar,
            "loci.formats.tools.ImageConverter",
            "-no-upgrade",
            "-compression",
            "Uncompressed",
        ]
        subprocess.run([*convert, str(path), str(raw)], capture_output=True, text=True, check=True)
        import tifffile

        np.testing.assert_array_equal(tifffile.imread(raw).reshape(truth["images"].shape), truth["images"])
    return "equal, read and written again by Bio-Formats"


def _pyimzml(path: Path, truth: dict[str, np.ndarray]) -> str:
    from pyimzml.ImzMLParser import ImzMLParser

    parser = ImzMLParser(str(path))
    seen = np.zeros(truth["mask"].shape, dtype=bool)
    order = np.argsort(truth["mz"], kind="stable")
    for number, (x, y, _z) in enumerate(parser.coordinates):
        mz, intensities = parser.getspectrum(number)
        # METASPACE's rules: centroids with ascending m/z, as many intensities, none of them negative or empty.
        assert len(mz) == len(intensities) > 0
        assert (np.diff(mz) >= 0).all()
        assert (np.asarray(mz) > 0).all()
        assert (np.asarray(intensities) >= 0).all()
        seen[y - 1, x - 1] = True
        if path.name.startswith("ions"):
            np.testing.assert_array_equal(mz, truth["mz"][order])
            np.testing.assert_array_equal(intensities, truth["images"][order, y - 1, x - 1])
    np.testing.assert_array_equal(seen, truth["mask"])
    assert parser.spectrum_mode == "centroid"
    size = parser.imzmldict["pixel size x"], parser.imzmldict["pixel size y"]
    np.testing.assert_allclose(size[::-1], truth["pixel_size"])
    return f"equal; {len(parser.coordinates)} centroided spectra, ascending m/z, nothing negative"


def _openpyxl(path: Path, truth: dict[str, np.ndarray]) -> str:
    import openpyxl

    book = openpyxl.load_workbook(path)
    rows = list(book["Ions"].values)
    at = {name: place for place, name in enumerate(rows[0])}
    assert [row[at["cluster"]] for row in rows[1:]] == truth["cluster"].tolist()
    mz = [float(row[at["mz"]]) for row in rows[1:]]
    np.testing.assert_allclose(mz, truth["mz"], rtol=1e-15)  # such a file has 16 digits
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    return f"equal; sheets {', '.join(book.sheetnames)}; no formula among {len(cells)} cells"


def _pandas(path: Path, truth: dict[str, np.ndarray]) -> str:
    import pandas

    table = pandas.read_csv(path, float_precision="round_trip")
    np.testing.assert_array_equal(table["cluster"], truth["cluster"])
    np.testing.assert_array_equal(table["mz"], truth["mz"])
    return f"equal; columns {', '.join(map(str, table))}"


def _safetensors(path: Path, _truth: dict[str, np.ndarray]) -> str:
    import torch
    from safetensors import safe_open
    from safetensors.torch import load_file

    with safe_open(path, framework="pt") as stored:
        header = stored.metadata()
    tensors = load_file(path)
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        known: dict[str, Any] = {"images": tensors["check.images"]}
        exec(header["example"], known)  # what the user of the file is told to do
    finally:
        os.chdir(before)
    torch.testing.assert_close(known["features"], tensors["check.features"], rtol=1e-4, atol=1e-5)
    return f"the example in its header gives the features: {tuple(known['features'].shape)}; {header['architecture']}"


def _rocrate(path: Path, _truth: dict[str, np.ndarray]) -> str:
    from rocrate.rocrate import ROCrate

    with tempfile.TemporaryDirectory() as place:
        zipfile.ZipFile(path).extractall(place)
        crate = ROCrate(place)
        missing = [one.id for one in crate.data_entities if not (Path(place) / one.id).is_file()]
    assert not missing, missing
    return f"“{crate.name}”, {len(crate.data_entities)} files, all there"


def _validator(path: Path, _truth: dict[str, np.ndarray]) -> str:
    from rocrate_validator import models, services

    profile = "process-run-crate-0.5"
    with tempfile.TemporaryDirectory() as place:
        zipfile.ZipFile(path).extractall(place)
        settings = services.ValidationSettings(
            rocrate_uri=place, profile_identifier=profile, requirement_severity=models.Severity.RECOMMENDED
        )
        issues = services.validate(settings).get_issues()
    needed = [issue.message for issue in issues if issue.severity == models.Severity.REQUIRED]
    assert not needed, json.dumps(needed)
    advised = ", ".join(sorted({issue.check.identifier for issue in issues}))
    return f"valid for {profile}; recommended beside: {advised or 'nothing'}"


Check = Callable[[Path, dict[str, np.ndarray]], str]
CHECKS: tuple[tuple[tuple[str, ...], str, Check], ...] = (
    (("pandas",), "clusters.csv", _pandas),
    (("openpyxl",), "clusters.xlsx", _openpyxl),
    (("anndata",), "ions.h5ad", _anndata),
    (("anndata", "scanpy"), "ions.h5ad", _scanpy),
    (("anndata", "squidpy"), "ions.h5ad", _squidpy),
    (("ome-types",), "ions.ome.tif", _ome_types),
    (("ome-types",), "cluster-means.ome.tif", _ome_types),
    (("bioio", "bioio-ome-tiff"), "ions.ome.tif", _bioio),
    (("bioio", "bioio-ome-tiff"), "cluster-means.ome.tif", _bioio),
    (("napari-tiff",), "ions.ome.tif", _napari),
    (("Bio-Formats", "tifffile"), "ions.ome.tif", _bioformats),
    (("pyimzML",), "ions.imzML", _pyimzml),
    (("pyimzML",), "cluster-means.imzML", _pyimzml),
    (("safetensors", "torch"), "encoder.safetensors", _safetensors),
    (("rocrate",), "run-crate.zip", _rocrate),
    (("roc-validator",), "run-crate.zip", _validator),
)

if __name__ == "__main__":
    sys.exit(main())
