"""Runs on disk: everything that one training gave, in one directory.

A run directory is all that passes between the process that trains and the one that shows::

    config.json          data set, its fingerprint, all settings, version of the method
    status.json          state, progress and heartbeat; replaced atomically
    events.jsonl         what happened, appended
    stop                 appears when somebody asks the run to stop
    lock                 held by the process that trains; the system lets go of it when that process dies
    checkpoints/         to resume from; removed at the end
    weights.safetensors  the trained encoder and classifier
    features/NAME.npy    (N, D) float32, one file per representation
    clusters.parquet     ion, mz, name, one cluster column per representation, confidence
    maps.parquet         ion, representation, method, x, y
"""

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ValidationError

import msiss
from msiss.analyse.representations import Representation
from msiss.errors import RunError
from msiss.learn.config import RunConfig

# A worker writes its heartbeat every two seconds; one that was silent for this long is gone.
SILENCE_SECONDS = 60.0


class State(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"


UNFINISHED = (State.QUEUED, State.RUNNING)


class RunRequest(BaseModel):
    """What a run was asked for; two equal requests have the same result and the same identity."""

    dataset: Path
    fingerprint: str
    config: RunConfig
    method: str
    created: datetime

    @classmethod
    def now(cls, dataset: Path, fingerprint: str, config: RunConfig) -> "RunRequest":
        """Return a request of this moment, to this version of the method."""
        return cls(
            dataset=dataset.resolve(),
            fingerprint=fingerprint,
            config=config,
            method=method_version(),
            created=datetime.now(UTC),
        )

    @property
    def identity(self) -> str:
        """Sixteen hexadecimal digits made from the data, the settings and the method's code."""
        parts = [self.fingerprint, self.config.model_dump_json(), self.method]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


class Status(BaseModel):
    """How far a run is."""

    state: State = State.QUEUED
    phase: str = ""
    fraction: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    device: str = ""
    started: float | None = None
    finished: float | None = None
    heartbeat: float = 0.0


class Run:
    """One run directory.

    Parameters
    ----------
    path : Path
        An existing run directory.

    Raises
    ------
    RunError
        Where `path` holds no run, or one that this version cannot read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.request = RunRequest.model_validate_json((path / "config.json").read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise RunError(f"{path} is not a run of msiss: it has no config.json.") from error
        except (OSError, ValidationError) as error:
            raise RunError(f"The run in {path} cannot be read; it may come from another version of msiss.") from error

    @classmethod
    def create(cls, path: Path, *, dataset: Path, fingerprint: str, config: RunConfig) -> "Run":
        """Make the run directory `path`, or return the one that is there for the same request.

        Raises
        ------
        RunError
            Where `path` holds something else, or the run of another request.
        """
        request = RunRequest.now(dataset, fingerprint, config)
        if path.exists():
            run = cls(path)
            if run.request.identity != request.identity:
                raise RunError(
                    f"{path} holds a run of other data or settings, or of another version of msiss. "
                    "Choose another folder, or delete that run first."
                )
            return run
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
        unfinished.mkdir()
        (unfinished / "config.json").write_text(request.model_dump_json(indent=1), encoding="utf-8")
        (unfinished / "status.json").write_text(Status(heartbeat=time.time()).model_dump_json(), encoding="utf-8")
        try:
            unfinished.rename(path)
        except OSError:  # somebody asked for the same run a moment earlier
            shutil.rmtree(unfinished)
        return cls(path)

    @property
    def config(self) -> RunConfig:
        """The settings of the run."""
        return self.request.config

    @property
    def status(self) -> Status:
        """How far the run is now; a run whose worker fell silent is `State.LOST`."""
        try:
            status = Status.model_validate_json((self.path / "status.json").read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise RunError(f"The status of the run in {self.path} cannot be read.") from error
        if status.state == State.RUNNING and time.time() - status.heartbeat > SILENCE_SECONDS:
            return status.model_copy(
                update={
                    "state": State.LOST,
                    "message": "The process that trained this run is gone. Start it again: it resumes where it was.",
                }
            )
        return status

    def write_status(self, status: Status) -> None:
        """Replace the status in one step, so that no reader ever sees half of it."""
        replace_text(self.path / "status.json", status.model_dump_json())

    def append_event(self, event: dict[str, Any]) -> None:
        """Add one event with the time at which it happened."""
        with (self.path / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(event | {"time": time.time()}) + "\n")

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return what happened so far, oldest first; only events of `kind` where it is given."""
        try:
            lines = (self.path / "events.jsonl").read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return []
        events = [json.loads(line) for line in lines[:-1]]  # a line being written right now has no end yet
        return [event for event in events if kind in (None, event["event"])]

    def request_stop(self) -> None:
        """Ask the run to stop; its worker does so within a batch, and keeps the last checkpoint."""
        (self.path / "stop").touch()
        if self.status.state == State.QUEUED:  # nobody works on it who could answer
            self.write_status(Status(state=State.STOPPED, message="Stopped before it began."))

    def stop_requested(self) -> bool:
        """Tell whether somebody asked this run to stop."""
        return (self.path / "stop").exists()

    def clear_stop(self) -> None:
        """Take the request to stop back, before the run is started again."""
        (self.path / "stop").unlink(missing_ok=True)

    def features(self, representation: Representation) -> np.ndarray:
        """Return the feature vectors, shape (N, D), float32.

        Raises
        ------
        RunError
            Where the run is not done.
        """
        return self._result(f"features/{representation}.npy", np.load)

    def clusters(self) -> pd.DataFrame:
        """Return one row per ion: ion, mz, name, confidence and one cluster column per representation.

        Raises
        ------
        RunError
            Where the run is not done.
        """
        return self._result("clusters.parquet", pd.read_parquet)

    def maps(self) -> pd.DataFrame:
        """Return the two-dimensional maps: ion, representation, method ("umap" or "tsne"), x, y.

        Raises
        ------
        RunError
            Where the run is not done.
        """
        return self._result("maps.parquet", pd.read_parquet)

    def delete(self) -> None:
        """Remove the run with everything in it."""
        shutil.rmtree(self.path)

    def _result(self, name: str, read: Any) -> Any:
        try:
            return read(self.path / name)
        except FileNotFoundError as error:
            state = self.status.state
            raise RunError(f"The run in {self.path} has no {Path(name).stem} yet: it is {state}.") from error


class RunStore:
    """All runs below one folder, each named by its identity."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, *, dataset: Path, fingerprint: str, config: RunConfig) -> Run:
        """Return the run of this request: the one that is there already, or a new one."""
        identity = RunRequest.now(dataset, fingerprint, config).identity
        return Run.create(self.folder / identity, dataset=dataset, fingerprint=fingerprint, config=config)

    def get(self, identity: str) -> Run:
        """Return the run named `identity`."""
        return Run(self.folder / identity)

    def __iter__(self) -> Iterator[Run]:
        """Go through the runs, newest first; what cannot be read is passed over."""
        paths = [path for path in self.folder.glob("*") if not path.name.startswith(".")]
        runs = []
        for path in paths:
            try:
                runs.append(Run(path))
            except RunError:
                continue
        return iter(sorted(runs, key=lambda run: run.request.created, reverse=True))


@cache
def method_version() -> str:
    """Return a digest of the code that decides the result, so that changed code never answers from an old run."""
    package = Path(msiss.__file__).parent
    sources = [
        *(package / "learn").glob("*.py"),
        *(package / "analyse").glob("*.py"),
        package / "data" / "prepare.py",
    ]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def replace_text(path: Path, text: str) -> None:
    """Write `text` to `path` in one step: readers see the old or the new text, never a part."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
