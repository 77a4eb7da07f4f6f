"""The judgement of the representations of a run by its own data, without labels, in sentences."""

from typing import TYPE_CHECKING

from msiss.analyse.representations import FIRST, title_of

if TYPE_CHECKING:  # would import scikit-learn
    from msiss.runs.quality.evidence import Difference, Evidence

FEWEST_PAIRS = 10  # the bootstrap is meaningless for fewer
FOUND = {"halves": "recognises the other half", "pairs": "has the partner among the five nearest"}


def judge_by_data(evidence: "Evidence") -> tuple[str, list[str]]:
    """State which representation to trust first by the tests without labels; it may be a plain measure, or none.

    The pairs decide, if the 95 % interval of the paired difference between the result of the training and the best
    measure without training excludes 0. The halves never decide alone: on sections that are like real ones their
    ranking of the measures has nothing to do with the true one (benchmarks/evidence.py phantoms 101 103 105). They tell
    who recognises a pattern despite noise, which matters for faint ions.

    Parameters
    ----------
    evidence : Evidence
        From `msiss.runs.quality.evidence.evidence_of`.

    Returns
    -------
    headline : str
        One or two sentences.
    reasons : list of str
        One or two sentences per test.
    """
    result = evidence["result"]
    winners, any_test = _winners(evidence)
    reasons = [_halves_sentence(evidence, result), _pairs_sentence(evidence, result)]
    return _headline(winners, result, any_test=any_test), reasons


def best_by_data(evidence: "Evidence") -> str | None:
    """Return the best representation according to the pairs; None if these are not decisive."""
    return _winners(evidence)[0].get("pairs")


def _winners(evidence: "Evidence") -> tuple[dict[str, str], bool]:
    """Return the better representation of each decisive test, and whether any test could be computed."""
    result = evidence["result"]
    tests = [one for one in evidence["differences"] if one["test"] != "pairs" or _enough_pairs(evidence)]
    winners = {test["test"]: winner for test in tests if (winner := _winner(test, result)) is not None}
    return winners, bool(tests)


def _headline(winners: dict[str, str], result: str, *, any_test: bool) -> str:
    if not any_test:
        return f"These data cannot show how {title_of(result)} compares with the measures without training."
    if not winners:
        return (
            f"On these data, {title_of(result)} and the best measures without training do not differ significantly. "
            "Use either; the measures without training are faster."
        )
    if "pairs" not in winners:
        return (
            "These data do not decide which representation sees co-localization better. "
            f"{title_of(winners['halves'])} recognises a pattern better despite noise, which matters for faint ions, "
            "but on real data with known partners that did not tell who finds them. Start with "
            f"{title_of(FIRST)}, which found the most."
        )
    best = winners["pairs"]
    text = f"Trust {title_of(best)} first on these data."
    halves = winners.get("halves", best)
    if (halves == result) != (best == result):
        return (
            f"{text} It finds more partners; {title_of(halves)} is better at recognising a pattern despite noise, so "
            "compare both for faint ions."
        )
    return text if best == result else f"{text} Here this measure without training is better than the trained result."


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
        f"{about}: of the measures without training, {title_of(best)} recognises the other half most often "
        f"({shares[best]:.0%}). {title_of(result)} was not tested: that takes a second training, the setting "
        "“Check on half of the pixels”."
    )


def _pairs_sentence(evidence: "Evidence", result: str) -> str:
    numbers = evidence["pairs"]
    if numbers is None:
        return "Isotopes and adducts: not available for this axis."
    found, chance = numbers["all"]["n"], numbers["all"]["by_chance"]
    if not found:
        return "Isotopes and adducts: no pairs found."
    rows = evidence["representations"].items()
    shares = {name: row["pairs"]["all"]["top5"] for name, row in rows}
    about = f"Isotopes and adducts ({found} pairs, about {chance:.0f} of them by chance)"
    text = f"{about}: {_compared(evidence, 'pairs', shares, result)}"
    return text if _enough_pairs(evidence) else f"{text} These are too few pairs beyond chance to decide."


def _enough_pairs(evidence: "Evidence") -> bool:
    """Return whether there are enough pairs, and fewer than half of them are expected by chance."""
    if evidence["pairs"] is None:
        return False
    number = evidence["pairs"]["all"]
    return number["n"] >= FEWEST_PAIRS and number["by_chance"] < number["n"] / 2


def _compared(evidence: "Evidence", test: str, shares: dict[str, float], result: str) -> str:
    difference = next((one for one in evidence["differences"] if one["test"] == test), None)
    if difference is None:  # only another version of msiss knows the best plain measure
        return f"{title_of(result)} {FOUND[test]} for {shares[result]:.0%} of the ions."
    plain = difference["plain"]
    mean, low, high = (100 * value for value in (difference["mean"], difference["low"], difference["high"]))
    return (
        f"{title_of(result)} {FOUND[test]} for {shares[result]:.0%} of the ions, {title_of(plain)}, the best without "
        f"training, for {shares[plain]:.0%}: {mean:+.0f} points, 95 % interval {low:+.0f} to {high:+.0f}."
    )
