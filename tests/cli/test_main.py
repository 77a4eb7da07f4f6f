"""The command line, from a file to exported clusters, as a user types it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import HANG_SECONDS

from msiss.cli.main import main
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig
from msiss.data.recipe import ReadConfig, Recipe
from msiss.learn.methods import preset_config
from msiss.learn.spatial.config import NAME
from msiss.phantom.section import make_phantom
from msiss.runs.jobs import State
from msiss.runs.store import Run

TINY = [
    *(
        "--preset",
        "quick",
        "--set",
        "contrastive.epochs=1",
        "--set",
        "classifier.epochs=2",
        "--set",
        "self_label.epochs=1",
    ),
    *("--set", "neighbours=3", "--set", "device=cpu", "--here"),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    make_phantom(shape=(24, 30), ions=20).write(folder)
    return folder


@pytest.fixture(scope="module")
def dataset(demo: Path) -> Path:
    out = demo / "dataset"
    truth = str(demo / "truth.csv")
    assert (
        main(["import", str(demo / "demo.imzML"), str(demo / "demo.ibd"), "--out", str(out), "--mz-list", truth]) == 0
    )
    return out


@pytest.fixture(scope="module")
def run(dataset: Path) -> Path:
    out = dataset.with_name("run")
    assert main(["run", str(dataset), "--clusters", "3", *TINY, "--out", str(out)]) == 0
    return out


def test_import_takes_the_ions_of_the_list(demo: Path, dataset: Path) -> None:
    images = IonImages.load(dataset)
    np.testing.assert_allclose(images.mz, pd.read_csv(demo / "truth.csv")["mz"])
    assert images.shape == (24, 30)


def test_import_picks_peaks_without_a_list(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(demo / "demo.imzML"), "--out", str(tmp_path / "out"), "--peaks", "7"]) == 0
    assert len(IonImages.load(tmp_path / "out")) == 7
    assert "7 ion images of 30 x 24 pixels" in capsys.readouterr().out


def test_check_passes_a_good_file_and_fails_a_bad_one(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(demo / "demo.imzML")]) == 0
    capsys.readouterr()
    (tmp_path / "bad.imzML").write_text("hello")
    assert main(["check", str(tmp_path / "bad.imzML"), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["usable"] is False
    assert any(row["level"] == "stop" for row in report["rows"])


def test_run_is_done_and_a_second_one_comes_from_the_cache(
    dataset: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Run(run).status.state == State.DONE
    written = (run / "status.json").stat().st_mtime_ns
    assert main(["run", str(dataset), "--clusters", "3", *TINY, "--out", str(run)]) == 0
    assert "done before" in capsys.readouterr().out
    assert (run / "status.json").stat().st_mtime_ns == written


def test_run_trains_by_the_method_msiss_unless_told_otherwise(dataset: Path, tmp_path: Path) -> None:
    settings = ["spatial.steps=2", "spatial.views.gain=0.5", "device=cpu"]
    command = ["run", str(dataset), "--clusters", "3", "--here", "--out", str(tmp_path / "run")]
    assert main([*command, *(part for setting in settings for part in ("--set", setting))]) == 0
    run = Run(tmp_path / "run")
    assert run.config == preset_config("msiss", clusters=3).with_settings(
        dict(setting.split("=") for setting in settings)
    )
    assert run.config.spatial.views.gain == 0.5
    assert len(run.features(NAME)) == 20


def test_help_explains_every_preset(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["run", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    for part in ("default: msiss", "msiss: A small network", "quick or paper: A network", "Quick is for a first look"):
        assert part in told


def test_every_set_assignment_is_in_the_run(run: Path) -> None:
    config = Run(run).config
    assert (config.contrastive.epochs, config.classifier.epochs, config.self_label.epochs) == (1, 2, 1)
    assert (config.neighbours, config.device, config.clusters) == (3, "cpu", 3)


@pytest.fixture
def prepared(dataset: Path, tmp_path: Path) -> Path:
    """Return a data set that was saved with settings of its intensities."""
    recipe = Recipe(prepare=PrepareConfig(normalisation="rms", transform="log"))
    replace(IonImages.load(dataset), recipe=json.loads(recipe.to_json())).save(tmp_path / "prepared")
    return tmp_path / "prepared"


def test_run_prepares_as_the_recipe_says_unless_told_otherwise(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("msiss.cli.training._train", lambda *_args, **_more: 0)
    command = ["run", str(prepared), "--clusters", "3", "--set", "prepare.transform=square root"]
    assert main([*command, "--out", str(tmp_path / "run")]) == 0
    assert capsys.readouterr().err == "From the recipe of the data set: prepare.normalisation=rms\n"
    prepare = Run(tmp_path / "run").config.prepare
    assert (prepare.normalisation, prepare.transform) == ("rms", "square root")
    assert prepare.side == 32  # of the preset, as the recipe leaves it open


def test_a_printed_recipe_makes_the_same_data_set_again(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["import", str(demo / "demo.imzML"), "--peaks", "7", "--ppm", "20", "--out"]
    assert main([*command, str(tmp_path / "first")]) == 0
    capsys.readouterr()
    assert main(["recipe", str(tmp_path / "first")]) == 0
    (tmp_path / "recipe.json").write_text(capsys.readouterr().out)
    assert Recipe.load(tmp_path / "recipe.json").read == ReadConfig(number=7, ppm=20)
    command = ["import", str(demo / "demo.imzML"), "--recipe", str(tmp_path / "recipe.json"), "--out"]
    assert main([*command, str(tmp_path / "second")]) == 0
    assert IonImages.load(tmp_path / "second").fingerprint == IonImages.load(tmp_path / "first").fingerprint


def test_other_settings_do_not_overwrite_a_run(dataset: Path, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(dataset), "--clusters", "4", *TINY, "--out", str(run)]) == 1
    assert "error: " in capsys.readouterr().err
    assert Run(run).config.clusters == 3


def test_score_json_has_every_representation(
    demo: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = make_phantom(shape=(24, 30), ions=20).pairs()
    pairs.to_csv(tmp_path / "pairs.csv", index=False)
    capsys.readouterr()
    labels = str(demo / "truth.csv")
    assert main(["score", str(run), "--labels", labels, "--pairs", str(tmp_path / "pairs.csv"), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    names = list(Run(run).representations)
    assert names[:3] == ["self-labelled", "contrastive", "pretrained"]
    assert list(scores["representations"]) == names
    assert scores["default"] in names
    for name in names:
        values = scores["representations"][name]
        assert 0 < values["purity"] <= 1
        assert -1 <= values["ari"] <= 1
        assert values["pairs"]["all"]["n"] == len(pairs)
        assert set(values["pairs"]["all"]) == {"n", "same_cluster", "chance", "top5", "mrr"}


def test_score_needs_nothing_known(dataset: Path, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert IonImages.load(dataset).labels is None
    capsys.readouterr()
    assert main(["score", str(run)]) == 0
    told = capsys.readouterr().out
    assert "- Split halves (20 ions): " in told
    assert "- Isotopes and adducts (" in told


def test_export(run: Path, tmp_path: Path) -> None:
    assert main(["export", str(run), "--to", str(tmp_path / "out")]) == 0
    clusters = pd.read_csv(tmp_path / "out" / "clusters.csv")
    assert {"ion", "mz", "cluster", "confidence"} <= set(clusters)
    assert len(np.load(tmp_path / "out" / "features.npy")) == len(clusters) == 20
    assert len(pd.read_csv(tmp_path / "out" / "embedding.csv")) >= 20
    assert json.loads((tmp_path / "out" / "config.json").read_text())["config"]["clusters"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "no.imzML", "--out", "x"], "no.imzML"),
        (["run", "nowhere", "--clusters", "3"], "nowhere is not a data set of msiss"),
        (["score", "nowhere"], "nowhere is not a run of msiss"),
        (["import", "--out", "x"], "no file to read"),
    ],
)
def test_errors_are_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_an_unknown_setting_is_named(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(dataset), "--clusters", "3", "--set", "epochs=3"]) == 1
    assert "no setting named epochs" in capsys.readouterr().err


def test_unknown_options_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["run", "data", "--clusters", "3", "--epochs", "3"])
    assert "unknown arguments: --epochs 3" in capsys.readouterr().err


def test_app_hands_further_options_to_streamlit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    served = []
    monkeypatch.setattr("msiss.ui.server.serve.serve", served.append)
    monkeypatch.chdir(tmp_path)
    assert main(["app", "--server.port", "8502"]) == 0
    ((script, *options),) = served
    assert Path(script) == Path(__file__).parents[2] / "app.py"
    assert Path.cwd() == Path(script).parent  # where Streamlit looks for its settings
    assert options == ["--server.port", "8502"]


def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-m", "msiss", "run", str(dataset), "--clusters", "3", *TINY, "--out", str(out)]
    command += ["--set", "contrastive.epochs=2000"]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # jobs in the background ignore it
    )
    deadline = time.monotonic() + HANG_SECONDS
    while not (out.exists() and Run(out).events("EpochEnded")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 130
    assert "The same command resumes the training" in error
    assert "Traceback" not in error
    assert Run(out).status.state == State.STOPPED
