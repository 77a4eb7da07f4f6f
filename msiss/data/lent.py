"""What a child that reads spectra is lent of what msiss keeps: compiled kernels, and the index of a header.

It gets copies. Of what it makes of them, only the index of the file that it was started for is kept, under that file's
own SHA-256, so that a child that was taken over can change nothing that another one reads.
"""

import contextlib
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from msiss.data.confined import parent
from msiss.data.confined.endings import Unforeseen
from msiss.data.formats import find, is_imzml
from msiss.durable import unfinished_name
from msiss.errors import MsissError
from msiss.home import home as msiss_home
from msiss.home import index_folder

_SOURCE = Path(__file__).with_name("kernels.py")
_KERNELS = "kernels"


@contextmanager
def home(files: Sequence[Path], folder: Path | None = None) -> Iterator[Path | None]:
    """Give a folder for a child to take for the home of msiss; None where none of the files holds spectra.

    Parameters
    ----------
    files : sequence of Path
        What the child looks at.
    folder : Path, optional
        Where the folder is made; by default where the system keeps such.
    """
    headers = _headers(files)
    if not headers:
        yield None
        return
    from msiss.data.formats.imzml.index import fingerprint, keep

    with TemporaryDirectory(prefix="msiss-", dir=folder, ignore_cleanup_errors=True) as name:
        lent = Path(name)
        _lend_kernels(lent / _KERNELS)
        own = lent / index_folder().name
        own.mkdir()
        missing = []
        for header in headers:
            with contextlib.suppress(OSError):  # the child says what is wrong with it
                index = f"{fingerprint(header)}.npz"
                if (index_folder() / index).is_file():
                    os.utime(index_folder() / index)  # those not used for longest go first
                    shutil.copyfile(index_folder() / index, own / index)
                else:
                    missing.append(index)
        yield lent
        for index in missing:
            if (own / index).is_file() and not (own / index).is_symlink():
                keep(own / index)


def _headers(files: Sequence[Path]) -> list[Path]:
    found = []
    for file in files:
        if is_imzml(file):
            with contextlib.suppress(MsissError, OSError):
                found.append(find(file))
    return found


def _lend_kernels(folder: Path) -> None:
    """Copy the compiled kernels; compile them where that has not been done for this version and this computer.

    A child could compile them itself, but then each would, and one cache for all would be a door.
    """
    for place in (_SOURCE.parent / "__pycache__", msiss_home()):
        kept = place / f"{_KERNELS}-{_stamp()}"
        with contextlib.suppress(OSError, MsissError, Unforeseen):  # such as a folder that is not ours
            if not kept.is_dir():
                _compile(kept)
            shutil.copytree(kept, folder)
            return


def _compile(kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(kept.parent, os.W_OK):
        raise PermissionError(f"{kept.parent} cannot be written")
    with TemporaryDirectory(prefix="msiss-") as name:
        work = "msiss.data.foreign_works:compile_kernels"
        parent.run(work, {}, name="the kernels of msiss", lends=Path(name))
        unfinished = unfinished_name(kept)
        shutil.copytree(Path(name) / _KERNELS, unfinished)
        for old in kept.parent.glob(f"{_KERNELS}-*"):
            shutil.rmtree(old, ignore_errors=True)
        try:
            unfinished.replace(kept)
        except OSError:  # another process was quicker
            shutil.rmtree(unfinished, ignore_errors=True)


def _stamp() -> str:
    """Return a text that changes with all that compiled kernels depend on."""
    source = _SOURCE.stat().st_mtime_ns, _SOURCE.stat().st_size
    return hashlib.sha256(repr((source, sys.version, version("numba"))).encode()).hexdigest()[:16]
