"""Analyses that pages request and the engine computes outside the dashboard: questions, answers on disk, and jobs.

The file of an answer is named by a hash of its question, so that the same question is not computed twice. A job is
named in the same way, so that two sessions with the same question share it.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, Field

from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig
from msiss.data.progress import Progress
from msiss.durable import replace_text
from msiss.errors import RunError
from msiss.runs import disagreeing
from msiss.runs.correction_questions import NearestQuestion, RefineQuestion, SubclustersQuestion
from msiss.runs.jobs import ANALYSIS, UNFINISHED, Job, make_folder
from msiss.runs.measured import kept_vectors, measured
from msiss.runs.quality.augmentation_sweep import SweepQuestion
from msiss.runs.reclustering import clusters_by, kept_clusters
from msiss.runs.request import method_version
from msiss.runs.store import Run

if TYPE_CHECKING:  # would import scikit-learn
    from msiss.analyse.choose_k import Choice
    from msiss.runs.quality.scores import Scores

PAIR = ("i", "j", "kind")  # columns of a table of pairs
KEPT = 20  # number of jobs kept; deleting a finished job does not delete its answer


class ClustersQuestion(BaseModel):
    """Question for the clusters of a finished run, by a representation and a number of clusters.

    `finished` is the time at which the run finished, so that a run that was trained again is a new question.
    """

    what: Literal["clusters"] = "clusters"
    run: Path
    finished: float | None
    by: str
    clusters: int

    def answer(self) -> pd.DataFrame | None:
        """Return the stored answer, or None; see `msiss.runs.reclustering.clusters_by`."""
        return kept_clusters(Run(self.run), self.by, self.clusters)

    def compute(self, progress: Progress) -> None:
        """Compute and store the answer."""
        clusters_by(Run(self.run), self.by, self.clusters, progress=progress)


class NumbersQuestion(BaseModel):
    """Question for the numbers of clusters that a representation of a finished run supports."""

    what: Literal["numbers"] = "numbers"
    run: Path
    finished: float | None
    by: str
    with_halves: bool

    def answer(self) -> "Choice | None":
        """Return the stored answer, or None; see `msiss.runs.cluster_numbers.choose_k_of`."""
        from msiss.runs.cluster_numbers import kept_choice

        return kept_choice(Run(self.run), self.by, with_halves=self.with_halves)

    def compute(self, progress: Progress) -> None:
        """Compute and store the answer."""
        from msiss.runs.cluster_numbers import choose_k_of

        run = Run(self.run)
        choose_k_of(run, run.images(), self.by, with_halves=self.with_halves, progress=progress)


class ScoresQuestion(BaseModel):
    """Question for the scores of a finished run against known classes and pairs of its ions.

    `labels` and `pairs` are those of `msiss.runs.quality.scores.score`: the class of each ion, and for each pair
    its two ions and its kind. `code` is the version of the code that computes the scores.
    """

    what: Literal["scores"] = "scores"
    run: Path
    finished: float | None
    labels: tuple[int, ...] | None
    pairs: tuple[tuple[int, int, str], ...] | None
    code: str = Field(default_factory=method_version)

    @classmethod
    def of(cls, run: Run, labels: np.ndarray | None, pairs: pd.DataFrame | None) -> "ScoresQuestion":
        """Return the question of a finished run."""
        return cls(
            run=run.path.resolve(),
            finished=run.status.finished,
            labels=None if labels is None else tuple(labels.tolist()),
            pairs=None if pairs is None else tuple(pairs[[*PAIR]].itertuples(index=False, name=None)),
        )

    def answer(self) -> "Scores | None":
        """Return the stored answer, or None; see `msiss.runs.quality.scores.score`."""
        try:
            return json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # missing or damaged: computed again
            return None

    def compute(self, progress: Progress) -> None:
        """Compute and store the answer."""
        from msiss.runs.quality.scores import score

        labels = None if self.labels is None else np.array(self.labels)
        pairs = None if self.pairs is None else pd.DataFrame(self.pairs, columns=PAIR)
        run = Run(self.run)
        scores = score(run, labels=labels, pairs=pairs, progress=progress)
        if run.status.finished == self.finished:
            with contextlib.suppress(OSError):  # for example, a full disk
                self._path.parent.mkdir(exist_ok=True)
                replace_text(self._path, json.dumps(scores, indent=1))

    @property
    def _path(self) -> Path:
        return self.run / "scores" / f"{identity(self)}.json"


class VectorsQuestion(BaseModel):
    """Question for the vectors of the ions of a data set by a measure without training."""

    what: Literal["vectors"] = "vectors"
    dataset: Path
    fingerprint: str
    measure: str
    prepare: PrepareConfig

    def answer(self) -> np.ndarray | None:
        """Return the stored answer, or None; see `msiss.runs.measured.measured`."""
        return kept_vectors(self.fingerprint, self.measure, self.prepare)

    def compute(self, progress: Progress) -> None:
        """Compute and store the answer."""
        images = IonImages.load(self.dataset)
        if images.fingerprint != self.fingerprint:
            raise RunError(f"The data set {self.dataset.name} has changed since this was requested. Reload the page.")
        measured(images, self.measure, self.prepare, progress=progress)


class DisagreementsQuestion(BaseModel):
    """Question for the pairs of ions that two representations judge most differently.

    They are those of a finished run or, without one, measures of a data set with the settings `prepare`, whose vectors
    are known. `code` is the version of the code that compares them.
    """

    what: Literal["disagreements"] = "disagreements"
    run: Path | None
    finished: float | None
    fingerprint: str
    prepare: PrepareConfig
    first: str
    second: str
    code: str = Field(default_factory=method_version)

    def answer(self) -> pd.DataFrame | None:
        """Return the stored answer, or None; see `msiss.runs.disagreeing`."""
        return disagreeing.kept(identity(self))

    def compute(self, progress: Progress) -> None:
        """Compute and store the answer."""
        first, second = self._vectors(self.first), self._vectors(self.second)
        found = disagreeing.compare(first, second, text=disagreeing.about(self.first, self.second), progress=progress)
        if self.run is None or Run(self.run).status.finished == self.finished:
            disagreeing.keep(identity(self), found)

    def _vectors(self, name: str) -> np.ndarray:
        if self.run is not None:
            return Run(self.run).features(name)
        vectors = kept_vectors(self.fingerprint, name, self.prepare)
        if vectors is None:
            raise RunError("The vectors that are to be compared were deleted. Load the page again.")
        return vectors


Question = (
    ClustersQuestion
    | NumbersQuestion
    | ScoresQuestion
    | RefineQuestion
    | SubclustersQuestion
    | NearestQuestion
    | VectorsQuestion
    | DisagreementsQuestion
    | SweepQuestion
)


def identity(question: BaseModel) -> str:
    """Return a hash of all fields of a question, 16 hexadecimal digits."""
    return hashlib.sha256(question.model_dump_json().encode()).hexdigest()[:16]


class AnalysisRequest(BaseModel):
    """The request of an analysis."""

    question: Question = Field(discriminator="what")
    created: datetime = Field(default_factory=lambda: datetime.now(UTC))


class AnalysisJob(Job):
    """The job of an analysis."""

    noun = "analysis"
    work = "msiss.runs.analyser:execute_analysis"
    resource = ANALYSIS
    lost = "The process of this analysis has ended unexpectedly. Start it again."
    out_of_memory = "This analysis ran out of memory. Use a computer with more memory, or fewer ions."
    request_model = AnalysisRequest
    request: AnalysisRequest

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.resource = getattr(self.request.question, "resource", ANALYSIS)


class AnalysisStore:
    """All analyses in a folder, each named by the hash of its question."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, question: Question) -> AnalysisJob | None:
        """Return the job of a question, or None if there is none."""
        try:
            return AnalysisJob(self._path(question))
        except RunError:
            return None

    def create(self, question: Question) -> AnalysisJob:
        """Create the job of a question, and delete old jobs that have ended."""
        for old in list(self)[KEPT:]:
            with contextlib.suppress(OSError, RunError):  # another session may delete it at the same time
                if old.status.state not in UNFINISHED:
                    old.delete()
        path = self._path(question)
        make_folder(path, AnalysisRequest(question=question))
        return AnalysisJob(path)

    def __iter__(self) -> Iterator[AnalysisJob]:
        """Iterate over the jobs, newest first; those that cannot be read are skipped."""
        jobs = []
        for path in self.folder.glob("[!.]*"):
            with contextlib.suppress(RunError):
                jobs.append(AnalysisJob(path))
        return iter(sorted(jobs, key=lambda job: job.request.created, reverse=True))

    def _path(self, question: Question) -> Path:
        return self.folder / identity(question)
