"""The sweep over single augmentations."""

import json

import numpy as np
import pytest

from msiss.analyse.learning_curves import linear_evaluation, uniformity
from msiss.learn.paper.augmentations import AUGMENTATIONS, contrastive_only
from msiss.learn.paper.config import PaperConfig
from msiss.learn.spatial.config import SpatialConfig
from msiss.runs.analyser import execute_analysis
from msiss.runs.analyses import AnalysisStore
from msiss.runs.jobs import TRAINING, State
from msiss.runs.quality import augmentation_sweep
from msiss.runs.quality.augmentation_sweep import SweepQuestion, evaluate, sweep_config, sweep_seconds
from msiss.runs.store import RunStore


def test_each_augmentation_is_alone_and_only_step_one_is_trained():
    config = PaperConfig(clusters=9, check=True)
    for name, values in AUGMENTATIONS.items():
        short = contrastive_only(config, name)
        assert (short.clusters, short.check, short.classifier.epochs, short.self_label.epochs) == (2, False, 0, 0)
        views = short.contrastive.views.model_dump()
        assert {key: views[key] for key in values} == values
        others = {key: value for key, value in views.items() if key not in values}
        assert {key: others[key] for key in ("brightness", "noise", "crop", "rotation") if key in others} == {
            key: 0 for key in ("brightness", "noise", "crop", "rotation") if key in others
        }
    assert contrastive_only(config, "none").contrastive.epochs == config.contrastive.epochs


def test_scores_are_those_of_the_features(small_images):
    features = np.random.default_rng(0).normal(size=(12, 5))
    labels = np.array([0, 0, 0, 1, 1, 1, -1, -1, 2, 2, 2, 0])
    found = evaluate(features, labels, seed=1)
    assert found["linear evaluation"] == linear_evaluation(features, labels, seed=1)
    assert found["uniformity"] == uniformity(features)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    same = [(i, j) for i in range(12) for j in range(i) if labels[i] == labels[j] >= 0]
    assert found["alignment of a class"] == pytest.approx(np.mean([((unit[i] - unit[j]) ** 2).sum() for i, j in same]))
    assert np.isnan(evaluate(features, np.full(12, -1), seed=1)["alignment of a class"])


def test_a_run_of_another_method_is_swept_with_the_quick_settings(finished_run):
    assert sweep_config(finished_run) == finished_run.config
    request = finished_run.request
    other = RunStore(finished_run.path.parent).create(
        dataset=request.dataset, fingerprint=request.fingerprint, config=SpatialConfig(clusters=3, seed=5)
    )
    assert (sweep_config(other).contrastive.epochs, sweep_config(other).seed) == (15, 5)


def test_a_sweep_goes_on_where_it_was_stopped(finished_run, small_images, monkeypatch, tmp_path):
    some = {name: AUGMENTATIONS[name] for name in ("none", "Gaussian noise")}
    monkeypatch.setattr(augmentation_sweep, "AUGMENTATIONS", some)
    question = SweepQuestion.of(finished_run, small_images.labels)
    short = question.config.with_settings({"prepare.side": 32, "contrastive.epochs": 1, "device": "cpu"})
    question = question.model_copy(update={"config": short})
    assert sweep_seconds(question) > 0
    job = AnalysisStore(tmp_path / "analyses").create(question)
    assert job.resource == TRAINING
    first = question._file("none")
    first.parent.mkdir(parents=True)
    kept = {"before": {"linear evaluation": 0.5}, "after": {"linear evaluation": 0.75}}
    first.write_text(json.dumps(kept))
    assert question.answer() is None
    execute_analysis(job.path)
    assert job.status.state is State.DONE, job.status.message
    found = question.answer()
    assert list(found) == ["none", "Gaussian noise"]
    assert found["none"] == kept  # not trained again
    assert 0 <= found["Gaussian noise"]["after"]["linear evaluation"] <= 1
    assert sweep_seconds(question) == 0
    assert sorted(path.suffix for path in first.parent.iterdir()) == [".json", ".json"]


def test_other_classes_are_another_question(finished_run, small_images):
    first = SweepQuestion.of(finished_run, small_images.labels)
    second = SweepQuestion.of(finished_run, 2 - small_images.labels)
    assert first._file("none") != second._file("none")
    assert first._file("none") == SweepQuestion.of(finished_run, small_images.labels)._file("none")
