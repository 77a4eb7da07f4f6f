"""From measured intensities to the images that the encoder sees: an ordered list of small functions."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class PrepareConfig(BaseModel):
    """How ion images are prepared, in the order of the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    normalisation: Literal["none", "tic", "rms", "median"] = Field(
        "none",
        title="Normalisation",
        description="Divide each pixel's intensities by its total ion count (tic), root mean square (rms) or median.",
    )
    hotspot_quantile: float = Field(
        0.999,
        ge=0.5,
        le=1,
        title="Hot-spot quantile",
        description="Intensities above this quantile of an ion image are set to it, so that one bright pixel does not hide the rest.",
    )
    square_root: bool = Field(
        False, title="Square root", description="Take the square root, which evens out counting noise."
    )
    side: int = Field(
        96, ge=64, le=256, title="Image side", description="Side of the square images that are learned from, in pixels."
    )
