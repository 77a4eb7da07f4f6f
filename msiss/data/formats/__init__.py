"""File formats in: one file each, chosen by the ending of the name.

To add one, write its reader beside these and name its endings in `read`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from msiss.data.findings import DataStop, HealthRow
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress
from msiss.errors import SettingError

STACK_ENDINGS = (".npz", ".npy")
IMZML_ENDINGS = (".imzml", ".ibd")

_RAW = "Export it as imzML from your instrument's software."
_PICTURES = "Save the images and their m/z as .npz (arrays images and mz), or export imzML."
# What else people have, what it is, and what to do about it.
_OTHERS = {
    ".hdr": ("an Analyze 7.5 file", _RAW),
    ".img": ("an Analyze 7.5 file", _RAW),
    ".t2m": ("an Analyze 7.5 file", _RAW),
    ".raw": ("raw data of an instrument", _RAW),
    ".d": ("raw data of an instrument", _RAW),
    ".tdf": ("raw data of an instrument", _RAW),
    ".tsf": ("raw data of an instrument", _RAW),
    ".mis": ("a flexImaging sequence", _RAW),
    ".slx": ("a SCiLS Lab file", "Export it as imzML from SCiLS Lab."),
    ".mzml": ("mzML, which has no pixel positions", "Convert it to imzML together with the positions."),
    ".h5ad": ("an AnnData file", _PICTURES),
    ".h5": ("an HDF5 file", _PICTURES),
    ".mat": ("a MATLAB file", _PICTURES),
    ".rds": ("an R file", "Write it as imzML, in Cardinal with writeImzML()."),
    ".rdata": ("an R file", "Write it as imzML, in Cardinal with writeImzML()."),
    ".tif": ("a picture", _PICTURES),
    ".tiff": ("a picture", _PICTURES),
    ".png": ("a picture", _PICTURES),
    ".jpg": ("a picture", _PICTURES),
    ".csv": ("a table", "A list of m/z is given together with an imzML file, not instead of it."),
    ".zip": ("an archive", "Unpack it first."),
    ".gz": ("an archive", "Unpack it first."),
}


def read(
    path: Path,
    *,
    mz: np.ndarray | None = None,
    names: Sequence[str] | None = None,
    ppm: float = 10.0,
    peaks: int = 500,
    progress: Progress | None = None,
) -> IonImages:
    """Read ion images from a file of any supported format.

    Parameters
    ----------
    path : Path
        An .imzML file or the .ibd file beside it, or a stack of ion images as .npz or .npy.
    mz, names, ppm, peaks, progress
        For imzML, as in `msiss.data.formats.imzml.read_imzml`.

    Raises
    ------
    DataError
        Where the file cannot be used; the message says why and what to do.
    SettingError
        Where a setting makes no sense for the file.

    Warns
    -----
    MsissWarning
        For everything unusual that does not prevent the reading.
    """
    path = find(path)
    if path.suffix.lower() in STACK_ENDINGS:
        if mz is not None:
            raise SettingError(f"{path.name} already holds ion images; a list of m/z can be used with imzML only.")
        from msiss.data.formats.arrays import read_stack

        return read_stack(path)
    from msiss.data.formats.imzml import read_imzml  # pyimzML and SciPy are slow to import

    try:
        return read_imzml(path, mz=mz, names=names, ppm=ppm, peaks=peaks, progress=progress)
    except (OSError, MemoryError) as error:
        row = unreadable(error)
        raise DataStop(row, path.name) from error


def find(path: Path) -> Path:
    """Return the file to read for `path`: itself, or the .imzML file of an .ibd file.

    Raises
    ------
    DataError
        Where it does not exist, or is of a kind that msiss does not read.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending == ".ibd":
        same_name = (other for other in path.parent.glob("*") if other.stem == path.stem)
        header = next((other for other in same_name if other.suffix.lower() == ".imzml"), None)
        if header is None:
            raise _refusal(path, f"The file {path.stem}.imzML is missing beside it.", "Put both files into one folder.")
        return header
    if ending not in STACK_ENDINGS + IMZML_ENDINGS:
        kind, action = _OTHERS.get(ending, ("of a kind that msiss does not know", "msiss reads imzML, npz and npy."))
        raise _refusal(path, f"This is {kind}; msiss does not read it.", action)
    if not path.is_file():
        raise _refusal(path, f"There is no such file in {path.parent}.", "Check the name and the folder.")
    return path


def unreadable(error: OSError | MemoryError) -> HealthRow:
    """Return the row for a file that the operating system, not its content, keeps from being read."""
    if isinstance(error, MemoryError):
        action = "Choose fewer ions, or use a computer with more memory."
        return HealthRow("memory", "stop", "The ion images do not fit into the memory.", "", action)
    action = "Check the rights of the file and that its disk is connected."
    return HealthRow("file", "stop", f"The file cannot be opened: {error.strerror or error}.", "", action)


def _refusal(path: Path, found: str, action: str) -> DataStop:
    return DataStop(HealthRow("file", "stop", found, "", action), path.name)
