"""Data sets whose truth is known, for `benchmarks/quality.py` and the trials of `benchmarks/RESEARCH.md`.

phantom   simulated sections that are like real sets in their statistics (`msiss.phantom.families`), and for which
          measures rank about as they do on real sets (`benchmarks/realism.py`): of the family tissue, isotopes and
          adducts of each molecule; of the family genes, classes.
uterus    13 class averages, 367 m/z and the expert's classes of the paper's benchmark (`shared/data/uterus`), made into
          single ion images again with noise, gain fields and mixing drawn here: classes.

Real data are in `benchmarks/real_sets.py`. All can be thinned, too: the right answer to the question which ion looks
like a faint copy of an ion is that ion.
"""

import os
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from msiss.analyse import isotopes
from msiss.analyse.thinning import blocks, faint, thin
from msiss.data.formats.budget import Budget
from msiss.data.formats.npy import read_npy
from msiss.data.ion_images import UNLABELLED, IonImages
from msiss.phantom.anatomy import smooth_field
from msiss.phantom.families import FAMILIES, Likeness
from msiss.phantom.regime import draw_regime
from msiss.phantom.section import Phantom, make_phantom

# Phantoms whose results may be looked at while settings are chosen, and those kept for the last check.
OPEN_SEEDS = (100, 101, 102, 103, 104, 105)
SEALED_SEEDS = (900, 901, 902, 903, 904, 905)
LEVELS = (1000, 200, 50)  # counts of a faint copy
USUAL_CLUSTERS = 7


@dataclass(frozen=True, eq=False)
class Truth:
    """A data set and what is known about it.

    Attributes
    ----------
    name : str
    images : IonImages
        N ion images; their labels are the known classes, if any.
    pairs : ndarray of shape (M, 2), int
        Ions that should co-localize; M may be 0.
    kinds : tuple of M str
        Why: "13C", "H/Na", ...
    counted : bool
        The intensities are numbers of ions.
    real : bool
        Nothing of it was simulated.
    thinned : bool
        Faint copies of its ions are looked for, too.
    """

    name: str
    images: IonImages
    pairs: np.ndarray
    kinds: tuple[str, ...] = ()
    counted: bool = True
    real: bool = False
    thinned: bool = True

    @property
    def clusters(self) -> int:
        """Number of clusters to ask for: that of the classes or, where there are not several, what suits most sets."""
        labels = self.images.labels
        return USUAL_CLUSTERS if labels is None else max(USUAL_CLUSTERS, len(np.unique(labels[labels >= 0])))

    @property
    def molecules(self) -> np.ndarray:
        """Molecule of each pair, shape (M,): pairs that share an ion, directly or not, are of one molecule."""
        if not len(self.pairs):
            return np.zeros(0, int)
        return isotopes.molecules(self.pairs, len(self.images))[self.pairs[:, 0]]


@dataclass(frozen=True, eq=False)
class Copies:
    """Faint copies of ion images.

    Attributes
    ----------
    level : int
        Counts of a copy, about.
    contrast : bool
        The contrast of each copy was changed.
    images : ndarray of shape (M, H, W)
    parents : ndarray of shape (M,), int
        The ion of each copy.
    """

    level: int
    contrast: bool
    images: np.ndarray
    parents: np.ndarray


