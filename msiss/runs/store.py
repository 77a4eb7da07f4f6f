"""Runs on disk: everything that one training gave, in one directory.

A run directory is all that passes between the process that trains and the one that shows::

    config.json          data set, its fingerprint, all settings, version of the method
    status.json          state, progress and heartbeat; replaced atomically
    events.jsonl         what happened, appended
    stop                 appears when somebody asks the run to stop
    lock                 held by the process that trains; the system lets go of it when that process dies
    checkpoints/         to resume from; removed at the end
    results/             what the training gave; appears whole, and decides what the run can show:
        features/NAME.npy    (N, D) float32, one file per representation
        clusters.parquet     ion, mz, name, what else is known, one cluster column per representation, confidence
        maps.parquet         ion, representation, method, x, y
        evidence.json        what the data themselves say about each representation, see `msiss.runs.quality.evidence`
        weights.safetensors  the trained encoder and classifier
    clusters/BY-K.parquet    other clusters of the same, see `msiss.runs.reclustering`

Runs of the first versions have what is in ``results`` beside it.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet
from pydantic import BaseModel

from msiss import version
from msiss.analyse.representations import REPRESENTATIONS, measure_names
from msiss.data.ion_images import IonImages
from msiss.data.stored_images import ANNOTATIONS
from msiss.durable import replace_text
from msiss.errors import DataError, RunError
from msiss.learn.config import RunConfig
from msiss.learn.methods import AnyConfig
from msiss.runs.jobs import TRAINING, Job, State, make_folder

RESULTS = "results"


class RunRequest(BaseModel):
    """What a run was asked for; two equal requests have the same result and the same identity."""

    dataset: Path
    fingerprint: str
    config: AnyConfig
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
        If `path` holds no run, or one that this version cannot read.
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
            If `path` holds something else, or the run of another request.
        """
        request = RunRequest.now(dataset, fingerprint, config)
        if path.exists():
            run = cls(path)
            if run.request.identity != request.identity:
                raise RunError(
                    f"{path} holds a run of other data or settings, or of another version of msiss. "
                    "Choose another folder, or delete that run first."
                )
            run.take_data_from(dataset)
            return run
        make_folder(path, request)
        return cls(path)

    @property
    def config(self) -> RunConfig:
        """The settings of the run."""
        return self.request.config

    def look_at(self, dataset: Path) -> None:
        """Take what the ions are called from another data set of the same images."""
        self.request = self.request.model_copy(update={"dataset": dataset.resolve()})

    def take_data_from(self, dataset: Path) -> None:
        """Do the same, and keep it: the data set may have been deleted and imported again under another name."""
        if self.request.dataset != dataset.resolve():
            self.look_at(dataset)
            replace_text(self.path / "config.json", self.request.model_dump_json(indent=1))

    @property
    def has_results(self) -> bool:
        """Whether all results are there; the status may not yet say so."""
        return (self.path / RESULTS).is_dir() or self.status.state == State.DONE

    @property
    def representations(self) -> tuple[str, ...]:
        """What the run holds, what was trained first, the result before all.

        What another version of msiss put there that this one does not know is left out.

        Raises
        ------
        RunError
            If the run is not done, or its results are damaged.
        """
        there = set(self.result_file("clusters.parquet", pyarrow.parquet.read_schema).names)
        known = (*planned(self.config), *REPRESENTATIONS.names)
        return tuple(one for one in dict.fromkeys(known) if one in there and self.place_of(_features_of(one)).is_file())

    @property
    def mapped(self) -> tuple[str, ...]:
        """Those of the run's representations that have maps.

        Raises
        ------
        RunError
            If the run is not done, or its results are damaged.
        """
        there = set(self.maps()["representation"])
        return tuple(one for one in self.representations if one in there)

    def features(self, representation: str) -> np.ndarray:
        """Return the feature vectors, shape (N, D), float32.

        Raises
        ------
        RunError
            If the run is not done.
        """
        features = self.result_file(_features_of(representation), np.load)
        features.flags.writeable = False  # pages share it
        return features

    def clusters(self) -> pd.DataFrame:
        """Return one row per ion: ion, mz, name, confidence and one cluster column per representation.

        Raises
        ------
        RunError
            If the run is not done.
        """
        return self.result_file("clusters.parquet", pd.read_parquet)

    def ions(self) -> pd.DataFrame:
        """Return one row per ion: ion, mz and what the data set knows of it, or knew where it is gone.

        Raises
        ------
        RunError
            If the run is not done.
        """
        table = self.clusters()
        known = ["name", *(name for name in ANNOTATIONS if name in table)]
        with contextlib.suppress(DataError):
            images = IonImages.load(self.request.dataset)
            if images.fingerprint == self.request.fingerprint:
                known = ["name", *images.annotations]
                table = table.assign(name=images.names, **images.annotations)
        return table[["ion", "mz", *known]]

    def maps(self) -> pd.DataFrame:
        """Return the two-dimensional maps: ion, representation, method ("umap" or "tsne"), x, y.

        Raises
        ------
        RunError
            If the run is not done.
        """
        return self.result_file("maps.parquet", pd.read_parquet)

    def place_of(self, name: str) -> Path:
        """Return where a result lies: beside the other files in runs of the first versions."""
        whole = self.path / RESULTS
        return (whole if whole.is_dir() else self.path) / name

    def result_file(self, name: str, read: Callable[[Path], Any]) -> Any:
        """Return what `read` makes of one of the result files.

        Raises
        ------
        RunError
            If the run is not done, or the file is damaged.
        """
        try:
            return read(self.place_of(name))
        except (OSError, ValueError, EOFError) as error:  # pyarrow's errors are among them
            status = self.status
            if status.state != State.DONE:
                raise RunError(f"The run in {self.path} has no {Path(name).stem} yet: it is {status.state}.") from error
            raise RunError(
                f"The run in {self.path} is done, but its {name} is missing or damaged. Delete this run, and start it "
                "again."
            ) from error


def planned(config: RunConfig) -> tuple[str, ...]:
    """Return what a training will hold: what it trains, the result first, then the measures without training."""
    return (*reversed(config.trained), *measure_names())


def _features_of(representation: str) -> str:
    return f"features/{representation}.npy"


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
    package = version.PACKAGE
    sources = [
        *(package / "learn").rglob("*.py"),
        *(package / "analyse").rglob("*.py"),
        package / "data" / "prepare.py",
    ]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
