"""The leave-one-out of `benchmarks/advice.py`: no set chooses its own prior, and no query judges what it decided."""

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("benchmarks_are_importable")


def test_what_is_best_elsewhere_is_chosen_by_the_other_sets():
    from advice import MSISS, RULES, Known, leave_one_out

    none = np.zeros(0, int)
    sets = {
        "x": Known({"a": 1.0, "b": 0.2}, {}, none),
        "y": Known({"a": 0.3, "b": 0.5}, {}, none),
        "z": Known({"a": 0.4, "b": 0.5}, {}, none),
    }
    advised = leave_one_out(sets, RULES[MSISS])
    assert {name: one.prior for name, one in advised.items()} == {"x": "b", "y": "a", "z": "a"}
    assert {name: one.lost for name, one in advised.items()} == pytest.approx({"x": 0.8, "y": 0.2, "z": 0.1})


@pytest.mark.parametrize("molecules", [60, 18])
def test_own_pairs_decide_on_one_half_and_judge_on_the_other(molecules):
    from advice import HALVES, MSISS, RULES, Known, leave_one_out

    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(molecules), 2)
    answers = {"a": (rng.random(2 * molecules) < 0.9) * 1.0, "b": (rng.random(2 * molecules) < 0.2) * 1.0}
    scores = {name: of.mean() for name, of in answers.items()}
    sets = {"own": Known(scores, answers, groups), "other": Known({"a": 0.1, "b": 0.9}, {}, np.zeros(0, int))}
    one = leave_one_out(sets, RULES[MSISS])["own"]
    assert (one.prior, one.best) == ("b", "a")
    decided = molecules // 2 >= 10
    assert one.times == {"a" if decided else "b": HALVES}  # nine molecules are too few
    assert one.by_all == "a"
    assert one.lost == pytest.approx(0 if decided else scores["a"] - scores["b"], abs=0.1)


def test_queries_of_one_half_say_nothing_of_the_other():
    from advice import Known, leave_one_out

    judged = []

    def remember(answers, prior, groups):
        judged.append(set(groups))
        return "a" if answers["a"].mean() > 0.5 else prior

    groups = np.arange(40)
    answers = {"a": (groups < 20) * 1.0, "b": np.full(40, 0.5)}
    sets = {
        "own": Known({"a": 0.5, "b": 0.5}, answers, groups),
        "other": Known({"a": 0.1, "b": 0.9}, {}, np.zeros(0, int)),
    }
    one = leave_one_out(sets, remember)["own"]
    *halves, whole = judged
    assert {len(half) for half in halves} == {20}
    assert whole == set(groups)
    assert one.score < 0.5  # what looks good by chance on one half is as much worse on the other