def phantom(seed: int) -> Truth:
    """Return the phantom of `seed`: of the family tissue for even seeds, of the family genes for odd ones.

    Each knows only what it predicts of real sets (`benchmarks/realism.py`): tissue has pairs, genes have classes.
    """
    name = ("tissue", "genes")[seed % 2]
    members = FAMILIES[name]
    made = of_family(members[seed // 2 % len(members)], seed)
    if name == "genes":
        return replace(made, name=f"genes {seed}", pairs=made.pairs[:0], kinds=())
    return replace(made, name=f"tissue {seed}", images=replace(made.images, labels=None))


def of_family(member: Likeness, seed: int) -> Truth:
    """Return the section of `seed` of a member of a family, with its pairs and classes, without images of no counts.

    Of each molecule one ion has a class: its isotopes and adducts would make neighbours of a class easy to find.
    """
    made = make_phantom(seed=seed, shape=member.shape, ions=member.ions, regime=member.regime)
    counted = made.images.images.any(axis=(1, 2))
    kept = np.flatnonzero(counted)
    truth, images = made.truth.iloc[kept].reset_index(drop=True), made.images.subset(kept)
    again = truth["molecule"].duplicated().to_numpy()
    once = np.where(again, UNLABELLED, truth["class"].to_numpy(np.int64))
    return _of(f"like {member.like} {seed}", replace(made, truth=truth, images=replace(images, labels=once)))


def earlier_phantom(seed: int) -> Truth:
    """Return the phantom of the regime drawn from `seed`; takes part in no choice, as it does not predict real sets."""
    return _of(f"earlier {seed}", make_phantom(seed=seed, regime=draw_regime(seed)))


def _of(name: str, made: Phantom) -> Truth:
    pairs = made.pairs()
    return Truth(name, made.images, pairs[["i", "j"]].to_numpy(int), tuple(pairs["kind"]))


def uterus(seed: int) -> Truth:
    """Return the uterus simulation: real classes and patterns, simulated ions."""
    folder = data_folder() / "uterus"
    table = np.load(folder / "mass_list.npy")
    file = folder / "labeling_data.npy"
    pairs = read_npy(file, Budget(file.name, file), objects=True)
    patterns = {int(label): image[..., 0] / 255.0 for image, label in pairs}
    mask = np.load(folder / "mask.npy") == 0
    order = np.argsort(table[:, 1].astype(float), kind="stable")
    table = table[order]
    labels = table[:, 2].astype(np.int64)
    rng = np.random.default_rng(seed)
    gains = {mode: np.exp(0.4 * smooth_field(mask.shape, 0.2, rng)) for mode in ("neg", "pos")}
    images = np.zeros((len(table), *mask.shape), dtype=np.float32)
    for image, label, mode in zip(images, labels, table[:, 0], strict=True):
        mix, background = rng.uniform(0, 0.35), rng.uniform(0, 0.3)
        other = patterns[int(rng.integers(len(patterns)))]
        own, other = (pattern / pattern[mask].mean() for pattern in (patterns[int(label)], other))
        pattern = ((1 - mix) * own + mix * other) ** np.exp(rng.normal(0, 0.35))
        gain = gains[str(mode)] * np.exp(0.3 * smooth_field(mask.shape, 0.15, rng) + 0.2 * rng.normal(size=(96, 1)))
        rate = ((1 - background) * pattern / pattern[mask].mean() + background) * gain * mask
        counts = np.exp(rng.uniform(np.log(0.2), np.log(20)))  # per pixel
        image[:] = rng.poisson(counts * rate / rate[mask].mean())
    stack = IonImages(images=images, mz=table[:, 1].astype(float), mask=mask, labels=labels, source="uterus simulation")
    return Truth(f"uterus {seed}", stack, np.zeros((0, 2), int))


def thinned(truth: Truth, seed: int) -> tuple[IonImages, list[Copies]]:
    """Return the data set that copies were taken out of, and the copies, at every level and with and without contrast.

    Where ions were counted, the copies and what is left of an image have no count in common. Where they were not, the
    copies are drawn from one half of the pixels and the other half is the data set (`thinning.blocks`).
    """
    images, mask, rng = np.asarray(truth.images.images), truth.images.mask, np.random.default_rng(seed)
    sets = []
    if truth.counted:
        for contrast, level in product((False, True), LEVELS):
            images, copies, parents = thin(images, mask, level, contrast=contrast, rng=rng)
            sets.append(Copies(level, contrast, copies, parents))
        return replace(truth.images, images=images), sets
    first, second, mask = blocks(images, mask)
    for contrast, level in product((False, True), LEVELS):
        copies = faint(first, mask, level, contrast=contrast, rng=rng)
        sets.append(Copies(level, contrast, copies, np.arange(len(copies))))
    return stack_of(second, mask, truth.images.mz), sets


def stack_of(images: np.ndarray, mask: np.ndarray, mz: np.ndarray) -> IonImages:
    """Return ion images (M, H, W) as `IonImages`, of the m/z or, where there are other images than m/z, of none."""
    known = mz if len(mz) == len(images) else np.arange(1.0, len(images) + 1)
    return IonImages(images=images.astype(np.float32), mz=known, mask=mask)


def data_folder() -> Path:
    """Return the folder of the data, from the environment variable MSISS_TEST_DATA."""
    return Path(os.environ["MSISS_TEST_DATA"])
