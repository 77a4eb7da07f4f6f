"""The commands for figures and reports, as a user types them."""

from pathlib import Path

import pypdfium2
import pytest

from msiss.cli.main import main
from msiss.data.ion_images import IonImages
from msiss.errors import SettingError
from msiss.runs.store import Run


def test_figures_are_written_and_those_that_cannot_be_made_are_named(
    finished_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = []

    def files(name, *arguments):
        drawn.append((name, arguments[2]))
        if name == "pairs":
            raise SettingError("No isotopes.")
        return [(f"{name}.{arguments[2]}", b"drawn")]

    monkeypatch.setattr("msiss.share.figures.registry.files", files)
    assert main(["figures", str(finished_run.path), "--out", str(tmp_path), "--format", "png", "svg"]) == 0
    said = capsys.readouterr().out
    assert "Left out pairs: No isotopes." in said
    assert f"Wrote 16 files to {tmp_path}." in said
    assert (tmp_path / "map-classes.svg").read_bytes() == b"drawn"
    assert ("clusters", "png") in drawn


def test_one_figure_with_its_options(
    finished_run: Run, small_images: IonImages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "figures"
    chosen = ["--ions", f"{small_images.mz[7]:.3f}", "lipid 2", "--colours", "magma", "--quantile", "1"]
    assert main(["figures", str(finished_run.path), "--out", str(out), "--only", "ions", *chosen]) == 0
    assert "Wrote 1 file" in capsys.readouterr().out
    text = pypdfium2.PdfDocument(out / "ions.pdf")[0].get_textpage().get_text_bounded()
    assert f"m/z {small_images.mz[7]:.4f}" in text
    assert "lipid 2" in text
    assert text.count("m/z") == 2
    assert "≥" not in text


def test_other_clusters_are_drawn_when_asked_for(finished_run: Run, tmp_path: Path) -> None:
    asked = ["--only", "clusters", "--clusters", "2", "--by", "bands"]
    assert main(["figures", str(finished_run.path), "--out", str(tmp_path), *asked]) == 0
    text = pypdfium2.PdfDocument(tmp_path / "clusters.pdf")[0].get_textpage().get_text_bounded()
    assert "2 clusters by: Bands (coarse to fine structures)" in text


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--only", "pairs"], "No isotopes or adducts"),
        (["--only", "ions", "--ions", "999.5"], "No ion at m/z 999.5"),
        (["--only", "spectrum", "--zoom", "5", "4"], "zoom: 5 is not below 4"),
    ],
)
def test_what_is_asked_for_and_cannot_be_made_is_an_error(
    finished_run: Run, tmp_path: Path, options: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["figures", str(finished_run.path), "--out", str(tmp_path), *options]) == 1
    assert reason in capsys.readouterr().err


def test_figures_of_other_images_are_refused(
    finished_run: Run, small_images: IonImages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_images.subset([1, 0, *range(2, 12)]).save(tmp_path / "other")
    finished_run.record_dataset(tmp_path / "other")
    assert main(["figures", str(finished_run.path), "--out", str(tmp_path / "out")]) == 1
    assert "has changed since this run was made" in capsys.readouterr().err


def test_a_report_with_the_health_of_the_files(
    finished_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = {}

    def check(paths, **_more):
        seen["paths"] = paths
        return "health"

    def report(_grouping, _images, kind, *, health, options, progress):
        seen.update(kind=kind, health=health, colours=options.colours)
        progress(0.5, "half")
        return b"<html>"

    monkeypatch.setattr("msiss.data.foreign.check", check)
    monkeypatch.setattr("msiss.share.report.write.report", report)
    out = tmp_path / "report.html"
    asked = ["--data", "a.imzML", "--colours", "cividis"]
    assert main(["report", str(finished_run.path), "--out", str(out), *asked]) == 0
    assert seen == {"paths": [Path("a.imzML")], "kind": "html", "health": "health", "colours": "cividis"}
    assert out.read_bytes() == b"<html>"
    assert f"Wrote {out}." in capsys.readouterr().out
    assert main(["report", str(finished_run.path), "--out", str(tmp_path / "report.txt")]) == 1
    assert "a report ends in .html or .pdf" in capsys.readouterr().err
