"""The methods text of a run, for the methods section of a paper."""

from msiss.analyse.representations import measures, title_of
from msiss.data import about
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig
from msiss.learn.config import RunConfig
from msiss.learn.method import Method
from msiss.learn.methods import METHODS
from msiss.registry import load
from msiss.runs.jobs import State
from msiss.runs.quality.by_data import advised_by_data
from msiss.runs.quality.evidence import PRIORS, evidence_of, tolerance_text
from msiss.runs.request import method_version
from msiss.runs.store import Run
from msiss.version import __version__
from msiss.words import count

NORMALISATIONS = {
    "tic": "divided by the total ion count of each pixel",
    "rms": "divided by the root mean square of each pixel",
    "median": "divided by the median of each pixel",
    "reference": "divided by the intensity of the reference peak at {reference}",
}
OTHER_VERSION = (
    "Note: this run was trained by another version of msiss than the one that describes it here, so that single steps "
    "may have been different."
)
# What of the texts about a measurement belongs into a paper.
MEASURED = (
    about.INSTRUMENT,
    about.ION_SOURCE,
    about.ANALYZER,
    about.DETECTOR,
    about.RESOLVING_POWER,
    about.MZ_RANGE,
    about.SCAN_PATTERN,
    about.SCAN_DIRECTION,
    about.SOFTWARE,
    about.MEASURED_ON,
    about.ORGANISM,
    about.TISSUE,
    about.PREPARATION,
    about.MATRIX,
)
TRANSFORMS = {"square root": "the square root was taken", "log": "the logarithm log(1 + x / median) was taken"}


def methods_text(run: Run, images: IonImages, by: str | None = None, n_clusters: int | None = None) -> str:
    """Return the methods text of a run, with references.

    Parameters
    ----------
    run : Run
    images : IonImages
        The data set of the run.
    by : str, optional
        Representation of the clusters; by default the result of the training.
    n_clusters : int, optional
        Number of clusters; by default that of the run.
    """
    config, method = run.config, METHODS[run.config.method]
    device = f" on {run.status.device}" if run.status.device else ""
    seed = (
        f"Random seed {config.seed}{device}; method version {run.request.method}, data fingerprint "
        f"{run.request.fingerprint[:16]}."
    )
    shown = _shown(config, by or config.result, n_clusters or config.clusters)
    parts = [
        "" if run.request.method == method_version() else OTHER_VERSION,
        _data(images),
        _preparation(config.prepare, images),
        f"{load(method.text)(config, len(images))} {seed}",
        _measures(config),
        _judged(run),
        shown,
        f"References: {'; '.join(_references(method, config))}.",
    ]
    return "\n\n".join(part for part in parts if part)


def _measures(config: RunConfig) -> str:
    ways = [f"by {measure.by}" for measure in measures()]
    clustering = (
        "consensus clustering as well"
        if METHODS[config.method].consensus
        else f"spectral clustering ({config.neighbours} nearest neighbours)"
    )
    return (
        f"For reference, ion images were also compared without training: {'; '.join(ways[:-1])}; and {ways[-1]}. "
        f"Their clusters are those of {clustering}."
    )


def _judged(run: Run) -> str:
    """Return how the representations were judged by the data; empty for a run that was not, or is not done yet."""
    evidence = evidence_of(run) if run.status.state == State.DONE else None
    if evidence is None or "advice" not in evidence:
        return ""
    numbers, copies = evidence["pairs"], evidence.get("copies", 0)
    without = f", without {count(copies, 'ion image')} equal to another one" if copies else ""
    if numbers is None:
        by = "could not be compared by pairs of isotopes and adducts, which this axis does not tell"
    elif not numbers["all"]["n"]:
        by = "could not be compared by pairs of isotopes and adducts, as none were found"
    else:
        by = (
            f"were compared by {count(numbers['all']['n'], 'pair')} of isotopes and adducts (differences of m/z within "
            f"{tolerance_text(evidence)}; about {numbers['all']['by_chance']:.0f} expected by chance)"
        )
    similar, groups = (title_of(advised_by_data(evidence, answer)) for answer in PRIORS)
    return (
        f"The representations {by}{without}. By the data alone msiss advised, to find similar ions: {similar}; to "
        f"group ions: {groups}."
    )


def _references(method: Method, config: RunConfig) -> list[str]:
    of_measures = [reference for measure in measures() for reference in measure.references]
    return list(dict.fromkeys([*method.references(config), *of_measures]))


def _shown(config: RunConfig, by: str, n_clusters: int) -> str:
    """Return the sentence about the clusters: their number, representation and method."""
    own = n_clusters == config.clusters
    if by == config.result and own:
        return f"The {n_clusters} clusters shown are those of the result of the training ({title_of(by)})."
    way = "consensus" if METHODS[config.method].consensus else "spectral"
    text = f"The {n_clusters} clusters shown are {way} clusters by: {title_of(by)}"
    if way == "spectral":
        text += f" ({config.neighbours} nearest neighbours)"
    return f"{text}." if own else f"{text}; the training itself was done with {config.clusters} clusters."


def _data(images: IonImages) -> str:
    height, width = images.shape
    sides = " × ".join(f"{side:g}" for side in (images.pixel_size or ())[::-1])
    size = f" of {sides} µm" if sides else ""
    polarity = f", {images.polarity} polarity" if images.polarity in ("positive", "negative") else ""
    mz = f"{images.axis.text(images.mz.min())} to {images.axis.number(images.mz.max())}"
    said = about.in_words(images.about, MEASURED)
    return (
        f"{len(images)} ion images ({mz}{polarity}) of {width} × {height} pixels{size} were grouped by spatial pattern "
        f"with msiss {__version__}."
    ) + (f" The file says about the measurement: {said}." if said else "")


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
