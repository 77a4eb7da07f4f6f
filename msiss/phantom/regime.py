"""What makes a section difficult, as numbers: from the anatomy to the noise."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from msiss.phantom.anatomy import CLASSES


@dataclass(frozen=True)
class Regime:
    """The difficulty of a section.

    Attributes
    ----------
    anatomy : {"organ", "patches", "nested"}
        A cross-section of a hollow organ, random patches, or organs that hold tissues; see `msiss.phantom.anatomy`.
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
    classes, scale, sharpness : int, float, float
        Of nested anatomy; see `msiss.phantom.anatomy.nested_profiles`. The others have as many classes as `CLASSES`.
    whole : bool
        The surroundings of the section were measured, too. Without them, at nested anatomy alone.
    overlap : float
        Largest share of all other classes together in a molecule that belongs to several, in random proportions.
    gradient : float
        Spread (log scale) of a smooth field of each molecule's own over the section.
    cells, molecule, spectrum : float
        Spread (log scale) between pixels of the amount of a class, as of cells of different kinds; of a molecule, which
        its ions share; and of all ions, as of matrix crystals and the laser's energy.
    grain : float
        Size of what `cells` and `molecule` describe, as sigma in pixels.
    drift : float
        Log of the sensitivity of the last line relative to the first.
    edge : float
        Log of the sensitivity at the border of the section relative to its inside.
    suppression : float
        Power of a pixel's total by which all ions are suppressed there.
    noise : float
        Spread (log scale) of each pixel of each ion on its own at m/z 600, in proportion to m/z.
    threshold : float
        Lower counts were not recorded.
    abundance : float
        Power of the counts of ions relative to one another: 0 if all are alike abundant.
    """

    anatomy: Literal["organ", "patches", "nested"] = "organ"
    counts: float = 1.0
    mix: float = 0.35
    contrast: float = 0.3
    background: float = 0.2
    field: float = 0.4
    line: float = 0.3
    pixel: float = 0.3
    hot_spots: float = 0.003
    missing: float = 0.0007
    classes: int = len(CLASSES)
    scale: float = 0.2
    sharpness: float = 4.0
    whole: bool = True
    overlap: float = 0.0
    gradient: float = 0.0
    cells: float = 0.0
    molecule: float = 0.0
    grain: float = 0.0
    spectrum: float = 0.0
    drift: float = 0.0
    edge: float = 0.0
    suppression: float = 0.0
    noise: float = 0.0
    threshold: float = 0.0
    abundance: float = 1.0


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
