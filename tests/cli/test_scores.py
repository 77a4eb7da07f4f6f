"""``msiss score`` as a user types it."""

import json

import numpy as np
import pandas as pd
import pytest

from msiss.analyse import representations
from msiss.cli.main import main
from msiss.data.ion_images import IonImages
from msiss.learn.paper.config import PaperConfig
from msiss.runs.quality.compute_evidence import compute_evidence
from msiss.runs.quality.evidence import evidence_of
from msiss.runs.store import Run


@pytest.fixture
def told(finished_run: Run, small_images: IonImages, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a run with evidence; its data set has classes."""
    monkeypatch.setattr(representations, "measure_names", lambda: ("image-vectors",))
    monkeypatch.setattr(Run, "representations", (finished_run.config.result, "image-vectors"))
    table = finished_run.clusters()
    features = {name: finished_run.features(name) for name in finished_run.representations}
    clusters = {name: table[name].to_numpy() for name in finished_run.representations}
    found = compute_evidence(finished_run, small_images, features, clusters, lambda done: None)
    (finished_run.path / "results" / "evidence.json").write_text(json.dumps(found), encoding="utf-8")
    return finished_run


def test_score_needs_nothing_known(told: Run, tmp_path, capsys) -> None:
    # Without the data set, which has the classes.
    told.request.dataset.rename(tmp_path / "away")
    assert main(["score", str(told.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("To find similar ions, start with Joint measure (four together), the best on other")
    assert lines[1].startswith("To group ions, start with ")
    assert lines[2].startswith("- Split halves (12 ions): ")
    assert lines[3] == "- Isotopes and adducts: no pairs found beyond those of chance."
    rows = {line.split()[0]: line for line in lines[4:]}
    assert list(rows) == ["self-labelled", "image-vectors"]
    row = evidence_of(told)["representations"]["image-vectors"]  # type: ignore[index]
    assert f"halves {row['halves']['top1']:.3f} agreement {row['agreement']:.3f}" in rows["image-vectors"]  # type: ignore[index]
    assert "halves" not in rows["self-labelled"]  # that would take a second training


def test_score_with_classes_prints_both(told: Run, capsys) -> None:
    assert main(["score", str(told.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("image-vectors") for line in lines) == 2
    assert any("ari 1.000" in line for line in lines)


def test_score_as_json_has_the_evidence(told: Run, tmp_path, capsys) -> None:
    pd.DataFrame({"i": [0, 5], "j": [1, 6]}).to_csv(tmp_path / "pairs.csv", index=False)
    assert main(["score", str(told.path), "--pairs", str(tmp_path / "pairs.csv"), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert scores["evidence"] == evidence_of(told)
    assert scores["representations"]["image-vectors"]["pairs"]["all"]["n"] == 2
    assert len(scores["representations"]["image-vectors"]["knn"]) == 30


def test_score_of_an_earlier_run_without_anything_known_says_so(finished_run: Run, tmp_path, capsys) -> None:
    finished_run.request.dataset.rename(tmp_path / "away")
    assert main(["score", str(finished_run.path)]) == 1
    told = capsys.readouterr().err
    assert "made by a version of msiss without scores that need no labels" in told
    assert "--labels, or pairs with --pairs" in told


def test_score_of_an_unfinished_run(tmp_path, capsys) -> None:
    run = Run.create(tmp_path / "run", dataset=tmp_path, fingerprint="0", config=PaperConfig(clusters=3))
    assert main(["score", str(run.path)]) == 1
    assert "it is queued" in capsys.readouterr().err


def test_a_bad_table_is_refused_in_words(finished_run: Run, tmp_path, capsys) -> None:
    np.savetxt(tmp_path / "labels.csv", np.eye(2), delimiter=",", header="mass,group", comments="")
    assert main(["score", str(finished_run.path), "--labels", str(tmp_path / "labels.csv")]) == 1
    assert "needs the columns mz and class" in capsys.readouterr().err
