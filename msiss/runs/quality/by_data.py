"""What a run's own data say without labels, in sentences."""

from typing import TYPE_CHECKING

from msiss.analyse.representations import title_of

if TYPE_CHECKING:  # which brings scikit-learn along
    from msiss.runs.quality.evidence import Difference, Evidence

FEWEST_PAIRS = 10  # of fewer, the bootstrap tells nothing
FOUND = {"halves": "recognises the other half", "pairs": "has the partner among the five nearest"}


def judge_by_data(evidence: "Evidence") -> tuple[str, list[str]]:
    """Say which representation to trust first by what needs no labels, also where that is a plain measure or none.

    A test speaks for one side where the 95 % interval of the paired difference between what the training ends with
    and the best measure without training leaves out 0. Where both tests speak, the pairs decide: on simulated sections
    (benchmarks/evidence.py phantoms 100 101 102) partners among the five nearest put the measures in nearly the true
    order, rank correlation 0.82 with the purity of neighbours and 0.76 with the AMI of clusters; halves recognised did
    so less well, 0.65 and 0.33.

    Parameters
    ----------
    evidence : Evidence
        From `Run.evidence`.

    Returns
    -------
    headline : str
    reasons : list of str
        One sentence or two per test.
    """
    result = evidence["result"]
    winners, any_test = _winners(evidence)
    reasons = [_halves_sentence(evidence, result), _pairs_sentence(evidence, result)]
    return _headline(winners, result, any_test=any_test), reasons


def best_by_data(evidence: "Evidence") -> str | None:
    """Return the representation that the data speak for by themselves; None if no test decides."""
    winners, _ = _winners(evidence)
    return winners.get("pairs") or winners.get("halves")


def _winners(evidence: "Evidence") -> tuple[dict[str, str], bool]:
    """Return the representation that each test decides for, and whether any test could be made."""
    result = evidence["result"]
    tests = [one for one in evidence["differences"] if one["test"] != "pairs" or _enough_pairs(evidence)]
    winners = {test["test"]: winner for test in tests if (winner := _winner(test, result)) is not None}
    return winners, bool(tests)


def _headline(winners: dict[str, str], result: str, *, any_test: bool) -> str:
    if not any_test:
        return f"Nothing here tells how {title_of(result)} compares with the measures without training."
    if not winners:
        return (
            f"These data do not tell {title_of(result)} and the best measures without training apart: either will do, "
            "and what needs no training is sooner at hand."
        )
    best = winners.get("pairs") or winners["halves"]
    text = f"Trust {title_of(best)} first on these data."
    halves = winners.get("halves", best)
    if (halves == result) != (best == result):
        return (
            f"{text} It finds more partners; {title_of(halves)} is better at recognising a pattern through noise, so "
            "look at both for faint ions."
        )
    return text if best == result else f"{text} What needs no training sees more here than what was trained."


def _winner(difference: "Difference", result: str) -> str | None:
    if difference["low"] > 0:
        return result
    return difference["plain"] if difference["high"] < 0 else None


def _halves_sentence(evidence: "Evidence", result: str) -> str:
    rows = evidence["representations"]
    shares = {name: row["halves"]["top1"] for name, row in rows.items() if row["halves"] is not None}
    about = f"Split halves ({evidence['ions']} ions)"
    if result in shares:
        return f"{about}: {_compared(evidence, 'halves', shares, result)}"
    best = max(shares, key=lambda one: shares[one])
    return (
        f"{about}: of what needs no training, {title_of(best)} recognises the other half most often "
        f"({shares[best]:.0%}). {title_of(result)} was not asked: that takes a second training, the setting “Check on "
        "half of the pixels”."
    )


def _pairs_sentence(evidence: "Evidence", result: str) -> str:
    numbers = evidence["pairs"]
    if numbers is None:
        return "Isotopes and adducts: there are none on this axis."
    found, chance = numbers["all"]["n"], numbers["all"]["by_chance"]
    if not found:
        return "Isotopes and adducts: no two ions differ by the mass of one."
    rows = evidence["representations"].items()
    shares = {name: row["pairs"]["all"]["top5"] for name, row in rows}
    about = f"Isotopes and adducts ({found} pairs, about {chance:.0f} of them by chance)"
    text = f"{about}: {_compared(evidence, 'pairs', shares, result)}"
    return text if _enough_pairs(evidence) else f"{text} So few pairs beyond chance decide nothing."


def _enough_pairs(evidence: "Evidence") -> bool:
    """Tell whether there are pairs enough, and more true ones among them than chance ones."""
    if evidence["pairs"] is None:
        return False
    number = evidence["pairs"]["all"]
    return number["n"] >= FEWEST_PAIRS and number["by_chance"] < number["n"] / 2


def _compared(evidence: "Evidence", test: str, shares: dict[str, float], result: str) -> str:
    difference = next((one for one in evidence["differences"] if one["test"] == test), None)
    if difference is None:  # the best plain measure is one that only another version of msiss knows
        return f"{title_of(result)} {FOUND[test]} for {shares[result]:.0%} of the ions."
    plain = difference["plain"]
    mean, low, high = (100 * value for value in (difference["mean"], difference["low"], difference["high"]))
    return (
        f"{title_of(result)} {FOUND[test]} for {shares[result]:.0%} of the ions, {title_of(plain)}, the best without "
        f"training, for {shares[plain]:.0%}: {mean:+.0f} points, 95 % interval {low:+.0f} to {high:+.0f}."
    )
