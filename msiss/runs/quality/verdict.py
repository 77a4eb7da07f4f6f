"""What the scores of a run say, in sentences: which representation to trust on these data."""

import math

from msiss.analyse.representations import is_measure, title_of
from msiss.analyse.scores import SCORES
from msiss.runs.quality.scores import Scores

TIE = 0.02  # a few ions in another cluster change a score by this much
SURE = 1.96  # standard errors: the two-sided 95 % point of the normal distribution


def verdict(scores: Scores) -> list[str]:
    """Say which representation scores best, also where that is not the trained network.

    Parameters
    ----------
    scores : Scores
        From `runs.scores.score`.

    Returns
    -------
    list of str
        One sentence or two per kind of score that could be computed; empty where there is none.
    """
    table = scores["representations"]
    result = scores["default"]
    sentences = []
    for score in SCORES:
        values = {one: row[score.name] for one, row in table.items() if row.get(score.name) is not None}
        if values and score.question:
            sentences.append(_compare(score.question, values, result))
    pairs = {one: row["pairs"]["all"] for one, row in table.items() if "all" in row["pairs"]}
    if pairs:
        number = next(iter(pairs.values()))["n"]
        shares = {one: row["top5"] for one, row in pairs.items()}
        sentences.append(_compare("Pairs (partner among the five nearest)", shares, result, pairs=number))
    return sentences


def _compare(about: str, values: dict[str, float], result: str, *, pairs: int | None = None) -> str:
    best = max(values, key=lambda one: (values[one], one == result))
    text = f"{about}: {title_of(best)} is best with {values[best]:.2f}"
    if best == result:
        plain = [one for one in values if is_measure(one)]
        if not plain:
            return f"{text}."
        rival = max(plain, key=lambda one: values[one])
        text += f", against {values[rival]:.2f} for {title_of(rival)}"
    else:
        rival = result
        text += f"; {title_of(rival)}, which this training ends with, reaches {values[rival]:.2f}"
    gap = values[best] - values[rival]
    if gap < TIE:
        return f"{text}. The difference is too small to mean anything."
    if pairs and gap < SURE * _error(values[best], values[rival], pairs):
        return f"{text}. With {pairs} pairs this difference may be chance."
    if is_measure(best):
        return f"{text}. On these data this plain measure sees more than what was trained: trust it first."
    if best == result:
        return f"{text}. On these data the training was worth it."
    return f"{text}. On these data the last steps of the training made it worse."


def _error(first: float, second: float, pairs: int) -> float:
    """Return the standard error of the difference of two shares.

    It is on the safe side: the shares count as independent, and the two queries of a pair, one each way, as one.
    """
    return math.sqrt(sum(share * (1 - share) / pairs for share in (first, second)))
