"""Every kind of decision is told in a sentence."""

from typing import get_args

import pytest

from msiss.runs.decisions import (
    AnyDecision,
    Coloured,
    Confirmed,
    Flagged,
    Judged,
    Merged,
    Moved,
    Named,
    Noted,
    Refined,
    Split,
    Undone,
)
from msiss.share.decision_text import sentence

SAID = {
    Named(cluster=3, name="white matter"): "Cluster 3 is named “white matter”.",
    Named(cluster=3, name=""): "Cluster 3 has no name any more.",
    Noted(cluster=3, note="look <again>"): "Note on cluster 3: “look <again>”",
    Noted(cluster=3, note=""): "Cluster 3 has no note any more.",
    Coloured(cluster=1, colour="#112233"): "Cluster 1 is drawn in #112233.",
    Coloured(cluster=1, colour=""): "Cluster 1 is drawn in its usual colour.",
    Flagged(cluster=2, tissue=False): "Cluster 2 shows no tissue.",
    Flagged(cluster=2, tissue=True): "Cluster 2 shows tissue after all.",
    Moved(ions=(4,), to=1): "1 ion (ion 4) moved to cluster 1.",
    Moved(ions=tuple(range(10)), to=1): "10 ions (" + ", ".join(f"ion {n}" for n in range(8)) + " and 2 more) moved "
    "to cluster 1.",
    Confirmed(ions=(4, 5)): "2 ions (ion 4, ion 5) confirmed where they are.",
    Merged(merged=(1, 2, 5), into=1): "Clusters 2 and 5 were merged into cluster 1.",
    Merged(merged=(2,), into=1): "Cluster 2 was merged into cluster 1.",
    Split(parent=2, first=7, parts=((1, 2), (3,))): "Of cluster 2, 3 ions became cluster 7 (2 ions) and 8 (1 ion).",
    Split(first=7, parts=((1, 2),)): "2 ions became cluster 7 (2 ions).",
    Refined(assigned=(0,) * 12): "All 12 ions were grouped again around what had been decided before.",
    Judged(ions=(1, 2), measures=("image-vectors", "bands"), right="second"): "Of the pair ion 1 and ion 2: Bands "
    "(coarse to fine structures) is right, not Image vectors (plain pixels).",
    Judged(ions=(1, 2), measures=("image-vectors", "gone"), right="neither"): "Of the pair ion 1 and ion 2: neither "
    "Image vectors (plain pixels) nor gone is right.",
}


@pytest.mark.parametrize("decision", SAID, ids=lambda decision: type(decision).__name__)
def test_what_was_decided_is_said(decision):
    assert sentence(decision, lambda ion: f"ion {ion}") == SAID[decision]


def test_every_kind_of_decision_is_among_them():
    kinds = set(get_args(get_args(AnyDecision)[0])) - {Undone}
    assert {type(decision) for decision in SAID} == kinds
