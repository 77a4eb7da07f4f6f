"""What a list tells of a run."""

import json

import numpy as np
import pytest

from msiss.errors import RunError
from msiss.runs.encoders import offered_encoders, starting_point
from msiss.runs.jobs import State, Status
from msiss.runs.labels import change_label
from msiss.runs.overview import row_of, scores_of


def test_a_row_has_what_was_asked_for_and_what_became_of_it(finished_run):
    change_label(finished_run, name="cortex", tags=["a"], note="n", pinned=True)
    row = row_of(finished_run)
    assert (row.title, row.tags, row.note, row.pinned) == ("cortex", ("a",), "n", True)
    assert (row.method, row.clusters, row.seed) == ("paper", 3, 0)
    assert (row.state, row.device, round(row.seconds)) == (State.DONE, "CPU", 60)
    finished_run.write_status(Status())
    assert (row_of(finished_run).seconds, row_of(finished_run).device) == (None, "")


def test_scores_are_those_of_the_result(finished_run, small_images):
    assert scores_of(finished_run) == {}
    assert scores_of(finished_run, small_images.labels) == {"ari": 1.0}
    assert scores_of(finished_run, np.full(12, -1)) == {}
    pairs = {"13C": {"n": 4, "same_cluster": 0.75, "chance": 0.25, "top5": 0.5, "mrr": 0.5}}
    row = {"halves": None, "agreement": None, "stability": 0.5, "pairs": pairs}
    evidence = {"pairs": None, "representations": {"self-labelled": row}, "differences": [], "result": "self-labelled"}
    (finished_run.path / "results" / "evidence.json").write_text(json.dumps(evidence))
    assert scores_of(finished_run) == {"recall": 0.75, "recall_by_chance": 0.25, "stability": 0.5}
    (finished_run.path / "results" / "evidence.json").write_text("{")
    assert scores_of(finished_run) == {}
    finished_run.write_status(Status(state=State.RUNNING))
    assert scores_of(finished_run, small_images.labels) == {}


def test_only_encoders_of_other_data_are_offered(finished_run):
    assert list(offered_encoders([finished_run], "other")) == []  # it has no weights
    (finished_run.path / "results" / "weights.safetensors").write_bytes(b"weights")
    assert list(offered_encoders([finished_run], "other")) == [finished_run]
    own = finished_run.request.fingerprint
    assert list(offered_encoders([finished_run], own)) == []
    with pytest.raises(RunError, match="on other data"):
        starting_point(finished_run, own)
    finished_run.write_status(Status(state=State.STOPPED))
    assert list(offered_encoders([finished_run], "other")) == []


def test_a_history_that_is_damaged_is_said_in_words(finished_run):
    assert finished_run.history() is None
    for content in (b"", b"PK", b"\x93NUMPY"):
        (finished_run.path / "results" / "history.npz").write_bytes(content)
        with pytest.raises(RunError, match="missing or damaged"):
            finished_run.history()
    np.savez(finished_run.path / "results" / "history.npz", clusters=np.zeros((2, 12)))
    with pytest.raises(RunError, match="missing or damaged"):
        finished_run.history()
