"""Scores of a run."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msiss.errors import RunError
from msiss.learn.paper.config import PaperConfig
from msiss.runs.quality.scores import score
from msiss.runs.store import Run


def test_score_without_anything_known_has_every_key(finished_run: Run) -> None:
    scores = score(finished_run)
    assert scores["default"] == "self-labelled"
    assert scores["evidence"] is None  # of a version that did not look
    assert list(scores["representations"]) == [str(name) for name in finished_run.representations]
    names = ("purity", "rounded_purity", "ari", "ami", "knn10")
    nothing = dict.fromkeys(names) | {"knn": [], "pairs": {}}
    assert all(found == nothing for found in scores["representations"].values())


def test_score_against_classes(finished_run: Run) -> None:
    labels = np.repeat([0, 1, 2], [5, 4, 3])
    scores = score(finished_run, labels=labels)["representations"]
    assert scores["contrastive"]["purity"] == 1
    assert scores["contrastive"]["ari"] == pytest.approx(1)
    # Ion 4 sits in the second cluster, which then holds four of class 1 and one of class 0.
    assert scores["image-vectors"]["purity"] == pytest.approx(11 / 12)
    # Clusters of four, five (one of them another class) and three ions, each share rounded: 4 of 5 is 0.8 exactly.
    assert scores["image-vectors"]["rounded_purity"] == pytest.approx(11 / 12)
    # Twelve ions, ten neighbours: nearest first come 4, 3 or 2 of the own class, then others until there are ten.
    assert scores["contrastive"]["knn10"] == pytest.approx((5 * 0.4 + 4 * 0.3 + 3 * 0.2) / 12, abs=0.02)


def test_score_has_the_neighbours_of_all_numbers(finished_run: Run) -> None:
    scores = score(finished_run, labels=np.repeat([0, 1, 2], [5, 4, 3]))["representations"]["contrastive"]
    assert len(scores["knn"]) == 30
    assert scores["knn"][9] == scores["knn10"]
    assert scores["knn"][0] == 1  # the nearest ion is of the same class
    assert scores["knn"][10:] == [scores["knn"][10]] * 20  # there are eleven others


def test_score_brings_the_evidence_along(finished_run: Run) -> None:
    (finished_run.path / "results" / "evidence.json").write_text(
        '{"ions": 12, "representations": {}, "differences": []}', encoding="utf-8"
    )
    assert score(finished_run)["evidence"] == {"ions": 12, "representations": {}, "differences": []}


def test_score_without_any_labelled_ion_is_none(finished_run: Run) -> None:
    scores = score(finished_run, labels=np.full(12, -1))["representations"]["contrastive"]
    assert scores["purity"] is None
    assert scores["knn10"] is None


@pytest.mark.parametrize("labelled", [1, 2])
def test_two_labelled_ions_are_the_fewest_that_can_be_scored(finished_run: Run, labelled: int) -> None:
    labels = np.full(12, -1)
    labels[:labelled] = 0
    scores = score(finished_run, labels=labels)["representations"]["contrastive"]
    assert (scores["purity"], scores["knn10"]) == ((1, 1) if labelled == 2 else (None, None))


def test_score_of_pairs_by_kind(finished_run: Run) -> None:
    pairs = pd.DataFrame({"i": [0, 5, 9, 0], "j": [1, 6, 10, 11], "kind": ["13C", "13C", "H/Na", "H/Na"]})
    scores = score(finished_run, pairs=pairs)
    found = scores["representations"]["self-labelled"]["pairs"]
    assert {kind: values["n"] for kind, values in found.items()} == {"13C": 2, "H/Na": 2, "all": 4}
    assert found["13C"]["same_cluster"] == 1
    assert found["H/Na"]["same_cluster"] == 0.5
    assert found["all"]["chance"] == pytest.approx((5 * 4 + 4 * 3 + 3 * 2) / (12 * 11))
    assert found["13C"]["top5"] == 1
    json.dumps(scores, allow_nan=False)


def test_score_of_an_unfinished_run(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", dataset=tmp_path, fingerprint="0", config=PaperConfig(clusters=3))
    with pytest.raises(RunError, match="no clusters yet: it is queued"):
        score(run)
