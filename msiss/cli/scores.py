"""The command that scores a run."""

import argparse
import json
from collections.abc import Mapping

from msiss.cli.add import Add
from msiss.data.pasted import pasted
from msiss.errors import RunError
from msiss.runs.quality.by_data import reasons_by_data
from msiss.runs.quality.evidence import evidence_table
from msiss.runs.quality.judgement import judge
from msiss.runs.quality.scores import Scores
from msiss.runs.store import Run


def score(options: argparse.Namespace) -> None:
    """Score each representation of a run, without labels and against known classes and pairs."""
    from msiss.data import foreign
    from msiss.data.ion_images import IonImages
    from msiss.runs.quality.scores import score as score_run

    run = Run(options.run)
    mz = run.clusters()["mz"].to_numpy()
    labels = IonImages.load(run.request.dataset).labels if run.request.dataset.exists() else None
    if options.labels:
        labels = foreign.read_labels(options.labels, mz)
    pairs = foreign.read_pairs(options.pairs, mz) if options.pairs else None
    scores = score_run(run, labels=labels, pairs=pairs)
    if options.json:
        print(json.dumps(scores, indent=1))
        return
    if labels is None and pairs is None and scores["evidence"] is None:
        raise RunError(
            "There is nothing to score: this run was made by a version of msiss without scores that need no labels. "
            "Give known classes with --labels, or pairs with --pairs, or train it again."
        )
    _print(scores)


def add_commands(add: Add) -> None:
    """Add this command to the command line."""
    one = add("score", score)
    one.add_argument("run", type=pasted, metavar="RUN")
    one.add_argument("--labels", type=pasted, metavar="CSV", help="known classes: columns mz, class")
    one.add_argument(
        "--pairs",
        type=pasted,
        metavar="CSV",
        help="pairs of ions that should co-localize: columns i, j or mz_i, mz_j, and kind",
    )
    one.add_argument("--json", action="store_true", help="print the scores as JSON")


def _print(scores: Scores) -> None:
    """Print the scores without labels, then the scores against known classes and pairs."""
    if scores["evidence"] is not None:
        reasons = reasons_by_data(scores["evidence"])
        print("\n".join([*judge(scores["evidence"], scores), *(f"- {reason}" for reason in reasons)]))
        for name, row in evidence_table(scores["evidence"]).items():
            print(f"{name:15} {_numbers(row)}")
    for name, values in scores["representations"].items():
        parts = [_numbers(values)] if values["ari"] is not None else []
        for kind, pair in values["pairs"].items():
            parts.append(f"{kind} pairs (n {pair['n']}): {_numbers(pair)}")
        if parts:
            print(f"{name:15} {'; '.join(parts)}")


def _numbers(values: Mapping[str, object]) -> str:
    return " ".join(f"{key} {value:.3f}" for key, value in values.items() if isinstance(value, float))
