"""Readers of file formats: one module each, selected by the extension of the file.

To add one, write a module with a function ``load(path, *, config, progress)`` and add an `InputFormat` here.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from msiss import registry
from msiss.data.annotate import annotate, only_listed
from msiss.data.file_names import as_stored
from msiss.data.findings import DataStop, HealthRow, raise_or_warn
from msiss.data.formats.imzml.pair import partner
from msiss.data.formats.zarr_store import is_zarr
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore, part
from msiss.data.recipe import AS_READ, ReadConfig
from msiss.errors import DataError, SettingError, reason
from msiss.registry import Registry


@dataclass(frozen=True)
class InputFormat:
    """A kind of files that hold ion images.

    Attributes
    ----------
    name : str
    title : str
        In the sentence that lists what msiss reads.
    endings : tuple of str
        Of the names of its files, in small letters, with the dot.
    load : str
        The function that reads one file, as "module:function"; it takes the path and the keywords `config` and
        `progress`, and returns the ion images and what was found in the file, as `load` does.
    """

    name: str
    title: str
    endings: tuple[str, ...]
    load: str


FORMATS = Registry(
    "input format",
    (
        InputFormat("arrays", "npz, npy", (".npz", ".npy"), "msiss.data.formats.arrays:load"),
        InputFormat("h5ad", "h5ad", (".h5ad",), "msiss.data.formats.h5ad:load"),
        InputFormat("zarr", "zarr of SpatialData, AnnData and OME", (".zarr",), "msiss.data.formats.zarr_data:load"),
        InputFormat("table", "CSV and Excel", (".csv", ".tsv", ".txt", ".xlsx"), "msiss.data.formats.tables:load"),
        InputFormat("envi", "ENVI", (".hdr",), "msiss.data.formats.envi:load"),
        InputFormat(
            "pictures",
            "TIFF, and PNG, BMP or TIFF pictures in a folder or a zip file",
            (".tif", ".tiff", ".zip"),
            "msiss.data.formats.pictures:load",
        ),
    ),
)
FOLDER = "pictures"  # the format of a folder
IMZML_ENDINGS = (".imzml", ".ibd")
MZ_FILES = ("mz.npy", "mzs.npy")  # beside an array
# Files that belong to the array beside them: also of the benchmark of the method's paper, and of msi_visual.
BESIDE = ("mass_list.npy", "mask.npy", "args.txt", *MZ_FILES)

_RAW = "Export it as imzML from your instrument's software."
_ANALYZE = ("an Analyze 7.5 file", "Export imzML from the program that wrote it, such as flexImaging or BioMap.")
_PICTURE = ("a single picture", "Put one picture per ion, with its m/z in the name, into a folder or a zip file.")
_ARCHIVE = ("an archive", "Unpack it, and choose the files or the folder.")
# Other extensions, what the files are, and what to do about them.
_OTHERS = {
    ".hdr": _ANALYZE,
    ".img": _ANALYZE,
    ".t2m": _ANALYZE,
    ".raw": ("raw data of an instrument", _RAW),
    ".d": ("raw data of an instrument", _RAW),
    ".tdf": ("raw data of an instrument", _RAW),
    ".tsf": ("raw data of an instrument", _RAW),
    ".wiff": ("raw data of an instrument", _RAW),
    ".itm": ("raw data of an instrument", "Export it as imzML or TIFF from SurfaceLab."),
    ".ita": ("raw data of an instrument", "Export it as imzML or TIFF from SurfaceLab."),
    ".mis": ("a flexImaging sequence", _RAW),
    ".slx": ("a SCiLS Lab file", "Export it as imzML from SCiLS Lab."),
    ".mzml": ("mzML, which has no pixel positions", "Convert it to imzML together with the positions."),
    ".h5": ("an HDF5 file", "Export it as imzML, or save it as .h5ad (AnnData)."),
    ".mat": ("a MATLAB file", "Save images and m/z as .npz, or export imzML."),
    ".rds": ("an R file", "Write it as imzML, in Cardinal with writeImzML()."),
    ".rdata": ("an R file", "Write it as imzML, in Cardinal with writeImzML()."),
    ".png": _PICTURE,
    ".jpg": _PICTURE,
    ".jpeg": _PICTURE,
    ".bmp": _PICTURE,
    ".xls": ("an old Excel workbook", "Save it as .xlsx or CSV."),
    ".xlsb": ("a binary Excel workbook", "Save it as .xlsx or CSV."),
    ".ods": ("an OpenDocument spreadsheet", "Save it as .xlsx or CSV."),
    **dict.fromkeys((".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar"), _ARCHIVE),
}
UNPACKING_SHARE = 0.2  # of the progress bar, if there is a zip file


def data_endings() -> tuple[str, ...]:
    """Return the endings of what is offered to be opened; .ibd files and the data of ENVI come with their header."""
    return (".imzml", *_by_ending())


def _by_ending() -> dict[str, InputFormat]:
    return {ending: one for one in FORMATS for ending in one.endings}


def read(
    paths: Path | Sequence[Path],
    config: ReadConfig | None = None,
    *,
    scratch: Path | None = None,
    progress: Progress = ignore,
) -> IonImages:
    """Read ion images from files of any supported format.

    Parameters
    ----------
    paths : Path or sequence of Path
        A file, a folder or a zip file with files, or a data set of msiss; several are placed side by side in one data
        set. What is read in a folder is in `msiss.data.formats.containers`.
    config : ReadConfig, optional
        Which ions to extract from an imzML file. From other formats, all ions are read, or those of the list.
    scratch : Path, optional
        A folder with enough disk space for the result, which then is a memory-mapped file in it if it may be large.
    progress : callable, optional
        Receives the progress.

    Raises
    ------
    DataError
        If a file cannot be used; the message says why and what to do.
    SettingError
        If a setting does not fit the files.

    Warns
    -----
    MsissWarning
        If something is unusual that does not prevent the reading.
    """
    found = find_all(paths)
    unpacking = UNPACKING_SHARE if any(path.suffix.lower() == ".zip" for path in found) else 0.0
    with _unpacked(found, scratch=scratch, progress=part(progress, 0, unpacking)) as files:
        return _read(files, config or ReadConfig(), scratch=scratch, progress=part(progress, unpacking, 1))


def kinds(paths: Sequence[Path], config: ReadConfig, *, progress: Progress = ignore) -> list[str]:
    """Return the kinds of spectra that `read` can choose among with these settings, in words; none for other files.

    Raises
    ------
    DataError
        If a file cannot be used.
    """
    with _unpacked(find_all(paths), progress=progress) as files:
        if not all(map(is_imzml, files)):
            return []
        from msiss.data.formats.imzml.header import open_imzml
        from msiss.data.formats.imzml.kinds import counted, in_all

        return in_all([counted(open_imzml(path, progress=progress).on_plane(config.plane)) for path in files])


@contextmanager
def _unpacked(
    found: Sequence[Path], *, scratch: Path | None = None, progress: Progress = ignore
) -> Iterator[list[Path]]:
    """Yield the files, with those in folders and zip files in their place; the latter are unpacked for as long."""
    from msiss.data.formats.containers import contents

    with ExitStack() as stack:
        inside = []
        for number, path in enumerate(found):
            share = part(progress, number / len(found), (number + 1) / len(found))
            inside.append(stack.enter_context(contents(path, scratch=scratch, progress=share)))
        yield [find(path) for one in inside for path in one.files]


def _read(found: Sequence[Path], config: ReadConfig, *, scratch: Path | None, progress: Progress) -> IonImages:
    if all(is_imzml(path) for path in found):
        from msiss.data.formats.imzml.reader import read_imzml  # pyimzML and SciPy are slow to import

        try:
            return read_imzml(found, config, scratch=scratch, progress=progress)
        except (OSError, MemoryError) as error:
            raise DataStop(unreadable(error), found[0].name) from error
    if any(is_imzml(path) for path in found):
        raise DataError("imzML files and ion images cannot be set side by side. Import them as several data sets.")
    stacks = []
    for number, path in enumerate(found):
        share = part(progress, number / len(found), (number + 1) / len(found))
        images, rows = load(path, config=config, progress=share)
        raise_or_warn(rows, path.name)
        stacks.append(images)
    if len(stacks) == 1:
        return _listed(stacks[0], config)
    from msiss.data.merging import side_by_side

    return _listed(side_by_side(stacks, [path.stem for path in found], ppm=config.ppm), config)


def load(path: Path, *, config: ReadConfig = AS_READ, progress: Progress = ignore) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images of one file other than imzML, and the findings.

    Raises
    ------
    DataStop
        If the file cannot be used.
    """
    if (path / "meta.json").is_file():
        images = IonImages.load(path)
        images.check_intensities()
        return images, []
    folder = "zarr" if path.suffix.lower() == ".zarr" or is_zarr(path) else FOLDER
    kind = FORMATS[folder] if path.is_dir() else _by_ending()[path.suffix.lower()]
    try:
        return registry.load(kind.load)(path, config=config, progress=progress)
    except (OSError, MemoryError) as error:
        raise DataStop(unreadable(error), path.name) from error


