"""The judgement of the representations of a run by its own data, without labels, in sentences."""

from typing import TYPE_CHECKING

from msiss.analyse.advice import better
from msiss.analyse.copies import NEAR_COPY
from msiss.analyse.representations import is_measure, title_of
from msiss.runs.quality.evidence import PRIORS, prior, tolerance_text
from msiss.words import count

if TYPE_CHECKING:  # would import scikit-learn
    from msiss.analyse.advice import Comparison
    from msiss.runs.quality.evidence import Answer, Difference, Evidence

FEWEST_PAIRS = 10  # and molecules: the bootstrap is meaningless for fewer
FOUND = {"halves": "recognises the other half", "pairs": "has the partner among the five nearest"}
ABOUT: "dict[Answer, str]" = {"neighbours": "Similar ions", "clusters": "Clusters"}
START: "dict[Answer, str]" = {"neighbours": "To find similar ions", "clusters": "To group ions"}
FINDS: "dict[Answer, str]" = {
    "neighbours": "has more partners among the five nearest ions",
    "clusters": "puts more partners into one cluster, beyond chance,",
}


def best_by_data(evidence: "Evidence", answer: "Answer") -> str | None:
    """Return the representation that the data's own pairs show to be better than the best elsewhere; None if none is.

    There must be at least ten pairs of ten molecules, fewer than half of them by chance, and the interval of the
    difference, widened for the number of representations, must be above 0. Split halves never decide: on sections that
    are like real ones their ranking of the measures has nothing to do with the true one (benchmarks/evidence.py
    phantoms 101 103 105). They tell who recognises a pattern despite noise, which matters for faint ions.
    """
    advice = evidence.get("advice", {}).get(answer)
    return better(advice["comparisons"]) if advice and _enough_pairs(evidence) else None


def advised_by_data(evidence: "Evidence", answer: "Answer") -> str:
    """Return the representation to start with: the best on other real data, unless another is better on these."""
    advice = evidence.get("advice", {}).get(answer)
    return best_by_data(evidence, answer) or (prior(answer) if advice is None else advice["prior"])


def answer_by_data(evidence: "Evidence", answer: "Answer") -> str:
    """Say in words which representation to start with, and why.

    Parameters
    ----------
    evidence : Evidence
        From `msiss.runs.quality.evidence.evidence_of`.
    answer : {"neighbours", "clusters"}
        What it is for.

    Returns
    -------
    str
        One or two sentences.
    """
    advice = evidence.get("advice", {}).get(answer)
    first = prior(answer) if advice is None else advice["prior"]
    best = best_by_data(evidence, answer)
    if best is not None:
        return (
            f"{START[answer]}, start with {title_of(best)}. On these data it {FINDS[answer]} than {title_of(first)}, "
            f"{_elsewhere(answer, first)}."
        )
    text = f"{START[answer]}, start with {title_of(first)}, {_elsewhere(answer, first)}."
    if first not in evidence["representations"]:
        return f"{text} This run is of another version of msiss and does not have it; a new training does."
    if advice is None:
        return f"{text} This run is of another version of msiss, which did not compare it with all others."
    if _enough_pairs(evidence):
        return f"{text} On these data no other is clearly better."
    return f"{text} These data have too few isotopes and adducts to tell."


def _elsewhere(answer: "Answer", first: str) -> str:
    if answer == "neighbours":
        return "the best on other real data"
    without = " without training" if is_measure(first) else ""
    return f"the best on average{without} on other real data, though none is reliably so"


def reasons_by_data(evidence: "Evidence") -> list[str]:
    """Return what the tests without labels found, one or two sentences per test, and what was left out of them."""
    result = evidence["result"]
    reasons = [_halves_sentence(evidence, result), _pairs_sentence(evidence, result)]
    if _enough_pairs(evidence):
        reasons += [text for answer in PRIORS if (text := _comparison_sentence(evidence, answer))]
    return reasons + _copies_sentences(evidence)


