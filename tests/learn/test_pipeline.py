"""Training by the method of the settings: what every method promises, and settings that do not fit."""

from pathlib import Path

import numpy as np
import pytest

from msiss.data.prepare import Prepared
from msiss.errors import SettingError
from msiss.learn.config import Device, RunConfig
from msiss.learn.events import Step
from msiss.learn.learned import Learned
from msiss.learn.methods import METHODS
from msiss.learn.pipeline import learn

MASK = np.ones((64, 64), dtype=bool)
SHORT = {
    "paper": {"contrastive.epochs": 1, "classifier.epochs": 1, "self_label.epochs": 1, "neighbours": 5},
    "msiss": {"spatial.steps": 2, "neighbours": 5},
}


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Six noisy images each of the upper and of the left half."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:64, :64]
    stack = np.stack([0.6 * half + 0.3 * rng.random((64, 64)) for half in [rows < 32] * 6 + [columns < 32] * 6])
    return stack.astype(np.float32)


def ready(images: np.ndarray) -> Prepared:
    return Prepared(images, MASK, images, MASK)


def config(method: str, clusters: int = 2) -> RunConfig:
    return METHODS[method].config(clusters=clusters, device=Device.CPU).with_settings(SHORT[method])


@pytest.mark.parametrize("method", METHODS.names)
def test_a_method_gives_what_the_settings_say_it_gives(images: np.ndarray, tmp_path: Path, method: str) -> None:
    settings = config(method)
    *events, last = learn(ready(images), settings, checkpoints=tmp_path)
    assert isinstance(last, Learned)
    assert tuple(last.features) == settings.trained
    assert all(features.dtype == np.float32 for features in last.features.values())
    assert last.clusters[settings.result].shape == (12,)
    assert last.confidence.shape == (12,)
    assert ((last.confidence >= 0) & (last.confidence <= 1)).all()
    assert len(last.encode(ready(images[:3]))) == 3
    fractions = [event.fraction for event in events if isinstance(event, Step)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)


@pytest.mark.parametrize("method", METHODS.names)
def test_more_clusters_than_images_are_refused(images: np.ndarray, tmp_path: Path, method: str) -> None:
    with pytest.raises(SettingError, match="12 clusters need more than 12 ion images, but there are 12"):
        next(iter(learn(ready(images), config(method, clusters=12), checkpoints=tmp_path)))
    assert not list(tmp_path.iterdir())
