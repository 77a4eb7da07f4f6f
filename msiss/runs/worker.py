"""The execution of a run, by a worker of the engine or in this process: training, analyses, results."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from msiss.analyse.representations import FIRST, IMAGE_VECTORS, is_measure
from msiss.data.ion_images import IonImages
from msiss.data.prepare import prepare
from msiss.durable import appear, unfinished_name
from msiss.errors import RunError
from msiss.learn import estimate
from msiss.learn.events import Event, PhaseStarted, Step, to_json
from msiss.learn.progress import Countdown
from msiss.runs.jobs import State, work_exclusively
from msiss.runs.reclustering import group
from msiss.runs.reporter import Reporter
from msiss.runs.request import method_version
from msiss.runs.store import HISTORY, RESULTS, Run, planned

if TYPE_CHECKING:
    from msiss.learn.learned import Learned
    from msiss.runs.quality.evidence import Evidence

MAPPED_MEASURES = (IMAGE_VECTORS, FIRST)  # maps of all measures would take too long
MAP_METHODS: tuple[Literal["umap", "tsne"], ...] = ("umap", "tsne")


def execute(path: Path) -> None:
    """Train the run in `path`, from its checkpoints if there are any, and write its results.

    Does nothing if the run is done or another process holds its lock. The outcome is written to the run's status: done,
    stopped, or failed with the reason.
    """
    work_exclusively(Run(path), _execute_locked)


def _execute_locked(run: Run) -> None:
    with TrainingReporter(run) as reporter:
        _train_unless_trained(run, reporter)
    if run.status.state == State.DONE:
        shutil.rmtree(run.path / "checkpoints", ignore_errors=True)


def _train_unless_trained(run: Run, reporter: "TrainingReporter") -> None:
    if not run.has_results:  # else only the status is missing
        reporter.check_stop()
        if run.request.method != method_version():
            raise RunError(
                "This run was created by another version of msiss, whose results may differ from those of this one. "
                "Start a new run with the same settings."
            )
        _train_and_analyse(run, run.images(), reporter)


class TrainingReporter(Reporter):
    """Writes the events of a training to its status, with the time left for the whole run.

    Parameters
    ----------
    job : Run
    clock : callable
        Returns the time in seconds.
    """

    def __init__(self, job: Run, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(job)
        self._countdown = Countdown(clock=clock)
        self._part = (0.0, 0.0)  # start and end of the current part, as fractions of the whole
        self._skipped = 0.0  # fraction of the whole that earlier parts have skipped
        self._skipped_now = 0.0

    def begin(self, seconds: float, spent: estimate.Parts) -> None:
        """Begin the next part of the work, which takes about `seconds` of the total of `spent`."""
        self._skipped += self._skipped_now
        self._skipped_now = 0.0
        start = self._part[1]
        self._part = (start, start + seconds / spent.whole)

    def report(self, event: Event) -> None:
        """Write an event to the status, and to the run's events unless it is a `Step`.

        The fraction of a step is that of the current part.
        """
        if isinstance(event, Step):
            start, end = self._part
            fraction = min(start + (end - start) * event.fraction, 1.0)
            self._skipped_now = (end - start) * event.skipped
            self.note(fraction=fraction, seconds_left=self._countdown.left(fraction, self._skipped + self._skipped_now))
        else:
            self.job.append_event(to_json(event))
            if isinstance(event, PhaseStarted):
                self.update(phase=event.phase)
        self.check_stop()


def _train_and_analyse(run: Run, dataset: IonImages, reporter: TrainingReporter) -> None:
    # Imported only in the process that trains, as torch and umap take seconds.
    from msiss.analyse.measures import vectors
    from msiss.analyse.sketch import shorten
    from msiss.learn.device import device_title, resolve_device
    from msiss.learn.pipeline import Learned, learn
    from msiss.runs.quality.compute_evidence import compute_evidence

    config = run.config
    spent = estimate.parts(config, len(dataset))
    reporter.update(device=device_title(resolve_device(config.device)))
    reporter.begin(spent.prepare, spent)
    reporter.report(PhaseStarted("prepare"))
    prepared = prepare(dataset, config.prepare)
    reporter.begin(spent.training, spent)
    checkpoints = run.path / "checkpoints"
    checkpoints.mkdir(exist_ok=True)
    learned = None
    for event in learn(prepared, config, checkpoints=checkpoints):
        if isinstance(event, Learned):
            learned = event
        else:
            reporter.report(event)
    assert learned is not None
    reporter.begin(spent.analyse, spent)
    reporter.report(PhaseStarted("analyse"))
    features = {name: shorten(whole) for name, whole in learned.features.items()}
    clusters = dict(learned.clusters)
    maps = []
    names = planned(config)
    for step, name in enumerate(names, start=1):
        if is_measure(name):
            features[name] = vectors(name, prepared.cleaned, dataset.mask)
        if name not in clusters:
            clusters[name] = group(features[name], config.clusters, config).clusters
        if name in (*config.trained, *MAPPED_MEASURES):
            maps += list(_maps(name, features[name], config.seed))
        reporter.report(Step(step / len(names)))

    reporter.begin(spent.retraining + spent.check, spent)
    reporter.report(PhaseStarted("check"))
    evidence = compute_evidence(run, dataset, {name: features[name] for name in names}, clusters, reporter.report)
    table = _table(dataset, {name: clusters[name] for name in names}, learned.confidence)
    _write_results(run, table, features, pd.concat(maps), evidence, learned)


def _maps(name: str, vectors: np.ndarray, seed: int) -> Iterator[pd.DataFrame]:
    from msiss.analyse.projection import project

    for method in MAP_METHODS:
        x, y = project(vectors, method, seed=seed).T
        yield pd.DataFrame({"ion": np.arange(len(vectors)), "representation": name, "method": method, "x": x, "y": y})


def _table(dataset: IonImages, clusters: dict[str, np.ndarray], confidence: np.ndarray) -> pd.DataFrame:
    ions = {"ion": np.arange(len(dataset)), "mz": dataset.mz, "name": dataset.names}
    return pd.DataFrame(ions | dict(dataset.annotations) | clusters | {"confidence": confidence})


def _write_results(
    run: Run,
    clusters: pd.DataFrame,
    features: dict[str, np.ndarray],
    maps: pd.DataFrame,
    evidence: "Evidence",
    learned: "Learned",
) -> None:
    """Write all results into one folder, which appears when it is complete and on disk."""
    from safetensors.torch import save_file

    for left in run.path.glob(f".{RESULTS}.*"):  # of a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    folder = unfinished_name(run.path / RESULTS)
    try:
        (folder / "features").mkdir(parents=True)
        for name, vectors in features.items():
            np.save(folder / "features" / f"{name}.npy", vectors)
        clusters.to_parquet(folder / "clusters.parquet", index=False)
        maps.to_parquet(folder / "maps.parquet", index=False)
        (folder / "evidence.json").write_text(json.dumps(evidence, indent=1, allow_nan=False), encoding="utf-8")
        if learned.history is not None:
            np.savez_compressed(folder / HISTORY, **asdict(learned.history))
        tensors = {name: tensor.cpu().contiguous() for name, tensor in learned.weights.items()}
        save_file(tensors, folder / "weights.safetensors")
        appear(folder, run.path / RESULTS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
