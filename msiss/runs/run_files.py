"""The files of a finished run that may leave this machine, and by which names they are known in an archive."""

import re
from collections.abc import Iterator
from pathlib import Path

from msiss.errors import RunError
from msiss.runs.jobs import State, Status
from msiss.runs.store import RESULTS, Run

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}"  # of a representation
# Patterns of the names in an archive, with what is in such a file; other files of a run stay where they are.
KINDS = {
    "request": r"config\.json",
    "status": r"status\.json",
    "label": r"label\.json",
    "events": r"events\.jsonl",
    "decisions": r"decisions\.jsonl",
    "evidence": rf"{RESULTS}/evidence\.json",
    "clusters": rf"{RESULTS}/clusters\.parquet",
    "maps": rf"{RESULTS}/maps\.parquet",
    "history": rf"{RESULTS}/history\.npz",
    "weights": rf"{RESULTS}/weights\.safetensors",
    "features": rf"{RESULTS}/features/{_NAME}\.npy",
    "regrouped": rf"clusters/{_NAME}-\d{{1,6}}\.parquet",
}


def kind_of(name: str) -> str | None:
    """Return what is in the file of an archive of that name, one of `KINDS`; None if it is no file of a run."""
    return next((kind for kind, pattern in KINDS.items() if re.fullmatch(pattern, name, re.ASCII)), None)


def is_representation(name: str) -> bool:
    """Return whether a text can be the name of a representation in the files of a run."""
    return bool(re.fullmatch(_NAME, name, re.ASCII))


def files_of(run: Run) -> Iterator[tuple[str, Path | bytes]]:
    """Yield the files of a finished run by their name in an archive, each its path or its content.

    Paths of this machine are not among the content: of the data set, only the name is told.

    Raises
    ------
    RunError
        If the run is not done.
    """
    status = run.status
    if status.state != State.DONE:
        raise RunError(f"The run in {run.path} cannot be taken away yet: it is {status.state}.")
    request = run.request.model_copy(update={"dataset": Path(run.request.dataset.name)})
    yield "config.json", request.model_dump_json(indent=1).encode()
    yield "status.json", clean_status(status).model_dump_json(indent=1).encode()
    own = [path for path in sorted(run.path.rglob("*")) if path.is_file() and not path.is_symlink()]
    results = run.result_path("")
    for path in own:
        # Runs of the first versions have their results in the folder itself.
        inside = path.relative_to(run.path).as_posix()
        name = f"{RESULTS}/{inside}" if results == run.path and kind_of(f"{RESULTS}/{inside}") else inside
        if name not in ("config.json", "status.json") and kind_of(name):
            yield name, path


def clean_status(status: Status) -> Status:
    """Return the status of a finished run without what belongs to one machine."""
    return Status(
        state=State.DONE,
        phase=_plain(status.phase),
        fraction=1.0,
        device=_plain(status.device),
        started=status.started,
        finished=status.finished,
        heartbeat=status.finished or 0.0,
    )


def _plain(text: str) -> str:
    """Return a text without characters that could be more than text somewhere."""
    return re.sub(r"[^\w .,:;()/+@-]", "_", text)[:100]
