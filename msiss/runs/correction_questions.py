"""What a page asks the engine when clusters are corrected: to review them, to find them again, to cluster some ions.

They are among the questions of `msiss.runs.analyses`.
"""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, Field

from msiss.analyse.constraints import Constraints
from msiss.data.progress import Progress
from msiss.runs.grouping import Grouping
from msiss.runs.refinement import Corrections, corrections_of, kept_refinement, refine
from msiss.runs.request import method_version
from msiss.runs.reviewing import kept_nearest_ions, nearest_ions
from msiss.runs.store import Run
from msiss.runs.subclusters import kept_subclusters, subclusters


class RefineQuestion(BaseModel):
    """Question for the clusters of a finished run found again around what a person said about them.

    The fields are those of `msiss.runs.refinement.Corrections`; `code` is the version of the code that finds them.
    """

    what: Literal["refine"] = "refine"
    run: Path
    finished: float | None
    by: str
    clusters: tuple[int, ...]
    confidence: tuple[float | None, ...]
    labels: tuple[int, ...]
    together: tuple[tuple[int, int], ...]
    apart: tuple[tuple[int, int], ...]
    fixed: tuple[bool, ...]
    along: str | None = None
    code: str = Field(default_factory=method_version)

    @classmethod
    def of(cls, corrected: Grouping, *, along: str | None = None) -> "RefineQuestion":
        """Return the question of the clusters that a person corrected; `along` as for `refine`."""
        said = corrections_of(corrected)
        run, constraints = corrected.run, said.constraints
        return cls(
            run=run.path.resolve(),
            finished=run.status.finished,
            by=corrected.by,
            clusters=tuple(said.clusters.tolist()),
            confidence=tuple(None if np.isnan(one) else float(one) for one in said.confidence),
            labels=tuple(constraints.labels.tolist()),
            together=tuple((int(one), int(other)) for one, other in constraints.together),
            apart=tuple((int(one), int(other)) for one, other in constraints.apart),
            fixed=tuple(said.fixed.tolist()),
            along=along,
        )

    def answer(self) -> pd.DataFrame | None:
        """Return the stored answer, or None; see `msiss.runs.refinement.refine`."""
        return kept_refinement(Run(self.run), self.by, self._corrections, along=self.along)

    def compute(self, progress: Progress) -> None:
        """Compute and store the answer."""
        refine(Run(self.run), self.by, self._corrections, along=self.along, progress=progress)

    @property
    def _corrections(self) -> Corrections:
        together, apart = (np.array(pairs, np.int64).reshape(-1, 2) for pairs in (self.together, self.apart))
        return Corrections(
            np.array(self.clusters, np.int64),
            np.array([np.nan if one is None else one for one in self.confidence], np.float32),
            Constraints(np.array(self.labels, np.int64), together, apart),
            np.array(self.fixed, bool),
        )


class NearestQuestion(BaseModel):
    """Question for the nearest ions of each ion of a finished run, which the review of its clusters needs."""

    what: Literal["nearest"] = "nearest"
    run: Path
    finished: float | None
    by: str

    def answer(self) -> np.ndarray | None:
        """Return the stored answer, or None; see `msiss.runs.reviewing.nearest_ions`."""
        return kept_nearest_ions(Run(self.run), self.by)

    def compute(self, progress: Progress) -> None:
        """Compute and store the answer."""
        nearest_ions(Run(self.run), self.by, progress=progress)


class SubclustersQuestion(BaseModel):
    """Question for the clusters of some ions of a finished run only."""

    what: Literal["subclusters"] = "subclusters"
    run: Path
    finished: float | None
    by: str
    ions: tuple[int, ...]
    clusters: int

    def answer(self) -> pd.DataFrame | None:
        """Return the stored answer, or None; see `msiss.runs.subclusters.subclusters`."""
        return kept_subclusters(Run(self.run), self.by, self.ions, self.clusters)

    def compute(self, progress: Progress) -> None:
        """Compute and store the answer."""
        subclusters(Run(self.run), self.by, self.ions, self.clusters, progress=progress)
