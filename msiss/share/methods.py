"""The methods paragraph for a paper, filled with what a run really did."""

from collections.abc import Callable

from msiss import __version__
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig
from msiss.learn.config import AugmentConfig, Encoder, Method, RunConfig
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
MEASURES = (
    "For comparison, ion images were also compared without training: by the cosine of their pixels; by the Pearson "
    "correlation of square-rooted, median-filtered pixels; by the cosine of median-thresholded, median-filtered pixels "
    "(Ovchinnikova et al., Bioinformatics 2020, 36, 3215); by rank correlation (Spearman); by bands from fine to "
    "coarse structures, each weighted by its reliability, measured between the even and the odd pixels; "
    "by whitened pixels; and by bands and whitened pixels together."
)
REFERENCE = "Hu, H.; Bindu, J. P.; Laskin, J. Chem. Sci. 2022, 13, 90-98, doi:10.1039/D1SC04077D."


def methods_text(run: Run, images: IonImages) -> str:
    """Return a short description of a run for the methods section of a paper.

    Parameters
    ----------
    run : Run
    images : IonImages
        The data set of the run.
    """
    config = run.config
    training = TRAININGS[config.method](config)
    device = f" on {run.status.device}" if run.status.device else ""
    seed = (
        f"Random seed {config.seed}{device}; method version {run.request.method}, data fingerprint "
        f"{run.request.fingerprint[:16]}."
    )
    return "\n\n".join(
        [
            _data(images),
            _preparation(config.prepare, images),
            f"{training} {seed}",
            MEASURES,
            f"Reference: {REFERENCE}",
        ]
    )


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


def _paper(config: RunConfig) -> str:
    contrastive, classifier, labelling = config.contrastive, config.classifier, config.self_label
    threshold = (
        f"the {labelling.threshold:g} quantile of the probabilities after that step"
        if labelling.threshold_is_quantile
        else f"{labelling.threshold:g}"
    )
    return (
        f"The method is that of Hu, Bindu and Laskin (2022). An ImageNet-pretrained {ENCODERS[config.encoder]} was "
        f"re-trained by contrastive learning (SimCLR; NT-Xent loss, temperature {contrastive.temperature:g}; "
        f"{contrastive.epochs} epochs, batch size {config.batch_size}, Adam with learning rate "
        f"{contrastive.learning_rate:g} and cosine decay) on views with {_views(contrastive.views)}. Spectral "
        f"clustering of the features ({config.neighbours} nearest neighbours) gave {config.clusters} initial clusters, "
        f"which a linear classifier learned with the encoder frozen ({classifier.epochs} epochs, learning rate "
        f"{classifier.learning_rate:g}). Encoder and classifier were then refined together by self-labelling "
        f"({labelling.epochs} epochs, learning rate {labelling.learning_rate:g}, confidence threshold {threshold}) on "
        f"weak views with {_views(labelling.weak_views)} and strong views with {_views(labelling.strong_views)}."
    )


def _msiss(config: RunConfig) -> str:
    return (
        "As in Hu, Bindu and Laskin (2022), ion images were compared by contrastive learning, but with msiss's own "
        "method. A small convolutional network that keeps the place of structures was trained on these images alone, "
        "without labels. Its input is a few bands of each image, from fine to coarse (differences of Gaussian blurs of "
        "the square-rooted intensities). It learned by contrast (NT-Xent loss) to recognise two views of the same ion "
        "image, each changed by a smooth random gain field, mixing with another ion image, a change of contrast and "
        f"Poisson thinning of the counts{_settings(config)}. Its features were fused with training-free bands and with "
        "whitened pixels, each scaled by the spread of its similarities, and whitened together. Consensus clustering "
        f"of the result gave {config.clusters} clusters."
    )


def _settings(config: RunConfig) -> str:
    """Return the settings of the small network in brackets, by their titles."""
    group = getattr(config, "spatial", None)
    if group is None:
        return ""
    fields = type(group).model_fields
    named = [f"{str(field.title).lower()} {getattr(group, name)}" for name, field in fields.items()]
    return f" ({', '.join(named)})"


TRAININGS: dict[Method, Callable[[RunConfig], str]] = {Method.PAPER: _paper, Method.MSISS: _msiss}


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
