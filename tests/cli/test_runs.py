"""The commands runs, compare and replicates."""

import hashlib
import json

from msiss.cli.main import main
from msiss.runs.labels import label_of, title_of_run
from msiss.runs.replicates import create_replicates
from msiss.runs.store import RunStore


def test_runs_are_listed_with_scores(finished_run, capsys):
    assert main(["runs"]) == 0
    told = capsys.readouterr().out
    assert f"{finished_run.path.name}" in told
    assert title_of_run(finished_run) in told
    assert "1 min" in told
    assert main(["runs", "--json", "--dataset", str(finished_run.request.dataset)]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["run"], row["data set"], row["ari"], row["seconds"]) == (finished_run.path.name, "small", 1.0, 60.0)


def test_no_runs_are_told(msiss_home, capsys):
    assert main(["runs"]) == 0
    assert "No runs yet" in capsys.readouterr().out


def test_a_run_is_named_deleted_and_restored(finished_run, capsys):
    start = finished_run.path.name[:6]
    assert main(["runs", "--name", start, "cortex"]) == 0
    assert label_of(finished_run).name == "cortex"
    assert main(["runs", "--delete", start]) == 0
    assert not finished_run.path.exists()
    assert main(["runs", "--delete", start]) == 1
    assert f"no run whose name begins with {start}" in capsys.readouterr().err
    assert main(["runs", "--bin"]) == 0
    assert "cortex" in capsys.readouterr().out
    assert main(["runs", "--restore", start]) == 0
    assert finished_run.path.exists()
    assert main(["runs", "--delete", str(finished_run.path)]) == 0
    capsys.readouterr()
    assert main(["runs", "--empty-bin"]) == 0
    assert "Deleted 1 run for good" in capsys.readouterr().out


def test_runs_are_compared_and_replicates_summed_up(finished_run, capsys):
    other = create_replicates(RunStore(finished_run.path.parent), finished_run, 2)[1]
    (finished_run.path / "results").rename(other.path / "results")
    other.write_status(finished_run.status)
    (finished_run.path / "results").symlink_to(other.path / "results")
    assert main(["compare", finished_run.path.name, other.path.name]) == 0
    told = capsys.readouterr().out
    assert "Seed: 0 | 1" in told
    assert "0 of 12 ions moved; ARI 1.000, AMI 1.000." in told
    assert main(["replicates", other.path.name]) == 0
    told = capsys.readouterr().out
    assert "2 trainings, seeds 0, 1" in told
    assert "0.917 ± 0.000" in told  # the purity of the plain pixels
    assert "ARI 1.000, AMI 1.000" in told


def test_a_training_may_start_from_an_encoder_of_other_data_only(
    finished_run, small_images, tmp_path, monkeypatch, capsys
):
    (finished_run.path / "results" / "weights.safetensors").write_bytes(b"weights")
    monkeypatch.setattr("msiss.cli.training._train", lambda job, here: 0)
    small_images.subset(range(11)).save(tmp_path / "other")
    command = ["--preset", "quick", "--clusters", "3", "--start-from", str(finished_run.path)]
    assert main(["run", str(tmp_path / "other"), *command]) == 0
    run = next(iter(RunStore(finished_run.path.parent)))
    assert run.config.start == hashlib.sha256(b"weights").hexdigest()
    assert run.config.encoder == finished_run.config.encoder
    assert main(["run", str(finished_run.request.dataset), *command]) == 1
    assert "a finished run of the paper's method on other data" in capsys.readouterr().err
