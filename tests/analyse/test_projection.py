"""Maps: they keep neighbours, repeat themselves, and stand any number of ions."""

import sys
import warnings

import numpy as np
import pytest

from msiss.analyse.projection import METHODS, Method, project
from msiss.analyse.similarity import cosine_similarity


def groups() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(3), 20)
    return (np.eye(3)[truth] * 8 + rng.normal(size=(60, 3))).astype(np.float32), truth


@pytest.mark.parametrize("method", METHODS)
def test_groups_stay_together(method: Method) -> None:
    features, truth = groups()
    scaled = features * np.random.default_rng(1).uniform(0.01, 100, (60, 1))  # the cosine knows no length
    points = project(scaled, method, seed=0)
    assert points.dtype == np.float32
    distance = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.fill_diagonal(distance, np.inf)
    assert (truth[distance.argmin(axis=1)] == truth).mean() > 0.9


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_map(method: Method) -> None:
    # The start of t-SNE is drawn only where all vectors are the same.
    features = np.random.default_rng(0).normal(size=(25, 6)) if method == "umap" else np.ones((25, 6))
    np.testing.assert_array_equal(project(features, method, seed=1), project(features, method, seed=1))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 16])
def test_any_number_of_ions(method: Method, number: int) -> None:
    points = project(np.random.default_rng(0).normal(size=(number, 6)), method, seed=0)
    assert points.shape == (number, 2)
    assert np.isfinite(points).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "features",
    [
        np.ones((12, 4)),
        np.zeros((12, 4)),
        np.where(np.arange(12) == 3, -1.0, 1.0)[:, None] * np.ones(4),  # one ion is the opposite of all others
        np.arange(12.0)[:, None],
    ],
    ids=["constant", "zero", "opposite", "one feature"],
)
def test_plain_data_gives_places_without_warnings(method: Method, features: np.ndarray) -> None:
    project(groups()[0], method, seed=0)  # importing numba and umap may warn; that is theirs
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(project(features, method, seed=0)).all()


def test_t_sne_does_without_umap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    assert project(groups()[0], "tsne", seed=0).shape == (60, 2)
    with pytest.raises(ImportError):
        project(groups()[0], "umap", seed=0)


def test_three_ions_lie_at_their_true_distances() -> None:
    features = np.random.default_rng(0).normal(size=(3, 6))
    points = project(features, "umap", seed=0)
    assert points.dtype == np.float32
    distance = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.testing.assert_allclose(distance**2, 2 - 2 * cosine_similarity(features), atol=1e-5)


def test_the_compiled_functions_of_umap_are_kept() -> None:
    import umap

    project(groups()[0], "umap", seed=0)
    assert umap.umap_.smooth_knn_dist.stats.cache_path
    assert umap.layouts._nb_optimize_layout_euclidean_single_epoch.stats.cache_path
