"""The table and the figures of the paper, on images whose classes are known: the uterus simulation.

    MSISS_TEST_DATA=../shared/data .venv/bin/python benchmarks/paper.py --parts table1 epochs confidence labelling

The 367 ion images of `truths.uterus` are simulated from the paper's 13 class averages, they are not the paper's own. So
its figures beside ours say which way it should go, not how far. Replicates differ in the seed of the images and of the
training, the paper's in that of the training only. Parts:

table1        Table 1: purity as the paper rounds it, ARI and AMI for 13 and 20 clusters
augmentation  Fig. 2b: linear evaluation after contrastive learning with each augmentation alone
epochs        Fig. S4: loss, alignment and uniformity over the epochs of contrastive learning
confidence    Fig. 2f: accuracy and number of the ions above a threshold of the probability, after step 2
labelling     Fig. 2g: loss, confident share and accuracy over the epochs of self-labelling
threshold     Table 1 once more with the 0.4 quantile of the authors' notebook as the threshold
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import truths
from watched import Watched, watch

from msiss.analyse import metrics
from msiss.analyse.learning_curves import alignment, confidence_curve, linear_evaluation, uniformity
from msiss.data.prepare import Prepared, prepare
from msiss.learn.config import RunConfig
from msiss.learn.learned import Learned
from msiss.learn.methods import preset_config
from msiss.learn.paper import training
from msiss.learn.paper.config import CONTRASTIVE, PRETRAINED, SELF_LABELLED, AugmentConfig, PaperConfig
from msiss.learn.paper.encoders import ENCODERS, LITE0
from msiss.learn.paper.phases import SelfLabel
from msiss.learn.pipeline import learn

PARTS = ("table1", "augmentation", "epochs", "confidence", "labelling", "threshold")
CLUSTERS = (13, 20)
STEPS = {
    PRETRAINED: "ImageNet + SC",
    CONTRASTIVE: "SimCLR + SC",
    SELF_LABELLED: "SimCLR + SC + self-labelling",
}
# "Accuracy" in per cent, mean and standard deviation of five replicates with EfficientNet-B0 (Table 1).
PUBLISHED = {
    13: ("64.8 ± 0.4", "81.5 ± 3.4", "84.0 ± 3.1"),
    20: ("71.9 ± 0.2", "90.0 ± 2.8", "92.7 ± 2.1"),
}
SCORES = {"rounded purity": metrics.rounded_purity, "ARI": metrics.ari, "AMI": metrics.ami}
THRESHOLDS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
ROWS = 11  # of a table over epochs, about
NOTHING = {"blur_min": 0.001, "blur_max": 0.001, "brightness": 0.0, "contrast": 0.0, "noise": 0.0}
BLUR, INTENSITY, NOISE = {"blur_min": 0.01, "blur_max": 0.75}, {"brightness": 0.5, "contrast": 0.5}, {"noise": 0.2}
# The medium ones of the authors' code, where a translation pads 3 of 96 pixels, a crop keeps 80 to 90 % of the area
# (here 80 to 100 %), and a rotation is by up to 15 degrees.
AUGMENTATIONS = {
    "none": {},
    "Gaussian blur": BLUR,
    "intensity distortion": INTENSITY,
    "Gaussian noise": NOISE,
    "translation": {"translation": 3 / 96},
    "crop": {"crop": 0.2},
    "rotation": {"rotation": 15.0},
    "blur, intensity and noise": BLUR | INTENSITY | NOISE,
}


@dataclass
class Table:
    """Values of several replicates, by row and column, in the order in which they came."""

    values: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    notes: dict[str, str] = field(default_factory=dict)

    def add(self, row: str, **columns: float) -> None:
        """Take the values of one replicate."""
        for column, value in columns.items():
            self.values[row][column.replace("_", " ")].append(value)

    def show(self, title: str, first: str, note: str = "") -> None:
        """Print the mean and, of several replicates, the standard deviation."""
        columns = list(dict.fromkeys(column for row in self.values.values() for column in row))
        head = [first, *columns, *([note] if note else [])]
        print(f"\n#### {title}\n\n| {' | '.join(head)} |\n|{' --- |' * len(head)}")
        for row, values in self.values.items():
            cells = [row, *(_cell(values[column]) for column in columns), *([self.notes.get(row, "")] if note else [])]
            print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Train, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", choices=ENCODERS.names, default=LITE0)
    parser.add_argument("--side", type=int, default=96, help="pixels; the paper: 96")
    parser.add_argument("--epochs", type=int, nargs=3, default=[50, 20, 150], help="of the three phases")
    parser.add_argument("--replicates", type=int, default=5)
    parser.add_argument("--clusters", type=int, nargs="+", default=CLUSTERS)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    options = parser.parse_args()
    epochs = dict(zip(("contrastive", "classifier", "self_label"), options.epochs, strict=True))
    config = preset_config("paper", clusters=2, encoder=options.encoder).with_settings(
        {"prepare.side": options.side} | {f"{phase}.epochs": number for phase, number in epochs.items()}
    )
    assert isinstance(config, PaperConfig)
    print(
        f"{options.encoder}, {options.side} px, {' + '.join(map(str, options.epochs))} epochs, "
        f"{options.replicates} replicate(s) of the uterus simulation."
    )
    tables: dict[str, Table] = defaultdict(Table)
    for seed in range(options.replicates):
        truth = truths.uterus(seed)
        labels = truth.images.labels
        assert labels is not None
        ready = prepare(truth.images, config.prepare)
        seeded = config.with_settings({"seed": seed})
        if set(options.parts) - {"augmentation"}:
            _train(tables, ready, labels, seeded, options.parts, options.clusters)
        if "augmentation" in options.parts:
            _augmentations(tables["augmentation"], ready, labels, seeded)
    _show(tables, options.clusters)


def _train(
    tables: dict[str, Table],
    ready: Prepared,
    labels: np.ndarray,
    config: PaperConfig,
    parts: list[str],
    numbers: list[int],
) -> None:
    """Train one replicate, contrastive learning once and the rest for every number of clusters and threshold."""
    with TemporaryDirectory() as folder:
        for number in numbers:
            settings = config.with_settings({"clusters": number})
            watched = watch(ready, settings, Path(folder), again=("classifier", "self-label"))
            _score(tables[f"table1 {number}"], watched.learned, labels, settings)
            if number == numbers[0]:
                _epochs(tables["epochs"], watched)
                _labelling(tables["labelling"], watched, labels)
            _confidence(tables[f"confidence {number}"], watched, labels)
            if "threshold" in parts:
                quantile = {"self_label.threshold": 0.4, "self_label.threshold_is_quantile": True}
                other = watch(ready, settings.with_settings(quantile), Path(folder), again=("self-label",))
                _thresholds(tables[f"threshold {number}"], {"0.9": watched, "0.4 quantile": other}, labels)
    for name in list(tables):
        if name.split()[0] not in parts:
            del tables[name]


def _score(table: Table, learned: Learned, labels: np.ndarray, config: RunConfig) -> None:
    clusters = dict(learned.clusters)
    clusters[PRETRAINED] = training.spectral_clusters(
        learned.features[PRETRAINED], config.clusters, n_neighbours=config.neighbours, seed=config.seed
    )
    published = PUBLISHED.get(config.clusters, ("",) * 3)
    for (name, title), figure in zip(STEPS.items(), published, strict=True):
        table.add(title, **{score: compute(clusters[name], labels) for score, compute in SCORES.items()})
        table.add(title, **{"10-NN": metrics.knn_purity(learned.features[name], labels)})
        table.notes[title] = figure


def _epochs(table: Table, watched: Watched) -> None:
    values = watched.epochs.get("contrastive", [])
    for epoch in _some(len(values)):
        table.add(str(epoch), **values[epoch - 1])


def _confidence(table: Table, watched: Watched, labels: np.ndarray) -> None:
    clusters, confidence = watched.started.argmax(1), watched.started.max(1)
    correct = _majority(clusters, labels) == labels
    for threshold, accuracy, kept in zip(THRESHOLDS, *confidence_curve(confidence, correct, THRESHOLDS), strict=True):
        table.add(f"{threshold:g}", accuracy=float(accuracy), kept=float(kept))


def _labelling(table: Table, watched: Watched, labels: np.ndarray) -> None:
    values = watched.epochs.get(SelfLabel.name, [])
    table.add("0", accuracy=metrics.rounded_purity(watched.started.argmax(1), labels))
    for epoch, clusters in watched.predicted.items():
        table.add(str(epoch), accuracy=metrics.rounded_purity(clusters, labels), **values[epoch - 1])


def _thresholds(table: Table, trainings: dict[str, Watched], labels: np.ndarray) -> None:
    for name, watched in trainings.items():
        found = watched.learned.clusters[SELF_LABELLED]
        values = watched.epochs.get(SelfLabel.name, [{}])
        table.add(name, **{score: compute(found, labels) for score, compute in SCORES.items()})
        table.add(name, confident_first=values[0].get("confident", np.nan))
        table.add(name, confident_last=values[-1].get("confident", np.nan))


def _augmentations(table: Table, ready: Prepared, labels: np.ndarray, config: PaperConfig) -> None:
    short = config.with_settings({"clusters": 13, "classifier.epochs": 0, "self_label.epochs": 0})
    for name, ranges in AUGMENTATIONS.items():
        views = AugmentConfig(**NOTHING | {"mask_noise": False} | ranges)
        settings = short.model_copy(update={"contrastive": short.contrastive.model_copy(update={"views": views})})
        with TemporaryDirectory() as folder:
            *_, learned = learn(ready.images, ready.mask, settings, checkpoints=Path(folder))
        assert isinstance(learned, Learned)
        if name == "none":
            _evaluate(table, "no SimCLR", learned.features[PRETRAINED], labels, config.seed)
        _evaluate(table, name, learned.features[CONTRASTIVE], labels, config.seed)


def _evaluate(table: Table, name: str, features: np.ndarray, labels: np.ndarray, seed: int) -> None:
    same = labels[:, None] == labels
    first, second = np.nonzero(np.triu(same, 1))
    table.add(
        name,
        linear_evaluation=linear_evaluation(features, labels, seed=seed),
        alignment_of_a_class=alignment(features[first], features[second]),
        uniformity=uniformity(features),
    )


def _majority(clusters: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the most frequent class of each ion's cluster."""
    majority = {one: np.bincount(labels[clusters == one]).argmax() for one in np.unique(clusters)}
    return np.array([majority[one] for one in clusters])


