"""What pages ask to be computed outside the dashboard: questions, their answers on disk, and the jobs between them.

An answer is a file named by what it answers, so that the same question is answered at once afterwards, by anybody; and
a job is named by its question, so that two sessions that ask the same share one.
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
from msiss.runs.jobs import ANALYSIS, UNFINISHED, Job, make_folder
from msiss.runs.measured import kept_vectors, measured
from msiss.runs.reclustering import clusters_by, kept_clusters
from msiss.runs.store import Run, method_version

if TYPE_CHECKING:  # which brings scikit-learn along
    from msiss.analyse.choose_k import Choice
    from msiss.runs.quality.scores import Scores

PAIR = ("i", "j", "kind")  # columns of a table of pairs
KEPT = 20  # finished jobs; their answers stay anyway


class ClustersQuestion(BaseModel):
    """Asks for the clusters of a finished run, by a representation and a number of clusters.

    `finished` is when the run was finished, so that the same training done once more is asked anew.
    """

    what: Literal["clusters"] = "clusters"
    run: Path
    finished: float | None
    by: str
    clusters: int

    def answer(self) -> pd.DataFrame | None:
        """Return the answer where it is known, see `msiss.runs.reclustering.clusters_by`."""
        return kept_clusters(Run(self.run), self.by, self.clusters)

    def work_out(self, progress: Progress) -> None:
        """Make the answer known."""
        clusters_by(Run(self.run), self.by, self.clusters, progress=progress)


class NumbersQuestion(BaseModel):
    """Asks for the numbers of clusters that a representation of a finished run supports."""

    what: Literal["numbers"] = "numbers"
    run: Path
    finished: float | None
    by: str
    with_halves: bool

    def answer(self) -> "Choice | None":
        """Return the answer where it is known, see `msiss.runs.cluster_numbers.choose_k_of`."""
        from msiss.runs.cluster_numbers import kept_choice

        return kept_choice(Run(self.run), self.by, with_halves=self.with_halves)

    def work_out(self, progress: Progress) -> None:
        """Make the answer known."""
        from msiss.runs.cluster_numbers import choose_k_of

        run = Run(self.run)
        images = IonImages.load(run.request.dataset)
        choose_k_of(run, images, self.by, with_halves=self.with_halves, progress=progress)


class ScoresQuestion(BaseModel):
    """Asks how well a finished run agrees with what is known about its ions.

    `labels` and `pairs` are those of `msiss.runs.quality.scores.score`: the class of each ion, and for each pair
    its two ions and its kind. `code` is the version of what computes them.
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
        """Return the answer where it is known, see `msiss.runs.quality.scores.score`."""
        try:
            return json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # not there, or damaged: then it is made again
            return None

    def work_out(self, progress: Progress) -> None:
        """Make the answer known."""
        from msiss.runs.quality.scores import score

        labels = None if self.labels is None else np.array(self.labels)
        pairs = None if self.pairs is None else pd.DataFrame(self.pairs, columns=PAIR)
        run = Run(self.run)
        scores = score(run, labels=labels, pairs=pairs, progress=progress)
        if run.status.finished == self.finished:
            with contextlib.suppress(OSError):  # such as a full disk
                self._path.parent.mkdir(exist_ok=True)
                replace_text(self._path, json.dumps(scores, indent=1))

    @property
    def _path(self) -> Path:
        return self.run / "scores" / f"{identity(self)}.json"


class VectorsQuestion(BaseModel):
    """Asks for the vectors of the ions of a data set by a measure without training."""

    what: Literal["vectors"] = "vectors"
    dataset: Path
    fingerprint: str
    measure: str
    prepare: PrepareConfig

    def answer(self) -> np.ndarray | None:
        """Return the answer where it is known, see `msiss.runs.measured.measured`."""
        return kept_vectors(self.fingerprint, self.measure, self.prepare)

    def work_out(self, progress: Progress) -> None:
        """Make the answer known."""
        images = IonImages.load(self.dataset)
        if images.fingerprint != self.fingerprint:
            raise RunError(f"The data set {self.dataset.name} has changed since this was asked. Load the page again.")
        measured(images, self.measure, self.prepare, progress=progress)


Question = ClustersQuestion | NumbersQuestion | ScoresQuestion | VectorsQuestion


def identity(question: BaseModel) -> str:
    """Return sixteen hexadecimal digits made from all of a question."""
    return hashlib.sha256(question.model_dump_json().encode()).hexdigest()[:16]


class AnalysisRequest(BaseModel):
    """What an analysis was asked for."""

    question: Question = Field(discriminator="what")
    created: datetime = Field(default_factory=lambda: datetime.now(UTC))


class AnalysisJob(Job):
    """One piece of work that a page waits for."""

    noun = "analysis"
    work = "msiss.runs.analyst:analyse"
    resource = ANALYSIS
    lost = "The process that worked on this is gone. Start it again."
    out_of_memory = "The memory was too small for this. Use a computer with more memory, or fewer ions."
    request_model = AnalysisRequest
    request: AnalysisRequest


class AnalysisStore:
    """All analyses below one folder, each named by its question."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, question: Question) -> AnalysisJob | None:
        """Return the job of a question, where it was asked before."""
        try:
            return AnalysisJob(self._path(question))
        except RunError:
            return None

    def create(self, question: Question) -> AnalysisJob:
        """Make the job of a question; old ones that are over give way."""
        for old in list(self)[KEPT:]:
            with contextlib.suppress(OSError, RunError):  # another session clears up as well
                if old.status.state not in UNFINISHED:
                    old.delete()
        path = self._path(question)
        make_folder(path, AnalysisRequest(question=question))
        return AnalysisJob(path)

    def __iter__(self) -> Iterator[AnalysisJob]:
        """Go through the jobs, newest first; what cannot be read is passed over."""
        jobs = []
        for path in self.folder.glob("[!.]*"):
            with contextlib.suppress(RunError):
                jobs.append(AnalysisJob(path))
        return iter(sorted(jobs, key=lambda job: job.request.created, reverse=True))

    def _path(self, question: Question) -> Path:
        return self.folder / identity(question)
