"""The table and the figures of the paper, again.

    MSISS_TEST_DATA=../shared/data .venv/bin/python benchmarks/paper.py --out FOLDER --write

What has been measured is kept in FOLDER/rows.jsonl, so that an interrupted run goes on; --write puts the tables into
benchmarks/RESULTS.md. `--only` measures some of the parts, in the order given; `--seeds`, `--clusters` and `--sets`
measure some of the replicates, numbers of clusters and real sets.

The 367 ion images of `truths.uterus` are simulated from the paper's 13 class averages, they are not the paper's own. So
its figures beside ours say which way it should go, not how far. Replicates differ in the seed of the images and of the
training, the paper's in that of the training only. Parts:

uterus         the replicates of the uterus simulation with 13 and 20 clusters: Table 1; Fig. 2e, purity of the nearest
               neighbours; Fig. 2f, accuracy and number of the ions above a threshold of the probability after step 2;
               Fig. 2g, self-labelling over its epochs; Fig. 4b, cosines of three ions; Fig. S4, contrastive learning
               over its epochs
recall         Fig. 5d, isotopic recall, on real sections whose isotopes and adducts are known
augmentation   Fig. 2b: linear evaluation after contrastive learning with each augmentation alone
quantile       Table 1 once more with the 0.4 quantile of the authors' notebook as the threshold of self-labelling
"""

import argparse
import json
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import real_sets
import results
import torch
import truths
from watched import Watched, watch, watch_contrastive

from msiss.analyse import metrics
from msiss.analyse.learning_curves import confidence_curve, linear_evaluation
from msiss.data.ion_images import IonImages
from msiss.data.prepare import Prepared, prepare
from msiss.learn.learned import Learned
from msiss.learn.methods import preset_config
from msiss.learn.paper import training
from msiss.learn.paper.augmentations import AUGMENTATIONS, contrastive_only
from msiss.learn.paper.config import CONTRASTIVE, PRETRAINED, SELF_LABELLED, PaperConfig
from msiss.learn.paper.efficientnet import b0_file
from msiss.learn.paper.encoders import B0, ENCODERS, LITE0
from msiss.learn.paper.phases import SelfLabel
from msiss.learn.pipeline import learn
from msiss.runs.quality.augmentation_sweep import evaluate

PARTS = ("uterus", "recall", "augmentation", "quantile")
CLUSTERS = (13, 20)
REPLICATES = 5
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
PUBLISHED_NEIGHBOURS = {PRETRAINED: "66", CONTRASTIVE: "88"}  # per cent at k = 10 (text to Fig. 2e)
PUBLISHED_RECALL = ("75.4", "90.2", "92.1")  # per cent, on 1,101 images of a mouse brain (Fig. 5d)
SCORES = {"rounded purity": metrics.rounded_purity, "ARI": metrics.ari, "AMI": metrics.ami}
NEIGHBOURS = (1, 2, 3, 5, 10, 15, 20, 25, 30)
THRESHOLDS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
LOOKS = 6  # at the features during contrastive learning, about
ROWS = 11  # of a table over epochs, about
# m/z of Fig. 4: one ion, another one of its class, and one of another class that its image vector resembles more.
LIKE, ALIKE, OTHER = 875.5700, 868.5243, 739.4681
PUBLISHED_COSINES = ("0.695", "0.420")  # Fig. 4b, by the network
REAL = ("bladder", "barley101", "hippocampus_isotopologues")
SAME_IMAGE = 0.9999  # cosine of two ions above which one of them is left out
ADDUCTS = ("H/NH4", "H/Na", "Na/K", "H/K")


