"""The settings of the method spatial."""

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from msiss.learn.config import RunConfig
from msiss.learn.settings import LearningRate, Settings, share

NAME = "msiss"  # of the method and of its representation, in files and commands
RETIRED = ("drawn_views", "components", "ridge")  # settings of versions before 0.2, whose runs can still be read


class SpatialViewsConfig(Settings):
    """How a view is drawn, without geometric changes; every parameter is drawn independently for every image.

    The ranges were set before the trials; results for other ranges are in `benchmarks/RESEARCH.md`.
    """

    mix: float = share(0.3, "Other ion (share)", "Largest share of another ion's image that is mixed in.")
    contrast: float = Field(
        0.35,
        ge=0,
        le=2,
        title="Change of contrast (0: none)",
        description="Largest change of the contrast: 0.35 raises an image to a power of 0.7 to 1.4, in general of "
        "exp(-x) to exp(x).",
    )
    background: float = share(0.3, "Background", "Largest even background, as a fraction of the mean intensity.", 2.0)
    gain: float = Field(
        1.0,
        ge=0,
        le=3,
        title="Drift of sensitivity over the section (0: none)",
        description="Largest spread, in natural logarithms, of a smooth random field that multiplies the intensities: "
        "with 1, most of it is between a factor of 0.37 and 2.7.",
    )
    lines: float = Field(
        0.4,
        ge=0,
        le=3,
        title="Jumps of sensitivity between lines (0: none)",
        description="Largest spread, in natural logarithms, of the factor by which the sensitivity jumps between "
        "lines: with 0.4, mostly between 0.67 and 1.5.",
    )
    pixels: float = Field(
        0.4,
        ge=0,
        le=3,
        title="Differences of sensitivity between pixels (0: none)",
        description="Largest spread, in natural logarithms, of the factor by which the sensitivity differs between "
        "pixels: with 0.4, mostly between 0.67 and 1.5.",
    )
    counts_min: float = Field(
        300, ge=1, le=1e9, title="Counts per image, fewest", description="Fewest counts of a view, over all its pixels."
    )
    counts_max: float = Field(
        100_000, ge=1, le=1e9, title="Counts per image, most", description="Most counts of a view, over all its pixels."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.counts_min > self.counts_max:
            raise ValueError("the fewest counts are more than the most counts")
        return self


class SpatialSettings(Settings):
    """How the small network is trained, which is specific to pixel positions."""

    steps: int = Field(
        200, ge=1, le=100_000, title="Training steps", description="Batches that the small network learns from."
    )
    batch_size: int = Field(96, ge=8, le=2048, title="Batch size", description="Ion images per step, about.")
    learning_rate: LearningRate = Field(2e-3, title="Learning rate", description="Of AdamW, largest, one cycle.")
    temperature: float = Field(
        0.3, gt=0, le=10, title="Temperature", description="Of the NT-Xent loss; smaller separates neighbours harder."
    )
    near_ions: int = Field(
        4,
        ge=0,
        le=50,
        title="Near ions",
        description="Ions nearest to each ion by the joint measure, which the network learns to keep near to it.",
    )
    near_share: float = share(
        0.6, "Views of near ions (share)", "How often the second view is that of a near ion, not of the ion itself."
    )
    views: SpatialViewsConfig = SpatialViewsConfig()

    @model_validator(mode="before")
    @classmethod
    def _without_retired(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if name not in RETIRED}


class SpatialConfig(RunConfig):
    """All settings of a training by the method spatial."""

    trained: ClassVar[tuple[str, ...]] = (NAME,)

    method: Literal["msiss"] = "msiss"
    spatial: SpatialSettings = SpatialSettings()
