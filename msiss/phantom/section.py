"""A simulated tissue section with known classes, for the demo, the tests and the benchmarks.

What makes it difficult, for all methods:

* classes share tissue parts and differ in the relative intensity of the parts, in gradients and in fine structures;
* molecules of one class differ: each has a share of the pattern of another class, and its own contrast and background;
* counts have Poisson noise, from abundant ions to barely detectable ones;
* protonated ions and alkali adducts have different steps between lines, sensitivity over the section and hot spots.

Other regimes (`msiss.phantom.regime`) add what ions have in common from pixel to pixel, as in real sections; the
default one has none of it.

The sizes of these effects below are settings, not measurements. They were chosen on `benchmarks/phantom.py` so that the
cosine of image vectors finds about half of the structure, while an oracle with the noise-free images of the classes and
the sensitivity of the instrument classifies nine ions in ten correctly. All m/z are masses of true formulas. Simpler
than a real section: no two ions have nearly the same m/z, and the pattern of a molecule is independent of its kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.data.cells import to_csv
from msiss.data.formats.imzml.writer import write_imzml
from msiss.data.ion_images import IonImages
from msiss.errors import SettingError
from msiss.phantom.anatomy import CLASSES, MATRIX, class_profiles, nested_profiles, patch_profiles, smooth_field
from msiss.phantom.fluctuation import drift, factors, noise_spreads, suppression
from msiss.phantom.molecules import MZ_RANGE, draw_ions
from msiss.phantom.regime import DEFAULT_REGIME, Regime

# Intensity of hot spots relative to other pixels (log scale).
HOT_SPOT_LOG = (1.0, 2.5)
# Errors of spectra: standard deviation of each m/z, and noise peaks of one count.
JITTER_PPM = 1.5
NOISE_PEAKS = 3.0


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
    anatomy, chemistry, biology, instrument, _, _, cells, noise = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(8)
    )
    profiles = _draw_profiles(shape, regime, anatomy)
    shares = [spatial.share for spatial in CLASSES] if regime.anatomy != "nested" else [1.0] * len(profiles)
    matrix = MATRIX if regime.anatomy != "nested" else len(profiles) - 1
    table = draw_ions(ions, shares, matrix=matrix, rng=chemistry)
    patterns = _draw_patterns(table, profiles, regime, biology, cells)
    sensitivity = _draw_sensitivity(shape, regime, instrument, cells, outside=profiles[matrix])
    mask = instrument.permutation(shape[0] * shape[1]).reshape(shape) >= np.ceil(regime.missing * shape[0] * shape[1])
    if not regime.whole:
        mask &= profiles[matrix] < profiles[matrix].max() / 2
    table["counts"] **= regime.abundance
    ions_of = list(zip(table["molecule"], table["adduct"], table["counts"], strict=True))
    if regime.suppression:
        total = np.zeros(shape)
        for molecule, adduct, counts in ions_of:
            total += counts * patterns[molecule] * sensitivity[adduct]
        suppressed = suppression(total, regime.suppression)
        sensitivity = {adduct: field * suppressed for adduct, field in sensitivity.items()}
    images = np.zeros((ions, *shape), dtype=np.float32)
    spreads = noise_spreads(table["mz"].to_numpy(), regime.noise)
    for image, (molecule, adduct, counts), spread in zip(images, ions_of, spreads, strict=True):
        rate = regime.counts * counts * patterns[molecule] * sensitivity[adduct] * mask
        image[:] = instrument.poisson(rate * factors(shape, spread, noise))
    images[images < regime.threshold] = 0
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


def _draw_profiles(shape: tuple[int, int], regime: Regime, rng: np.random.Generator) -> np.ndarray:
    """Return the noise-free image of each class, (C, H, W)."""
    if regime.anatomy == "nested":
        return nested_profiles(shape, rng, classes=regime.classes, scale=regime.scale, sharpness=regime.sharpness)
    return (class_profiles if regime.anatomy == "organ" else patch_profiles)(shape, rng)


def _draw_patterns(
    table: pd.DataFrame, profiles: np.ndarray, regime: Regime, rng: np.random.Generator, cells: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return the amount of each molecule in each pixel, with an expected mean of 1 over the section."""
    shape = profiles.shape[1:]
    measured = profiles * factors(profiles.shape, regime.cells, cells, grain=regime.grain)
    patterns = {}
    for molecule, number in zip(table["molecule"], table["class"], strict=True):
        if molecule in patterns:
            continue
        pattern = _draw_pattern(number, measured, regime, rng)
        if regime.overlap:
            shares = cells.dirichlet(np.full(len(profiles), 0.3))
            several = cells.uniform(0, regime.overlap)
            others = np.tensordot(shares, measured / measured.mean(axis=(1, 2), keepdims=True), axes=1)
            pattern = (1 - several) * pattern + several * others
        if regime.gradient:
            pattern = pattern * np.exp(regime.gradient * smooth_field(shape, 0.2, cells))
            pattern = pattern / pattern.mean()
        patterns[molecule] = pattern * factors(shape, regime.molecule, cells, grain=regime.grain)
    return patterns


def _draw_pattern(number: int, profiles: np.ndarray, regime: Regime, rng: np.random.Generator) -> np.ndarray:
    """Return the amount of one molecule of class `number` in each pixel, with mean 1."""
    other = profiles[rng.integers(len(profiles))]
    mix = rng.uniform(0, regime.mix)
    pattern = ((1 - mix) * profiles[number] + mix * other) ** np.exp(rng.normal(0, regime.contrast))
    background = rng.uniform(0, regime.background)
    return (1 - background) * pattern / pattern.mean() + background


def _draw_sensitivity(
    shape: tuple[int, int], regime: Regime, rng: np.random.Generator, common: np.random.Generator, outside: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the sensitivity in each pixel, by adduct, as salts favour alkali adducts."""
    # Where the profile of the matrix is between its values inside and outside the section.
    border = np.square(2 * (outside - outside.min()) / np.ptp(outside) - 1)
    whole = factors(shape, regime.spectrum, common) * drift(shape, regime.drift) * np.exp(regime.edge * (1 - border))
    fields: dict[str, np.ndarray] = {}
    for adducts in (("H",), ("Na", "K")):
        log = regime.field * smooth_field(shape, 0.2, rng)
        log = log + regime.line * rng.standard_normal((shape[0], 1)) + regime.pixel * rng.standard_normal(shape)
        log = log + (rng.random(shape) < regime.hot_spots) * rng.uniform(*HOT_SPOT_LOG, shape)
        fields |= dict.fromkeys(adducts, np.exp(log) * whole)
    return fields
