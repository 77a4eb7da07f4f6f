"""Evidence: the scores of each representation of a run that need no labels, as stored in the run.

`msiss.runs.quality.compute_evidence` computes them.
"""

import json
from typing import TYPE_CHECKING, TypedDict

from msiss.analyse.representations import REPRESENTATIONS
from msiss.runs.jobs import State
from msiss.runs.store import Run

if TYPE_CHECKING:  # would import scikit-learn
    from msiss.analyse.halves import HalfScores
    from msiss.analyse.metrics import PairScores


class Number(TypedDict):
    """Number of pairs of a kind, and the number expected by chance."""

    n: int
    by_chance: float


class ApartScores(TypedDict):
    """How often a partner is among the five nearest of the other half of the pixels; `n` is the number of pairs."""

    n: int
    top5: float


class RepresentationEvidence(TypedDict):
    """Scores of one representation; None if one could not be computed."""

    halves: "HalfScores | None"
    agreement: float | None
    stability: float | None
    pairs: "dict[str, PairScores]"
    apart: "ApartScores | None"


class Difference(TypedDict):
    """Score of the result of the training minus that of the best plain measure in one test, with its 95 % interval.

    `test` is "halves" (share of halves recognised) or "pairs" (share of partners among the five nearest).
    """

    test: str
    plain: str
    mean: float
    low: float
    high: float


class Evidence(TypedDict):
    """All evidence, JSON-compatible; `ions` is the number split into halves, `pairs` is None for axes without m/z."""

    ions: int
    pairs: dict[str, Number] | None
    representations: dict[str, RepresentationEvidence]
    differences: list[Difference]
    result: str


def evidence_of(run: Run) -> Evidence | None:
    """Return the evidence of a run; None for a run of an earlier version that did not compute it.

    Raises
    ------
    RunError
        If the run is not done, or its results are damaged.
    """
    name = "evidence.json"
    if not run.result_path(name).exists() and run.status.state == State.DONE:
        return None
    evidence = run.result_file(name, lambda file: json.loads(file.read_text(encoding="utf-8")))
    rows = {name: row for name, row in evidence["representations"].items() if name in REPRESENTATIONS}
    differences = [one for one in evidence["differences"] if one["plain"] in REPRESENTATIONS]
    return evidence | {"representations": rows, "differences": differences}


def evidence_table(evidence: Evidence) -> dict[str, dict[str, float | None]]:
    """Return halves, agreement, stability, top5, apart and above_chance of each representation.

    They are shares from 0 to 1 or AMI; None if one could not be computed. `above_chance` is the share of pairs in one
    cluster minus that of permuted clusters.
    """
    table: dict[str, dict[str, float | None]] = {}
    for name, row in evidence["representations"].items():
        pairs = row["pairs"].get("all")
        table[name] = {
            "halves": row["halves"]["top1"] if row["halves"] else None,
            "agreement": row["agreement"],
            "stability": row["stability"],
            "top5": pairs["top5"] if pairs else None,
            "apart": apart["top5"] if (apart := row.get("apart")) else None,  # versions before 0.2 did not compute it
            "above_chance": pairs["same_cluster"] - pairs["chance"] if pairs else None,
        }
    return table