def find_all(paths: Path | Sequence[Path]) -> list[Path]:
    """Return the files to read for `paths`, without duplicates; an .ibd file stands for its .imzML file.

    Raises
    ------
    DataError
        If there are none, or one is missing or of a kind that msiss does not read.
    """
    given = [paths] if isinstance(paths, Path | str) else paths
    found = list(dict.fromkeys(find(Path(path)) for path in given))
    if not found:
        raise DataError("There is no file to read. Choose one.")
    return found


def find(path: Path) -> Path:
    """Return the file to read for `path`: itself, or the .imzML file of an .ibd file.

    Where there is no such file, it is the only one whose name differs in the case or the Unicode form of letters.

    Raises
    ------
    DataError
        If it does not exist, cannot be looked at, or is of a kind that msiss does not read.
    """
    try:
        return _find(as_stored(Path(path)))
    except OSError as error:
        raise DataStop(unreadable(error), Path(path).name) from error


def _find(path: Path) -> Path:
    ending = path.suffix.lower()
    if ending == ".ibd":
        header = partner(path)
        if header is None:
            raise _refusal(path, f"The file {path.stem}.imzML is missing beside it.", "Put both files into one folder.")
        return header
    if path.is_dir() and ending not in _OTHERS:  # raw data are folders that end in .d
        return path
    known = ending in _by_ending() or ending in IMZML_ENDINGS
    if ending == ".hdr" and path.is_file():
        from msiss.data.formats.envi import is_envi

        known = is_envi(path)
    if not known:
        kinds = f"msiss reads imzML, {', '.join(one.title for one in FORMATS)}."
        kind, action = _OTHERS.get(ending, ("of a kind that msiss does not know", kinds))
        raise _refusal(path, f"This is {kind}; msiss does not read it.", action)
    if not path.is_file():
        raise _refusal(path, f"There is no such file in {path.absolute().parent}.", "Check the name and the folder.")
    return path


