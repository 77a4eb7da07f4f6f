"""The overall judgement: the representation to trust first, by known classes and pairs or else by the data alone."""

from typing import TYPE_CHECKING

from msiss.analyse.representations import title_of
from msiss.runs.quality.by_data import best_by_data, judge_by_data
from msiss.runs.quality.by_knowledge import best_by_knowledge

if TYPE_CHECKING:
    from msiss.runs.quality.evidence import Evidence
    from msiss.runs.quality.scores import Scores


def judge(evidence: "Evidence | None", scores: "Scores | None" = None) -> str:
    """State which representation to trust first.

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
    str
        One or two sentences; empty if there is neither evidence nor a decisive score.
    """
    known = None if scores is None else best_by_knowledge(scores)
    if known is None:
        return "" if evidence is None else judge_by_data(evidence)[0]
    text = f"Trust {title_of(known)} first on these data: it agrees best with what you know."
    other = None if evidence is None else best_by_data(evidence)
    if other not in (None, known):
        text += f" The tests without labels favour {title_of(str(other))}."
    return text
