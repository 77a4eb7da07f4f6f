"""The overall judgement: known classes and pairs take precedence over the data, and without either it is empty."""

from typing import Any

import pytest

from msiss.runs.quality.judgement import judge

ROW = {"ari": None, "knn10": None, "pairs": {}}


def scores(**ari: float) -> Any:
    rows = {name.replace("_", "-"): ROW | {"ari": value} for name, value in ari.items()}
    return {"representations": rows, "default": "msiss", "evidence": None}


def evidence(low: float, high: float) -> Any:
    row = {"halves": {"top1": 0.5}, "agreement": None, "stability": None, "pairs": {"all": {"top5": 0.5}}}
    difference = {"test": "pairs", "plain": "bands", "mean": (low + high) / 2, "low": low, "high": high}
    return {
        "ions": 9,
        "pairs": {"all": {"n": 40, "by_chance": 2.0}},
        "representations": {"msiss": row, "bands": row},
        "differences": [difference],
        "result": "msiss",
    }


def test_nothing_known_is_nothing_said() -> None:
    assert judge(None) == ""
    assert judge(None, scores(msiss=0.5, bands=0.5)) == ""  # a tie decides nothing


def test_without_what_is_known_the_data_speak() -> None:
    assert judge(evidence(0.1, 0.2)) == "Trust msiss (trained) first on these data."
    assert judge(evidence(0.1, 0.2), scores(msiss=0.50, bands=0.51)) == "Trust msiss (trained) first on these data."
    assert judge(evidence(-0.1, 0.2)).startswith("On these data, msiss (trained) and")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (None, ""),
        (evidence(-0.3, -0.2), ""),
        (evidence(-0.1, 0.2), ""),
        (evidence(0.2, 0.3), " The tests without labels favour msiss (trained)."),
    ],
)
def test_what_is_known_counts_more_and_a_disagreement_is_told(data: Any, told: str) -> None:
    known = "Trust Bands (coarse to fine structures) first on these data: it agrees best with what you know."
    assert judge(data, scores(msiss=0.5, bands=0.8)) == known + told
