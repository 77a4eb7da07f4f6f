"""Selection of ions: removal of rare, unstructured and duplicate ions, and of isotopes.

All functions process one ion at a time, so that a stack on disk is never loaded as a whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from msiss.analyse.masses import CARBON_13
from msiss.data.ion_images import IonImages
from msiss.data.neighbours import neighbours
from msiss.data.peaks import morans_i
from msiss.data.progress import Progress, ignore
from msiss.data.recipe import IonsConfig
from msiss.errors import SettingError

# Two ions within this many tolerances of each other belong to one peak, as their windows touch.
PEAK_WIDTH = 2.0
# Pearson correlation above which two images of one peak are duplicates, and above which an image, weaker and therefore
# noisier, may be that of an isotope. Settings, not measurements.
DUPLICATE_CORRELATION, ISOTOPE_CORRELATION = 0.9, 0.5
# Abundance of 13C relative to 12C, 1.07 : 98.93 (IUPAC 2021).
ISOTOPE_ABUNDANCE = 0.0107 / 0.9893
# Carbon atoms per Da: rarely fewer than a third of those of averagine, 4.9384 per 111.1254 Da (Senko et al., J. Am.
# Soc. Mass Spectrom. 1995, 6, 229), never more than in pure carbon; with a margin of 50 % for errors of intensities.
FEWEST_CARBON, MOST_CARBON = 4.9384 / 111.1254 / 3, 1.5 / 12
CHARGES = (1, 2)


@dataclass(frozen=True, eq=False)
class IonStatistics:
    """The statistics by which ions are selected.

    Attributes
    ----------
    share : ndarray of shape (N,)
        Share of the measured pixels in which the ion was found, 0 to 1.
    structure : ndarray of shape (N,)
        Moran's I of the square root of the image: about 0 for noise, towards 1 for smooth anatomy.
    mean : ndarray of shape (N,)
        Mean intensity over the measured pixels.
    """

    share: np.ndarray
    structure: np.ndarray
    mean: np.ndarray


def ion_statistics(images: IonImages, *, progress: Progress = ignore) -> IonStatistics:
    """Compute the statistics of every ion image over the pixels of the mask."""
    share, structure, mean = np.zeros((3, len(images)))
    near = neighbours(images.mask)
    for ion, image in enumerate(images.images):
        found = np.asarray(image)[images.mask]
        share[ion] = (found > 0).mean()
        mean[ion] = found.mean(dtype=np.float64)
        structure[ion] = morans_i(image[None], images.mask, near)[0]
        progress((ion + 1) / len(images), f"Looking at {ion + 1:,} of {len(images):,} ion images")
    return IonStatistics(share, structure, mean)


def choose_ions(images: IonImages, statistics: IonStatistics, config: IonsConfig, ppm: float) -> tuple[str, ...]:
    """Return for each ion why it is removed; an empty text if it is kept.

    Parameters
    ----------
    images : IonImages
        N ion images.
    statistics : IonStatistics
        Of these images.
    config : IonsConfig
        The criteria.
    ppm : float
        Tolerance of an m/z in parts per million, half the width of a peak.

    Raises
    ------
    SettingError
        If no ion would be kept.
    """
    reasons = [""] * len(images)
    for ion, (share, structure) in enumerate(zip(statistics.share, statistics.structure, strict=True)):
        if share < config.least_share:
            reasons[ion] = f"found in {share:.2%} of the pixels"
        elif structure < config.least_structure:
            reasons[ion] = f"Moran's I {structure:.3f}"
    if images.axis.is_mz:
        if config.merge_duplicates:
            _mark(reasons, _duplicates(images, statistics, reasons, ppm))
        if config.isotopes == "drop":
            _mark(reasons, _isotopes(images, statistics, reasons, ppm))
    if all(reasons):
        raise SettingError(
            f"None of the {len(images):,} ions would stay. Lower the least share of pixels or the least spatial "
            f"structure; the most structured ion has Moran's I {statistics.structure.max():.3f}, and the most frequent "
            f"one is found in {statistics.share.max():.1%} of the pixels."
        )
    return tuple(reasons)


def _mark(reasons: list[str], found: Iterator[tuple[int, str]]) -> None:
    for ion, reason in list(found):
        reasons[ion] = reason


def _duplicates(
    images: IonImages, statistics: IonStatistics, reasons: list[str], ppm: float
) -> Iterator[tuple[int, str]]:
    """Yield the ions that duplicate a more intense one of the same peak, the most intense ions first."""
    kept: list[int] = []
    for ion in _by_intensity(statistics, reasons):
        near = [
            other
            for other in kept
            if abs(images.mz[other] - images.mz[ion]) <= PEAK_WIDTH * ppm * 1e-6 * images.mz[ion]
        ]
        same = next((other for other in near if _correlation(images, ion, other) >= DUPLICATE_CORRELATION), None)
        if same is None:
            kept.append(ion)
        else:
            apart = abs(images.mz[same] - images.mz[ion]) / images.mz[same] * 1e6
            correlation = _correlation(images, ion, same)
            yield ion, f"near-duplicate of {images.axis.text(images.mz[same])} ({apart:.1f} ppm, r = {correlation:.2f})"


def _isotopes(
    images: IonImages, statistics: IonStatistics, reasons: list[str], ppm: float
) -> Iterator[tuple[int, str]]:
    """Yield the ions that match the first 13C isotope of another ion, which itself may have been removed."""
    order = np.argsort(images.mz)
    ordered = images.mz[order]
    for ion in (ion for ion in range(len(images)) if not reasons[ion]):
        for charge in CHARGES:
            mz = images.mz[ion] - CARBON_13 / charge
            low, high = np.searchsorted(ordered, [mz * (1 - ppm * 1e-6), mz * (1 + ppm * 1e-6)])
            lighter = [
                int(other) for other in order[low:high] if _may_be_isotope(images, statistics, ion, int(other), charge)
            ]
            if lighter:
                yield ion, f"13C isotope of {images.axis.text(images.mz[lighter[0]])}"
                break


def _may_be_isotope(images: IonImages, statistics: IonStatistics, ion: int, lighter: int, charge: int) -> bool:
    if not statistics.mean[lighter]:
        return False
    carbons = statistics.mean[ion] / statistics.mean[lighter] / ISOTOPE_ABUNDANCE
    mass = images.mz[lighter] * charge
    plausible = FEWEST_CARBON * mass <= carbons <= MOST_CARBON * mass
    return bool(plausible) and _correlation(images, ion, lighter) >= ISOTOPE_CORRELATION


def _by_intensity(statistics: IonStatistics, reasons: list[str]) -> list[int]:
    return [int(ion) for ion in np.argsort(-statistics.mean, kind="stable") if not reasons[ion]]


def _correlation(images: IonImages, one: int, other: int) -> float:
    """Return the Pearson correlation of two ion images over the mask; 0 if one of them is constant."""
    first, second = (np.asarray(images.images[ion])[images.mask].astype(np.float64) for ion in (one, other))
    first, second = first - first.mean(), second - second.mean()
    size = np.sqrt((first**2).sum() * (second**2).sum())
    return float((first * second).sum() / size) if size > 0 else 0.0