def _some(number: int) -> Iterator[int]:
    """Yield about `ROWS` of the epochs 1 to `number`, the first and the last among them."""
    yield from sorted({round(epoch) for epoch in np.linspace(1, number, min(number, ROWS))})


def _show(tables: dict[str, Table], numbers: list[int]) -> None:
    titles = {
        "epochs": ("Contrastive learning over its epochs (Fig. S4)", "epoch", ""),
        "labelling": (f"Self-labelling over its epochs, {numbers[0]} clusters (Fig. 2g)", "epoch", ""),
        "augmentation": ("Linear evaluation by augmentation (Fig. 2b)", "augmentation", ""),
    }
    for number in numbers:
        published = "the paper's accuracy (%), on other images"
        titles[f"table1 {number}"] = (f"Table 1, {number} clusters", "method", published if number in PUBLISHED else "")
        titles[f"confidence {number}"] = (f"After step 2, {number} clusters (Fig. 2f)", "probability above", "")
        titles[f"threshold {number}"] = (f"Threshold of self-labelling, {number} clusters", "threshold", "")
    for name in sorted(tables, key=lambda name: PARTS.index(name.split()[0])):
        tables[name].show(*titles[name])


def _cell(values: list[float]) -> str:
    known = np.array(values)[~np.isnan(values)]
    if not len(known):
        return ""
    return f"{known.mean():.3f}" + (f" ± {known.std(ddof=1):.3f}" if len(known) > 1 else "")


if __name__ == "__main__":
    main()
