"""Which representation to start with: another than the one that is best elsewhere only beyond doubt."""

import numpy as np
import pytest

from msiss.analyse.advice import better, compare
from msiss.analyse.bootstrap import paired_difference


def answers(shares: dict[str, float], queries: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: (rng.random(queries) < share).astype(float) for name, share in shares.items()}


def test_each_is_compared_with_the_best_elsewhere_at_the_level_of_all_together() -> None:
    found, groups = answers({"a": 0.3, "prior": 0.5, "b": 0.8}, 60, 0), np.repeat(np.arange(20), 3)
    comparisons = compare(found, "prior", groups)
    assert [one["representation"] for one in comparisons] == ["a", "b"]
    for one in comparisons:
        expected = paired_difference(found[one["representation"]], found["prior"], groups, level=0.975)
        assert (one["mean"], one["low"], one["high"]) == expected
        _, low, high = paired_difference(found[one["representation"]], found["prior"], groups)
        assert one["low"] < low
        assert one["high"] > high


def test_the_best_of_those_beyond_doubt_is_better() -> None:
    def row(name: str, low: float, mean: float) -> dict:
        return {"representation": name, "mean": mean, "low": low, "high": 2 * mean - low}

    assert better([]) is None
    assert better([row("a", -0.1, 0.3), row("b", 0.0, 0.2)]) is None  # type: ignore[list-item]
    assert better([row("a", -0.1, 0.3), row("b", 0.01, 0.1), row("c", 0.02, 0.2)]) == "c"  # type: ignore[list-item]


def test_without_the_best_elsewhere_nothing_is_compared() -> None:
    assert compare(answers({"a": 0.3, "b": 0.8}, 60, 0), "prior", np.arange(60)) == []


def test_the_luckiest_of_nine_equals_is_rarely_better() -> None:
    names = ["prior", *"abcdefgh"]
    groups = np.repeat(np.arange(40), 2)
    times = [better(compare(answers(dict.fromkeys(names, 0.5), 80, seed), "prior", groups)) for seed in range(60)]
    assert sum(one is not None for one in times) <= 6  # 5 % of 60, and what a bootstrap of 40 groups adds


def test_one_that_is_much_better_is_found() -> None:
    shares = dict.fromkeys(["prior", *"abcdefgh"], 0.4) | {"e": 0.8}
    assert better(compare(answers(shares, 80, 0), "prior", np.repeat(np.arange(40), 2))) == "e"


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_the_level_of_an_interval(level: float) -> None:
    rng = np.random.default_rng(0)
    mean, low, high = paired_difference(rng.normal(0.3, 1, 4000), rng.normal(0, 1, 4000), level=level)
    widths = {0.5: 0.674, 0.95: 1.96, 0.99: 2.576}
    error = 2**0.5 / 4000**0.5
    assert (mean - low) / error == pytest.approx(widths[level], rel=0.12)
    assert (high - mean) / error == pytest.approx(widths[level], rel=0.12)
