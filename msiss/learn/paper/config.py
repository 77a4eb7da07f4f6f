"""The settings of the paper's method, phase by phase."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from msiss.learn.config import RunConfig
from msiss.learn.paper.encoders import ENCODERS, LITE0
from msiss.learn.settings import Epochs, LearningRate, OneOf, Settings, share

PRETRAINED, CONTRASTIVE, SELF_LABELLED = "pretrained", "contrastive", "self-labelled"


class AugmentConfig(Settings):
    """How one view of an ion image is drawn; every parameter is drawn independently for every image.

    The defaults are the "medium" views of the paper's code, https://github.com/LabLaskin/MSI-self-supervised-clustering,
    on images scaled to [0, 1].
    """

    blur_min: float = Field(
        0.01, ge=0.001, le=10, title="Blur (px), least", description="Smallest sigma of the Gaussian blur, in pixels."
    )
    blur_max: float = Field(
        0.75, ge=0.001, le=10, title="Blur (px), most", description="Largest sigma of the Gaussian blur, in pixels."
    )
    brightness: float = share(0.5, "Brightness (±)", "Largest relative change of the brightness, as a fraction.")
    contrast: float = share(0.5, "Contrast (±)", "Largest relative change of the contrast, as a fraction.")
    noise: float = share(
        0.2, "Noise", "Largest sigma of the Gaussian noise, for an image whose foreground has the mean 0.6."
    )
    eight_bit: bool = Field(
        True,
        title="256 grey levels",
        description="Make whole grey levels of 0 to 255 after every step of a view, as the authors' code does.",
    )
    mask_noise: bool = Field(
        False, title="No noise outside the tissue", description="Set the pixels outside the mask to 0 after the noise."
    )
    translation: float = share(
        0.0,
        "Translation (share of the side)",
        "Largest shift along each side, as a fraction of the side. The paper advises against it.",
        0.5,
    )
    crop: float = share(
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


class ContrastiveConfig(Settings):
    """Phase 1: SimCLR re-training of the encoder."""

    epochs: Epochs = Field(50, title="Epochs", description="Passes over all ion images. The paper: 50; more hurts.")
    learning_rate: LearningRate = Field(1e-3, title="Learning rate", description="Of Adam, with cosine decay to 0.")
    temperature: float = Field(
        0.5, gt=0, le=10, title="Temperature", description="Of the NT-Xent loss; smaller separates neighbours harder."
    )
    views: AugmentConfig = AUGMENT_PRESETS[AugmentStrength.MEDIUM]


class ClassifierConfig(Settings):
    """Phase 2: training of a linear classifier on the initial clusters; the encoder is frozen."""

    epochs: Epochs = Field(20, title="Epochs", description="Passes over all ion images. The paper: 20.")
    learning_rate: LearningRate = Field(1e-3, title="Learning rate", description="Of Adam, with cosine decay to 0.")


class SelfLabelConfig(Settings):
    """Phase 3: self-labelling, which fine-tunes encoder and classifier on the confident images."""

    epochs: Epochs = Field(150, title="Epochs", description="Passes over all ion images. The paper: 150.")
    learning_rate: LearningRate = Field(1e-4, title="Learning rate", description="Of Adam, with cosine decay to 0.")
    threshold: float = Field(
        0.9,
        ge=0,
        le=1,
        title="Confidence threshold",
        description="An image is used for training only if its class probability is above this. The paper: 0.9.",
    )
    threshold_is_quantile: bool = Field(
        False,
        title="Threshold as a quantile",
        description="Take it as a quantile of the probabilities after phase 2 (the authors' notebook: 0.4).",
    )
    weak_views: AugmentConfig = AUGMENT_PRESETS[AugmentStrength.WEAK]
    strong_views: AugmentConfig = AUGMENT_PRESETS[AugmentStrength.STRONG]


class PaperConfig(RunConfig):
    """All settings of a training by the paper's method."""

    trained: ClassVar[tuple[str, ...]] = (PRETRAINED, CONTRASTIVE, SELF_LABELLED)

    method: Literal["paper"] = "paper"
    encoder: Annotated[str, OneOf(ENCODERS)] = Field(
        LITE0,
        title="Encoder",
        description="Network that is re-trained. B0, the paper's, is downloaded once; Lite0 is built in.",
    )
    start: str = Field(
        "",
        pattern="^([0-9a-f]{64})?$",
        examples=["0" * 64, ""],
        title="Start from",
        description="Weights that the encoder starts with: those of ImageNet, or those of an earlier training on other "
        "data, named by the SHA-256 of its file.",
    )
    batch_size: int = Field(
        183,
        ge=8,
        le=2048,
        title="Batch size",
        description="Ion images per training step, at most about half of all. The paper: 183 of 367.",
    )
    contrastive: ContrastiveConfig = ContrastiveConfig()
    classifier: ClassifierConfig = ClassifierConfig()
    self_label: SelfLabelConfig = SelfLabelConfig()
