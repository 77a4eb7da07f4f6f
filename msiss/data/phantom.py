"""A simulated tissue section with known classes, for the demo, the tests and the benchmarks.

What makes it hard, for every method alike:

* classes share tissue parts and differ in the relative intensity of the parts, in gradients and in fine structures;
* molecules of one class differ: each mixes in some of another class and has its own contrast and background;
* counts follow Poisson noise, from abundant ions to barely detectable ones;
* protonated ions and alkali adducts see different line-to-line steps, sensitivity over the section and hot spots.

The sizes of these effects below are settings, not measurements. They were chosen on `benchmarks/phantom.py` so that the
cosine of plain image vectors finds about half of the structure, while who knows the classes' noise-free images and the
sensitivity of the instrument recognises nine ions in ten. All m/z are masses of true formulas. Simpler than in a real
section: no two ions have nearly the same m/z, and the pattern of a molecule has nothing to do with its kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.data.formats.imzml_writer import write_imzml
from msiss.data.ion_images import IonImages
from msiss.data.phantom_anatomy import CLASSES, MATRIX, class_profiles, smooth_field
from msiss.data.phantom_molecules import MZ_RANGE, draw_ions
from msiss.errors import SettingError

# Largest share of another pattern in the image of a molecule, spread (log scale) of its contrast exponent, and largest
# share of its counts that is spread evenly.
LARGEST_MIX = 0.35
CONTRAST_SPREAD = 0.3
LARGEST_BACKGROUND = 0.2
# Spread (log scale) of the sensitivity over the section, from line to line and from pixel to pixel.
FIELD_SPREAD, LINE_SPREAD, PIXEL_SPREAD = 0.4, 0.3, 0.3
# Share of the pixels that are hot spots, and how much brighter they are (log scale).
HOT_SPOT_SHARE = 0.003
HOT_SPOT_LOG = (1.0, 2.5)
# Share of the pixels that were not measured.
MISSING_SHARE = 0.0007
# What a spectrum has besides its ions: an error of each m/z (standard deviation), and noise peaks of one count.
JITTER_PPM = 1.5
NOISE_PEAKS = 3.0


@dataclass(frozen=True, eq=False)
class Phantom:
    """A simulated section and the truth about it.

    Attributes
    ----------
    images : IonImages
        N ion images in counts, ordered by m/z, with names, and the true classes as labels.
    truth : DataFrame of N rows
        mz (Th), class (as in `CLASSES`), name, molecule, kind ("H", "Na", "K" or "13C"), adduct.
    profiles : ndarray of shape (C, H, W), float64
        Noise-free image of each class.
    sensitivity : dict of str to ndarray of shape (H, W)
        By adduct: what the instrument multiplies the amount of a molecule with.
    seed : int
        What the section was made from.
    """

    images: IonImages
    truth: pd.DataFrame
    profiles: np.ndarray
    sensitivity: dict[str, np.ndarray]
    seed: int

    def pairs(self) -> pd.DataFrame:
        """Return the pairs of ions of one molecule: i, j, kind ("13C", "H/Na", "H/K" or "Na/K"), mz_i, mz_j.

        Isotopes are paired with their own adduct's lightest isotope, adducts by their lightest isotopes.
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
        """Go through the centroid spectra: x and y (counted from 1), m/z in Th, counts.

        Every m/z has an error of its own, and a few peaks of noise lie anywhere. Always the same spectra.
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
        self.truth.to_csv(folder / "truth.csv", index=False)
        return path


def write_phantom(folder: Path, *, seed: int = 0) -> Path:
    """Write the phantom of `seed` as ``demo.imzML``, ``demo.ibd`` and ``truth.csv``; see `Phantom.write`."""
    return make_phantom(seed=seed).write(folder)


def make_phantom(*, seed: int = 0, shape: tuple[int, int] = (88, 116), ions: int = 280) -> Phantom:
    """Simulate a tissue section.

    Parameters
    ----------
    seed : int
        The same seed gives the same section, another seed another one.
    shape : tuple of two int
        Height and width in pixels.
    ions : int
        Number of ion images, 1 to 1000.

    Raises
    ------
    SettingError
        Where the section is too small to hold its parts, or there are more ions than room for them in the spectrum.
    """
    if min(shape) < 24 or not 1 <= ions <= 1000:
        raise SettingError(
            f"A phantom has at least 24 x 24 pixels and 1 to 1000 ions; {shape[0]} x {shape[1]} pixels and {ions} ions "
            "were asked for."
        )
    anatomy, chemistry, biology, instrument = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)[:4]
    )
    profiles = class_profiles(shape, anatomy)
    table = draw_ions(ions, [spatial.share for spatial in CLASSES], matrix=MATRIX, rng=chemistry)
    classes = dict(zip(table["molecule"], table["class"], strict=True))
    patterns = {molecule: _draw_pattern(number, profiles, biology) for molecule, number in classes.items()}
    sensitivity = _draw_sensitivity(shape, instrument)
    mask = instrument.permutation(shape[0] * shape[1]).reshape(shape) >= np.ceil(MISSING_SHARE * shape[0] * shape[1])
    images = np.zeros((ions, *shape), dtype=np.float32)
    for image, molecule, adduct, counts in zip(
        images, table["molecule"], table["adduct"], table["counts"], strict=True
    ):
        image[:] = instrument.poisson(counts * patterns[molecule] * sensitivity[adduct] * mask)
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


def _draw_pattern(number: int, profiles: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the amount of one molecule of class `number` in each pixel, with mean 1."""
    other = profiles[rng.integers(len(profiles))]
    mix = rng.uniform(0, LARGEST_MIX)
    pattern = ((1 - mix) * profiles[number] + mix * other) ** np.exp(rng.normal(0, CONTRAST_SPREAD))
    background = rng.uniform(0, LARGEST_BACKGROUND)
    return (1 - background) * pattern / pattern.mean() + background


def _draw_sensitivity(shape: tuple[int, int], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return what the instrument makes of the same amount in each pixel: by adduct, as salts favour alkali adducts."""
    fields: dict[str, np.ndarray] = {}
    for adducts in (("H",), ("Na", "K")):
        log = FIELD_SPREAD * smooth_field(shape, 0.2, rng)
        log = log + LINE_SPREAD * rng.standard_normal((shape[0], 1)) + PIXEL_SPREAD * rng.standard_normal(shape)
        log = log + (rng.random(shape) < HOT_SPOT_SHARE) * rng.uniform(*HOT_SPOT_LOG, shape)
        fields |= dict.fromkeys(adducts, np.exp(log))
    return fields
