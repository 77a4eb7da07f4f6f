"""The judgement of a run without labels: which representation to start with, and when the data decide."""

from typing import Any

import pytest

from msiss.runs.quality.by_data import advised_by_data, answer_by_data, best_by_data, reasons_by_data

JOINT, BANDS = "Joint measure (four together)", "Bands (coarse to fine structures)"
HUBS = "Image vectors, without hubs"


def comparison(name: str, low: float, high: float) -> dict[str, Any]:
    return {"representation": name, "mean": (low + high) / 2, "low": low, "high": high}


def evidence(
    neighbours: dict[str, tuple[float, float]] | None = None,
    clusters: dict[str, tuple[float, float]] | None = None,
    *,
    halves: tuple[float, float] | None = None,
    n: int = 40,
    by_chance: float = 4.0,
    molecules: int = 30,
    **more: Any,
) -> Any:
    """Return evidence where representations lead those best elsewhere by these (low, high) at two tasks."""
    rows = {}
    for name in ("msiss", "image-vectors", "hub-corrected", "bands", "joint"):
        asked = halves is not None or name != "msiss"
        rows[name] = {
            "halves": {"n": 50, "top1": 0.6 if name in ("msiss", "joint") else 0.3, "mrr": 0.7} if asked else None,
            "agreement": 0.5 if asked else None,
            "stability": 0.4,
            "pairs": {"all": {"n": n, "same_cluster": 0.7, "chance": 0.2, "top5": 0.5, "mrr": 0.3}} if n else {},
        }
    differences = [{"test": "pairs", "plain": "joint", "mean": -0.05, "low": -0.1, "high": 0.0}] if n else []
    if halves is not None:
        differences.append(
            {"test": "halves", "plain": "joint", "mean": sum(halves) / 2}
            | dict(zip(("low", "high"), halves, strict=True))
        )
    advice = {
        answer: {
            "prior": prior,
            "comparisons": [comparison(name, *interval) for name, interval in (leads or {}).items()],
        }
        for answer, prior, leads in (("neighbours", "joint", neighbours), ("clusters", "hub-corrected", clusters))
    }
    return {
        "ions": 50,
        "pairs": {"all": {"n": n, "by_chance": by_chance}},
        "tolerance": {"ppm": 10.0, "least": 0.0},
        "molecules": molecules,
        "representations": rows,
        "differences": differences,
        "advice": advice,
        "result": "msiss",
    } | more


BETTER, NOT_SURE = {"bands": (0.01, 0.2), "msiss": (-0.1, 0.4)}, {"bands": (-0.01, 0.2), "msiss": (-0.3, -0.1)}


def test_the_two_answers_are_independent():
    found = evidence(BETTER, NOT_SURE)
    assert best_by_data(found, "neighbours") == "bands"
    assert best_by_data(found, "clusters") is None
    assert [advised_by_data(found, answer) for answer in ("neighbours", "clusters")] == ["bands", "hub-corrected"]
    assert answer_by_data(found, "neighbours") == (
        f"To find similar ions, start with {BANDS}. On these data it has more partners among the five nearest ions "
        f"than {JOINT}, the best on other real data."
    )
    assert answer_by_data(found, "clusters") == (
        f"To group ions, start with {HUBS}, the best on average without training on other real data, though none is "
        "reliably so. On these data no other is clearly better."
    )
    other = evidence(NOT_SURE, BETTER)
    assert answer_by_data(other, "neighbours") == (
        f"To find similar ions, start with {JOINT}, the best on other real data. On these data no other is "
        "clearly better."
    )
    assert answer_by_data(other, "clusters").startswith(
        f"To group ions, start with {BANDS}. On these data it puts more partners into one cluster, beyond chance, than "
        f"{HUBS}, the best on average without training on other"
    )


