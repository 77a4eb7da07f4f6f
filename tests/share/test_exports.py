"""The registry of exports."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import openpyxl
import pandas as pd
import pytest
import tifffile
from pyimzml.ImzMLParser import ImzMLParser

from msiss.runs.store import Run
from msiss.share import exports
from msiss.share.export_files import write_files
from msiss.share.exports import EXPORTS, of_everything, usual
from msiss.share.material import gather

# These hold nothing but a table or the run; `data` lies beside them, and the run goes with its data set.
BARE = {"csv", "embedding", "features", "run"}
OF_WEIGHTS = {"encoder"}  # see test_encoder


def of_cells(path: Path) -> list[Any]:
    return [cell for row in openpyxl.load_workbook(path)["Data"].values for cell in row]


def of_h5ad(path: Path) -> list[str]:
    with h5py.File(path) as file:
        return list(json.loads(file["uns/msiss/about"].asstr()[()]).values())


def of_ome(path: Path) -> list[str | None]:
    with tifffile.TiffFile(path) as file:
        xml = tifffile.xml2dict(str(file.ome_metadata))["OME"]
    assert xml["Image"]["AcquisitionDate"] == "2019-03-01T00:00:00"
    pairs = xml["StructuredAnnotations"]["MapAnnotation"]["Value"]["M"]
    return [pair["value"] for pair in pairs]


def of_imzml(path: Path) -> list[str]:
    with ImzMLParser(str(path)) as parser:
        return [parser.metadata.instrument_configurations["instrument"]["instrument model"]]


def of_crate(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        graph = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
        assert b"instrument: Q Exactive HF" in archive.read("methods.txt")
    found = {one["@id"]: one for one in graph}
    return [found[one["@id"]]["value"] for one in found["#data"]["additionalProperty"]]


# How another program finds what is known about the measurement in the file that is opened first.
SAID: dict[str, Callable[[Path], list[Any]]] = {
    "xlsx": of_cells,
    "config": lambda path: list(json.loads(path.read_text(encoding="utf-8"))["about"].values()),
    "data": lambda path: pd.read_csv(path)["text"].tolist(),
    "h5ad": of_h5ad,
    "ome-tiff": of_ome,
    "ome-tiff-means": of_ome,
    "imzml": of_imzml,
    "imzml-means": of_imzml,
    "ro-crate": of_crate,
}


@pytest.mark.parametrize("name", [name for name in EXPORTS.names if name not in BARE | OF_WEIGHTS])
def test_every_export_tells_how_the_section_was_measured(finished_run, small_images, tmp_path, name) -> None:
    about = {"Instrument": "Q Exactive HF", "Measured on": "2019-03-01"}
    material = gather(finished_run, images=replace(small_images, about=about))
    write_files(material, tmp_path / "out", [name])
    assert "Q Exactive HF" in SAID[name](tmp_path / "out" / EXPORTS[name].files[0])


def test_everything_is_what_can_be_made_and_is_not_there_twice(finished_run: Run) -> None:
    whole = [*usual(), "xlsx", "h5ad", "ome-tiff", "ome-tiff-means", "imzml", "imzml-means"]
    assert sorted(of_everything(gather(finished_run))) == sorted(whole)
    finished_run.use_dataset(finished_run.path / "gone")
    assert sorted(of_everything(gather(finished_run))) == sorted([*usual(), "xlsx"])


def test_another_package_can_add_an_export(finished_run: Run, tmp_path: Path, monkeypatch) -> None:
    def write(material, path, *, progress):
        path.write_text(str(len(material.ions)))

    monkeypatch.setattr("msiss.share.tables.count_ions", write, raising=False)
    own = exports.Export("count", "Count", ("count.txt",), "text/plain", "A.", "B", "msiss.share.tables:count_ions")
    EXPORTS.add(own)
    try:
        write_files(gather(finished_run), tmp_path / "out", ["count"])
        archive = io.BytesIO((tmp_path / "out" / "count.txt").read_bytes())
    finally:
        EXPORTS.remove("count")
    assert archive.read() == b"12"