def _halves_sentence(evidence: "Evidence", result: str) -> str:
    rows = evidence["representations"]
    shares = {name: row["halves"]["top1"] for name, row in rows.items() if row["halves"] is not None}
    about = f"Split halves ({evidence['ions']} ions)"
    use = "This tells about faint ions; it does not decide."
    if result in shares:
        return f"{about}: {_compared(evidence, 'halves', shares, result)} {use}"
    best = max(shares, key=lambda one: shares[one])
    return (
        f"{about}: of the measures without training, {title_of(best)} recognises the other half most often "
        f"({shares[best]:.0%}). {use} {title_of(result)} was not tested: that takes a second training, the setting "
        "“Check on half of the pixels”, and more different ion images than clusters."
    )


def _pairs_sentence(evidence: "Evidence", result: str) -> str:
    numbers = evidence["pairs"]
    if numbers is None:
        return "Isotopes and adducts: not available for this axis."
    found, chance = numbers["all"]["n"], numbers["all"]["by_chance"]
    if not found:
        return "Isotopes and adducts: no pairs found beyond those of chance."
    rows = evidence["representations"].items()
    shares = {name: row["pairs"]["all"]["top5"] for name, row in rows}
    within = f"within {tolerance_text(evidence)}"
    about = f"Isotopes and adducts ({count(found, 'pair')} {within}, about {chance:.0f} of them by chance)"
    text = f"{about}: {_compared(evidence, 'pairs', shares, result)}"
    return text if _enough_pairs(evidence) else f"{text} These are too few pairs beyond chance to decide."


def _enough_pairs(evidence: "Evidence") -> bool:
    """Return whether there are enough pairs, of enough molecules, and fewer than half of them expected by chance."""
    if evidence["pairs"] is None:
        return False
    number = evidence["pairs"]["all"]
    least = min(number["n"], evidence.get("molecules", number["n"]))
    return least >= FEWEST_PAIRS and number["by_chance"] < number["n"] / 2


def _compared(evidence: "Evidence", test: str, shares: dict[str, float], result: str) -> str:
    difference = next((one for one in evidence["differences"] if one["test"] == test), None)
    if difference is None:  # only another version of msiss knows the best plain measure
        return f"{title_of(result)} {FOUND[test]} for {shares[result]:.0%} of the ions."
    plain = difference["plain"]
    return (
        f"{title_of(result)} {FOUND[test]} for {shares[result]:.0%} of the ions, {title_of(plain)}, the best without "
        f"training, for {shares[plain]:.0%}: {_points(difference, '95% interval')}."
    )


def _comparison_sentence(evidence: "Evidence", answer: "Answer") -> str:
    """Say how the best of the others compares with the best elsewhere; empty if they were not compared."""
    advice = evidence.get("advice", {}).get(answer)
    if advice is None or not advice["comparisons"]:
        return ""
    others, first = advice["comparisons"], title_of(advice["prior"])
    best = max(others, key=lambda one: one["mean"])
    if best["mean"] <= 0:
        return f"{ABOUT[answer]}: none of the {len(others)} others {FINDS[answer]} than {first}."
    return (
        f"{ABOUT[answer]}: of the {len(others)} others, {title_of(best['representation'])} is the furthest above "
        f"{first}: {_points(best, '95% interval, widened for so many comparisons,')}."
    )


def _copies_sentences(evidence: "Evidence") -> list[str]:
    """Say which ion images were left out of the tests, and which nearly are copies; nothing if there are none."""
    copies, empty, near = evidence.get("copies", 0), evidence.get("empty", 0), evidence.get("near_copies")
    sentences = []
    if copies:
        are = "is an exact copy" if copies == 1 else "are exact copies"
        sentences.append(f"{count(copies, 'ion image')} {are} of another one and left out of these tests.")
    if empty:
        sentences.append(f"{count(empty, 'ion image')} {'is' if empty == 1 else 'are'} 0 everywhere and left out.")
    if near:
        are = "is nearly a copy" if near == 1 else "are nearly copies"
        sentences.append(f"{count(near, 'ion image')} {are} of another one (correlation above {NEAR_COPY:g}).")
    return [" ".join(sentences)] if sentences else []


def _points(difference: "Difference | Comparison", interval: str) -> str:
    mean, low, high = (100 * value for value in (difference["mean"], difference["low"], difference["high"]))
    return f"{mean:+.0f} points ({interval} {low:+.0f} to {high:+.0f})"
