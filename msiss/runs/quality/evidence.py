"""What a run's own data say about every representation, as it is kept; `msiss.runs.quality.gather` measures it."""

import json
from typing import TYPE_CHECKING, TypedDict

from msiss.analyse.representations import REPRESENTATIONS
from msiss.runs.jobs import State
from msiss.runs.store import Run

if TYPE_CHECKING:  # which bring scikit-learn along
    from msiss.analyse.halves import HalfScores
    from msiss.analyse.metrics import PairScores


class Number(TypedDict):
    """How many pairs of a kind there are, and how many of them chance would give."""

    n: int
    by_chance: float


class RepresentationEvidence(TypedDict):
    """What speaks for one representation; None where it could not be measured."""

    halves: "HalfScores | None"
    agreement: float | None
    stability: float | None
    pairs: "dict[str, PairScores]"


class Difference(TypedDict):
    """What the training ends with less the best plain measure, in one test, with its 95 % interval.

    `test` is "halves" (share of halves recognised) or "pairs" (share of partners among the five nearest).
    """

    test: str
    plain: str
    mean: float
    low: float
    high: float


class Evidence(TypedDict):
    """All evidence, ready for JSON; `ions` is how many were split into halves, `pairs` None for axes without m/z."""

    ions: int
    pairs: dict[str, Number] | None
    representations: dict[str, RepresentationEvidence]
    differences: list[Difference]
    result: str


def evidence_of(run: Run) -> Evidence | None:
    """Return what the data themselves say about each representation; None for runs of versions that did not look.

    Raises
    ------
    RunError
        If the run is not done, or its results are damaged.
    """
    name = "evidence.json"
    if not run.place_of(name).exists() and run.status.state == State.DONE:
        return None
    evidence = run.result_file(name, lambda file: json.loads(file.read_text(encoding="utf-8")))
    rows = {name: row for name, row in evidence["representations"].items() if name in REPRESENTATIONS}
    differences = [one for one in evidence["differences"] if one["plain"] in REPRESENTATIONS]
    return evidence | {"representations": rows, "differences": differences}


def evidence_table(evidence: Evidence) -> dict[str, dict[str, float | None]]:
    """Return the evidence as a table: by representation halves, agreement, stability, top5 and above_chance.

    Shares from 0 to 1 and AMI; None where something could not be measured. `above_chance` is the share of pairs in one
    cluster less that of permuted clusters.
    """
    table: dict[str, dict[str, float | None]] = {}
    for name, row in evidence["representations"].items():
        pairs = row["pairs"].get("all")
        table[name] = {
            "halves": row["halves"]["top1"] if row["halves"] else None,
            "agreement": row["agreement"],
            "stability": row["stability"],
            "top5": pairs["top5"] if pairs else None,
            "above_chance": pairs["same_cluster"] - pairs["chance"] if pairs else None,
        }
    return table
