"""Peak picking in imzML files: peaks of the mean spectrum, selected by the spatial structure of their images.

The images of candidates are not kept, and are made of as many rows of the section as fit into a fixed amount of memory,
so that peak picking needs no more memory for larger files.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from msiss.data import peaks as picking
from msiss.data.findings import DataStop, HealthRow, raise_or_warn
from msiss.data.formats.imzml.arrays import SpectrumReader
from msiss.data.formats.imzml.findings import header_rows, value_rows
from msiss.data.formats.imzml.header import open_imzml
from msiss.data.formats.imzml.kinds import chosen
from msiss.data.formats.imzml.spectrum_type import spectrum_type
from msiss.data.mz_matching import nearest_within
from msiss.data.neighbours import neighbours
from msiss.data.profile import PeakPreview, threshold
from msiss.data.progress import Progress, ignore, part
from msiss.data.recipe import ReadConfig

# The most intense peaks are candidates: four times the requested number and at least so many, as far as images of so
# many pixels fit into memory.
CANDIDATES, CANDIDATE_BYTES, FEWEST_PIXELS = 2000, 100_000_000, 5000
BAND = 8  # adjacent rows of the section in a band

# Spectra and values that a preview is computed from, and points that are plotted.
PREVIEW_SPECTRA, PREVIEW_VALUES, PLOTTED = 2000, 20_000_000, 20_000


def pick(
    readers: Sequence[SpectrumReader], listed: np.ndarray, config: ReadConfig, *, progress: Progress
) -> np.ndarray:
    """Return the m/z of at most `config.number` peaks of all files together, ascending, without listed ones.

    Afterwards, the statistics of the readers are those of a pass over all spectra.

    Raises
    ------
    DataStop
        If a file is damaged, or has no peaks.

    Warns
    -----
    MsissWarning
        If values of a file are unusual, or peaks are left out because they cannot be told from noise.
    """
    name = " + ".join(reader.file.path.name for reader in readers)
    found = _peaks(readers, config, part(progress, 0, 0.7))
    if not len(found[0]):
        action = "Lower the signal to noise and the prominence, or give a list of m/z instead."
        raise DataStop(HealthRow("peaks", "stop", "No peak can be found in the spectra.", "", action), name)
    most = max(config.number, CANDIDATE_BYTES // (4 * FEWEST_PIXELS))
    number = min(max(4 * config.number, CANDIDATES), most)
    candidates = picking.strongest(*found, ppm=config.ppm, number=number)
    candidates = candidates[
        nearest_within(candidates, listed, ppm=2 * config.ppm) < 0
    ]  # overlapping windows share signal
    if not len(candidates):
        return candidates
    structure, means = np.zeros((2, len(candidates)))
    chance = 0.0
    for place, reader in enumerate(readers):
        share = part(progress, 0.7 + 0.3 * place / len(readers), 0.7 + 0.3 * (place + 1) / len(readers))
        images, mask = _bands(reader, candidates, config.ppm, share)
        structure = np.maximum(structure, picking.morans_i(images, mask))  # structure in one section is enough
        means += [image[mask].mean(dtype=np.float64) for image in images]
        chance = max(chance, picking.structure_of_noise(mask))
    raise_or_warn(_noise(structure, means, chance, config.number), name)
    return candidates[picking.best(structure, means, number=config.number, chance=chance)]


def preview_peaks(path: Path, config: ReadConfig, *, progress: Progress = ignore) -> PeakPreview:
    """Return the mean of some spectra of a file, spread over the section, with the peaks that these settings find.

    Raises
    ------
    DataError
        If the file cannot be used.
    """
    whole = open_imzml(path, progress=part(progress, 0, 0.5))
    file, _ = chosen(whole, config)
    raise_or_warn((row for row in header_rows(whole, file, config) if row.level == "stop"), file.path.name)
    used = np.arange(len(file)) if file.weights is None else np.flatnonzero(file.weights)
    values = max(1, int(file.intensity.lengths.mean()))
    number = max(1, min(len(used), PREVIEW_SPECTRA, PREVIEW_VALUES // values))
    some = used[np.unique(np.linspace(0, len(used) - 1, number).astype(np.int64))]
    reader = SpectrumReader(file.of(some))
    kind = spectrum_type(file, config.spectrum_type)
    profile = kind.kind == "profile"
    how: dict[str, Any] = {"noise": config.noise, "prominence": config.prominence, "profile": profile}
    if file.shared_axis:
        mz, intensity = reader.mean_on_axis(progress=part(progress, 0.5, 1))
        order = np.argsort(mz, kind="stable")
        mz, intensity = mz[order], intensity[order]
        peaks = picking.axis_peaks(mz, intensity, **how)
    else:
        mean = picking.MeanSpectrum(max(config.ppm, kind.step))
        reader.mean_spectrum(mean, progress=part(progress, 0.5, 1))
        mz, intensity, _ = mean.curve()
        peaks = mean.peaks(**how)
    level = threshold(intensity, config.noise if profile else 0.0)
    plotted = _highest(intensity, PLOTTED)
    heights = np.interp(peaks[0], mz, intensity) if len(mz) else peaks[1]
    return PeakPreview(
        mz=mz[plotted],
        intensity=intensity[plotted] / len(some),
        threshold=level[plotted] / len(some),
        peak_mz=peaks[0],
        peak_intensity=heights / len(some),
        profile=profile,
        spectra=len(some),
    )


def _peaks(readers: Sequence[SpectrumReader], config: ReadConfig, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Return m/z and intensity of the peaks in the mean spectrum of all files."""
    how: dict[str, Any] = {"noise": config.noise, "prominence": config.prominence}
    kinds = [spectrum_type(reader.file, config.spectrum_type) for reader in readers]
    for reader, kind in zip(readers, kinds, strict=True):
        raise_or_warn([kind.row()], reader.file.path.name)
    how["profile"] = any(kind.kind == "profile" for kind in kinds)
    mean = picking.MeanSpectrum(max([config.ppm, *(kind.step for kind in kinds)]))
    for place, reader in enumerate(readers):
        share = part(progress, place / len(readers), (place + 1) / len(readers))
        if reader.file.shared_axis:
            mz, total = reader.mean_on_axis(progress=share)
        else:
            reader.mean_spectrum(mean, progress=share)
        raise_or_warn(value_rows(reader.file, reader.statistics), reader.file.path.name)
        if reader.file.shared_axis:
            mean.add(mz, total)
    if len(readers) == 1 and readers[0].file.shared_axis:  # the axis is known, so no grid is needed
        return picking.axis_peaks(mz, total, **how)
    return mean.peaks(**how)


