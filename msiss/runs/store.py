"""Runs on disk: the request, the status and all results of a training in one directory.

The process that trains and the one that shows the run communicate through this directory alone::

    config.json          data set, its fingerprint, all settings, version of the method
    status.json          state, progress and heartbeat; replaced atomically
    events.jsonl         log of events, append-only
    stop                 exists if a stop is requested
    lock                 held by the process that trains; the system releases it when that process ends
    checkpoints/         to resume from; removed at the end
    results/             all results; appears when complete:
        features/NAME.npy    (N, D) float32, one file per representation
        clusters.parquet     ion, mz, name, annotations, one cluster column per representation, confidence
        maps.parquet         ion, representation, method, x, y
        evidence.json        scores of each representation without labels, see `msiss.runs.quality.evidence`
        weights.safetensors  the trained encoder and classifier
        history.npz          clusters over the epochs of self-labelling, of the paper's method
    clusters/BY-K.parquet    clusters made afterwards, see `msiss.runs.reclustering`

Runs of the first versions have the files of ``results`` in the run directory itself.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import pyarrow.parquet

from msiss.analyse.representations import REPRESENTATIONS, measure_names
from msiss.data.ion_images import IonImages
from msiss.data.stored_images import ANNOTATIONS
from msiss.durable import replace_text
from msiss.errors import DataError, RunError, SettingError
from msiss.learn.config import RunConfig
from msiss.learn.history import History
from msiss.runs.jobs import TRAINING, Job, State, make_folder
from msiss.runs.request import RunRequest

RESULTS, HISTORY = "results", "history.npz"


class Run(Job):
    """A run: the directory of a training and its results.

    Parameters
    ----------
    path : Path
        An existing run directory.

    Raises
    ------
    RunError
        If `path` contains no run, or one that this version cannot read.
    """

    noun = "run"
    work = "msiss.runs.worker:execute"
    resource = TRAINING
    lost = "The process of this run has ended unexpectedly. Start it again: it resumes from its last checkpoint."
    out_of_memory = "The device ran out of memory. Choose a smaller batch size or image side, then start again."
    request_model = RunRequest
    request: RunRequest

    @classmethod
    def create(cls, path: Path, *, dataset: Path, fingerprint: str, config: RunConfig) -> "Run":
        """Create the run directory `path`, or return the existing run of the same request.

        Raises
        ------
        RunError
            If `path` contains something else, or the run of another request.
        """
        request = RunRequest.now(dataset, fingerprint, config)
        if path.exists():
            run = cls(path)
            if run.request.identity != request.identity:
                raise RunError(
                    f"{path} contains a run of other data or settings, or of another version of msiss. "
                    "Choose another folder, or delete that run first."
                )
            run.record_dataset(dataset)
            return run
        make_folder(path, request)
        return cls(path)

    @property
    def config(self) -> RunConfig:
        """The settings of the run."""
        return self.request.config

    def use_dataset(self, dataset: Path) -> None:
        """Use another data set of the same images, with its annotations; the run on disk is not changed."""
        self.request = self.request.model_copy(update={"dataset": dataset.resolve()})

    def record_dataset(self, dataset: Path) -> None:
        """Use another data set of the same images, such as one imported again, and save its path in the run."""
        if self.request.dataset != dataset.resolve():
            self.use_dataset(dataset)
            replace_text(self.path / "config.json", self.request.model_dump_json(indent=1))

    def images(self) -> IonImages:
        """Return the ion images of the training; they stay on disk.

        Raises
        ------
        DataError
            If the data set was deleted or changed.
        """
        images = IonImages.load(self.request.dataset)
        if images.fingerprint != self.request.fingerprint:
            raise DataError(f"The data set {self.request.dataset} has changed since this run was made.")
        return images

    @property
    def has_results(self) -> bool:
        """Whether all results are written; the status may not be `State.DONE` yet."""
        return (self.path / RESULTS).is_dir() or self.status.state == State.DONE

    @property
    def representations(self) -> tuple[str, ...]:
        """Names of the representations: the result of the training, other trained ones, then the measures.

        Those that only another version of msiss knows are left out.

        Raises
        ------
        RunError
            If the run is not done, or its results are damaged.
        """
        stored = set(self.result_file("clusters.parquet", pyarrow.parquet.read_schema).names)
        known = (*planned(self.config), *REPRESENTATIONS.names)
        return tuple(
            one for one in dict.fromkeys(known) if one in stored and self.result_path(_features_of(one)).is_file()
        )

    @property
    def mapped(self) -> tuple[str, ...]:
        """Names of the representations that have maps.

        Raises
        ------
        RunError
            If the run is not done, or its results are damaged.
        """
        stored = set(self.maps()["representation"])
        return tuple(one for one in self.representations if one in stored)

    def features(self, representation: str) -> np.ndarray:
        """Return the feature vectors, shape (N, D), float32.

        Raises
        ------
        RunError
            If the run is not done.
        """
        features = self.result_file(_features_of(representation), np.load)
        features.flags.writeable = False  # shared between pages
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
        """Return one row per ion: ion, mz and the annotations of the data set, or the stored ones if it was deleted.

        Raises
        ------
        RunError
            If the run is not done.
        """
        table = self.clusters()
        known = ["name", *(name for name in ANNOTATIONS if name in table)]
        with contextlib.suppress(DataError):
            images = self.images()
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

    def positions(self, representation: str, method: str) -> np.ndarray:
        """Return the coordinates of the ions on a map, shape (N, 2).

        Raises
        ------
        SettingError
            If there is no such map.
        RunError
            If the run is not done.
        """
        maps = self.maps()
        points = maps[(maps["representation"] == representation) & (maps["method"] == method)].sort_values("ion")
        if points.empty:
            listed = ", ".join(self.mapped)
            raise SettingError(
                f"There is no map of {representation} by {method}. There are umap and tsne maps of: {listed}."
            )
        return points[["x", "y"]].to_numpy()

    def history(self) -> History | None:
        """Return how the clusters changed during the training; None if its method or its version did not record it.

        Raises
        ------
        RunError
            If the run is not done, or its results are damaged.
        """
        if not self.result_path(HISTORY).exists() and self.status.state == State.DONE:
            return None
        stored = self.result_file(HISTORY, _read_arrays)
        return History(stored["clusters"], stored["confidence"])

    def result_path(self, name: str) -> Path:
        """Return the path of a result file, which in runs of the first versions is in the run directory itself."""
        whole = self.path / RESULTS
        return (whole if whole.is_dir() else self.path) / name

    def result_file(self, name: str, read: Callable[[Path], Any]) -> Any:
        """Return a result file as read by `read`.

        Raises
        ------
        RunError
            If the run is not done, or the file is damaged.
        """
        try:
            return read(self.result_path(name))
        except (OSError, ValueError, EOFError, KeyError, BadZipFile) as error:  # pyarrow's errors are among them
            status = self.status
            if status.state != State.DONE:
                raise RunError(f"The run in {self.path} has no {Path(name).stem} yet: it is {status.state}.") from error
            raise RunError(
                f"The run in {self.path} is done, but its {name} is missing or damaged. Delete this run, and start it "
                "again."
            ) from error


def planned(config: RunConfig) -> tuple[str, ...]:
    """Return the representations of a run with these settings, in the order of `Run.representations`."""
    return (*reversed(config.trained), *measure_names())


def _read_arrays(file: Path) -> dict[str, np.ndarray]:
    with np.load(file) as stored:
        return {field.name: stored[field.name] for field in fields(History)}


def _features_of(representation: str) -> str:
    return f"features/{representation}.npy"


class RunStore:
    """All runs in a folder, each named by its identity."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, *, dataset: Path, fingerprint: str, config: RunConfig) -> Run:
        """Return the run of this request, which is created if it does not exist."""
        identity = RunRequest.now(dataset, fingerprint, config).identity
        return Run.create(self.folder / identity, dataset=dataset, fingerprint=fingerprint, config=config)

    def get(self, identity: str) -> Run:
        """Return the run named `identity`."""
        return Run(self.folder / identity)

    def __iter__(self) -> Iterator[Run]:
        """Iterate over the runs, newest first; those that cannot be read are skipped."""
        paths = [path for path in self.folder.glob("*") if not path.name.startswith(".")]
        runs = []
        for path in paths:
            try:
                runs.append(Run(path))
            except RunError:
                continue
        return iter(sorted(runs, key=lambda run: run.request.created, reverse=True))
