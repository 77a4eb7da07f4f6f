"""The command that corrects clusters, as a user types it."""

from pathlib import Path

import pytest

from msiss.analyse.representations import IMAGE_VECTORS
from msiss.cli.main import main
from msiss.runs.grouping import grouping
from msiss.runs.store import Run


def test_a_table_moves_ions_and_others_follow(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mz, table = finished_run.clusters()["mz"], tmp_path / "corrections.csv"
    table.write_text(f"mz,cluster\n{mz[4]},0\n{mz[5]},1\n")
    asked = ["correct", str(finished_run.path), "--by", IMAGE_VECTORS]
    assert main([*asked, "--table", str(table), "--who", "A", "--why", "isotopes"]) == 0
    said = capsys.readouterr().out
    assert said == (
        "1 ion moved as the table says.\n0 ions moved with them:\n"
        "Ions per cluster by image-vectors: 0: 5, 1: 4, 2: 3.\n"
    )
    corrected = grouping(finished_run, IMAGE_VECTORS)
    assert corrected.labels[4] == 0
    assert [(one.who, one.why) for one in corrected.decisions] == [("A", "isotopes")] * 3
    for _ in range(3):
        assert main([*asked, "--undo"]) == 0
    assert capsys.readouterr().out.startswith("Undone: refine of ")
    assert not grouping(finished_run, IMAGE_VECTORS).decisions
    assert main([*asked, "--undo"]) == 1
    assert "error: Nothing was decided about these clusters" in capsys.readouterr().err


def test_only_the_ions_of_the_table(finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mz, table = finished_run.clusters()["mz"], tmp_path / "corrections.csv"
    table.write_text(f"mz,cluster\n{mz[0]},tumour\n{mz[1]},tumour\n")
    assert main(["correct", str(finished_run.path), "--clusters", "2", "--table", str(table), "--only-listed"]) == 0
    assert "2 ions moved as the table says.\nIons per cluster by self-labelled: 0: " in capsys.readouterr().out
    corrected = grouping(finished_run, n_clusters=2)
    assert corrected.clusters[corrected.labels[0]].title == "2 tumour"
    assert corrected.table["by_hand"].sum() == 2


def test_no_table(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["correct", str(finished_run.path)]) == 1
    assert "error: Name a table with the columns mz and cluster by --table" in capsys.readouterr().err
