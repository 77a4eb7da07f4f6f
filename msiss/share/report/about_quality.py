"""The parts of a report about how reliable the result is, and about what people corrected."""

from collections.abc import Iterator

import numpy as np

from msiss.analyse import metrics
from msiss.analyse.representations import title_of
from msiss.runs.decisions import Judged, active, recorded
from msiss.runs.grouping import Grouping
from msiss.runs.quality.by_data import reasons_by_data
from msiss.runs.quality.by_knowledge import judge_by_knowledge
from msiss.runs.quality.evidence import Evidence, evidence_of, evidence_table
from msiss.runs.quality.judgement import judge
from msiss.runs.quality.scores import Scores, score
from msiss.share.decision_text import sentence
from msiss.share.figures.subject import Subject
from msiss.share.report.blocks import Block, Heading, Listing, Table, Text
from msiss.show.score_figures import EVIDENCE_TITLES
from msiss.words import count

SCORE_TITLES = {"purity": "Purity", "ari": "ARI", "ami": "AMI", "knn10": "10-NN purity"}


def quality(subject: Subject) -> Iterator[Block]:
    """Yield the judgement, the scores without labels, and those against known classes."""
    grouping, images = subject.grouping, subject.images
    evidence = evidence_of(grouping.run)
    labels = images.labels if images.labels is not None and (images.labels >= 0).sum() > 1 else None
    scores = score(grouping.run, labels=labels) if labels is not None else None
    for answer in judge(evidence, scores):
        yield Text(answer)
    yield from _shown(grouping, labels)
    if evidence is not None:
        yield Heading("On these data, without labels", level=3)
        yield Listing(reasons_by_data(evidence))
        yield _evidence(evidence)
    if scores is not None:
        yield Heading("Against the known classes", level=3)
        yield Listing(judge_by_knowledge(scores))
        yield _scores(scores)
        yield Text("All representations have as many clusters here as the training; they are without corrections.")
    if evidence is None and scores is None:
        yield Text("This run was made before msiss had scores that need no labels. A new training has them.")


def corrections(subject: Subject) -> Iterator[Block]:
    """Yield what people decided about the clusters."""
    grouping = subject.grouping
    judged = [one for one in active(recorded(grouping.run)) if isinstance(one, Judged)]
    made = sorted([*grouping.decisions, *judged], key=lambda one: one.when)
    if not made:
        yield Text("Nobody has named or corrected these clusters.")
    else:
        moved = int((grouping.table["original"] != grouping.table["cluster"]).sum())
        yield Text(f"{count(len(made), 'decision')}; {count(moved, 'ion')} now in another cluster than after the run.")
        rows = [(f"{one.when:%Y-%m-%d %H:%M}", one.who, sentence(one, subject.title), one.why) for one in made]
        yield Table(("When (UTC)", "Who", "What", "Why"), rows, (1.6, 1.4, 5, 3))
    if grouping.untold:
        yield Text(
            f"{count(grouping.untold, 'more decision')} cannot be applied: made about other clusters than those that "
            "this version of msiss makes, or not readable."
        )


def _shown(grouping: Grouping, labels: np.ndarray | None) -> Iterator[Block]:
    if labels is None:
        return
    known = labels >= 0
    found, true = grouping.labels[known], labels[known]
    corrected = ", as corrected," if grouping.is_corrected else ""
    yield Text(
        f"The clusters shown{corrected} against the known classes of {count(int(known.sum()), 'ion')}: purity "
        f"{metrics.purity(found, true):.3f}, ARI {metrics.ari(found, true):.3f}, AMI {metrics.ami(found, true):.3f}."
    )


def _evidence(evidence: Evidence) -> Table:
    rows = evidence_table(evidence)
    known = [key for key in EVIDENCE_TITLES if any(row[key] is not None for row in rows.values())]
    return _numbers(
        {name: [row[key] for key in known] for name, row in rows.items()}, [EVIDENCE_TITLES[key] for key in known]
    )


def _scores(scores: Scores) -> Table:
    rows = {name: [row.get(key) for key in SCORE_TITLES] for name, row in scores["representations"].items()}
    return _numbers(rows, list(SCORE_TITLES.values()))


def _numbers(rows: dict[str, list[float | None]], titles: list[str]) -> Table:
    texts = [
        (title_of(name), *("" if value is None else f"{value:.3f}" for value in values))
        for name, values in rows.items()
    ]
    columns = range(1, 1 + len(titles))
    return Table(("Representation", *titles), texts, (3, *(1 for _ in titles)), frozenset(columns))