def _bands(reader: SpectrumReader, mz: np.ndarray, ppm: float, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Return images of `mz` and their mask, in which only neighbouring pixels are in their true arrangement.

    Rows or columns without spectra are left out where they lie between no neighbours, so that a stray pixel costs no
    memory; of many rows, bands spread over the section are used, separated by as many empty rows.
    """
    measured = reader.file.measured
    reach = int(np.abs(neighbours(measured)).max(initial=1))
    rows, columns = _closed_up(np.any(measured, axis=1), reach), _closed_up(np.any(measured, axis=0), reach)
    height, width = int(rows.max()) + 1, int(columns.max()) + 1
    affordable = max(BAND, CANDIDATE_BYTES // (4 * width * len(mz)))
    if height > affordable:
        bands = max(1, affordable // (BAND + reach))
        place = np.full(height, -1)
        for number, start in enumerate(np.linspace(0, height - BAND, bands).astype(np.int64)):
            place[start : start + BAND] = number * (BAND + reach) + np.arange(BAND)
        rows = np.where(rows >= 0, place[rows], -1)
    images = np.zeros((len(mz), int(rows.max()) + 1, width), dtype=np.float32)
    mask = np.zeros(images.shape[1:], dtype=bool)
    held_rows, held_columns = np.flatnonzero(rows >= 0), np.flatnonzero(columns >= 0)
    mask[np.ix_(rows[held_rows], columns[held_columns])] = measured[np.ix_(held_rows, held_columns)]
    statistics = reader.statistics
    reader.ion_images(mz, ppm, images, rows=rows, columns=columns, progress=progress)
    reader.statistics = statistics  # those of all spectra, not only of the bands
    return images, mask


def _closed_up(held: np.ndarray, reach: int) -> np.ndarray:
    """Return new indices of the rows or columns with spectra (H,), with at most `reach` empty ones between two."""
    found = np.flatnonzero(held)
    places = np.full(len(held), -1)
    places[found] = np.cumsum(np.minimum(np.diff(found, prepend=found[:1]), reach + 1))
    return places


def _noise(structure: np.ndarray, means: np.ndarray, chance: float, number: int) -> list[HealthRow]:
    like_noise = int(((structure <= chance) & (means > 0)).sum())
    left = int(((structure > chance) & (means > 0)).sum())
    if chance == 0 or left >= number or not like_noise:
        return []
    if not left:
        found = f"None of the {like_noise:,} peaks has spatial structure beyond chance (Moran's I above {chance:.3f})."
        return [HealthRow("peaks", "warning", found, "The most intense ones are taken.", "Give a list of m/z instead.")]
    found = f"{like_noise:,} peaks have no spatial structure beyond chance (Moran's I below {chance:.3f})."
    return [
        HealthRow("peaks", "warning", found, f"They are left out, so there are {left:,} ions.", "A list can name them.")
    ]


def _highest(intensity: np.ndarray, number: int) -> np.ndarray:
    """Return the indices of at most `number` points, the maximum of each interval, so that no peak is lost."""
    if len(intensity) <= number:
        return np.arange(len(intensity))
    stretches = np.array_split(np.arange(len(intensity)), number)
    return np.array([stretch[np.argmax(intensity[stretch])] for stretch in stretches])
