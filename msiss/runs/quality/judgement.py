"""The overall judgement: which representation to start with, by known classes and pairs or else by the data alone."""

from typing import TYPE_CHECKING

from msiss.analyse.representations import title_of
from msiss.runs.quality.by_data import START, advised_by_data, answer_by_data, best_by_data
from msiss.runs.quality.by_knowledge import best_by_knowledge
from msiss.runs.quality.evidence import PRIORS

if TYPE_CHECKING:
    from msiss.runs.quality.evidence import Answer, Evidence
    from msiss.runs.quality.scores import Scores


def judge(evidence: "Evidence | None", scores: "Scores | None" = None) -> list[str]:
    """State which representation to start with, to find similar ions and to group ions.

    Known classes and pairs take precedence over the tests without labels, which distinguish patterns from noise but not
    relevant from irrelevant patterns.

    Parameters
    ----------
    evidence : Evidence or None
        From `evidence_of`.
    scores : Scores or None
        Scores against known classes or pairs.

    Returns
    -------
    list of str
        One or two sentences for each of the two; none for one about which there is neither evidence nor a decisive
        score.
    """
    known = {} if scores is None else best_by_knowledge(scores)
    answers = (_answer(evidence, answer, known.get(answer)) for answer in PRIORS)
    return [text for text in answers if text]


def advised(evidence: "Evidence | None", scores: "Scores | None" = None) -> "dict[Answer, str]":
    """Return the representations that `judge` names, by what they are for; those about which nothing is known lack."""
    known = {} if scores is None else best_by_knowledge(scores)
    by_data = {} if evidence is None else {answer: advised_by_data(evidence, answer) for answer in PRIORS}
    return {answer: name for answer in PRIORS if (name := known.get(answer) or by_data.get(answer))}


def _answer(evidence: "Evidence | None", answer: "Answer", known: str | None) -> str:
    if known is None:
        return "" if evidence is None else answer_by_data(evidence, answer)
    text = f"{START[answer]}, start with {title_of(known)}: it agrees best with what you know."
    other = None if evidence is None else best_by_data(evidence, answer)
    return text if other in (None, known) else f"{text} The isotopes and adducts favour {title_of(str(other))}."
