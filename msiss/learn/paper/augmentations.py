"""The augmentations that the paper compares one by one in Fig. 2b, without torch."""

from msiss.learn.paper.config import AugmentConfig, PaperConfig

_NOTHING = {"blur_min": 0.001, "blur_max": 0.001, "brightness": 0.0, "contrast": 0.0, "noise": 0.0, "mask_noise": False}
_BLUR, _INTENSITY, _NOISE = {"blur_min": 0.01, "blur_max": 0.75}, {"brightness": 0.5, "contrast": 0.5}, {"noise": 0.2}
# The medium ones of the authors' code, where a translation pads 3 of 96 pixels, a crop keeps 80 to 90 % of the area
# (here 80 to 100 %), and a rotation is by up to 15 degrees. The first is what Fig. 2b ends with.
AUGMENTATIONS: dict[str, dict[str, float]] = {
    "blur, intensity and noise": _BLUR | _INTENSITY | _NOISE,
    "none": {},
    "Gaussian blur": _BLUR,
    "intensity distortion": _INTENSITY,
    "Gaussian noise": _NOISE,
    "translation": {"translation": 3 / 96},
    "crop": {"crop": 0.2},
    "rotation": {"rotation": 15.0},
}


def contrastive_only(config: PaperConfig, name: str) -> PaperConfig:
    """Return settings of a training that ends after contrastive learning, with one of the `AUGMENTATIONS` alone."""
    views = AugmentConfig.model_validate(_NOTHING | AUGMENTATIONS[name])
    short = config.with_settings({"clusters": 2, "check": False, "classifier.epochs": 0, "self_label.epochs": 0})
    return short.model_copy(update={"contrastive": short.contrastive.model_copy(update={"views": views})})
