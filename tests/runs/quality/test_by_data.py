"""The judgement of a run without labels: which representation is best, and when no test is decisive."""

import pytest

from msiss.runs.quality.by_data import best_by_data, judge_by_data

TITLES = {"msiss": "msiss (trained)", "joint": "Joint measure (four together)"}


def evidence(halves=None, pairs=None, *, n=40, by_chance=4.0, plain="joint", other="joint"):
    """Return the evidence where msiss leads by these (low, high) in the two tests; None where it was not measured."""
    rows = {}
    for name in ("msiss", "image-vectors", "bands", "joint"):
        best = name in ("msiss", plain)
        asked = halves is not None or name != "msiss"
        rows[name] = {
            "halves": {"n": 50, "top1": 0.6 if best else 0.3, "mrr": 0.7} if asked else None,
            "agreement": 0.5 if asked else None,
            "stability": 0.4,
            "pairs": {"all": {"n": n, "same_cluster": 0.7, "chance": 0.2, "top5": 0.5, "mrr": 0.3}} if n else {},
        }
    tests = {"halves": (halves, plain), "pairs": (pairs, other)}
    differences = [
        {"test": test, "plain": name, "mean": sum(interval) / 2, "low": interval[0], "high": interval[1]}
        for test, (interval, name) in tests.items()
        if interval is not None
    ]
    number = {"all": {"n": n, "by_chance": by_chance}}
    return {"ions": 50, "pairs": number, "representations": rows, "differences": differences, "result": "msiss"}


def test_what_was_trained_is_trusted_where_it_wins():
    headline, reasons = judge_by_data(evidence(halves=(0.02, 0.2), pairs=(0.05, 0.1)))
    assert headline == f"Trust {TITLES['msiss']} first on these data."
    assert reasons[0].startswith("Split halves (50 ions): msiss (trained) recognises the other half")
    assert "for 60% of the ions" in reasons[0]
    assert reasons[0].endswith("+11 points, 95 % interval +2 to +20.")
    assert reasons[1].startswith("Isotopes and adducts (40 pairs, about 4 of them by chance)")


def test_a_plain_measure_is_trusted_where_it_wins():
    headline, _ = judge_by_data(evidence(halves=(-0.2, -0.02), pairs=(-0.3, -0.1)))
    assert headline == (
        f"Trust {TITLES['joint']} first on these data. "
        "Here this measure without training is better than the trained result."
    )


def test_of_two_plain_measures_that_win_the_one_that_finds_partners_comes_first():
    headline, _ = judge_by_data(evidence(halves=(-0.2, -0.02), pairs=(-0.3, -0.1), plain="bands"))
    assert headline.startswith(f"Trust {TITLES['joint']} first")


@pytest.mark.parametrize(("halves", "better"), [((-0.2, -0.02), "joint"), ((0.02, 0.2), "msiss")])
@pytest.mark.parametrize("pairs", [None, (-0.1, 0.1)])
def test_halves_never_decide_alone(halves, better, pairs):
    found = evidence(halves=halves, pairs=pairs)
    headline, _ = judge_by_data(found)
    assert headline.startswith(
        "These data do not decide which representation sees co-localization better. "
        f"{TITLES[better]} recognises a pattern better despite noise"
    )
    assert headline.endswith(f"Start with {TITLES['joint']}, which found the most.")
    assert best_by_data(found) is None


@pytest.mark.parametrize(("sign", "first", "second"), [(1, "joint", "msiss"), (-1, "msiss", "joint")])
def test_of_tests_that_disagree_the_pairs_decide_and_the_other_is_told(sign, first, second):
    halves, pairs = sorted((0.02 * sign, 0.2 * sign)), sorted((-0.3 * sign, -0.1 * sign))
    headline, _ = judge_by_data(evidence(halves=halves, pairs=pairs))
    assert headline.startswith(
        f"Trust {TITLES[first]} first on these data. It finds more partners; {TITLES[second]} is"
    )


def test_differences_within_chance_decide_nothing():
    headline, _ = judge_by_data(evidence(halves=(-0.1, 0.1), pairs=(0.0, 0.1)))
    assert headline.startswith("On these data, msiss (trained) and the best measures without training do not differ")


@pytest.mark.parametrize(("n", "by_chance", "decides"), [(9, 0.1, False), (10, 0.1, True), (40, 20.0, False)])
def test_pairs_count_where_there_are_enough_beyond_chance(n, by_chance, decides):
    headline, reasons = judge_by_data(evidence(pairs=(0.1, 0.2), n=n, by_chance=by_chance))
    assert headline.startswith("Trust" if decides else "These data cannot show")
    assert reasons[1].endswith("beyond chance to decide.") is not decides


def test_without_the_check_only_measures_without_training_are_compared_by_halves():
    headline, reasons = judge_by_data(evidence(pairs=(-0.1, 0.1)))
    assert headline.startswith("On these data, msiss (trained) and the best measures without training do not differ")
    assert f"{TITLES['joint']} recognises the other half most often (60%)" in reasons[0]
    assert "“Check on half of the pixels”" in reasons[0]


def test_nothing_measured_nothing_told():
    without = evidence(n=0)
    headline, reasons = judge_by_data(without)
    assert headline.startswith("These data cannot show how msiss")
    assert reasons[1] == "Isotopes and adducts: no pairs found."
    _, reasons = judge_by_data(without | {"pairs": None})
    assert reasons[1] == "Isotopes and adducts: not available for this axis."
