"""imzML in: the header, then the arrays in one pass, then the ion images."""

import glob
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from msiss.data import peaks as picking
from msiss.data.findings import DataStop, HealthRow, settle
from msiss.data.formats.imzml_arrays import SpectrumReader
from msiss.data.formats.imzml_file import ImzmlFile
from msiss.data.formats.imzml_findings import header_rows, match_rows, value_rows
from msiss.data.formats.imzml_header import open_imzml
from msiss.data.formats.imzml_writer import write_imzml
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore, part
from msiss.errors import SettingError

__all__ = ["open_imzml", "read_imzml", "write_imzml"]

# The most intense peaks become images, of which the most structured are kept: this many, or four for each that is kept.
CANDIDATES, CANDIDATE_BYTES = 2000, 1_000_000_000

# Bytes per second of the two passes, about, on one core; they only share out the progress bar.
XML_SPEED, IBD_SPEED = 15e6, 200e6


def read_imzml(
    path: Path,
    *,
    mz: np.ndarray | None = None,
    names: Sequence[str] | None = None,
    ppm: float = 10.0,
    peaks: int = 500,
    progress: Progress | None = None,
) -> IonImages:
    """Read ion images from an imzML file.

    The images are cropped to the box around the measured pixels. An ion's intensity in a pixel is the sum of all
    intensities within its m/z window; where windows overlap, each ion gets everything in its own. Several spectra of
    one pixel are averaged. Ions without any signal are left out, with a warning.

    Parameters
    ----------
    path : Path
        The .imzML file, with its .ibd file beside it.
    mz : ndarray of shape (N,), optional
        m/z in Th to make images of; without it they are picked from the data.
    names : sequence of N str, optional
        What the ions of `mz` are called.
    ppm : float
        Half width of the m/z window in parts per million.
    peaks : int
        How many ions to pick at most where `mz` is not given.
    progress : callable, optional
        Told how far the reading is.

    Returns
    -------
    IonImages
        In the order of `mz`, or by m/z where they were picked.

    Raises
    ------
    DataError
        Where the file is damaged, or no ion of `mz` is in it.
    SettingError
        Where `ppm`, `peaks`, `mz` or `names` make no sense.

    Warns
    -----
    MsissWarning
        For everything unusual that does not prevent the reading.
    """
    _check_settings(mz, names, ppm, peaks)
    path, progress = Path(path), progress or ignore
    share = _header_share(path, passes=2 if mz is None else 1)
    file = open_imzml(path, progress=part(progress, 0, share))
    settle(header_rows(file), path.name)
    reader = SpectrumReader(file)
    if mz is None:
        half = (1 + share) / 2
        candidates = _candidates(reader, ppm, peaks, part(progress, share, half))
        images, tic = reader.ion_images(candidates, ppm, progress=part(progress, half, 1))
        best = picking.best(images, _mask(file), number=peaks)
        images, mz = images[best], candidates[best]
    else:
        mz = np.asarray(mz, dtype=np.float64)
        images, tic = reader.ion_images(mz, ppm, progress=part(progress, share, 1))
        settle(value_rows(file, reader.statistics), path.name)
    present = np.array([image.any() for image in images])
    settle(match_rows(mz, present, reader.statistics, ppm), path.name)
    return IonImages(
        images=images if present.all() else images[present],
        mz=mz[present],
        mask=_mask(file),
        names=() if names is None else tuple(name for name, there in zip(names, present, strict=True) if there),
        polarity=file.polarity,
        pixel_size=file.pixel_size,
        tic=tic,
        source=path.name,
    )


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


def _check_settings(mz: np.ndarray | None, names: Sequence[str] | None, ppm: float, peaks: int) -> None:
    if not 0 < ppm <= 1e5:
        raise SettingError(f"The m/z tolerance must be above 0 and at most 100,000 ppm; it is {ppm:g}.")
    if peaks < 1:
        raise SettingError(f"The number of peaks must be at least 1; it is {peaks}.")
    if mz is None:
        if names is not None:
            raise SettingError("Names can only be given together with their m/z.")
        return
    mz = np.asarray(mz)
    if mz.ndim != 1 or not len(mz) or not (np.isfinite(mz) & (mz > 0)).all():
        raise SettingError("The m/z list must hold at least one m/z, all of them above 0.")
    if names is not None and len(names) != len(mz):
        raise SettingError(f"There are {len(mz)} m/z but {len(names)} names.")


def _mask(file: ImzmlFile) -> np.ndarray:
    return (file.spectra_per_pixel > 0).reshape(file.shape)


def _header_share(path: Path, *, passes: int) -> float:
    """Return the share of the time that the header takes."""
    size = {other.suffix.lower(): other.stat().st_size for other in path.parent.glob(f"{glob.escape(path.stem)}.*")}
    header, arrays = size.get(".imzml", 0) / XML_SPEED, passes * size.get(".ibd", 0) / IBD_SPEED
    return header / (header + arrays) if header else 0.0
