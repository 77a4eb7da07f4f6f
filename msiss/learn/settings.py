"""What all groups of settings are made of."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """A frozen group of settings that refuses unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def share(default: float, title: str, description: str, maximum: float = 1.0) -> Any:
    """Return a setting that is a fraction, from 0 to `maximum`."""
    return Field(default, ge=0, le=maximum, title=title, description=description)


Epochs = Annotated[int, Field(ge=0, le=2000)]
LearningRate = Annotated[float, Field(gt=0, le=1)]