def what_it_is(ending: str) -> tuple[str, str]:
    """Return what files with an ending are that msiss does not read, and what to do about them; empty if unknown."""
    return _OTHERS.get(ending, _ARCHIVE if ending == ".zip" else ("", ""))


def is_imzml(path: Path) -> bool:
    """Return whether a file is imzML, by its name."""
    return path.suffix.lower() in IMZML_ENDINGS and not path.is_dir()


def unreadable(error: OSError | MemoryError) -> HealthRow:
    """Return the row for a file that cannot be read because of the operating system, not of its content."""
    if isinstance(error, MemoryError):
        action = "Choose fewer ions, or use a computer with more memory."
        return HealthRow("memory", "stop", "The ion images do not fit into the memory.", "", action)
    action = "Check the permissions of the file and that its disk is connected and not full."
    return HealthRow("file", "stop", f"The file cannot be opened: {reason(error)}.", "", action)


def _listed(images: IonImages, config: ReadConfig) -> IonImages:
    """Annotate the ions by the list, and keep only listed ions if the settings say so."""
    if not config.mz_list:
        return images
    if not images.axis.is_mz:
        raise SettingError(
            f"A list of m/z cannot be used with these images: they are told apart by {images.axis.title}. "
            "Remove the list."
        )
    mz = np.array([ion.mz for ion in config.mz_list])
    kept = only_listed(images, mz, config.ppm) if config.peaks == "list" else images
    return annotate(kept, config.mz_list, config.ppm)


def _refusal(path: Path, found: str, action: str) -> DataStop:
    return DataStop(HealthRow("file", "stop", found, "", action), path.name)
