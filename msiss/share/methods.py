"""The methods paragraph for a paper, filled with what a run really did."""

from msiss import __version__
from msiss.analyse.representations import TITLES, Representation
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig
from msiss.learn.config import RunConfig
from msiss.runs.store import Run
from msiss.share.trainings import references, training_text

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
    "(Ovchinnikova et al. 2020); by rank correlation (Spearman); by bands from fine to coarse structures, each "
    "weighted by its reliability, measured between the even and the odd pixels (Spearman 1910, Brown 1910); by "
    "whitened pixels; and by bands and whitened pixels together. Clusters of these are those of spectral clustering "
    "({neighbours} nearest neighbours)."
)


def methods_text(run: Run, images: IonImages, by: Representation | None = None, n_clusters: int | None = None) -> str:
    """Return a short description of a run for the methods section of a paper.

    Parameters
    ----------
    run : Run
    images : IonImages
        The data set of the run.
    by : Representation, optional
        Whose clusters are shown, where these are not those that the training ends with.
    n_clusters : int, optional
        Another number of clusters than the run's own, where that is what is shown.
    """
    config = run.config
    device = f" on {run.status.device}" if run.status.device else ""
    seed = (
        f"Random seed {config.seed}{device}; method version {run.request.method}, data fingerprint "
        f"{run.request.fingerprint[:16]}."
    )
    shown = _shown(config, by or config.result, n_clusters or config.clusters)
    return "\n\n".join(
        [
            _data(images),
            _preparation(config.prepare, images),
            f"{training_text(config, len(images))} {seed}",
            MEASURES.format(neighbours=config.neighbours),
            shown,
            f"References: {'; '.join(references(config.method))}.",
        ]
    )


def _shown(config: RunConfig, by: Representation, n_clusters: int) -> str:
    """Return by what the clusters that are shown were made, and how."""
    own = n_clusters == config.clusters
    if by == config.result and own:
        return f"The {n_clusters} clusters shown are those that the training ended with ({TITLES[by]})."
    way = "consensus" if by == Representation.MSISS else "spectral"
    text = f"The {n_clusters} clusters shown are {way} clusters by: {TITLES[by]}"
    if way == "spectral":
        text += f" ({config.neighbours} nearest neighbours)"
    return f"{text}." if own else f"{text}; the training itself was made with {config.clusters} clusters."


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
