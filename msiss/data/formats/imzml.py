"""imzML in: the header, then the arrays in one pass, then the ion images."""

import glob
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from msiss.data import peaks as picking
from msiss.data.annotate import annotate, nearest
from msiss.data.findings import DataStop, HealthRow, settle
from msiss.data.formats.imzml_arrays import SpectrumReader
from msiss.data.formats.imzml_file import ImzmlFile
from msiss.data.formats.imzml_findings import header_rows, match_rows, value_rows
from msiss.data.formats.imzml_header import open_imzml
from msiss.data.formats.imzml_writer import write_imzml
from msiss.data.ion_images import IonImages
from msiss.data.merging import side_by_side
from msiss.data.progress import Progress, ignore, part
from msiss.data.recipe import ReadConfig
from msiss.errors import SettingError

__all__ = ["open_imzml", "read_imzml", "write_imzml"]

# The most intense peaks become images, of which the most structured are kept: this many, or four for each that is kept.
CANDIDATES, CANDIDATE_BYTES = 2000, 1_000_000_000

# Bytes per second of the two passes, about, on one core; they only share out the progress bar.
XML_SPEED, IBD_SPEED = 15e6, 200e6


def read_imzml(
    paths: Path | Sequence[Path],
    config: ReadConfig | None = None,
    *,
    scratch: Path | None = None,
    progress: Progress = ignore,
) -> IonImages:
    """Read ion images from imzML files.

    The images are cropped to the box around the measured pixels. An ion's intensity in a pixel is the sum of all
    intensities within its m/z window; where windows overlap, each ion gets everything in its own. Several spectra of
    one pixel are averaged. Ions without any signal are left out, with a warning.

    Parameters
    ----------
    paths : Path or sequence of Path
        .imzML files, each with its .ibd file beside it. Several are set side by side; their ions are picked from the
        first.
    config : ReadConfig, optional
        Which ions: picked from the data, the m/z of a list, or both; and within which tolerance.
    scratch : Path, optional
        A folder for the result of several files, which then is a memory-mapped file in it.
    progress : callable, optional
        Told how far the reading is.

    Returns
    -------
    IonImages
        In the order of the list, then by m/z where they were picked.

    Raises
    ------
    DataError
        Where a file is damaged, or no ion of the list is in it.
    SettingError
        Where the settings make no sense together.

    Warns
    -----
    MsissWarning
        For everything unusual that does not prevent the reading.
    """
    config = config or ReadConfig()
    if config.peaks != "data" and not config.mz_list:
        raise SettingError("The ions are to be taken from a list of m/z, but there is none. Give a list.")
    given = [paths] if isinstance(paths, Path) else list(paths)
    listed = np.array([ion.mz for ion in config.mz_list]) if config.peaks != "data" else np.zeros(0)
    stacks: list[IonImages] = []
    for number, path in enumerate(given):
        share = part(progress, number / len(given), (number + 1) / len(given))
        stacks.append(_read_file(Path(path), listed if not stacks else stacks[0].mz, bool(stacks), config, share))
    images = stacks[0] if len(stacks) == 1 else side_by_side(stacks, _stems(given), ppm=config.ppm, scratch=scratch)
    return annotate(images, config.mz_list, config.ppm)


def _read_file(path: Path, listed: np.ndarray, only_listed: bool, config: ReadConfig, progress: Progress) -> IonImages:
    """Read the listed m/z of one file and, unless only they are wanted, as many picked ones as there may be."""
    ppm, number = config.ppm, 0 if only_listed or config.peaks == "list" else config.number
    share = _header_share(path, passes=2 if number else 1)
    file = open_imzml(path, progress=part(progress, 0, share))
    settle(header_rows(file), path.name)
    reader = SpectrumReader(file)
    half = (1 + share) / 2 if number else share
    mz = listed
    if number:
        candidates = _candidates(reader, ppm, number, part(progress, share, half))
        picked = candidates[nearest(candidates, listed, 2 * ppm) < 0]  # windows that meet share signal
        mz = np.concatenate([listed, picked])
    images, tic = reader.ion_images(mz, ppm, progress=part(progress, half, 1))
    if number:
        best = len(listed) + picking.best(images[len(listed) :], _mask(file), number=number)
        kept = np.concatenate([np.arange(len(listed)), best])
        images, mz = images[kept], mz[kept]
    else:
        settle(value_rows(file, reader.statistics), path.name)
    present = np.array([image.any() for image in images])
    settle(match_rows(mz, present, reader.statistics, ppm), path.name)
    return IonImages(
        images=images if present.all() else images[present],
        mz=mz[present],
        mask=_mask(file),
        polarity=file.polarity,
        pixel_size=file.pixel_size,
        tic=tic,
        source=path.name,
    )


def _stems(paths: Sequence[Path]) -> list[str]:
    return [path.stem for path in paths]


def _candidates(reader: SpectrumReader, ppm: float, peaks: int, progress: Progress) -> np.ndarray:
    """Return the m/z whose images are worth comparing: `CANDIDATES`, if they fit into `CANDIDATE_BYTES`."""
    file = reader.file
    profile = file.spectrum_type == "profile"
    if file.shared_axis:
        total, axis = np.zeros(file.mz.lengths[0]), np.zeros(0)
        for block in reader.blocks(progress):
            axis = block.mz
            total += block.intensity.reshape(len(block.spectra), -1).sum(axis=0)
        found = picking.axis_peaks(axis, total, profile=profile)
    else:
        mean = picking.MeanSpectrum(ppm)
        for block in reader.blocks(progress):
            mean.add(block.mz, block.intensity)
        found = mean.peaks(profile=profile)
    settle(value_rows(file, reader.statistics), file.path.name)
    if not len(found[0]):
        row = HealthRow("peaks", "stop", "No peak can be found in the spectra.", "", "Give a list of m/z instead.")
        raise DataStop(row, file.path.name)
    fitting = CANDIDATE_BYTES // (4 * file.shape[0] * file.shape[1])
    return picking.strongest(*found, ppm=ppm, number=max(peaks, min(max(4 * peaks, CANDIDATES), fitting)))


def _mask(file: ImzmlFile) -> np.ndarray:
    return (file.spectra_per_pixel > 0).reshape(file.shape)


def _header_share(path: Path, *, passes: int) -> float:
    """Return the share of the time that the header takes."""
    size = {other.suffix.lower(): other.stat().st_size for other in path.parent.glob(f"{glob.escape(path.stem)}.*")}
    header, arrays = size.get(".imzml", 0) / XML_SPEED, passes * size.get(".ibd", 0) / IBD_SPEED
    return header / (header + arrays) if header else 0.0
