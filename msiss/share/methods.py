"""The methods paragraph for a paper, filled with what a run really did."""

from msiss import __version__
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig
from msiss.learn.config import AugmentConfig, Encoder, RunConfig
from msiss.runs.store import Run

ENCODERS = {
    Encoder.EFFICIENTNET_B0: "EfficientNet-B0",
    Encoder.EFFICIENTNET_LITE0: "EfficientNet-Lite0",
}
NORMALISATIONS = {
    "tic": "divided by the total ion count of each pixel",
    "rms": "divided by the root mean square of each pixel",
    "median": "divided by the median of each pixel",
    "reference": "divided by the intensity of the reference peak at {reference}",
}
TRANSFORMS = {"square root": "the square root was taken", "log": "the logarithm log(1 + x / median) was taken"}
REFERENCE = "Hu, H.; Bindu, J. P.; Laskin, J. Chem. Sci. 2022, 13, 90-98, doi:10.1039/D1SC04077D."


def methods_text(run: Run, images: IonImages) -> str:
    """Return a short description of a run for the methods section of a paper.

    Parameters
    ----------
    run : Run
    images : IonImages
        The data set of the run.
    """
    parts = [_data(images), _preparation(run.config.prepare, images), _training(run), f"Reference: {REFERENCE}"]
    return "\n\n".join(parts)


def _data(images: IonImages) -> str:
    height, width = images.shape
    sides = " × ".join(f"{side:g}" for side in (images.pixel_size or ())[::-1])
    size = f" of {sides} µm" if sides else ""
    polarity = f", {images.polarity} polarity" if images.polarity in ("positive", "negative") else ""
    mz = f"{images.axis.text(images.mz.min())} to {images.axis.number(images.mz.max())}"
    return (
        f"{len(images)} ion images ({mz}{polarity}) of {width} × {height} pixels{size} were grouped by spatial pattern "
        f"with msiss {__version__}."
    )


def _preparation(config: PrepareConfig, images: IonImages) -> str:
    steps = []
    if config.normalisation in NORMALISATIONS:
        reference = images.axis.text(config.reference_mz)
        steps.append(f"intensities were {NORMALISATIONS[config.normalisation].format(reference=reference)}")
    steps.append(f"intensities above the {config.hotspot_quantile:g} quantile of each ion image were set to it")
    if config.median_filter:
        steps.append("a 3 × 3 median filter was applied")
    if config.transform in TRANSFORMS:
        steps.append(TRANSFORMS[config.transform])
    steps.append(
        f"each image was scaled to [0, 1] and resized to {config.side} × {config.side} pixels, keeping the aspect ratio"
    )
    return f"Preparation: {'; '.join(steps)}."


def _training(run: Run) -> str:
    config: RunConfig = run.config
    contrastive, classifier, labelling = config.contrastive, config.classifier, config.self_label
    threshold = (
        f"the {labelling.threshold:g} quantile of the probabilities after that step"
        if labelling.threshold_is_quantile
        else f"{labelling.threshold:g}"
    )
    device = f" on {run.status.device}" if run.status.device else ""
    return (
        f"The method is that of Hu, Bindu and Laskin (2022). An ImageNet-pretrained {ENCODERS[config.encoder]} was "
        f"re-trained by contrastive learning (SimCLR; NT-Xent loss, temperature {contrastive.temperature:g}; "
        f"{contrastive.epochs} epochs, batch size {config.batch_size}, Adam with learning rate "
        f"{contrastive.learning_rate:g} and cosine decay) on views with {_views(contrastive.views)}. Spectral "
        f"clustering of the features ({config.neighbours} nearest neighbours) gave {config.clusters} initial clusters, "
        f"which a linear classifier learned with the encoder frozen ({classifier.epochs} epochs, learning rate "
        f"{classifier.learning_rate:g}). Encoder and classifier were then refined together by self-labelling "
        f"({labelling.epochs} epochs, learning rate {labelling.learning_rate:g}, confidence threshold {threshold}) on "
        f"weak views with {_views(labelling.weak_views)} and strong views with {_views(labelling.strong_views)}. "
        f"Random seed {config.seed}{device}; method version {run.request.method}, data fingerprint "
        f"{run.request.fingerprint[:16]}."
    )


def _views(config: AugmentConfig) -> str:
    parts = [
        f"Gaussian blur (sigma {config.blur_min:g} to {config.blur_max:g} pixels)",
        f"brightness ±{config.brightness:.0%}",
        f"contrast ±{config.contrast:.0%}",
        f"Gaussian noise (sigma up to {config.noise:g}{', on the tissue only' if config.mask_noise else ''})",
    ]
    if config.translation:
        parts.append(f"translation up to {config.translation:.0%} of the side")
    if config.crop:
        parts.append(f"crops of up to {config.crop:.0%} of the area")
    if config.rotation:
        parts.append(f"rotation up to {config.rotation:g}°")
    return ", ".join(parts[:-1]) + f" and {parts[-1]}"
