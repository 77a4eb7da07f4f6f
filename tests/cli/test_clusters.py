"""The commands about the number of clusters, as a user types them."""

from pathlib import Path

import pandas as pd
import pytest

from msiss.analyse.representations import BANDS
from msiss.cli.main import main
from msiss.learn.paper.config import SELF_LABELLED
from msiss.runs.cluster_numbers import choose_k_of
from msiss.runs.reclustering import clusters_by, kept_clusters
from msiss.runs.store import Run


def test_recluster_tells_the_sizes_and_keeps_the_table(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recluster", str(finished_run.path), "--clusters", "2"]) == 0
    said = capsys.readouterr().out
    assert "Re-clustered into 2 clusters; the run was trained with 3." in said
    table = kept_clusters(finished_run, SELF_LABELLED, 2)
    first, second = table["cluster"].value_counts()
    assert f"by self-labelled: {first}, {second}." in said


def test_recluster_writes_the_clusters_that_it_makes(
    finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    asked = ["--clusters", "4", "--by", "bands", "--to", str(out)]
    assert main(["recluster", str(finished_run.path), *asked]) == 0
    clusters = pd.read_csv(out / "clusters.csv")
    assert clusters["cluster"].tolist() == clusters_by(finished_run, BANDS, 4)["cluster"].tolist()
    said = capsys.readouterr().out
    assert f"Wrote clusters.csv, features.npy, embedding.csv, config.json and data.csv to {out}." in said


def test_recluster_into_the_own_number_changes_nothing(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recluster", str(finished_run.path), "--clusters", "3"]) == 0
    assert "3 is the number of clusters of the run itself.\nIons per cluster by self-labelled: 5, 4, 3." in (
        capsys.readouterr().out
    )
    assert not (finished_run.path / "clusters").exists()


def test_too_many_clusters_are_refused_in_words(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recluster", str(finished_run.path), "--clusters", "40"]) == 1
    assert "error: clusters: 40 clusters cannot be made of 12 ion images." in capsys.readouterr().err


def test_choose_k_prints_the_table_and_the_suggestion(
    finished_run: Run, small_images, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["choose-k", str(finished_run.path), "--most", "5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("  ")[0].strip() == "clusters"
    assert [line.split()[0] for line in lines[1:5]] == ["2", "3", "4", "5"]
    choice = choose_k_of(finished_run, small_images, finished_run.config.result, numbers=range(2, 6))
    assert lines[-1] == f"Suggested: {choice.suggestion} clusters. {choice.reason}"
    assert "isotopes" not in lines[0]  # no two of these m/z differ as isotopes do
    assert "split half" not in lines[0]


def test_choose_k_compares_halves_by_a_measure_without_training(
    finished_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["choose-k", str(finished_run.path), "--most", "3", "--halves", "--by"]
    assert main([*command, "image-vectors"]) == 0
    assert "split half (AMI)" in capsys.readouterr().out.splitlines()[0]
    assert main([*command, "self-labelled"]) == 1
    assert "self-labelled was trained on whole images" in capsys.readouterr().err


def test_how_far_a_command_is_goes_to_standard_error(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recluster", str(finished_run.path), "--clusters", "4", "--by", "bands"]) == 0
    assert "Clustering by Bands (coarse to fine structures)" in capsys.readouterr().err
    assert main(["choose-k", str(finished_run.path), "--most", "4"]) == 0
    assert "2 clusters" in capsys.readouterr().err
