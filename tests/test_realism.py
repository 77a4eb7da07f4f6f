"""The yardsticks of `benchmarks/realism.py`, against slow or independent ways to the same numbers."""

import numpy as np
import pytest

from msiss.analyse.halves import across
from msiss.analyse.metrics import knn_purity, partner_ranks
from msiss.data.ion_images import IonImages

pytestmark = pytest.mark.usefixtures("benchmarks_are_importable")


@pytest.fixture
def vectors() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.standard_normal((8, 40))[rng.integers(0, 8, 60)] + 0.7 * rng.standard_normal((60, 40))


def test_found_partners_and_neighbours_are_those_of_the_metrics(vectors):
    from panel_scores import found, neighbours_of_class

    similarity = across(vectors, vectors)
    pairs = np.random.default_rng(1).permutation(60).reshape(30, 2)
    np.testing.assert_array_equal(found(similarity, pairs), partner_ranks(vectors, pairs) <= 5)
    labels = np.random.default_rng(2).integers(-1, 4, 60)
    assert neighbours_of_class(similarity, labels).mean() == pytest.approx(knn_purity(vectors, labels))
    assert neighbours_of_class(np.zeros((60, 60)), labels).mean() == pytest.approx(knn_purity(0 * vectors, labels))


def test_hub_correction_takes_half_of_what_both_have_with_their_ten_nearest(vectors):
    from panel import without_hubs

    queries = vectors + 0.3
    cosines = across(queries, vectors)
    found = without_hubs(cosines)
    for i, j in [(0, 1), (5, 40), (7, 7), (59, 2)]:
        of_query = sorted((cosines[i, other] for other in range(60) if other != i), reverse=True)[:10]
        of_gallery = sorted((cosines[other, j] for other in range(60) if other != j), reverse=True)[:10]
        assert found[i, j] == pytest.approx(cosines[i, j] - (np.mean(of_query) + np.mean(of_gallery)) / 2)


def test_every_setting_maps_images_to_finite_vectors_and_learns_from_the_gallery_alone():
    from panel import PANEL

    rng = np.random.default_rng(3)
    mask = np.ones((16, 18), bool)
    mask[:, :2] = False
    images = rng.gamma(1.0, size=(30, 16, 18)).astype(np.float32) * mask
    images[0] = 0
    assert len(PANEL) >= 24
    for name, fit in PANEL.items():
        transform = fit(images, mask)
        whole = transform(images)
        assert np.isfinite(whole).all(), name
        np.testing.assert_allclose(transform(images[10:20]), whole[10:20], atol=1e-5, err_msg=name)


def test_statistics_of_noise_and_of_a_pattern_that_all_share():
    from image_statistics import STATISTICS, statistics
    from truths import Truth

    rng = np.random.default_rng(4)
    mz = np.arange(1.0, 41)
    labels = np.repeat([0, 1], 20)
    pairs = np.arange(40).reshape(20, 2)
    noise = rng.gamma(4.0, size=(40, 30, 32)).astype(np.float32)
    of_noise = IonImages(images=noise, mz=mz, mask=np.ones((30, 32), bool), labels=labels)
    found = statistics(Truth("noise", of_noise, pairs))
    assert set(found) == set(STATISTICS)
    assert found["zeros"] == 0
    for name in ("neighbours", "neighbours at 4 px", "alike", "common noise", "halves", "pair", "slope"):
        assert found[name] == pytest.approx(0, abs=0.1), name
    assert found["dimensions"] == pytest.approx(np.log10(39), abs=0.05)
    assert found["alike, spread"] == pytest.approx(1 / np.sqrt(30 * 32), rel=0.1)

    common = rng.gamma(4.0, size=(30, 32)).astype(np.float32)
    stack = np.stack([common * scale for scale in np.linspace(1, 50, 40, dtype=np.float32)])
    same = IonImages(images=stack, mz=mz, mask=np.ones((30, 32), bool))
    found = statistics(Truth("same", same, pairs[:0]))
    assert found["alike"] == pytest.approx(1)
    assert found["common noise"] == pytest.approx(1)
    assert found["totals"] == pytest.approx(np.log10(common).std(), rel=0.05)
    assert "pair" not in found
    assert "class" not in found


def test_reliability_is_that_of_the_queries():
    from realism import MOLECULES, reliability

    rng = np.random.default_rng(5)
    truth = np.linspace(0.2, 0.8, 40)
    molecules = np.arange(400)
    draw = {f"{number}": {"top5": (rng.random(800) < share).tolist()} for number, share in enumerate(truth)}
    assert reliability(draw | {MOLECULES: molecules}, "top5") > 0.95
    chance = {f"{number}": {"top5": (rng.random(800) < 0.5).tolist()} for number in range(40)}
    assert abs(reliability(chance | {MOLECULES: molecules}, "top5")) < 0.5


def test_bred_settings_are_those_of_a_regime_and_shares_stay_at_most_one():
    from realism_fit import SHARES, breed, draw, likeness

    rng = np.random.default_rng(6)
    parents = [draw(rng) for _ in range(6)]
    for _ in range(200):
        child = breed(parents, rng)
        assert max(child[name] for name in SHARES) <= 1
        parents = [*parents[1:], child]
    one = likeness(parents[-1], "x")
    assert one.regime.counts == float(f"{parents[-1]['counts']:.3g}")
    assert one.shape == tuple(parents[-1]["shape"])
    assert one.regime.anatomy == "nested"


def test_phantoms_know_what_they_predict_and_earlier_ones_take_no_part():
    from truths import OPEN_SEEDS, SEALED_SEEDS, phantom

    assert not set(OPEN_SEEDS) & set(SEALED_SEEDS)
    tissue, genes = phantom(100), phantom(101)
    assert tissue.name == "tissue 100"
    assert tissue.images.labels is None
    assert len(tissue.pairs) > 10
    assert genes.name == "genes 101"
    assert not len(genes.pairs)
    assert (genes.images.labels >= 0).sum() > 20
    assert genes.images.images.any(axis=(1, 2)).all()
