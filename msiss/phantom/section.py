"""A simulated tissue section with known classes, for the demo, the tests and the benchmarks.

What makes it difficult, for all methods:

* classes share tissue parts and differ in the relative intensity of the parts, in gradients and in fine structures;
* molecules of one class differ: each has a share of the pattern of another class, and its own contrast and background;
* counts have Poisson noise, from abundant ions to barely detectable ones;
* protonated ions and alkali adducts have different steps between lines, sensitivity over the section and hot spots.

The sizes of these effects below are settings, not measurements. They were chosen on `benchmarks/phantom.py` so that the
cosine of image vectors finds about half of the structure, while an oracle with the noise-free images of the classes and
the sensitivity of the instrument classifies nine ions in ten correctly. All m/z are masses of true formulas. Simpler
than a real section: no two ions have nearly the same m/z, and the pattern of a molecule is independent of its kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from msiss.data.cells import to_csv
from msiss.data.formats.imzml.writer import write_imzml
from msiss.data.ion_images import IonImages
from msiss.errors import SettingError
from msiss.phantom.anatomy import CLASSES, MATRIX, class_profiles, patch_profiles, smooth_field
from msiss.phantom.molecules import MZ_RANGE, draw_ions

# Intensity of hot spots relative to other pixels (log scale).
HOT_SPOT_LOG = (1.0, 2.5)
# Errors of spectra: standard deviation of each m/z, and noise peaks of one count.
JITTER_PPM = 1.5
NOISE_PEAKS = 3.0


@dataclass(frozen=True)
class Regime:
    """The difficulty of a section.

    Attributes
    ----------
    anatomy : {"organ", "patches"}
        A cross-section of a hollow organ, or random patches; see `msiss.phantom.anatomy`.
    counts : float
        Factor of the counts of all ions.
    mix : float
        Largest share of another pattern in the image of a molecule.
    contrast : float
        Spread (log scale) of the exponent that changes a molecule's contrast.
    background : float
        Largest share of the counts of a molecule that is uniform.
    field, line, pixel : float
        Spread (log scale) of the sensitivity over the section, between lines and between pixels.
    hot_spots, missing : float
        Share of the pixels that are hot spots, and that were not measured.
    """

    anatomy: Literal["organ", "patches"] = "organ"
    counts: float = 1.0
    mix: float = 0.35
    contrast: float = 0.3
    background: float = 0.2
    field: float = 0.4
    line: float = 0.3
    pixel: float = 0.3
    hot_spots: float = 0.003
    missing: float = 0.0007


DEFAULT_REGIME = Regime()


def draw_regime(seed: int) -> Regime:
    """Return a random regime, from easy to infeasible; the same seed gives the same one."""
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(6)[5])
    return Regime(
        anatomy=("organ", "patches")[rng.integers(2)],
        counts=float(np.exp(rng.uniform(np.log(0.2), np.log(3)))),
        mix=rng.uniform(0.1, 0.5),
        contrast=rng.uniform(0.1, 0.6),
        background=rng.uniform(0.0, 0.5),
        field=rng.uniform(0.1, 0.7),
        line=rng.uniform(0.0, 0.5),
        pixel=rng.uniform(0.0, 0.5),
        hot_spots=rng.uniform(0.0, 0.01),
        missing=rng.uniform(0.0, 0.01),
    )


@dataclass(frozen=True, eq=False)
class Phantom:
    """A simulated section and its ground truth.

    Attributes
    ----------
    images : IonImages
        N ion images in counts, ordered by m/z, with names, and the true classes as labels.
    truth : DataFrame of N rows
        mz (Th), class (as in `CLASSES`), name, molecule, kind ("H", "Na", "K" or "13C"), adduct.
    profiles : ndarray of shape (C, H, W), float64
        Noise-free image of each class.
    sensitivity : dict of str to ndarray of shape (H, W)
        Sensitivity of the instrument, by adduct.
    seed : int
        Seed of the section.
    """

    images: IonImages
    truth: pd.DataFrame
    profiles: np.ndarray
    sensitivity: dict[str, np.ndarray]
    seed: int

    def pairs(self) -> pd.DataFrame:
        """Return the pairs of ions of one molecule: i, j, kind ("13C", "H/Na", "H/K" or "Na/K"), mz_i, mz_j.

        Isotopes are paired with the monoisotopic ion of the same adduct, adducts by their monoisotopic ions.
        """
        rows = []
        for _, ions in self.truth.groupby("molecule"):
            for i, j in combinations(ions.sort_values("mz").index, 2):
                first, second = self.truth.loc[i], self.truth.loc[j]
                if "13C" not in (first["kind"], second["kind"]):
                    kind = f"{first['kind']}/{second['kind']}"
                elif first["adduct"] == second["adduct"]:
                    kind = "13C"
                else:
                    continue
                rows.append({"kind": kind, "i": i, "j": j, "mz_i": first["mz"], "mz_j": second["mz"]})
        return pd.DataFrame(rows, columns=["kind", "i", "j", "mz_i", "mz_j"])

    def spectra(self) -> Iterator[tuple[int, int, np.ndarray, np.ndarray]]:
        """Yield the centroid spectra: x and y (counted from 1), m/z in Th, counts.

        Every m/z has an independent error, and there are a few noise peaks. The spectra are reproducible.
        """
        rng = np.random.default_rng(np.random.SeedSequence(self.seed).spawn(5)[4])
        for y, x in np.argwhere(self.images.mask):
            counts = self.images.images[:, y, x]
            found = np.flatnonzero(counts)
            noise = rng.uniform(*MZ_RANGE, rng.poisson(NOISE_PEAKS))
            mz = self.images.mz[found] * (1 + rng.normal(0, JITTER_PPM * 1e-6, found.size))
            mz, counts = np.append(mz, noise), np.append(counts[found], np.ones(noise.size, np.float32))
            order = np.argsort(mz)
            yield int(x) + 1, int(y) + 1, mz[order], counts[order]

    def write(self, folder: Path) -> Path:
        """Write ``demo.imzML``, ``demo.ibd`` and ``truth.csv`` into `folder`, and return the path of the first."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "demo.imzML"
        write_imzml(path, self.spectra(), polarity=self.images.polarity, pixel_size=self.images.pixel_size)
        (folder / "truth.csv").write_text(to_csv(self.truth), encoding="utf-8")
        return path


