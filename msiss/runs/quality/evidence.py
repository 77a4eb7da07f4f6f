"""Evidence: the scores of each representation of a run that need no labels, as stored in the run.

`msiss.runs.quality.compute_evidence` computes them.
"""

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from msiss.analyse.masses import USUAL_PPM, Tolerance
from msiss.analyse.representations import FIRST, FIRST_FOR_CLUSTERS, REPRESENTATIONS
from msiss.learn.spatial.config import NAME
from msiss.runs.jobs import State
from msiss.runs.store import Run

if TYPE_CHECKING:  # would import scikit-learn
    from msiss.analyse.advice import Comparison
    from msiss.analyse.halves import HalfScores
    from msiss.analyse.metrics import PairScores


# What a representation is for: to find the ions that resemble one, or to group ions.
Answer = Literal["neighbours", "clusters"]
# The best on other real data, see `benchmarks/advice.py`: that by training, if a run has it, then that without.
PRIORS: dict[Answer, tuple[str, ...]] = {"neighbours": (FIRST,), "clusters": (NAME, FIRST_FOR_CLUSTERS)}


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


class ToleranceNumbers(TypedDict):
    """Tolerance of mass differences, see `msiss.analyse.masses.Tolerance`."""

    ppm: float
    least: float


class Advice(TypedDict):
    """The representation that was best on other real data, and all others less it; none if there are no pairs."""

    prior: str
    comparisons: "list[Comparison]"


class Evidence(TypedDict):
    """All evidence, JSON-compatible; that of versions before 0.2 lacks what is not required.

    `ions` is the number split into halves; `pairs` is None for axes without m/z; `tolerance` is None if no pairs can be
    told from chance; `molecules` is the number that the pairs are of. `copies` and `empty` ion images were left out;
    `near_copies` of the others correlate with an earlier one by more than 0.999, None if that was not looked at.
    """

    ions: int
    copies: NotRequired[int]
    empty: NotRequired[int]
    near_copies: NotRequired[int | None]
    pairs: dict[str, Number] | None
    tolerance: NotRequired[ToleranceNumbers | None]
    molecules: NotRequired[int]
    representations: dict[str, RepresentationEvidence]
    differences: list[Difference]
    advice: NotRequired[dict[Answer, Advice]]
    result: str


def prior(answer: Answer, representations: Collection[str] = ()) -> str:
    """Return which of the `representations` of a run is the best on other real data, or that without training."""
    return next((name for name in PRIORS[answer] if name in representations), PRIORS[answer][-1])


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
    known = evidence | {"representations": rows, "differences": differences}
    if "advice" in evidence:
        known["advice"] = {answer: one for answer, one in evidence["advice"].items() if _is_known(one)}
    return known


def _is_known(advice: Advice) -> bool:
    """Return whether this version knows all that was compared; the intervals are those of all together."""
    compared = [advice["prior"], *(one["representation"] for one in advice["comparisons"])]
    return all(name in REPRESENTATIONS for name in compared)


def tolerance_text(evidence: Evidence) -> str:
    """Return the tolerance of the mass differences of the pairs, such as "5 ppm"."""
    # Versions before 0.2 had one tolerance for all data; without pairs there is none.
    return str(Tolerance(**(evidence.get("tolerance") or {"ppm": USUAL_PPM, "least": 0.0})))


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
