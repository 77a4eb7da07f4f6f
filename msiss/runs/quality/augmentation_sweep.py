"""Linear evaluation after contrastive learning with each augmentation alone: Fig. 2b of the paper, on the user's data.

Each augmentation is a training of its own. What one of them gave is kept in the folder of the run, so that a sweep that
was stopped goes on where it was.
"""

import contextlib
import hashlib
import json
import shutil
from pathlib import Path
from typing import ClassVar, Literal, TypedDict

import numpy as np
from pydantic import BaseModel, Field

from msiss.data.prepare import prepare
from msiss.data.progress import Progress
from msiss.durable import replace_text
from msiss.learn.methods import METHODS, preset_config
from msiss.learn.paper.augmentations import AUGMENTATIONS, contrastive_only
from msiss.learn.paper.config import CONTRASTIVE, PRETRAINED, PaperConfig
from msiss.runs.jobs import TRAINING
from msiss.runs.request import method_version
from msiss.runs.store import Run

FOLDER = "augmentations"


class Evaluation(TypedDict):
    """Scores of features by known classes, by their names, before and after contrastive learning."""

    before: dict[str, float | None]
    after: dict[str, float | None]


class SweepQuestion(BaseModel):
    """Question for the linear evaluation of every augmentation on the data of a run.

    `labels` is the class of each ion, negative if it has none; `config` the settings, of which those of the views are
    replaced; `code` is the version of the code that trains.
    """

    resource: ClassVar[str] = TRAINING  # of the workers that compute it

    what: Literal["augmentations"] = "augmentations"
    run: Path
    labels: tuple[int, ...]
    config: PaperConfig
    code: str = Field(default_factory=method_version)

    @classmethod
    def of(cls, run: Run, labels: np.ndarray) -> "SweepQuestion":
        """Return the question of a run."""
        return cls(run=run.path.resolve(), labels=tuple(labels.tolist()), config=sweep_config(run))

    def answer(self) -> dict[str, Evaluation] | None:
        """Return the evaluations by augmentation, or None while one is missing."""
        known = self.known()
        return known if len(known) == len(AUGMENTATIONS) else None

    def known(self) -> dict[str, Evaluation]:
        """Return the evaluations that are stored, by augmentation."""
        found = {}
        for name in AUGMENTATIONS:
            with contextlib.suppress(OSError, ValueError):  # missing or damaged: computed again
                found[name] = json.loads(self._file(name).read_text(encoding="utf-8"))
        return found

    def compute(self, progress: Progress) -> None:
        """Compute and store what is missing."""
        from msiss.learn.events import Step
        from msiss.learn.pipeline import Learned, learn

        run = Run(self.run)
        dataset = run.images()
        ready, labels, known = prepare(dataset, self.config.prepare), np.array(self.labels), self.known()
        for place, name in enumerate(AUGMENTATIONS):
            text = f"Training with {name}, {place + 1} of {len(AUGMENTATIONS)}"
            progress(place / len(AUGMENTATIONS), text)
            if name in known:
                continue
            settings = contrastive_only(self.config, name)
            checkpoints = self._file(name).with_suffix(".checkpoints")
            checkpoints.mkdir(parents=True, exist_ok=True)
            learned = None
            for event in learn(ready, settings, checkpoints=checkpoints):
                if isinstance(event, Step):
                    progress((place + event.fraction) / len(AUGMENTATIONS), text)
                elif isinstance(event, Learned):
                    learned = event
            assert learned is not None
            before, after = (
                evaluate(learned.features[step], labels, seed=settings.seed) for step in (PRETRAINED, CONTRASTIVE)
            )
            replace_text(self._file(name), json.dumps({"before": _plain(before), "after": _plain(after)}))
            shutil.rmtree(checkpoints, ignore_errors=True)

    def _file(self, name: str) -> Path:
        # Which run asks does not matter to the result, only what is trained and which classes are known.
        asked = self.model_dump_json(exclude={"run"})
        key = hashlib.sha256(asked.encode()).hexdigest()[:16]
        return self.run / FOLDER / key / f"{name.replace(' ', '-').replace(',', '')}.json"


def sweep_config(run: Run) -> PaperConfig:
    """Return the settings for a sweep: those of the run, or the quick ones where it is of another method."""
    config = run.config
    if isinstance(config, PaperConfig):
        return config
    quick = preset_config("quick", clusters=2, device=config.device, seed=config.seed)
    assert isinstance(quick, PaperConfig)
    return quick


def sweep_seconds(question: SweepQuestion) -> float:
    """Return about how long the rest of a sweep takes on two idle cores, in seconds."""
    missing = [name for name in AUGMENTATIONS if name not in question.known()]
    method, ions = METHODS[question.config.method], len(question.labels)
    return sum(method.training_seconds(contrastive_only(question.config, name), ions) for name in missing)


def evaluate(features: np.ndarray, labels: np.ndarray, *, seed: int) -> dict[str, float]:
    """Return the scores in `KEYS` of features (N, D) by known classes (N,), negative where there is none.

    The alignment is that of the ions of a class instead of two views of an ion. A score is NaN if too few ions have a
    class.
    """
    from msiss.analyse.learning_curves import alignment, linear_evaluation, uniformity

    first, second = np.nonzero(np.triu((labels[:, None] == labels) & (labels >= 0), 1))
    return {
        "linear evaluation": linear_evaluation(features, labels, seed=seed),
        "alignment of a class": alignment(features[first], features[second]) if len(first) else float("nan"),
        "uniformity": uniformity(features),
    }


def _plain(scores: dict[str, float]) -> dict[str, float | None]:
    return {name: None if np.isnan(value) else value for name, value in scores.items()}
