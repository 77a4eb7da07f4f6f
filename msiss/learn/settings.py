"""The base class and the field types of all settings."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from msiss.registry import Registry


class Settings(BaseModel):
    """A frozen group of settings; unknown names are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def share(default: float, title: str, description: str, maximum: float = 1.0) -> Any:
    """Return a setting that is a fraction, from 0 to `maximum`."""
    return Field(default, ge=0, le=maximum, title=title, description=description)


Epochs = Annotated[int, Field(ge=0, le=2000)]
LearningRate = Annotated[float, Field(gt=0, le=1)]


@dataclass(frozen=True)
class OneOf:
    """Marks a setting, as in ``Annotated[str, OneOf(ENCODERS)]``, that is the name of a record of a registry."""

    registry: Registry[Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._known, handler(source))

    def _known(self, name: str) -> str:
        if name not in self.registry:
            raise ValueError(f"there is no {self.registry.noun} {name}; choose one of {', '.join(self.registry.names)}")
        return name
