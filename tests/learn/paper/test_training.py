"""The paper's method on a small stack: what comes out, what it reports, and resuming."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from msiss.analyse.metrics import ari
from msiss.data.prepare import Prepared
from msiss.learn.config import Device, RunConfig
from msiss.learn.events import EpochEnded, Note, PhaseStarted, Step
from msiss.learn.learned import Learned
from msiss.learn.methods import preset_config
from msiss.learn.paper.config import CONTRASTIVE, PRETRAINED, SELF_LABELLED
from msiss.learn.paper.encoders import LITE0, build_encoder
from msiss.learn.paper.training import encode
from msiss.learn.pipeline import learn

MASK = np.ones((64, 64), dtype=bool)
CLASSES = np.repeat([0, 1, 2], 8)
SHORT = {"contrastive.epochs": 0, "classifier.epochs": 1}


def ready(images: np.ndarray) -> Prepared:
    return Prepared(images, MASK, images, MASK)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Eight noisy images each of a disc, stripes and a ramp."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:64, :64] / 63
    shapes = [((rows - 0.5) ** 2 + (columns - 0.5) ** 2 < 0.1), np.sin(25 * columns) > 0, rows]
    stack = np.stack([0.8 * shapes[c] + 0.1 * rng.random((64, 64)) for c in CLASSES])
    return stack.astype(np.float32)


def config(**changes: object) -> RunConfig:
    small = {
        "neighbours": 5,
        "device": Device.CPU,
        "contrastive.epochs": 2,
        "classifier.epochs": 12,
        "self_label.epochs": 2,
        "self_label.threshold": 0.5,
    }
    return preset_config("quick", clusters=3).with_settings(small | changes)


@pytest.fixture(scope="module")
def whole(images: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    return list(learn(ready(images), config(), checkpoints=tmp_path_factory.mktemp("whole")))


def learned(events: list[object]) -> Learned:
    last = events[-1]
    assert isinstance(last, Learned)
    return last


def test_plain_shapes_are_told_apart(whole: list[object]) -> None:
    result = learned(whole)
    assert ari(result.clusters[CONTRASTIVE], CLASSES) > 0.9
    assert ari(result.clusters[SELF_LABELLED], CLASSES) > 0.9


def test_result_is_complete(whole: list[object]) -> None:
    result = learned(whole)
    names = (PRETRAINED, CONTRASTIVE, SELF_LABELLED)
    for name in names:
        assert result.features[name].shape == (24, 1280)
        assert np.isfinite(result.features[name]).all()
    for before, after in pairwise(names):
        assert not np.allclose(result.features[before], result.features[after])
    assert result.confidence.shape == (24,)
    assert ((result.confidence > 1 / 3) & (result.confidence <= 1)).all()
    assert result.weights["classifier.weight"].shape == (3, 1280)


def test_the_classes_of_every_epoch_are_recorded(whole: list[object]) -> None:
    result = learned(whole)
    assert result.history is not None
    clusters, confidence = result.history.clusters, result.history.confidence
    assert clusters.shape == (3, 24)  # before self-labelling, and its two epochs
    assert clusters.dtype == np.int16
    assert (clusters >= 0).all()  # two batches of twelve have all images
    assert ari(clusters[0].astype(int), CLASSES) > 0.9
    assert (confidence > 1 / 3).all()
    assert next(e for e in whole if isinstance(e, Note)).message.startswith(
        f"Self-labelling starts with {(confidence > np.quantile(confidence, 0.5)).mean():.0%}"
    )


def test_pretrained_features_are_those_of_the_untouched_encoder(whole: list[object], images: np.ndarray) -> None:
    encoder = build_encoder(LITE0)
    expected = encode(encoder, torch.from_numpy(images).unsqueeze(1))
    np.testing.assert_array_equal(learned(whole).features[PRETRAINED], expected)


def test_further_images_are_encoded_by_what_was_trained(whole: list[object], images: np.ndarray) -> None:
    result = learned(whole)
    further = result.encode(ready(images[::-2].copy()))
    np.testing.assert_allclose(further, result.features[SELF_LABELLED][::-2], atol=1e-4)


def test_events_tell_the_three_phases_in_order(whole: list[object]) -> None:
    assert [e.phase for e in whole if isinstance(e, PhaseStarted)] == ["contrastive", "classifier", "self-label"]
    assert [e.epochs for e in whole if isinstance(e, PhaseStarted)] == [2, 12, 2]
    fractions = [e.fraction for e in whole if isinstance(e, Step)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    (note,) = [e.message for e in whole if isinstance(e, Note)]
    assert note.startswith("Self-labelling starts with 50% of the ion images")
    assert float(note.split()[-1].rstrip(".")) > 1 / 3  # the largest of three probabilities is never below
    assert all("confident" in e.values for e in whole if isinstance(e, EpochEnded) and e.phase == "self-label")


@pytest.mark.parametrize("interrupted", ["contrastive", "classifier", "self-label"])
def test_resumed_training_ends_like_an_uninterrupted_one(
    whole: list[object],
    images: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    interrupted: str,
) -> None:
    monkeypatch.setattr("msiss.learn.loop.SAVE_SECONDS", 0)
    before = []
    for event in learn(ready(images), config(), checkpoints=tmp_path):
        before.append(event)
        if isinstance(event, EpochEnded) and event.phase == interrupted:
            break
    after = list(learn(ready(images), config(), checkpoints=tmp_path))
    ended = [[event for event in events if isinstance(event, EpochEnded)] for events in (before, after, whole)]
    assert len(ended[0]) + len(ended[1]) == len(ended[2])
    resumed = learned(after)
    expected = learned(whole)
    assert resumed.history is not None
    assert expected.history is not None
    np.testing.assert_array_equal(resumed.history.clusters, expected.history.clusters)
    np.testing.assert_array_equal(resumed.clusters[SELF_LABELLED], expected.clusters[SELF_LABELLED])
    np.testing.assert_array_equal(resumed.confidence, expected.confidence)
    assert len(list(tmp_path.iterdir())) == 3


def test_the_first_clusters_are_made_with_the_neighbours_and_the_seed_of_the_run(
    images: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def remember(_features: np.ndarray, number: int, **settings: int) -> np.ndarray:
        asked.append((number, settings))
        return CLASSES

    monkeypatch.setattr("msiss.learn.paper.training.spectral_clusters", remember)
    none = {"contrastive.epochs": 0, "classifier.epochs": 0, "self_label.epochs": 0, "seed": 3}
    found = learned(list(learn(ready(images), config(**none), checkpoints=tmp_path)))
    assert asked == [(3, {"n_neighbours": 5, "seed": 3})]
    np.testing.assert_array_equal(found.clusters[CONTRASTIVE], CLASSES)


def test_another_seed_gives_other_features(whole: list[object], images: np.ndarray, tmp_path: Path) -> None:
    none = {"classifier.epochs": 0, "self_label.epochs": 0}
    other = learned(list(learn(ready(images), config(seed=1, **none), checkpoints=tmp_path)))
    expected = learned(whole)
    assert not np.allclose(other.features[CONTRASTIVE], expected.features[CONTRASTIVE], atol=1e-3)


def test_nobody_confident_is_said(images: np.ndarray, tmp_path: Path) -> None:
    settings = config(**SHORT, **{"self_label.threshold": 1.0, "self_label.epochs": 1})
    notes = [e.message for e in learn(ready(images), settings, checkpoints=tmp_path) if isinstance(e, Note)]
    assert any("lower the threshold" in note for note in notes)


def test_quantile_threshold_takes_its_share(images: np.ndarray, tmp_path: Path) -> None:
    quantile = {"self_label.threshold": 0.25, "self_label.threshold_is_quantile": True}
    settings = config(**SHORT, **quantile, **{"self_label.epochs": 0})
    notes = [e.message for e in learn(ready(images), settings, checkpoints=tmp_path) if isinstance(e, Note)]
    assert notes[0].startswith("Self-labelling starts with 75%")
