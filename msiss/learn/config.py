"""The settings that all methods of training share, with unit, range and description.

The same models validate the command line, generate the forms of the dashboard and are saved beside the result. Each
method adds its own settings in a subclass, see `msiss.learn.method`. Nothing here imports torch, so that the dashboard
shows a form without it.
"""

from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import Field, ValidationError

from msiss.data.prepare import PrepareConfig
from msiss.errors import SettingError
from msiss.learn.settings import Settings


class Device(StrEnum):
    """The device of a run; ``auto`` is the first available of a CUDA GPU, Apple's MPS and the CPU."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


class RunConfig(Settings):
    """The settings of a run that all methods share.

    The subclass of a method names the representations that it trains, in order; the last one is the result.
    """

    trained: ClassVar[tuple[str, ...]] = ()

    method: str = Field(title="Method", description="What is trained.")
    clusters: int = Field(
        ge=2, le=200, title="Clusters", description="Number of groups of co-localized ions to look for."
    )
    device: Device = Field(Device.AUTO, title="Device", description="Where to compute; auto is the fastest available.")
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed", description="The same seed gives the same result again.")
    neighbours: int = Field(
        10, ge=2, le=100, title="Neighbours", description="Nearest neighbours in the graph of spectral clustering."
    )
    check: bool = Field(
        False,
        title="Check on half of the pixels",
        description="Train once more, on every other pixel only, and see whether each ion is recognised in the pixels "
        "left out. Takes as long as the training again; without it, only measures without training are checked so.",
    )
    prepare: PrepareConfig = PrepareConfig()

    def with_settings(self, assignments: dict[str, Any]) -> Self:
        """Return a copy with values replaced by dotted name, as in ``{"contrastive.epochs": 10}``.

        Raises
        ------
        SettingError
            If a name is unknown to the method of these settings, or a value is out of its range.
        """
        values: dict[str, Any] = self.model_dump(mode="json")
        for name, value in assignments.items():
            *groups, field = name.split(".")
            group: Any = values
            for part in groups:
                group = group.get(part, {}) if isinstance(group, dict) else {}
            if not isinstance(group, dict) or field not in group or isinstance(group[field], dict):
                raise SettingError(
                    f"There is no setting named {name} in the method {self.method}. The settings are: "
                    f"{', '.join(self.flat())}."
                )
            group[field] = value
        return build(type(self), values)

    def value(self, name: str) -> Any:
        """Return the setting, or the group of settings, with the dotted `name`; the settings themselves for ""."""
        current: Any = self
        for part in filter(None, name.split(".")):
            current = getattr(current, part)
        return current

    @property
    def result(self) -> str:
        """The representation that is the result of the training."""
        return self.trained[-1]

    def flat(self) -> dict[str, Any]:
        """Return every setting by its dotted name."""
        return _flatten(self.model_dump(mode="json"))


def build(model: type[Any], values: dict[str, Any]) -> Any:
    """Validate `values` into `model`, with a plain message if they do not fit.

    Raises
    ------
    SettingError
        If a setting does not fit; the message names the first one, its value and what is allowed.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the settings"
        if first["type"] == "extra_forbidden":
            raise SettingError(
                f"This method has no setting named {where}. It has: {', '.join(model.model_fields)}."
            ) from error
        raise SettingError(f"{where}: {first['msg']} (given: {first['input']!r}).") from error


def _flatten(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat
