"""The settings of a run with their titles, and those that differ from a preset."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from msiss.learn.config import RunConfig
from msiss.learn.methods import METHODS, preset_config


@dataclass(frozen=True)
class Setting:
    """A setting of a run.

    Attributes
    ----------
    name : str
        Dotted name, as on the command line.
    title : str
        On screen.
    value : object
    preset : object
        The value of the preset.
    """

    name: str
    title: str
    value: Any
    preset: Any

    @property
    def differs(self) -> bool:
        """Whether it is another value than that of the preset."""
        return bool(self.value != self.preset)


def settings_of(config: RunConfig) -> tuple[str, list[Setting]]:
    """Return the preset that is nearest to the settings of a run, and all settings.

    The number of clusters, the device and the seed belong to no preset and never differ.
    """
    own = {name: getattr(config, name) for name in ("clusters", "device", "seed")}
    flat = config.flat()
    presets = {name: preset_config(name, **own).flat() for name in METHODS[config.method].presets}
    nearest = min(presets, key=lambda name: sum(presets[name].get(one) != value for one, value in flat.items()))
    before = presets[nearest]
    return nearest, [Setting(name, _title(config, name), value, before.get(name)) for name, value in flat.items()]


def _title(config: RunConfig, name: str) -> str:
    *groups, last = name.split(".")
    model: BaseModel = config.value(".".join(groups))
    field = type(model).model_fields.get(last)
    return (field.title if field else "") or last
