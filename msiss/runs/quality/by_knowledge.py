"""The judgement of the representations of a run by known classes and pairs, in sentences."""

import math
from collections.abc import Iterator

from msiss.analyse.representations import is_measure, title_of
from msiss.analyse.scores import SCORES
from msiss.runs.quality.evidence import Answer
from msiss.runs.quality.scores import Scores

TIE = 0.02  # smaller differences are ties: a few ions in another cluster change a score by this much
SURE = 1.96  # standard errors: the two-sided 95 % point of the normal distribution


def judge_by_knowledge(scores: Scores) -> list[str]:
    """State which representation has the best scores; it may be a plain measure.

    Parameters
    ----------
    scores : Scores
        From `msiss.runs.quality.scores.score`.

    Returns
    -------
    list of str
        One or two sentences per score that could be computed.
    """
    return [sentence for _, sentence, _ in _comparisons(scores)]


def best_by_knowledge(scores: Scores) -> dict[Answer, str]:
    """Return the best representation by the first score that is decisive, by what it is for; none if no score is.

    A score is decisive if the best representation leads by more than a tie and, for pairs, significantly. It is
    compared with the result of the training; that itself is compared with the best measure without training.
    """
    found: dict[Answer, str] = {}
    for answer, _, best in _comparisons(scores):
        if best is not None:
            found.setdefault(answer, best)
    return found


def _comparisons(scores: Scores) -> Iterator[tuple[Answer, str, str | None]]:
    """Yield what each score that could be computed is about, one or two sentences, and the best if it is decisive."""
    table, result = scores["representations"], scores["default"]
    for score in SCORES:
        values = {one: row[score.name] for one, row in table.items() if row.get(score.name) is not None}
        if values and score.question:
            about: Answer = "clusters" if score.of == "clusters" else "neighbours"
            yield about, *_compare(score.question, values, result)
    pairs = {one: row["pairs"]["all"] for one, row in table.items() if "all" in row["pairs"]}
    if pairs:
        number = next(iter(pairs.values()))["n"]
        shares = {one: row["top5"] for one, row in pairs.items()}
        yield "neighbours", *_compare("Pairs (partner among the five nearest)", shares, result, pairs=number)


def _compare(about: str, values: dict[str, float], result: str, *, pairs: int | None = None) -> tuple[str, str | None]:
    best = max(values, key=lambda one: (values[one], one == result))
    text = f"{about}: {title_of(best)} is best with {values[best]:.2f}"
    if best == result:
        plain = [one for one in values if is_measure(one)]
        if not plain:
            return f"{text}.", best
        rival = max(plain, key=lambda one: values[one])
        text += f", against {values[rival]:.2f} for {title_of(rival)}"
    else:
        rival = result
        text += f"; {title_of(rival)}, the result of the training, reaches {values[rival]:.2f}"
    gap = values[best] - values[rival]
    if gap < TIE:
        return f"{text}. The difference is too small to be meaningful.", None
    if pairs and gap < SURE * _error(values[best], values[rival], pairs):
        return f"{text}. With {pairs} pairs this difference may be due to chance.", None
    if is_measure(best):
        return f"{text}. On these data this plain measure is better than the trained result: trust it first.", best
    if best == result:
        return f"{text}. On these data the training was worthwhile.", best
    return f"{text}. On these data the last steps of the training made the result worse.", best


def _error(first: float, second: float, pairs: int) -> float:
    """Return the standard error of the difference of two shares.

    It is an upper estimate: the shares are taken as independent, and the two queries of a pair, one in each direction,
    are counted as one.
    """
    return math.sqrt(sum(share * (1 - share) / pairs for share in (first, second)))
