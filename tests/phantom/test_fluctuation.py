import numpy as np
import pytest

from msiss.phantom.fluctuation import REFERENCE_MZ, drift, factors, noise_spreads, suppression


def test_without_spread_every_factor_is_exactly_one():
    for grain in (0.0, 0.8):
        np.testing.assert_array_equal(factors((5, 8, 9), 0.0, np.random.default_rng(0), grain=grain), 1)
    np.testing.assert_array_equal(drift((8, 9), 0.0), 1)
    np.testing.assert_array_equal(suppression(np.random.default_rng(0).uniform(1, 2, (8, 9)), 0.0), 1)


@pytest.mark.parametrize("grain", [0.0, 0.5, 1.5])
def test_factors_have_mean_one_and_the_spread_that_was_asked_for(grain):
    found = factors((400, 40, 50), 0.5, np.random.default_rng(1), grain=grain)
    assert found.mean() == pytest.approx(1, abs=0.01)
    assert np.log(found).std() == pytest.approx(0.5, rel=0.02)
    assert np.log(found).mean() == pytest.approx(-0.125, abs=0.02)


def test_grain_ties_neighbours_and_no_grain_does_not():
    def beside(grain: float) -> float:
        log = np.log(factors((200, 40, 50), 0.5, np.random.default_rng(2), grain=grain))
        return float(np.corrcoef(log[:, 1:].ravel(), log[:, :-1].ravel())[0, 1])

    assert beside(0.0) == pytest.approx(0, abs=0.01)
    # White noise after a Gaussian of sigma s correlates at distance d as exp(-d^2 / 4 s^2).
    assert beside(1.5) == pytest.approx(np.exp(-1 / 9), abs=0.02)


def test_drift_changes_by_its_logarithm_from_the_first_line_to_the_last():
    found = drift((20, 30), 0.7)
    assert found.shape == (20, 1)
    assert found.mean() == pytest.approx(1)
    assert np.log(found[-1, 0] / found[0, 0]) == pytest.approx(0.7)
    np.testing.assert_allclose(np.diff(np.log(found[:, 0])), 0.7 / 19)


def test_noise_is_in_proportion_to_mz():
    np.testing.assert_allclose(noise_spreads(np.array([REFERENCE_MZ, 2 * REFERENCE_MZ, 300]), 0.4), [0.4, 0.8, 0.2])


def test_full_suppression_makes_all_totals_the_same():
    total = np.random.default_rng(3).uniform(1, 9, (6, 7))
    np.testing.assert_allclose(total * suppression(total, 1.0), total.mean())
    np.testing.assert_allclose(suppression(total, 0.5), np.sqrt(total.mean() / total))
    assert np.isfinite(suppression(np.array([[0.0, 1.0]]), 2.0)).all()
