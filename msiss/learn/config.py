"""Every setting of a run, with its unit, range and meaning.

The same models check the command line, build the forms of the dashboard and are saved beside the result. This module
does not import torch, so the dashboard can show a form without it.
"""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from msiss.analyse.representations import Representation
from msiss.data.prepare import PrepareConfig
from msiss.errors import SettingError


class Settings(BaseModel):
    """A frozen group of settings that refuses unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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


def _share(default: float, title: str, description: str, maximum: float = 1.0) -> Any:
    return Field(default, ge=0, le=maximum, title=title, description=description)


class AugmentConfig(Settings):
    """How one view of an ion image is drawn; every value is drawn anew for every image.

    The defaults are the "medium" views of the paper's code, https://github.com/LabLaskin/MSI-self-supervised-clustering,
    on images scaled to [0, 1].
    """

    blur_min: float = Field(
        0.01, ge=0.001, le=10, title="Blur (px), least", description="Smallest sigma of the Gaussian blur, in pixels."
    )
    blur_max: float = Field(
        0.75, ge=0.001, le=10, title="Blur (px), most", description="Largest sigma of the Gaussian blur, in pixels."
    )
    brightness: float = _share(0.5, "Brightness (±)", "Largest relative change of the brightness, as a fraction.")
    contrast: float = _share(0.5, "Contrast (±)", "Largest relative change of the contrast, as a fraction.")
    noise: float = _share(
        0.2, "Noise", "Largest sigma of the Gaussian noise, for an image whose foreground has the mean 0.6."
    )
    mask_noise: bool = Field(
        False, title="No noise outside the tissue", description="Set the pixels outside the mask to 0 after the noise."
    )
    translation: float = _share(
        0.0,
        "Translation (share of the side)",
        "Largest shift along each side, as a fraction of the side. The paper advises against it.",
        0.5,
    )
    crop: float = _share(
        0.0,
        "Crop (share of the area)",
        "Largest fraction of the area that a resized crop cuts away. The paper advises against it.",
        0.9,
    )
    rotation: float = Field(
        0.0,
        ge=0,
        le=180,
        title="Rotation (°)",
        description="Largest rotation in degrees. The paper advises against it.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.blur_min > self.blur_max:
            raise ValueError("the least blur is larger than the most blur")
        return self


class AugmentStrength(StrEnum):
    """The three strengths of the paper's code."""

    WEAK = "weak"
    MEDIUM = "medium"
    STRONG = "strong"


AUGMENT_PRESETS = {
    AugmentStrength.WEAK: AugmentConfig(brightness=0.25, contrast=0.25, mask_noise=True),
    AugmentStrength.MEDIUM: AugmentConfig(),
    AugmentStrength.STRONG: AugmentConfig(blur_min=0.1, blur_max=2.0, noise=0.4, mask_noise=True),
}

Epochs = Annotated[int, Field(ge=0, le=2000)]
LearningRate = Annotated[float, Field(gt=0, le=1)]


class ContrastiveConfig(Settings):
    """Phase 1: SimCLR re-training of the encoder."""

    epochs: Epochs = Field(50, title="Epochs", description="Passes over all ion images. The paper: 50; more hurts.")
    learning_rate: LearningRate = Field(1e-3, title="Learning rate", description="Of Adam, with cosine decay to 0.")
    temperature: float = Field(
        0.5, gt=0, le=10, title="Temperature", description="Of the NT-Xent loss; smaller separates neighbours harder."
    )
    views: AugmentConfig = AUGMENT_PRESETS[AugmentStrength.MEDIUM]


class ClassifierConfig(Settings):
    """Phase 2: a linear classifier learns the initial clusters; the encoder is frozen."""

    epochs: Epochs = Field(20, title="Epochs", description="Passes over all ion images. The paper: 20.")
    learning_rate: LearningRate = Field(1e-3, title="Learning rate", description="Of Adam, with cosine decay to 0.")


class SelfLabelConfig(Settings):
    """Phase 3: encoder and classifier teach each other with the confident images."""

    epochs: Epochs = Field(150, title="Epochs", description="Passes over all ion images. The paper: 150.")
    learning_rate: LearningRate = Field(1e-4, title="Learning rate", description="Of Adam, with cosine decay to 0.")
    threshold: float = Field(
        0.9,
        ge=0,
        le=1,
        title="Confidence threshold",
        description="An image teaches only where its class probability is above this. The paper: 0.9.",
    )
    threshold_is_quantile: bool = Field(
        False,
        title="Threshold as a quantile",
        description="Take it as a quantile of the probabilities after phase 2 (the authors' notebook: 0.4).",
    )
    weak_views: AugmentConfig = AUGMENT_PRESETS[AugmentStrength.WEAK]
    strong_views: AugmentConfig = AUGMENT_PRESETS[AugmentStrength.STRONG]


class SpatialViewsConfig(Settings):
    """How a view is drawn that keeps the place of everything; every value is drawn anew for every image.

    The ranges were set before the trials; what other ones gave is in `benchmarks/RESEARCH.md`.
    """

    mix: float = _share(0.3, "Other ion (share)", "Largest share of another ion's image that is mixed in.")
    contrast: float = Field(
        0.35,
        ge=0,
        le=2,
        title="Contrast (±, log)",
        description="Largest logarithm of the power that an image is raised to.",
    )
    background: float = _share(0.3, "Background", "Largest even background, as a fraction of the mean intensity.", 2.0)
    gain: float = Field(
        1.0,
        ge=0,
        le=3,
        title="Sensitivity over the section (log)",
        description="Largest spread of a smooth random field that multiplies the intensities.",
    )
    lines: float = Field(
        0.4,
        ge=0,
        le=3,
        title="Line to line (log)",
        description="Largest spread of the factor by which the sensitivity jumps between lines.",
    )
    pixels: float = Field(
        0.4,
        ge=0,
        le=3,
        title="Pixel to pixel (log)",
        description="Largest spread of the factor by which the sensitivity differs between pixels.",
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


class SpatialConfig(Settings):
    """The method msiss: a linear discriminant and a small contrastive network, both keeping the place of things."""

    steps: int = Field(
        200, ge=0, le=100_000, title="Training steps", description="Batches that the small network learns from."
    )
    batch_size: int = Field(96, ge=8, le=2048, title="Batch size", description="Ion images per step, about.")
    learning_rate: LearningRate = Field(2e-3, title="Learning rate", description="Of AdamW, largest, one cycle.")
    temperature: float = Field(
        0.3, gt=0, le=10, title="Temperature", description="Of the NT-Xent loss; smaller separates neighbours harder."
    )
    drawn_views: int = Field(
        8, ge=2, le=64, title="Views for the discriminant", description="Views of every ion image it learns from."
    )
    components: int = Field(
        100, ge=2, le=1000, title="Components", description="Principal components that the discriminant works in."
    )
    ridge: float = Field(
        1.0,
        ge=0,
        le=10,
        title="Caution of the discriminant",
        description="Noise that is added to what the views show, relative to their mean noise.",
    )
    views: SpatialViewsConfig = SpatialViewsConfig()


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
