"""Every setting of a run, with its unit, range and meaning.

The same models check the command line, build the forms of the dashboard and are saved beside the result. This module
does not import torch, so the dashboard can show a form without it.
"""

from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationError

from msiss.analyse.representations import Representation
from msiss.data.prepare import PrepareConfig
from msiss.errors import SettingError
from msiss.learn.paper.config import ClassifierConfig, ContrastiveConfig, SelfLabelConfig
from msiss.learn.settings import Settings
from msiss.learn.spatial.config import SpatialConfig


class Method(StrEnum):
    """What is trained."""

    PAPER = "paper"
    MSISS = "msiss"


# What each method trains, in order; it ends with the last one.
TRAINED = {
    Method.PAPER: (Representation.PRETRAINED, Representation.CONTRASTIVE, Representation.SELF_LABELLED),
    Method.MSISS: (Representation.MSISS,),
}


class Encoder(StrEnum):
    """The convolutional network that turns an ion image into 1280 features."""

    EFFICIENTNET_B0 = "efficientnet-b0"
    EFFICIENTNET_LITE0 = "efficientnet-lite0"


class Device(StrEnum):
    """Where a run computes; ``auto`` takes a CUDA GPU, then Apple's MPS, then the CPU."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


class Preset(StrEnum):
    """A named set of values for every setting."""

    QUICK = "quick"
    PAPER = "paper"
    MSISS = "msiss"


class RunConfig(Settings):
    """Everything that a run depends on besides the data."""

    method: Method = Field(
        Method.PAPER,
        title="Method",
        description="paper: re-trains a network that knows photographs, as Hu, Bindu & Laskin (2022). msiss: trains a "
        "small network of its own that keeps the place of things and knows counting noise.",
    )
    clusters: int = Field(
        ge=2, le=200, title="Clusters", description="Number of groups of co-localized ions to look for."
    )
    encoder: Encoder = Field(
        Encoder.EFFICIENTNET_LITE0,
        title="Encoder",
        description="Network that is re-trained. B0, the paper's, is downloaded once; Lite0 is built in.",
    )
    device: Device = Field(
        Device.AUTO, title="Device", description="Where to compute; auto takes the fastest there is."
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed", description="The same seed gives the same result again.")
    batch_size: int = Field(
        183, ge=8, le=2048, title="Batch size", description="Ion images per training step. The paper: 183 of 367."
    )
    neighbours: int = Field(
        10, ge=2, le=100, title="Neighbours", description="Nearest neighbours in the graph of spectral clustering."
    )
    check: bool = Field(
        False,
        title="Check on half of the pixels",
        description="Train once more, on every other pixel only, and see whether each ion is recognised in the pixels "
        "left out. Takes as long as the training again; without it only what needs no training is checked so.",
    )
    prepare: PrepareConfig = PrepareConfig()
    contrastive: ContrastiveConfig = ContrastiveConfig()
    classifier: ClassifierConfig = ClassifierConfig()
    self_label: SelfLabelConfig = SelfLabelConfig()
    spatial: SpatialConfig = SpatialConfig()

    @classmethod
    def from_preset(cls, preset: Preset, **settings: Any) -> "RunConfig":
        """Return the values of `preset` with the top-level `settings` on top.

        Raises
        ------
        SettingError
            Where a setting is unknown or out of its range.
        """
        return build(cls, _merge(PRESETS[preset], settings))

    def with_settings(self, assignments: dict[str, Any]) -> "RunConfig":
        """Return a copy with values replaced by dotted name, as in ``{"contrastive.epochs": 10}``.

        Raises
        ------
        SettingError
            Where a name is unknown or a value is out of its range.
        """
        values: dict[str, Any] = self.model_dump(mode="json")
        for name, value in assignments.items():
            *groups, field = name.split(".")
            group: Any = values
            for part in groups:
                group = group.get(part, {}) if isinstance(group, dict) else {}
            if not isinstance(group, dict) or field not in group or isinstance(group[field], dict):
                raise SettingError(f"There is no setting named {name}. The settings are: {', '.join(setting_names())}.")
            group[field] = value
        return build(RunConfig, values)

    @property
    def trained(self) -> tuple[Representation, ...]:
        """What the training gives, in order."""
        return TRAINED[self.method]

    @property
    def result(self) -> Representation:
        """What the training ends with."""
        return self.trained[-1]

    def flat(self) -> dict[str, Any]:
        """Return every setting by its dotted name."""
        return _flatten(self.model_dump(mode="json"))


# Quick is for a first look: small images and few epochs, sized so that the demo ends within three minutes on two cores
# (measured by benchmarks/presets.py). Paper is the schedule of Hu, Bindu & Laskin (2022), with the paper's encoder.
PRESETS: dict[Preset, dict[str, Any]] = {
    Preset.QUICK: {
        "prepare": {"side": 64},
        "contrastive": {"epochs": 15},
        "classifier": {"epochs": 40},
        "self_label": {"epochs": 20, "threshold": 0.4, "threshold_is_quantile": True},
    },
    Preset.PAPER: {"encoder": Encoder.EFFICIENTNET_B0},
    Preset.MSISS: {"method": Method.MSISS, "prepare": {"side": 64}, "check": True},
}


def build(model: type[Any], values: dict[str, Any]) -> Any:
    """Validate `values` into `model`, with a plain message where they do not fit.

    Raises
    ------
    SettingError
        Naming the first setting that does not fit, its value and what is allowed.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the settings"
        raise SettingError(f"{where}: {first['msg']} (given: {first['input']!r}).") from error


def setting_names() -> list[str]:
    """Return the dotted names of all settings of a run."""
    return list(RunConfig(clusters=2).flat())


def _flatten(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def _merge(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in top.items():
        both_groups = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = _merge(merged[name], value) if both_groups else value
    return merged
