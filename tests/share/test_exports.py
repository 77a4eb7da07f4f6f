"""The registry of exports."""

import io
from pathlib import Path

from msiss.runs.store import Run
from msiss.share import exports
from msiss.share.export_files import write_files
from msiss.share.exports import EXPORTS, of_everything, usual
from msiss.share.material import gather


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
