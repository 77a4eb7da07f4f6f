"""One judgement of which representation to trust first, by the data themselves and by what is known about the ions."""

from typing import TYPE_CHECKING

from msiss.analyse.representations import title_of
from msiss.runs.quality.by_data import best_by_data, judge_by_data
from msiss.runs.quality.by_knowledge import best_by_knowledge

if TYPE_CHECKING:
    from msiss.runs.quality.evidence import Evidence
    from msiss.runs.quality.scores import Scores


def judge(evidence: "Evidence | None", scores: "Scores | None" = None) -> str:
    """Say which representation to trust first.

    What is known about the ions counts more than what the data say by themselves, which tells noise from pattern but
    not which pattern matters.

    Parameters
    ----------
    evidence : Evidence or None
        From `evidence_of`.
    scores : Scores or None
        Against known classes or pairs, if there are any.

    Returns
    -------
    str
        A sentence or two; nothing if nothing is known.
    """
    known = None if scores is None else best_by_knowledge(scores)
    if known is None:
        return "" if evidence is None else judge_by_data(evidence)[0]
    text = f"Trust {title_of(known)} first on these data: it agrees best with what you know."
    other = None if evidence is None else best_by_data(evidence)
    if other not in (None, known):
        text += f" By what the data say themselves it would be {title_of(str(other))}."
    return text
