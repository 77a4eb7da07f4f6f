import json

import pytest

from msiss.errors import RunError
from msiss.learn.paper.config import PaperConfig
from msiss.runs.jobs import State, Status
from msiss.runs.run_files import clean_status, files_of, is_representation, kind_of
from msiss.runs.store import RESULTS, Run


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("config.json", "request"),
        ("results/features/image-vectors.npy", "features"),
        ("clusters/msiss-12.parquet", "regrouped"),
        ("decisions.jsonl", "decisions"),
        ("../config.json", None),
        ("/config.json", None),
        ("results/features/../../x.npy", None),
        ("results/features/a/b.npy", None),
        ("results\\features\\a.npy", None),
        ("config.json\n", None),
        ("lock", None),
        ("checkpoints/contrastive.safetensors", None),
        ("results/features/é.npy", None),
    ],
)
def test_only_the_files_of_a_run_are_known(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_names_of_representations() -> None:
    assert is_representation("self-labelled")
    assert not is_representation("../x")
    assert not is_representation("-x")


def test_what_belongs_to_this_machine_stays(finished_run: Run) -> None:
    (finished_run.path / "stop").touch()
    (finished_run.path / "note.txt").write_text("mine")
    finished_run.append_event({"event": "Note", "message": "hello"})
    files = dict(files_of(finished_run))
    assert {"config.json", "status.json", "events.jsonl", f"{RESULTS}/clusters.parquet"} <= set(files)
    assert not {"stop", "note.txt", "lock"} & set(files)
    config, status = (json.loads(files[name]) for name in ("config.json", "status.json"))  # type: ignore[arg-type]
    assert config["dataset"] == "small"
    assert (status["state"], status["ticket"]) == ("done", "")


def test_links_are_not_followed(finished_run: Run, tmp_path) -> None:
    (tmp_path / "secret").write_text("x")
    (finished_run.path / "label.json").symlink_to(tmp_path / "secret")
    assert "label.json" not in dict(files_of(finished_run))


def test_runs_of_the_first_versions_have_their_results_in_the_folder_itself(finished_run: Run) -> None:
    expected = {name for name, _ in files_of(finished_run)}
    for path in (finished_run.path / RESULTS).iterdir():
        path.rename(finished_run.path / path.name)
    (finished_run.path / RESULTS).rmdir()
    assert {name for name, _ in files_of(finished_run)} == expected


def test_a_run_that_is_not_done_stays(tmp_path) -> None:
    run = Run.create(tmp_path / "run", dataset=tmp_path, fingerprint="f", config=PaperConfig(clusters=3))
    with pytest.raises(RunError, match="cannot be taken away yet: it is queued"):
        list(files_of(run))


def test_a_status_is_plain_text() -> None:
    cleaned = clean_status(
        Status(state=State.DONE, device="GPU <b>*x*</b> (80 GB)", ticket="t", message="m", finished=5)
    )
    assert cleaned.device == "GPU _b__x__/b_ (80 GB)"
    assert (cleaned.ticket, cleaned.message, cleaned.heartbeat) == ("", "", 5)
