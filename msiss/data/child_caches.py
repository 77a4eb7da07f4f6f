"""Copies of caches for a child process that reads spectra: compiled kernels, and the index of a header.

Of what the child changes, only the index of the file for which it was started is kept, under the SHA-256 of that
file, so that a compromised child cannot change what another one reads.
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
from msiss.data.formats.containers import in_folder, is_container
from msiss.data.formats.unpack import is_archive
from msiss.durable import unfinished_name
from msiss.errors import MsissError
from msiss.home import home, index_folder

_SOURCE = Path(__file__).with_name("kernels.py")
_KERNELS = "kernels"


@contextmanager
def copied(files: Sequence[Path], folder: Path | None = None) -> Iterator[Path | None]:
    """Provide a folder that a child uses as the home of msiss; None if none of the files can have spectra.

    Parameters
    ----------
    files : sequence of Path
        The files that the child reads.
    folder : Path, optional
        Parent of the folder; by default that of temporary files.
    """
    headers = _headers(files)
    if not headers and not any(map(is_archive, files)):  # what is in a zip file is unknown here
        yield None
        return
    from msiss.data.formats.imzml.index import fingerprint, keep

    with TemporaryDirectory(prefix="msiss-", dir=folder, ignore_cleanup_errors=True) as name:
        copies = Path(name)
        _copy_kernels(copies / _KERNELS)
        own = copies / index_folder().name
        own.mkdir()
        missing = []
        for header in headers:
            with contextlib.suppress(OSError):  # the child reports the error
                index = f"{fingerprint(header)}.npz"
                if (index_folder() / index).is_file():
                    os.utime(index_folder() / index)  # the least recently used are deleted first
                    shutil.copyfile(index_folder() / index, own / index)
                else:
                    missing.append(index)
        yield copies
        for index in missing:
            if (own / index).is_file() and not (own / index).is_symlink():
                keep(own / index)


def _headers(files: Sequence[Path]) -> list[Path]:
    found = []
    for file in files:
        with contextlib.suppress(MsissError, OSError):
            inside = in_folder(file).files if file.is_dir() and is_container(file) else [file]
            found += [find(one) for one in inside if is_imzml(one)]
    return found


def _copy_kernels(folder: Path) -> None:
    """Copy the compiled kernels; compile them if that was not done for this version on this computer.

    Every child would have to compile them itself otherwise, as a shared cache would be open to a compromised child.
    """
    for place in (_SOURCE.parent / "__pycache__", home()):
        kept = place / f"{_KERNELS}-{_stamp()}"
        with contextlib.suppress(OSError, MsissError, Unforeseen):  # such as a folder of another account
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
        parent.run(work, {}, name="the kernels of msiss", msiss_home=Path(name))
        unfinished = unfinished_name(kept)
        shutil.copytree(Path(name) / _KERNELS, unfinished)
        for old in kept.parent.glob(f"{_KERNELS}-*"):
            shutil.rmtree(old, ignore_errors=True)
        try:
            unfinished.replace(kept)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished, ignore_errors=True)


def _stamp() -> str:
    """Return a key of all versions that compiled kernels depend on."""
    source = _SOURCE.stat().st_mtime_ns, _SOURCE.stat().st_size
    return hashlib.sha256(repr((source, sys.version, version("numba"))).encode()).hexdigest()[:16]