class Kept:
    """What was measured, as lines of a file that several processes append to.

    Parameters
    ----------
    file : Path
    settings : dict
        Lines with other settings are left alone.
    """

    def __init__(self, file: Path, settings: dict[str, Any]) -> None:
        self.file, self.settings = file, settings

    def __call__(self, task: tuple, measure: Callable[[], dict[str, Any]]) -> None:
        """Measure a task, unless its outcome is kept already."""
        if any(entry["task"] == list(task) for entry in self.entries()):
            return
        start = time.monotonic()
        values = measure()
        entry = {"task": task, "settings": self.settings, "seconds": time.monotonic() - start, "values": values}
        with self.file.open("a") as out:
            out.write(json.dumps(entry) + "\n")
        print(f"{' '.join(map(str, task))}: {entry['seconds']:.0f} s", flush=True)

    def entries(self) -> list[dict]:
        """Return the lines with these settings, in the order of their tasks."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        found = [entry for entry in map(json.loads, lines) if entry["settings"] == self.settings]
        return sorted(found, key=lambda entry: [str(part) for part in entry["task"]])


@dataclass
class Table:
    """Values of several replicates, by row and column, in the order in which they came."""

    values: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    notes: dict[str, str] = field(default_factory=dict)

    def add(self, row: str, columns: dict[str, float]) -> None:
        """Take the values of one replicate."""
        for column, value in columns.items():
            self.values[row][column].append(value)

    def text(self, title: str, first: str, note: str = "") -> str:
        """Return the mean and, of several replicates, the standard deviation, in Markdown; nothing if it is empty."""
        if not self.values:
            return ""
        columns = list(dict.fromkeys(column for row in self.values.values() for column in row))
        most = max(len(values) for row in self.values.values() for values in row.values())
        head = [first, *columns, *([note] if note else [])]
        lines = [f"#### {title}; n = {most}\n", f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
        for row, values in self.values.items():
            cells = [row, *(_cell(values[column]) for column in columns), *([self.notes.get(row, "")] if note else [])]
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"


def main() -> None:
    """Measure what is missing and print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--seeds", type=int, nargs="+", default=range(REPLICATES))
    parser.add_argument("--clusters", type=int, nargs="+", choices=CLUSTERS, default=CLUSTERS)
    parser.add_argument("--sets", nargs="+", choices=REAL, default=REAL, help="of the part recall")
    parser.add_argument("--encoder", choices=ENCODERS.names, help="B0, the paper's, if its weights are on this machine")
    parser.add_argument("--side", type=int, default=96, help="pixels; the paper: 96")
    parser.add_argument("--epochs", type=int, nargs=3, default=[50, 20, 150], help="of the three phases")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    settings = {
        "encoder": options.encoder or (B0 if b0_file().exists() else LITE0),
        "side": options.side,
        "epochs": list(options.epochs),
    }
    kept = Kept(options.out / "rows.jsonl", settings)
    units: list[Callable[[], None]] = []
    for part in options.only:
        names = options.sets if part == "recall" else options.seeds
        units += [partial(_measure, kept, part, name, options.clusters) for name in names]
    threads = max(1, (os.cpu_count() or 1) // options.jobs)
    with ProcessPoolExecutor(options.jobs, get_context("spawn"), torch.set_num_threads, (threads,)) as pool:
        for done in [pool.submit(unit) for unit in units]:
            done.result()
    text = tables(kept)
    print(text)
    if options.write:
        results.write("paper", text)


def _measure(kept: Kept, part: str, name: Any, numbers: list[int]) -> None:
    epochs = dict(zip(("contrastive", "classifier", "self_label"), kept.settings["epochs"], strict=True))
    config = preset_config("paper", clusters=2, encoder=kept.settings["encoder"]).with_settings(
        {"prepare.side": kept.settings["side"]} | {f"{phase}.epochs": number for phase, number in epochs.items()}
    )
    assert isinstance(config, PaperConfig)
    if part == "recall":
        kept((part, name), partial(_recall, *_real(name), config))
        return
    images = truths.uterus(name).images
    ready, config = prepare(images, config.prepare), config.with_settings({"seed": name})
    if part == "augmentation":
        for augmentation in AUGMENTATIONS:
            kept((part, name, augmentation), partial(_augmentation, ready, images, config, augmentation))
        return
    encoder, side, lengths = kept.settings.values()
    stored = kept.file.with_name(f"{encoder}-{side}-{lengths[0]}-{name}.safetensors")
    kept(("contrastive", name), partial(_contrastive, ready, images, config, stored))
    for number in numbers:
        settings = config.with_settings({"clusters": number})
        kept(("clusters", name, number), partial(_clusters, ready, images, settings, stored))
        if part == "quantile":
            quantile = {"self_label.threshold": 0.4, "self_label.threshold_is_quantile": True}
            settings = settings.with_settings(quantile)
            kept((part, name, number), partial(_clusters, ready, images, settings, stored))


def _contrastive(ready: Prepared, images: IonImages, config: PaperConfig, stored: Path) -> dict[str, Any]:
    """Train step 1 and keep it for all numbers of clusters."""
    looks = sorted({round(epoch) for epoch in np.linspace(0, config.contrastive.epochs, LOOKS)})
    with TemporaryDirectory() as folder:
        epochs, features = watch_contrastive(ready, config, Path(folder), looks)
        shutil.move(Path(folder) / "contrastive.safetensors", stored)
    labels = _labels(images)
    linear = {str(epoch): linear_evaluation(found, labels, seed=config.seed) for epoch, found in features.items()}
    return {"epochs": epochs, "linear": linear}


def _clusters(ready: Prepared, images: IonImages, config: PaperConfig, stored: Path) -> dict[str, Any]:
    """Train steps 2 and 3, and look at everything."""
    labels = _labels(images)
    with TemporaryDirectory() as folder:
        shutil.copy(stored, Path(folder) / "contrastive.safetensors")
        watched = watch(ready, config, Path(folder))
    learned, values = watched.learned, watched.epochs.get(SelfLabel.name, [{}])
    clusters = _all_clusters(learned, config)
    vectors = ready.images[:, ready.mask]
    return {
        "scores": {
            name: {score: compute(clusters[name], labels) for score, compute in SCORES.items()}
            | {"10-NN": metrics.knn_purity(learned.features[name], labels)}
            for name in STEPS
        },
        "neighbours": {
            name: metrics.knn_purities(found, labels, NEIGHBOURS).tolist()
            for name, found in (learned.features | {"image vectors": vectors}).items()
        },
        "cosines": {
            name: _cosines(found, np.asarray(images.mz), labels)
            for name, found in (learned.features | {"image vectors": vectors}).items()
        },
        "confidence": _confidence(watched, labels),
        "labelling": _labelling(watched, labels),
        "confident": [values[0].get("confident", np.nan), values[-1].get("confident", np.nan)],
    }


def _all_clusters(learned: Learned, config: PaperConfig) -> dict[str, np.ndarray]:
    before = training.spectral_clusters(
        learned.features[PRETRAINED], config.clusters, n_neighbours=config.neighbours, seed=config.seed
    )
    return {PRETRAINED: before, **learned.clusters}


def _cosines(features: np.ndarray, mz: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return the cosines of the three ions of Fig. 4, and how often the like of an ion is nearer than another one."""
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    like, alike, other = (int(np.abs(mz - one).argmin()) for one in (LIKE, ALIKE, OTHER))
    cosines = unit @ unit.T
    nearer = []
    for ion, row in enumerate(cosines):
        same = labels == labels[ion]
        own, others = row[same & (np.arange(len(row)) != ion)], np.sort(row[~same])
        if len(own):
            below, up_to = (np.searchsorted(others, own, side=side) for side in ("left", "right"))
            nearer.append(float((below + up_to).mean() / (2 * len(others))))
    return {
        "with one of its class": float(cosines[like, alike]),
        "with one of another class": float(cosines[like, other]),
        "its class is nearer": float(np.mean(nearer)),
    }


def _confidence(watched: Watched, labels: np.ndarray) -> dict[str, list[float]]:
    clusters, confidence = watched.started.argmax(1), watched.started.max(1)
    correct = metrics.in_majority(clusters, labels)
    accuracy, share = confidence_curve(confidence, correct, THRESHOLDS)
    return {"accuracy": accuracy.tolist(), "kept": share.tolist()}


def _labelling(watched: Watched, labels: np.ndarray) -> dict[str, dict[str, float]]:
    values = watched.epochs.get(SelfLabel.name, [])
    first = {"0": {"accuracy": metrics.rounded_purity(watched.started.argmax(1), labels)}}
    return first | {
        str(epoch): {"accuracy": metrics.rounded_purity(clusters, labels)} | values[epoch - 1]
        for epoch, clusters in watched.predicted.items()
    }


def _augmentation(ready: Prepared, images: IonImages, config: PaperConfig, name: str) -> dict[str, Any]:
    settings = contrastive_only(config, name)
    with TemporaryDirectory() as folder:
        *_, learned = learn(ready, settings, checkpoints=Path(folder))
    assert isinstance(learned, Learned)
    labels = _labels(images)
    return {
        step: evaluate(features, labels, seed=config.seed)
        for step, features in learned.features.items()
        if step != SELF_LABELLED
    }


def _real(name: str) -> tuple[IonImages, pd.DataFrame]:
    """Return a real set without images that are there twice, and its pairs (columns i, j, kind)."""
    if name == "bladder":
        truth = real_sets.bladder()
        images, pairs = truth.images, pd.DataFrame(truth.pairs, columns=["i", "j"]).assign(kind=truth.kinds)
    else:
        folder = Path(os.environ["MSISS_TEST_DATA"]) / "real"
        with np.load(folder / f"{name}.npz") as file:
            cube, mask = file["cube"].astype(np.float32), file["mask"]
            mz = file["mz"] if "mz" in file else np.arange(1.0, 1 + len(cube))
        images = IonImages(images=cube, mz=mz, mask=mask, source=name)
        pairs = pd.read_csv(folder / f"pairs_{name}.csv")
    vectors = np.asarray(images.images)[:, images.mask].astype(float)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    again = np.triu(vectors @ vectors.T > SAME_IMAGE, 1).any(axis=0)
    known = ~(again[pairs["i"]] | again[pairs["j"]])
    place = np.cumsum(~again) - 1
    left = pairs[known].assign(i=place[pairs["i"][known]], j=place[pairs["j"][known]])
    kept = np.flatnonzero(~again)
    return (
        IonImages(
            images=np.asarray(images.images)[kept],
            mz=np.asarray(images.mz)[kept],
            mask=images.mask,
            source=images.source,
        ),
        left,
    )


def _recall(images: IonImages, pairs: pd.DataFrame, config: PaperConfig) -> dict[str, Any]:
    """Train on a real set with the square root of its ions as the number of clusters: the paper's 35 of 1,101."""
    number = round(len(images.images) ** 0.5)
    settings, ready = config.with_settings({"clusters": number}), prepare(images, config.prepare)
    with TemporaryDirectory() as folder:
        learned = watch(ready, settings, Path(folder)).learned
    clusters = _all_clusters(learned, settings)
    vectors = ready.images[:, ready.mask]
    clusters["image vectors"] = training.spectral_clusters(
        vectors, number, n_neighbours=config.neighbours, seed=config.seed
    )
    found: dict[str, Any] = {"ions": len(images.images), "clusters": number}
    isotopes = pairs["kind"].str.match(r"13C$|M\+")
    for kind, rows in (("isotopes", isotopes), ("adducts", pairs["kind"].isin(ADDUCTS))):
        some = pairs.loc[rows, ["i", "j"]].to_numpy(int)
        if len(some):
            found[kind] = {"pairs": len(some)} | {
                name: metrics.same_cluster(each, some) for name, each in clusters.items()
            }
    return found


def _labels(images: IonImages) -> np.ndarray:
    assert images.labels is not None
    return np.asarray(images.labels)


def tables(kept: Kept) -> str:
    """Return all tables in Markdown, with what was measured and what was not."""
    entries = kept.entries()
    by_part: dict[str, list[dict]] = defaultdict(list)
    for entry in entries:
        by_part[entry["task"][0]].append(entry)
    encoder, side, epochs = kept.settings.values()
    parts = [
        f"{encoder}, {side} px, {' + '.join(map(str, epochs))} epochs; "
        + ("" if encoder == B0 else "the paper's encoder is EfficientNet-B0, whose weights were not on the machine; ")
        + "mean ± standard deviation over n replicates of the uterus simulation. "
        + _missing(by_part)
        + "\n"
    ]
    for number in CLUSTERS:
        parts += _of_clusters([one for one in by_part["clusters"] if one["task"][2] == number], number)
    parts += [_of_epochs(by_part["contrastive"]), _of_augmentations(by_part["augmentation"])]
    parts += [_of_recall(by_part["recall"])]
    for number in CLUSTERS:
        parts.append(_of_quantile(by_part, number))
    return "\n".join(part for part in parts if part)


def _missing(by_part: dict[str, list[dict]]) -> str:
    done = {part: {tuple(entry["task"][1:]) for entry in found} for part, found in by_part.items()}
    wanted = {
        "Table 1": ("clusters", REPLICATES * len(CLUSTERS)),
        "isotopic recall": ("recall", len(REAL)),
        "the augmentations of Fig. 2b": ("augmentation", REPLICATES * len(AUGMENTATIONS)),
        "the 0.4 quantile": ("quantile", REPLICATES * len(CLUSTERS)),
    }
    said = [
        f"{title} ({len(done.get(part, ()))} of {number} trainings run)"
        for title, (part, number) in wanted.items()
        if len(done.get(part, ())) < number
    ]
    return f"Not complete: {', '.join(said)}." if said else "Everything was run."


def _of_clusters(entries: list[dict], number: int) -> Iterator[str]:
    scores, neighbours, cosines, confidence, labelling = (Table() for _ in range(5))
    for values in (entry["values"] for entry in entries):
        for (name, title), figure in zip(STEPS.items(), PUBLISHED[number], strict=True):
            scores.add(title, values["scores"][name])
            scores.notes[title] = figure
        for name, found in values["neighbours"].items():
            title = STEPS.get(name, name).removesuffix(" + SC")
            neighbours.add(title, dict(zip(map(str, NEIGHBOURS), found, strict=True)))
            neighbours.notes[title] = PUBLISHED_NEIGHBOURS.get(name, "")
            cosines.add(title, values["cosines"][name])
            cosines.notes[title] = " and ".join(PUBLISHED_COSINES) if name == CONTRASTIVE else ""
        for threshold, accuracy, share in zip(THRESHOLDS, *values["confidence"].values(), strict=True):
            confidence.add(f"{threshold:g}", {"accuracy": accuracy, "kept": share})
        for epoch, found in values["labelling"].items():
            labelling.add(epoch, found)
    yield scores.text(f"Table 1, {number} clusters", "method", "the paper's accuracy (%), on other images")
    if number == CLUSTERS[0]:
        yield neighbours.text(
            "Share of the k nearest neighbours that are of an ion's class (Fig. 2e)", "k", "the paper's at 10 (%)"
        )
    yield confidence.text(f"After step 2, {number} clusters (Fig. 2f)", "probability above")
    yield labelling.text(f"Self-labelling over its epochs, {number} clusters (Fig. 2g)", "epoch")
    if number == CLUSTERS[0]:
        yield cosines.text(
            f"Cosines of m/z {LIKE:.4f} with {ALIKE:.4f} and {OTHER:.4f} (Fig. 4b), and of all ions", "vectors", "paper"
        )


def _of_epochs(entries: list[dict]) -> str:
    table = Table()
    for values in (entry["values"] for entry in entries):
        looks = {int(epoch): found for epoch, found in values["linear"].items()}
        for epoch in sorted({*_some(len(values["epochs"])), *looks}):
            table.add(str(epoch), values["epochs"][epoch - 1] if epoch else {})
            if epoch in looks:
                table.add(str(epoch), {"linear evaluation": looks[epoch]})
    return table.text("Contrastive learning over its epochs (Fig. S4)", "epoch")


def _of_augmentations(entries: list[dict]) -> str:
    table = Table()
    for name in AUGMENTATIONS:
        for entry in entries:
            if entry["task"][2] == name:
                if name == next(iter(AUGMENTATIONS)):
                    table.add("no SimCLR", entry["values"][PRETRAINED])
                table.add(name, entry["values"][CONTRASTIVE])
    return table.text("Linear evaluation by augmentation (Fig. 2b)", "augmentation")


def _of_recall(entries: list[dict]) -> str:
    if not entries:
        return ""
    titles = {"image vectors": "image vectors + SC", **STEPS}
    lines = [
        "#### Pairs of one molecule in one cluster (Fig. 5d), and of permuted clusters; one training each\n",
        f"| set | ions | clusters | pairs | {' | '.join(titles.values())} |",
        "|" + " --- |" * (len(titles) + 4),
    ]
    for entry in entries:
        values = entry["values"]
        for kind in ("isotopes", "adducts"):
            if kind in values:
                cells = (f"{share:.3f} ({chance:.3f})" for share, chance in (values[kind][name] for name in titles))
                sizes = f"{values['ions']} | {values['clusters']} | {values[kind]['pairs']} {kind}"
                lines.append(f"| {entry['task'][1]} | {sizes} | {' | '.join(cells)} |")
    published = " | ".join(f"{figure} %" for figure in PUBLISHED_RECALL)
    lines.append(f"| the paper's mouse brain | 1101 | 35 | isotopes | | {published} |")
    return "\n".join(lines) + "\n"


def _of_quantile(by_part: dict[str, list[dict]], number: int) -> str:
    table = Table()
    both = {entry["task"][1] for entry in by_part["quantile"] if entry["task"][2] == number}
    for part, title in (("clusters", "0.9"), ("quantile", "0.4 quantile")):
        for entry in by_part[part]:
            if entry["task"][2] == number and entry["task"][1] in both:
                first, last = entry["values"]["confident"]
                found = entry["values"]["scores"][SELF_LABELLED]
                table.add(title, found | {"confident first": first, "confident last": last})
    return table.text(f"Threshold of self-labelling, {number} clusters", "threshold")


def _some(number: int) -> Iterable[int]:
    """Return about `ROWS` of the epochs 1 to `number`, the first and the last among them."""
    return sorted({round(epoch) for epoch in np.linspace(1, number, min(number, ROWS))})


def _cell(values: list[float]) -> str:
    known = np.array(values)[~np.isnan(values)]
    if not len(known):
        return ""
    return f"{known.mean():.3f}" + (f" ± {known.std(ddof=1):.3f}" if len(known) > 1 else "")


if __name__ == "__main__":
    main()
