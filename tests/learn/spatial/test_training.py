"""The method msiss on a small stack: what it finds, what it promises, resuming, and data that is odd."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from msiss.analyse.context import contextual_vectors
from msiss.analyse.measures import joint, whitened
from msiss.analyse.metrics import ari, knn_purity
from msiss.analyse.representations import WITH_NEIGHBOURS
from msiss.analyse.similarity import cosine_similarity
from msiss.analyse.vectors import unit
from msiss.data.prepare import Prepared
from msiss.learn.config import Device, RunConfig
from msiss.learn.events import EpochEnded, PhaseStarted, Step
from msiss.learn.learned import Learned
from msiss.learn.pipeline import learn
from msiss.learn.spatial.config import NAME, SpatialConfig
from msiss.learn.spatial.network import FEATURES, PlaceNetwork
from msiss.learn.spatial.scales import Scales
from msiss.learn.spatial.training import _neighbours, features_of, fit_measures

CLASSES = np.repeat([0, 1, 2], 10)
MASK = np.zeros((32, 32), dtype=bool)
MASK[4:26, 3:31] = True  # padding around
MASK[4:10, 3:12] = MASK[20:26, 24:31] = MASK[14, 15] = False  # ragged, with a hole
BOX = np.s_[4:26, 3:31]


def planted(classes: np.ndarray = CLASSES, counts: float = 1500, seed: int = 0) -> np.ndarray:
    """Return counted images in [0, 1] of three patterns that overlap, of varying contrast and background."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[-1:1:32j, -1:1:32j]
    patterns = [
        np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 0.3) for y, x in ((-0.4, 0.2), (0.3, -0.4), (0.2, 0.6))
    ]
    images = []
    for number in classes:
        rate = (patterns[number] + 0.3 * patterns[rng.integers(3)]) ** np.exp(
            rng.uniform(-0.3, 0.3)
        ) + 0.2 * rng.random()
        image = rng.poisson(counts * rate * MASK / (rate * MASK).sum())
        images.append(image / image.max())
    return np.stack(images).astype(np.float32)


def ready(images: np.ndarray, mask: np.ndarray = MASK) -> Prepared:
    """Return images that are as large as they were measured."""
    return Prepared(images, mask, images, mask)


def config(**changes: object) -> RunConfig:
    small = {"spatial.steps": 12, "spatial.batch_size": 15}
    base = SpatialConfig(clusters=3, device=Device.CPU)
    return base.with_settings(small | {f"spatial.{name}": value for name, value in changes.items()})


def learned(events: Iterator[object] | list[object]) -> Learned:
    *_, last = events
    assert isinstance(last, Learned)
    return last


def features(result: Learned) -> np.ndarray:
    return result.features[NAME]


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return planted()


@pytest.fixture(scope="module")
def whole(images: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    return list(learn(ready(images), config(), checkpoints=tmp_path_factory.mktemp("whole")))


def test_planted_classes_are_found(whole: list[object]) -> None:
    result = learned(whole)
    assert ari(result.clusters[NAME], CLASSES) > 0.9
    assert knn_purity(features(result), CLASSES, 5) > 0.95


def test_result_is_complete(whole: list[object]) -> None:
    result = learned(whole)
    assert tuple(result.features) == config().trained
    assert features(result).dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(features(result), axis=1), 1, rtol=1e-5)
    assert result.clusters[NAME].dtype == np.int64
    assert set(result.clusters[NAME]) == {0, 1, 2}
    assert result.confidence.shape == (30,)
    assert result.confidence.dtype == np.float32
    assert ((result.confidence > 0.5) & (result.confidence <= 1)).all()


def test_events_tell_the_phases_in_order_and_progress_goes_up_to_1(whole: list[object]) -> None:
    assert [e.phase for e in whole if isinstance(e, PhaseStarted)] == ["measures", "contrastive"]
    fractions = [e.fraction for e in whole if isinstance(e, Step)]
    assert fractions[0] > 0
    assert (np.diff(fractions) > 0).all()
    assert fractions[-1] == pytest.approx(1)
    losses = [e.values["loss"] for e in whole if isinstance(e, EpochEnded)]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]


