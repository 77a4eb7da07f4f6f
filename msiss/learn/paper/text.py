"""The sentences of the methods text about the method of the paper."""

from msiss.learn.paper.config import AugmentConfig, PaperConfig
from msiss.learn.paper.encoders import ENCODERS
from msiss.words import listed


def text(config: PaperConfig, _ions: int) -> str:
    """Return the sentences about a training with these settings."""
    contrastive, classifier, labelling = config.contrastive, config.classifier, config.self_label
    encoder = ENCODERS[config.encoder]
    threshold = (
        f"the {labelling.threshold:g} quantile of the probabilities after that step"
        if labelling.threshold_is_quantile
        else f"{labelling.threshold:g}"
    )
    return (
        f"The method is that of Hu, Bindu and Laskin (2022). An ImageNet-pretrained {encoder.title} ({encoder.cited}) "
        f"{_start(config)}"
        "was re-trained by contrastive learning (SimCLR, Chen et al. 2020; NT-Xent loss, "
        f"temperature {contrastive.temperature:g}; {contrastive.epochs} epochs, batch size {config.batch_size}, Adam "
        f"with learning rate {contrastive.learning_rate:g} and cosine decay) on views with "
        f"{_views(contrastive.views)}. Spectral clustering of the features ({config.neighbours} nearest neighbours) "
        f"gave {config.clusters} initial clusters, on which a linear classifier was trained with the encoder frozen "
        f"({classifier.epochs} epochs, learning rate {classifier.learning_rate:g}). Encoder and classifier were then "
        f"refined together by self-labelling ({labelling.epochs} epochs, learning rate {labelling.learning_rate:g}, "
        f"confidence threshold {threshold}) on weak views with {_views(labelling.weak_views)} and strong views with "
        f"{_views(labelling.strong_views)}."
    )


def _start(config: PaperConfig) -> str:
    if not config.start:
        return ""
    return f"that had been re-trained on the ion images of other data (weights with the SHA-256 {config.start}) "


def _views(config: AugmentConfig) -> str:
    parts = [
        f"Gaussian blur (sigma {config.blur_min:g} to {config.blur_max:g} pixels)",
        f"brightness ±{config.brightness:.0%}",
        f"contrast ±{config.contrast:.0%} (in random order)",
        f"Gaussian noise (sigma up to {config.noise:g}{', on the tissue only' if config.mask_noise else ''})",
    ]
    if config.translation:
        parts.append(f"translation up to {config.translation:.0%} of the side")
    if config.crop:
        parts.append(f"crops of up to {config.crop:.0%} of the area")
    if config.rotation:
        parts.append(f"rotation up to {config.rotation:g}°")
    return listed(parts)
