"""Compilation of the kernels in advance, by reading small generated files, so that readers need not wait."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from msiss.data.formats.imzml.arrays import SpectrumReader
from msiss.data.formats.imzml.file import ArrayLayout, ImzmlFile
from msiss.data.formats.imzml.picking import pick
from msiss.data.formats.imzml.roles import IGNORED
from msiss.data.formats.imzml.table import SpectrumRow
from msiss.data.formats.imzml.templates import Templates
from msiss.data.progress import ignore
from msiss.data.recipe import ReadConfig
from msiss.errors import MsissWarning

# Usual number types of m/z and intensities; for others, the kernels are compiled on demand.
TYPES = (("<f4", "<f4"), ("<f8", "<f4"), ("<f8", "<f8"))
SIDE, POINTS = 4, 40


def compile_kernels(folder: Path) -> None:
    """Compile the kernels into the cache of this process; the small files are written to `folder`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MsissWarning)
        Templates().learn(b"<spectrum/>", [(0, IGNORED)], SpectrumRow((1, 1, 1), 0))
        for mz, intensity in TYPES:
            for shared in (True, False):
                reader = SpectrumReader(_small_file(folder / "small.ibd", np.dtype(mz), np.dtype(intensity), shared))
                pick([reader], np.zeros(0), ReadConfig(), progress=ignore)
                images = np.zeros((1, SIDE, SIDE), dtype=np.float32)
                reader.ion_images(np.array([150.0]), 1e4, images, progress=ignore)
            resolved = SpectrumReader(replace(reader.file, mobility_array=reader.file.mz))
            resolved.ion_images(np.array([150.0]), 1e4, images, mobility=np.array([[100.0, 200.0]]), progress=ignore)


def _small_file(path: Path, mz: np.dtype, intensity: np.dtype, shared: bool) -> ImzmlFile:
    """Write the arrays of SIDE x SIDE spectra, and return their header."""
    number = SIDE * SIDE
    axis = np.linspace(100, 200, POINTS).astype(mz)
    values = np.arange(number * POINTS).reshape(number, POINTS).astype(intensity)
    axes = axis[None] if shared else np.repeat(axis[None], number, axis=0)
    path.write_bytes(axes.tobytes() + values.tobytes())
    lengths, undeclared = np.full(number, POINTS), np.full(number, -1)
    starts = np.zeros(number, dtype=np.int64) if shared else np.arange(number) * axis.nbytes
    places = axes.nbytes + np.arange(number) * values[0].nbytes
    y, x = np.divmod(np.arange(number), SIDE)
    return ImzmlFile(
        path=path,
        ibd_path=path,
        coordinates=np.stack([x + 1, y + 1, np.ones_like(x)], axis=1),
        mz=ArrayLayout(offsets=starts, lengths=lengths, encoded=undeclared, dtype=mz),
        intensity=ArrayLayout(offsets=places, lengths=lengths, encoded=undeclared, dtype=intensity),
    )