@pytest.mark.parametrize(
    ("n", "by_chance", "molecules", "decides"),
    [(9, 0.1, 9, False), (10, 0.1, 10, True), (40, 0.1, 9, False), (40, 20.0, 30, False), (40, 19.9, 30, True)],
)
def test_pairs_count_where_there_are_enough_of_enough_molecules_beyond_chance(n, by_chance, molecules, decides):
    found = evidence(BETTER, BETTER, n=n, by_chance=by_chance, molecules=molecules)
    for answer, first in (("neighbours", JOINT), ("clusters", HUBS)):
        text = answer_by_data(found, answer)
        assert f"start with {BANDS if decides else first}" in text
        assert text.endswith("These data have too few isotopes and adducts to tell.") is not decides
    assert reasons_by_data(found)[1].endswith("too few pairs beyond chance to decide.") is not decides
    assert any(reason.startswith("Similar ions: ") for reason in reasons_by_data(found)) is decides


@pytest.mark.parametrize("halves", [(-0.2, -0.1), (0.1, 0.2)])
def test_halves_decide_nothing(halves):
    for answer in ("neighbours", "clusters"):
        assert answer_by_data(evidence(halves=halves), answer) == answer_by_data(evidence(), answer)
    assert reasons_by_data(evidence(halves=halves))[0] == (
        f"Split halves (50 ions): msiss (trained) recognises the other half for 60% of the ions, {JOINT}, the best "
        f"without training, for 60%: {100 * sum(halves) / 2:+.0f} points (95% interval {100 * halves[0]:+.0f} to "
        f"{100 * halves[1]:+.0f}). This tells about faint ions; it does not decide."
    )


def test_without_the_check_only_measures_without_training_are_compared_by_halves():
    reason = reasons_by_data(evidence())[0]
    assert f"{JOINT} recognises the other half most often (60%)" in reason
    assert "“Check on half of the pixels”" in reason


def test_the_reasons_have_the_tolerance_and_the_widened_intervals():
    _, pairs, similar, clusters = reasons_by_data(evidence(BETTER, {"bands": (-0.3, -0.1), "msiss": (-0.2, 0.1)}))
    assert pairs == (
        "Isotopes and adducts (40 pairs within 10 ppm, about 4 of them by chance): msiss (trained) has the partner "
        f"among the five nearest for 50% of the ions, {JOINT}, the best without training, for 50%: -5 points (95% "
        "interval -10 to +0)."
    )
    assert similar == (
        f"Similar ions: of the 2 others, msiss (trained) is the furthest above {JOINT}: +15 points (95% interval, "
        "widened for so many comparisons, -10 to +40)."
    )
    assert (
        clusters == f"Clusters: none of the 2 others puts more partners into one cluster, beyond chance, than {HUBS}."
    )


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({}, []),
        ({"copies": 0, "empty": 0, "near_copies": None}, []),
        ({"copies": 1}, ["1 ion image is an exact copy of another one and left out of these tests."]),
        (
            {"copies": 8, "empty": 2, "near_copies": 3},
            [
                "8 ion images are exact copies of another one and left out of these tests. 2 ion images are 0 "
                "everywhere and left out. 3 ion images are nearly copies of another one (correlation above 0.999)."
            ],
        ),
    ],
)
def test_what_was_left_out_is_told(counts, told):
    assert reasons_by_data(evidence(n=0, **counts))[2:] == told


def test_without_pairs_the_best_elsewhere_comes_first():
    without = evidence(n=0, by_chance=0.0, molecules=0, tolerance=None)
    assert answer_by_data(without, "neighbours") == (
        f"To find similar ions, start with {JOINT}, the best on other real data. These data have too few isotopes and "
        "adducts to tell."
    )
    assert reasons_by_data(without)[1] == "Isotopes and adducts: no pairs found beyond those of chance."
    no_masses = without | {"pairs": None}
    assert answer_by_data(no_masses, "neighbours") == answer_by_data(without, "neighbours")
    assert reasons_by_data(no_masses)[1] == "Isotopes and adducts: not available for this axis."


def test_a_run_of_an_earlier_version_is_answered_by_what_is_best_elsewhere():
    earlier = evidence(BETTER, BETTER)
    for key in ("advice", "molecules", "tolerance"):
        del earlier[key]
    assert answer_by_data(earlier, "neighbours").endswith("which did not compare it with all others.")
    assert best_by_data(earlier, "neighbours") is None
    assert "40 pairs within 5 ppm" in reasons_by_data(earlier)[1]
    assert len(reasons_by_data(earlier)) == 2
    del earlier["representations"]["joint"]
    assert answer_by_data(earlier, "neighbours").endswith("does not have it; a new training does.")