def test_further_images_are_encoded_like_those_of_the_training(whole: list[object], images: np.ndarray) -> None:
    result = learned(whole)
    encoded = result.encode(ready(images))
    np.testing.assert_allclose(
        cosine_similarity(contextual_vectors(encoded, WITH_NEIGHBOURS)), cosine_similarity(features(result)), atol=1e-4
    )
    further = result.encode(ready(planted(np.array([2, 0]), seed=9)))
    assert further.shape == (2, encoded.shape[1])
    nearest = (further @ encoded.T).argmax(axis=1)
    np.testing.assert_array_equal(CLASSES[nearest], [2, 0])


def test_every_part_has_the_same_say(whole: list[object], images: np.ndarray) -> None:
    found = learned(whole).encode(ready(images))
    parts = [*joint.parts(images, MASK), whitened.fit(images, MASK)]
    box = torch.from_numpy(images[:, None, *BOX].copy())
    network = PlaceNetwork((22, 28))
    network.load_state_dict(learned(whole).weights)
    vectors = [*(part(images) for part in parts), features_of(network, Scales(torch.from_numpy(MASK[BOX])), box)]
    others = ~np.eye(len(images), dtype=bool)
    cosines = [cosine_similarity(one) for one in vectors]
    expected = sum(one / one[others].std() for one in cosines)
    np.testing.assert_allclose(cosine_similarity(found), expected / expected[0, 0], atol=1e-3)


def test_the_measures_see_the_images_as_measured_and_the_network_as_prepared(
    images: np.ndarray, tmp_path: Path
) -> None:
    """Measured images of two patterns that are equal as prepared."""
    stripes = np.where(np.arange(32) % 2, 1.8, 0.2)
    measured = np.where(np.arange(30)[:, None, None] % 2, stripes, stripes[:, None]) * images
    result = learned(
        learn(Prepared(images, MASK, measured.astype(np.float32), MASK), config(steps=2), checkpoints=tmp_path)
    )
    own = result.encode(Prepared(images[:2], MASK, measured[:2].astype(np.float32), MASK))
    other = result.encode(Prepared(images[:2], MASK, images[:2], MASK))
    network = slice(-FEATURES, None)
    np.testing.assert_allclose(own[:, network], other[:, network], atol=1e-6)
    assert not np.allclose(own[:, :-FEATURES], other[:, :-FEATURES], atol=0.01)


def test_neither_brightness_nor_padding_matters(whole: list[object], images: np.ndarray) -> None:
    encoded = learned(whole).encode
    expected = encoded(ready(images))
    np.testing.assert_allclose(encoded(ready(0.01 * images)), expected, atol=1e-3)
    np.testing.assert_allclose(encoded(ready(np.where(MASK, images, np.float32(5)))), expected, atol=1e-5)


def test_the_place_of_a_pattern_matters(whole: list[object], images: np.ndarray) -> None:
    encoded = learned(whole).encode
    mirrored = np.where(MASK & MASK[:, ::-1], images[:, :, ::-1], 0).astype(np.float32)[CLASSES == 2]
    own, other = (unit(encoded(ready(some))) for some in (images[CLASSES == 2], mirrored))
    assert (own @ other.T).mean() < (own @ own.T).mean() - 0.3


@pytest.mark.parametrize("interrupted_after", [3, 7, 11])  # in the measures, within an epoch, behind one
def test_resumed_training_ends_exactly_like_an_uninterrupted_one(
    whole: list[object],
    images: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    interrupted_after: int,
) -> None:
    monkeypatch.setattr("msiss.learn.loop.SAVE_SECONDS", 0)
    before = list(islice(learn(ready(images), config(), checkpoints=tmp_path), interrupted_after))
    after = list(learn(ready(images), config(), checkpoints=tmp_path))
    ended = [[event for event in events if isinstance(event, EpochEnded)] for events in (before, after, whole)]
    assert len(ended[0]) + len(ended[1]) == len(ended[2])
    resumed, expected = learned(after), learned(whole)
    np.testing.assert_array_equal(features(resumed), features(expected))
    np.testing.assert_array_equal(resumed.clusters[NAME], expected.clusters[NAME])
    np.testing.assert_array_equal(resumed.confidence, expected.confidence)
    for name, weight in expected.weights.items():
        assert torch.equal(resumed.weights[name], weight), name


def test_another_seed_gives_other_features(whole: list[object], images: np.ndarray, tmp_path: Path) -> None:
    other = config().with_settings({"seed": 1})
    found = learned(learn(ready(images), other, checkpoints=tmp_path))
    expected = learned(whole)
    assert not np.allclose(features(found), features(expected), atol=1e-3)
    name = "features.weight"
    assert not torch.allclose(found.weights[name], expected.weights[name], rtol=1e-2)


