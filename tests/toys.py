"""A package with a method, an encoder, a measure, a score and an input format that msiss knows nothing of."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import torch
from pydantic import Field
from torch import nn

from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.representations import Measure, Representation
from msiss.analyse.scores import Score
from msiss.data.findings import HealthRow
from msiss.data.formats import InputFormat
from msiss.data.ion_images import IonImages
from msiss.data.prepare import Prepared
from msiss.data.progress import Progress, ignore
from msiss.data.recipe import ReadConfig
from msiss.learn.config import RunConfig
from msiss.learn.events import Event, PhaseStarted, Step
from msiss.learn.learned import Learned
from msiss.learn.method import Method, Stage, Views
from msiss.learn.paper.encoders import Encoder
from msiss.learn.settings import Settings

GRID_TITLE = "Blocks along each side"


class ToyViews(Settings):
    """How a view is drawn."""

    fading: float = Field(0.5, ge=0, le=1, title="Fading", description="Share of the intensity that is taken away.")


class ToyConfig(RunConfig):
    """All settings of the toy method."""

    trained: ClassVar[tuple[str, ...]] = ("blocks",)

    method: Literal["toy"] = "toy"
    grid: int = Field(4, ge=2, le=16, title=GRID_TITLE, description="Number of blocks along each side.")
    views: ToyViews = ToyViews()


def learn(prepared: Prepared, config: ToyConfig, device: torch.device, checkpoints: Path) -> Iterator[Event | Learned]:
    """Take the means of blocks for what is learned."""
    yield PhaseStarted("averages")

    def encode(some: Prepared) -> np.ndarray:
        return torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(some.images), config.grid).flatten(1).numpy()

    features = encode(prepared)
    yield Step(1.0)
    clusters = spectral_clusters(features, config.clusters, n_neighbours=config.neighbours, seed=config.seed)
    confidence = np.ones(len(prepared), np.float32)
    yield Learned({"blocks": features}, {"blocks": clusters}, confidence, {"grid": torch.tensor(config.grid)}, encode)


def preview(
    images: np.ndarray, chosen: list[int], mask: np.ndarray, config: ToyConfig, group: str, *, number: int, seed: int
) -> np.ndarray:
    """Return faded images."""
    faded = images[chosen] * (1 - config.value(group).fading)
    return np.repeat(faded[:, None], number, axis=1)


def text(config: ToyConfig, ions: int) -> str:
    """Return the sentence of the methods text."""
    return f"The means of {config.grid} x {config.grid} blocks of {ions} ion images were taken."


METHOD = Method(
    name="toy",
    title="Toy blocks",
    about="Means of blocks.",
    config=ToyConfig,
    presets={"toy": {"prepare": {"side": 64}}, "toy-fine": {"grid": 8}},
    about_presets="Fine has more blocks.",
    learn="toys:learn",
    representations=(Representation("blocks", "Means of blocks", "are the means of blocks."),),
    stages=(Stage("averages", "1 Averages"),),
    tabs={"Fading": {"views": ""}},
    views={"views": Views("Faded", "Images fade.", strengths={"strong": ToyViews(fading=0.9)})},
    preview="toys:preview",
    confidence="always 1",
    consensus=False,
    about_other_numbers="The {clusters} clusters of the blocks are lost.",
    on_a_gpu=False,
    training_seconds=lambda config, ions: 0.001 * ions,
    analyse_seconds=0.01,
    check_seconds=0.01,
    summary=lambda config: [f"{config.grid} blocks"],
    text="toys:text",
    references=lambda config: ("Block, B. J. Blocks 1999, 1, 1-2",),
)


class ToyNetwork(nn.Module):
    """Turns an image into 1280 features."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(64, 1280)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the features, shape (B, 1280)."""
        return self.linear(torch.nn.functional.adaptive_avg_pool2d(images, 8).flatten(1))


ENCODER = Encoder(
    "toy-net",
    "ToyNet",
    "Toy 1999",
    build="toys:ToyNetwork",
    seconds=(0.001, 0.001, 0.001),
    note="ToyNet knows nothing.",
    references=("Toy, T. J. Toys 1999, 1, 1-2",),
)

MEASURE = Measure(
    "rows",
    "Means of rows",
    "compare the means of rows.",
    fit="toys:fit_rows",
    by="the means of their rows",
    references=("Row, R. J. Rows 1999, 1, 1-2",),
)


def fit_rows(gallery: np.ndarray, mask: np.ndarray):
    """Return the measure."""
    return lambda images: images.mean(axis=2).astype(np.float32)


SCORE = Score(
    "largest",
    "Largest cluster",
    "share of the ions that are in the largest cluster.",
    measure="toys:largest",
    question="Known classes, largest cluster",
)


def largest(clusters: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of ions in the largest cluster."""
    return float(np.bincount(clusters).max() / len(clusters))


FORMAT = InputFormat("toy", "toy files", (".toy",), "toys:load")


def load(path: Path, *, config: ReadConfig, progress: Progress = ignore) -> tuple[IonImages, list[HealthRow]]:
    """Read a file of JSON."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return IonImages.from_arrays(np.array(content["images"], np.float32), content["mz"]), []


def register() -> None:
    """Add all records, as the entry point of the package."""
    from msiss.analyse.representations import REPRESENTATIONS
    from msiss.analyse.scores import SCORES
    from msiss.data.formats import FORMATS
    from msiss.learn.methods import METHODS
    from msiss.learn.paper.encoders import ENCODERS

    METHODS.add(METHOD)
    ENCODERS.add(ENCODER)
    REPRESENTATIONS.add(MEASURE)
    SCORES.add(SCORE)
    FORMATS.add(FORMAT)
