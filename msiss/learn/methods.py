"""The registry of methods of training, and their settings."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, SerializeAsAny

from msiss.analyse.representations import REPRESENTATIONS
from msiss.errors import SettingError
from msiss.learn.config import RunConfig, build
from msiss.learn.method import Method
from msiss.learn.paper.method import PAPER
from msiss.learn.spatial.method import SPATIAL
from msiss.registry import Registry


class Methods(Registry[Method]):
    """Methods by name; the representations that they train are registered with them."""

    def add(self, record: Method) -> None:
        """Add a method, and the representations that it trains.

        Raises
        ------
        ValueError
            If a method, a representation or a preset of this name exists already.
        """
        taken = presets(self._records.values())  # not `self`: packages that add methods are asked for later
        for preset in record.presets:
            if preset in taken:
                raise ValueError(f"There is a preset named {preset} already.")
        super().add(record)
        for representation in record.representations:
            REPRESENTATIONS.add(representation)

    def remove(self, name: str) -> None:
        """Remove the method of this name, and the representations that it trains."""
        for representation in self[name].representations:
            REPRESENTATIONS.remove(representation.name)
        super().remove(name)


def presets(methods: Iterable[Method]) -> dict[str, Method]:
    """Return the method of each preset, by the name of the preset."""
    return {preset: method for method in methods for preset in method.presets}


METHODS = Methods("method", (SPATIAL, PAPER))


def method_of(preset: str) -> Method:
    """Return the method of a preset.

    Raises
    ------
    SettingError
        If there is no such preset.
    """
    known = presets(METHODS)
    if preset not in known:
        raise SettingError(f"There is no preset named {preset}. There are: {', '.join(known)}.")
    return known[preset]


def preset_config(preset: str, **settings: Any) -> RunConfig:
    """Return the values of a preset, with the top-level `settings` replaced.

    Raises
    ------
    SettingError
        If there is no such preset, or a setting is unknown or out of its range.
    """
    method = method_of(preset)
    return build(method.config, _merged(method.presets[preset], settings))


def parse_config(values: Any) -> RunConfig:
    """Return the settings in `values`, of the method that they name.

    Versions before 0.2 wrote the settings of every method into each run; those of the other methods are ignored.

    Raises
    ------
    ValueError
        If there is no such method, or a value does not fit.
    """
    if isinstance(values, RunConfig):
        return values
    name = values.get("method", PAPER.name)
    if name not in METHODS:
        raise ValueError(f"there is no method {name}; choose one of {', '.join(METHODS.names)}")
    model = METHODS[name].config
    others = {name for method in METHODS for name in method.config.model_fields} - set(model.model_fields)
    return model.model_validate({name: value for name, value in values.items() if name not in others})


def setting_names() -> list[str]:
    """Return the dotted names of all settings of all methods; the preset determines the method."""
    named = (name for preset in presets(METHODS) for name in preset_config(preset, clusters=2).flat())
    return [name for name in dict.fromkeys(named) if name != "method"]


# A field of this type holds the settings of any method.
AnyConfig = Annotated[SerializeAsAny[RunConfig], BeforeValidator(parse_config)]


def _merged(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in top.items():
        both_groups = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = _merged(merged[name], value) if both_groups else value
    return merged
