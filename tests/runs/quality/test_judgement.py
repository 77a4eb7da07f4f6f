"""The overall judgement: known classes and pairs take precedence over the data, and without either it is empty."""

from typing import Any

import pytest

from msiss.runs.quality.by_data import answer_by_data
from msiss.runs.quality.judgement import judge

ROW = {"ari": None, "knn10": None, "pairs": {}}


def scores(score: str = "ari", **values: float) -> Any:
    rows = {name.replace("_", "-"): ROW | {score: value} for name, value in values.items()}
    return {"representations": rows, "default": "msiss", "evidence": None}


def evidence(low: float, high: float) -> Any:
    row = {"halves": {"top1": 0.5}, "agreement": None, "stability": None, "pairs": {"all": {"top5": 0.5}}}
    lead = {"representation": "msiss", "mean": (low + high) / 2, "low": low, "high": high}
    priors = {"neighbours": "joint", "clusters": "hub-corrected"}
    return {
        "ions": 9,
        "pairs": {"all": {"n": 40, "by_chance": 2.0}},
        "molecules": 20,
        "representations": dict.fromkeys(("msiss", "bands", *priors.values()), row),
        "differences": [],
        "advice": {answer: {"prior": prior, "comparisons": [lead]} for answer, prior in priors.items()},
        "result": "msiss",
    }


def test_nothing_known_is_nothing_said() -> None:
    assert judge(None) == []
    assert judge(None, scores(msiss=0.5, bands=0.5)) == []  # a tie decides nothing


def test_without_what_is_known_the_data_speak() -> None:
    for found in (evidence(0.1, 0.2), evidence(-0.1, 0.2)):
        answers = [answer_by_data(found, "neighbours"), answer_by_data(found, "clusters")]
        assert judge(found) == answers
        assert judge(found, scores(msiss=0.50, bands=0.51)) == answers
    assert judge(evidence(0.1, 0.2))[0].startswith("To find similar ions, start with msiss (trained). On these data")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (None, ""),
        (evidence(-0.3, -0.2), ""),
        (evidence(-0.1, 0.2), ""),
        (evidence(0.2, 0.3), " The isotopes and adducts favour msiss (trained)."),
    ],
)
@pytest.mark.parametrize(
    ("score", "place", "start"), [("ari", 1, "To group ions"), ("knn10", 0, "To find similar ions")]
)
def test_what_is_known_counts_more_where_it_says_something(
    score: str, place: int, start: str, data: Any, told: str
) -> None:
    known = f"{start}, start with Bands (coarse to fine structures): it agrees best with what you know."
    answers = judge(data, scores(score, msiss=0.5, bands=0.8))
    if data is None:
        assert answers == [known]
        return
    assert answers[place] == known + told
    assert answers[1 - place] == judge(data)[1 - place]