def test_global_random_numbers_are_left_alone(images: np.ndarray, tmp_path: Path) -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    learned(learn(ready(images), config(steps=2), checkpoints=tmp_path))
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("name", ["learning_rate", "temperature", "near_ions", "near_share", "steps", "batch_size"])
def test_every_setting_of_the_training_matters(
    whole: list[object], images: np.ndarray, tmp_path: Path, name: str
) -> None:
    other = {"learning_rate": 0.01, "temperature": 1, "near_ions": 9, "near_share": 0.1}
    value = (other | {"steps": 30, "batch_size": 30})[name]
    found = learned(learn(ready(images), config(**{name: value}), checkpoints=tmp_path))
    assert not np.allclose(features(found), features(learned(whole)), atol=1e-3)


@pytest.mark.parametrize(
    "changes",
    [{"near_ions": 0}, {"near_ions": 50}, {"near_share": 1}, {"batch_size": 2048}, {"steps": 1}],
    ids=lambda changes: "-".join(f"{name} {value}" for name, value in changes.items()),
)
def test_extreme_settings_find_the_classes_all_the_same(
    images: np.ndarray, tmp_path: Path, changes: dict[str, object]
) -> None:
    result = learned(learn(ready(images), config(**changes), checkpoints=tmp_path))
    assert np.isfinite(features(result)).all()
    assert knn_purity(features(result), CLASSES, 5) > 0.8


def test_few_ions_of_a_small_section(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    mask = np.zeros((16, 16), dtype=bool)
    mask[7:9, 3:14] = True
    images = (rng.random((4, 16, 16)) * mask).astype(np.float32)
    result = learned(learn(ready(images, mask), config(steps=3), checkpoints=tmp_path))
    assert np.isfinite(features(result)).all()
    assert ((result.confidence >= 0) & (result.confidence <= 1)).all()


@pytest.mark.parametrize("empty", [[3, 17], range(30)], ids=["some", "all"])
def test_empty_images_do_no_harm(images: np.ndarray, tmp_path: Path, empty: list[int]) -> None:
    some = images.copy()
    some[list(empty)] = 0
    result = learned(learn(ready(some), config(steps=4), checkpoints=tmp_path))
    assert np.isfinite(features(result)).all()
    assert np.isfinite(result.confidence).all()
    full = np.delete(np.arange(30), list(empty))
    if len(full):
        assert knn_purity(features(result)[full], CLASSES[full], 5) > 0.9


def test_images_that_are_all_the_same_do_no_harm(images: np.ndarray, tmp_path: Path) -> None:
    result = learned(learn(ready(images[[0] * 12]), config(steps=4), checkpoints=tmp_path))
    assert np.isfinite(features(result)).all()
    np.testing.assert_allclose(features(result) @ features(result).T, 1, atol=1e-4)


def test_without_any_change_in_the_views_nothing_breaks(images: np.ndarray, tmp_path: Path) -> None:
    still = {f"views.{name}": 0 for name in ("mix", "contrast", "background", "gain", "lines", "pixels")}
    some = images.copy()
    some[:2] = 0
    result = learned(learn(ready(some), config(steps=4, **still), checkpoints=tmp_path))
    assert np.isfinite(features(result)).all()


def test_of_many_ions_some_are_learned_from_and_looked_among(
    images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = fit_measures(images, MASK)[0](images)
    everybody = _neighbours(vectors, 2)
    assert (everybody % 3).any()
    monkeypatch.setattr("msiss.learn.spatial.training.MOST_EXACT", 20)
    monkeypatch.setattr("msiss.learn.spatial.training.landmarks", lambda number: np.arange(0, number, 3))
    some = _neighbours(vectors, 2)
    assert not (some % 3).any()
    assert (CLASSES[some] == CLASSES[:, None]).all()


def test_one_measured_pixel_does_no_harm(tmp_path: Path) -> None:
    mask = np.zeros((8, 8), dtype=bool)
    mask[3, 4] = True
    some = np.random.default_rng(0).random((6, 8, 8)).astype(np.float32) * mask
    result = learned(learn(ready(some, mask), config(steps=1), checkpoints=tmp_path))
    assert np.isfinite(features(result)).all()
