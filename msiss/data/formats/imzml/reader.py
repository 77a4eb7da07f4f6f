"""Reading of ion images from imzML files, in as few passes over the arrays as possible."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from msiss.data import mapped
from msiss.data.annotate import annotate
from msiss.data.findings import raise_or_warn
from msiss.data.formats.budget import Budget
from msiss.data.formats.imzml.arrays import SpectrumReader
from msiss.data.formats.imzml.findings import header_rows, match_rows, value_rows
from msiss.data.formats.imzml.header import open_imzml
from msiss.data.formats.imzml.kinds import chosen, common, counted
from msiss.data.formats.imzml.mobility import (
    ALL,
    is_resolved,
    mobility_row,
    windows_of,
    with_windows_in_names,
    without_windows,
)
from msiss.data.formats.imzml.pair import partner
from msiss.data.formats.imzml.picking import pick, preview_peaks
from msiss.data.formats.imzml.statistics import Statistics
from msiss.data.formats.imzml.writer import write_imzml
from msiss.data.ion_images import IonImages
from msiss.data.merging import side_by_side
from msiss.data.progress import Progress, ignore, part
from msiss.data.recipe import ReadConfig, Recipe
from msiss.errors import SettingError

__all__ = ["open_imzml", "preview_peaks", "read_imzml", "write_imzml"]

# Approximate bytes per second of the header and of one pass over the arrays, on one core, for the progress bar only.
XML_SPEED, IBD_SPEED = 200e6, 500e6


def read_imzml(
    paths: Path | Sequence[Path],
    config: ReadConfig | None = None,
    *,
    scratch: Path | None = None,
    progress: Progress = ignore,
) -> IonImages:
    """Read ion images from imzML files.

    The images are cropped to the bounding box of the measured pixels, and have one pixel per step of the positions. The
    intensity of an ion in a pixel is the sum of all intensities within its windows of m/z and, if it has one, of ion
    mobility; windows may overlap. Only spectra of one kind are read, such as positive MS1. Several of one pixel are
    averaged, or as the settings say. Ions without signal are left out, with a warning.

    Parameters
    ----------
    paths : Path or sequence of Path
        .imzML files, each with its .ibd file beside it. Several are placed side by side; their ions are picked from
        the spectra of all.
    config : ReadConfig, optional
        Source of the ions (peak picking, a list of m/z, or both), and their tolerance.
    scratch : Path, optional
        A folder with enough disk space for the result, which then is a memory-mapped file in it.
    progress : callable, optional
        Receives the progress.

    Returns
    -------
    IonImages
        In the order of the list, followed by picked ions in the order of m/z.

    Raises
    ------
    DataError
        If a file is damaged, or no ion of the list is in it.
    SettingError
        If the settings contradict each other.

    Warns
    -----
    MsissWarning
        If something is unusual that does not prevent the reading.
    """
    config = config or ReadConfig()
    if config.peaks != "data" and not config.mz_list:
        raise SettingError("The ions are to be taken from a list of m/z, but there is none. Give a list.")
    given = [paths] if isinstance(paths, Path) else [Path(path) for path in paths]
    picked = config.peaks != "list"
    header, picking = _shares(given, passes=2 if picked else 1)
    wholes = []
    for number, path in enumerate(given):
        share = part(progress, header * number / len(given), header * (number + 1) / len(given))
        wholes.append(open_imzml(path, progress=share))
    kind = common(wholes, config)
    readers = []
    for whole in wholes:
        file, rows = chosen(whole, config, kind=kind)
        raise_or_warn(chain(rows, header_rows(whole, file, config)), whole.path.name)
        readers.append(SpectrumReader(file))
    name, files = " + ".join(path.name for path in given), [reader.file for reader in readers]
    ions = config.mz_list if config.peaks != "data" else ()
    raise_or_warn([mobility_row(files, ions)], name)
    if not all(map(is_resolved, files)):
        ions = without_windows(ions)
    mz = listed = np.array([ion.mz for ion in ions])
    if picked:
        mz = np.concatenate([listed, pick(readers, listed, config, progress=part(progress, header, picking))])
    windows = np.concatenate([windows_of(ions), np.full((len(mz) - len(ions), 2), ALL)])
    stacks = []
    for number, reader in enumerate(readers):
        start, stop = (picking + (1 - picking) * place / len(readers) for place in (number, number + 1))
        stacks.append(_images(reader, mz, windows, config, scratch, f"images {number}", part(progress, start, stop)))
        if not picked:
            raise_or_warn(value_rows(reader.file, reader.statistics), reader.file.path.name)
    shown = [[any(row.any() for row in image) for image in np.asarray(stack.images)] for stack in stacks]
    present = np.any(shown, axis=0)
    found = Statistics(
        lowest_mz=min(reader.statistics.lowest_mz for reader in readers),
        highest_mz=max(reader.statistics.highest_mz for reader in readers),
    )
    cut = windows if np.isfinite(windows).any() else None
    raise_or_warn(match_rows(mz, present, found, config.ppm, cut), name)
    stacks = [_only(stack, present) for stack in stacks]
    images = stacks[0]
    if len(stacks) > 1:
        images = side_by_side(stacks, [path.stem for path in given], ppm=config.ppm, scratch=scratch)
    if ions or config.mz_list:
        images = annotate(images, ions or config.mz_list, config.ppm, taken=np.flatnonzero(present[: len(ions)]))
    if any(len(counted(whole.on_plane(config.plane))) > 1 for whole in wholes):  # which one was read is recorded
        images = replace(images, recipe=Recipe(read=config.model_copy(update={"spectra": kind})).said())
    return with_windows_in_names(images, windows[present])


def _images(
    reader: SpectrumReader,
    mz: np.ndarray,
    windows: np.ndarray,
    config: ReadConfig,
    scratch: Path | None,
    name: str,
    progress: Progress,
) -> IonImages:
    file = reader.file
    if scratch is None:
        Budget(file.path.name).images((len(mz), *file.shape))
    images = mapped.filled(
        scratch,
        name,
        (len(mz), *file.shape),
        lambda images: reader.ion_images(mz, config.ppm, images, mobility=windows, progress=progress),
    )
    return IonImages(
        images=images,
        mz=mz,
        mask=file.measured,
        polarity=file.polarity,
        pixel_size=file.spacing,
        tic=reader.tic(),
        source=file.path.name,
        regions=file.regions,
        region_names=file.region_names,
        about=file.about,
        positions=file.positions,
        stage=file.on_stage,
    )


def _only(stack: IonImages, present: np.ndarray) -> IonImages:
    """Keep the ions that are present; images are moved within the array, which may be too large to copy."""
    if present.all():
        return stack
    kept = np.flatnonzero(present)
    for place, ion in enumerate(kept):
        if place < ion:
            stack.images[place] = stack.images[ion]
    return replace(stack, images=stack.images[: len(kept)], mz=stack.mz[kept], names=())


def _shares(paths: Sequence[Path], *, passes: int) -> tuple[float, float]:
    """Return the shares of the total time after which the headers are read and the ions are picked."""
    header = arrays = 0.0
    for path in paths:
        ibd = partner(path)
        header += path.stat().st_size / XML_SPEED if path.is_file() else 0.0
        arrays += ibd.stat().st_size / IBD_SPEED if ibd else 0.0
    whole = header + passes * arrays
    return (header / whole, 1 - arrays / whole) if whole else (0.0, 0.0)
