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
    clusters.parquet     ion, mz, name, what else is known, one cluster column per representation, confidence
    clusters-K.parquet   the same in another number of clusters, see `msiss.runs.reclustering`
    maps.parquet         ion, representation, method, x, y
    evidence.json        what the data themselves say about each representation, see `msiss.runs.evidence`
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import BaseModel

import msiss
from msiss.analyse.representations import PLAIN, Representation
from msiss.errors import RunError
from msiss.learn.config import RunConfig
from msiss.runs.jobs import TRAINING, Job, State, make_folder

if TYPE_CHECKING:
    from msiss.runs.evidence import Evidence


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


class Run(Job):
    """One run directory: a training and its results.

    Parameters
    ----------
    path : Path
        An existing run directory.

    Raises
    ------
    RunError
        Where `path` holds no run, or one that this version cannot read.
    """

    noun = "run"
    work = "msiss.runs.worker:execute"
    resource = TRAINING
    lost = "The process that trained this run is gone. Start it again: it resumes where it was."
    out_of_memory = "The device ran out of memory. Choose a smaller batch size or image side, then start again."
    request_model = RunRequest
    request: RunRequest

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
        make_folder(path, request)
        return cls(path)

    @property
    def config(self) -> RunConfig:
        """The settings of the run."""
        return self.request.config

    @property
    def representations(self) -> tuple[Representation, ...]:
        """What the run can show: what it trains, the result first, then the measures without training."""
        return (*reversed(self.config.trained), *PLAIN)

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

    def evidence(self) -> "Evidence | None":
        """Return what the data themselves say about each representation; None for runs of versions that did not look.

        Raises
        ------
        RunError
            Where the run is not done.
        """
        path = self.path / "evidence.json"
        if not path.exists() and self.status.state == State.DONE:
            return None
        return self._result(path.name, lambda file: json.loads(file.read_text(encoding="utf-8")))

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
        *(package / "analyse").rglob("*.py"),
        package / "data" / "prepare.py",
    ]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