def write_phantom(folder: Path, *, seed: int = 0) -> Path:
    """Write the phantom of `seed` as ``demo.imzML``, ``demo.ibd`` and ``truth.csv``; see `Phantom.write`."""
    return make_phantom(seed=seed).write(folder)


def make_phantom(
    *, seed: int = 0, shape: tuple[int, int] = (88, 116), ions: int = 280, regime: Regime = DEFAULT_REGIME
) -> Phantom:
    """Simulate a tissue section.

    Parameters
    ----------
    seed : int
        The same seed gives the same section.
    shape : tuple of two int
        Height and width in pixels.
    ions : int
        Number of ion images, 1 to 1000.
    regime : Regime
        The difficulty of the section.

    Raises
    ------
    SettingError
        If the section is too small for its parts, or there are too many ions for the range of m/z.
    """
    if min(shape) < 24 or not 1 <= ions <= 1000:
        raise SettingError(
            f"A phantom has at least 24 x 24 pixels and 1 to 1000 ions; {shape[0]} x {shape[1]} pixels and {ions} ions "
            "were asked for."
        )
    anatomy, chemistry, biology, instrument = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)[:4]
    )
    draw_profiles = class_profiles if regime.anatomy == "organ" else patch_profiles
    profiles = draw_profiles(shape, anatomy)
    table = draw_ions(ions, [spatial.share for spatial in CLASSES], matrix=MATRIX, rng=chemistry)
    classes = dict(zip(table["molecule"], table["class"], strict=True))
    patterns = {molecule: _draw_pattern(number, profiles, regime, biology) for molecule, number in classes.items()}
    sensitivity = _draw_sensitivity(shape, regime, instrument)
    mask = instrument.permutation(shape[0] * shape[1]).reshape(shape) >= np.ceil(regime.missing * shape[0] * shape[1])
    images = np.zeros((ions, *shape), dtype=np.float32)
    for image, molecule, adduct, counts in zip(
        images, table["molecule"], table["adduct"], table["counts"], strict=True
    ):
        image[:] = instrument.poisson(regime.counts * counts * patterns[molecule] * sensitivity[adduct] * mask)
    stack = IonImages(
        images=images,
        mz=table["mz"].to_numpy(np.float64),
        mask=mask,
        names=tuple(table["name"]),
        polarity="positive",
        pixel_size=(50.0, 50.0),
        labels=table["class"].to_numpy(np.int64),
        source=f"phantom {seed}",
    )
    return Phantom(stack, table.drop(columns="counts"), profiles, sensitivity, seed)


def _draw_pattern(number: int, profiles: np.ndarray, regime: Regime, rng: np.random.Generator) -> np.ndarray:
    """Return the amount of one molecule of class `number` in each pixel, with mean 1."""
    other = profiles[rng.integers(len(profiles))]
    mix = rng.uniform(0, regime.mix)
    pattern = ((1 - mix) * profiles[number] + mix * other) ** np.exp(rng.normal(0, regime.contrast))
    background = rng.uniform(0, regime.background)
    return (1 - background) * pattern / pattern.mean() + background


def _draw_sensitivity(shape: tuple[int, int], regime: Regime, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return the sensitivity in each pixel, by adduct, as salts favour alkali adducts."""
    fields: dict[str, np.ndarray] = {}
    for adducts in (("H",), ("Na", "K")):
        log = regime.field * smooth_field(shape, 0.2, rng)
        log = log + regime.line * rng.standard_normal((shape[0], 1)) + regime.pixel * rng.standard_normal(shape)
        log = log + (rng.random(shape) < regime.hot_spots) * rng.uniform(*HOT_SPOT_LOG, shape)
        fields |= dict.fromkeys(adducts, np.exp(log))
    return fields
