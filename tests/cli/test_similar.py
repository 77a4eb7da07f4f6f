"""The commands about similar ions, as a user types them."""

from pathlib import Path

import pandas as pd
import pytest

from msiss.analyse.representations import BANDS, IMAGE_VECTORS
from msiss.cli.main import main
from msiss.data.ion_images import IonImages
from msiss.learn.paper.config import SELF_LABELLED
from msiss.learn.spatial.config import NAME
from msiss.runs.grouping import grouping
from msiss.runs.store import Run
from msiss.share.similar import partners_table


def test_the_partners_of_an_ion_are_printed_and_written(
    finished_run: Run, small_images: IonImages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "partners.csv"
    asked = ["similar", str(finished_run.path), "--ion", f"{small_images.mz[9]:.3f}", "--number", "3"]
    assert main([*asked, "--out", str(out)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"Ions most like m/z {small_images.mz[9]:.4f} by: CNN after self-labelling"
    assert len(said) == 6  # with the names of the columns, and where they were written
    assert said[-1] == f"Wrote 11 rows to {out}."
    measured = {name: finished_run.features(name) for name in (SELF_LABELLED, IMAGE_VECTORS)}
    expected = partners_table(finished_run.ions(), measured, 9, grouping(finished_run))
    found = pd.read_csv(out)
    assert found["ion"].tolist() == expected["ion"].tolist()
    assert found["rank_image-vectors"].tolist() == expected["rank_image-vectors"].tolist()
    assert said[2].split()[0] == str(expected["ion"][0])


def test_by_other_measures_and_a_name(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["similar", str(finished_run.path), "--ion", "lipid 10", "--by", BANDS, "--against", BANDS]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "by: Bands (coarse to fine structures)" in said
    assert "cosine_image-vectors" not in said


def test_pairs_that_measures_judge_differently(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pairs.csv"
    assert main(["disagreements", str(finished_run.path), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    table = pd.read_csv(out)
    number = f"{len(table)} pair{'s' if len(table) > 1 else ''}"
    assert said.startswith(f"{number} that CNN after self-labelling and Image vectors (plain pixels) judge differently")
    assert {"ion_i", "rank_self-labelled", "rank_image-vectors", "difference"} <= set(table)


def test_what_cannot_be_done_is_said(finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = str(finished_run.path)
    assert main(["similar", run, "--ion", "5000"]) == 1
    assert "No ion at m/z 5000" in capsys.readouterr().err
    assert main(["disagreements", run, "--by", IMAGE_VECTORS]) == 1
    assert "image-vectors is compared with itself" in capsys.readouterr().err
    assert main(["similar", run, "--ion", "lipid 3", "--by", NAME]) == 1
    assert f"this run has no {NAME}" in capsys.readouterr().err
    assert main(["similar", run, "--ion", "lipid 3", "--out", str(tmp_path)]) == 1
    assert f"error: {tmp_path} cannot be written" in capsys.readouterr().err
