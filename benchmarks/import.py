"""How fast ion images come out of imzML files, and how much memory that takes, beside other readers, in one run.

    .venv/bin/python benchmarks/import.py --imzy IMZY/bin/python
    .venv/bin/python benchmarks/import.py --path FILE.imzML   one file through the command line instead

imzy needs an environment of its own: `python3.11 -m venv IMZY`, then `IMZY/bin/pip install imzy==0.3.0 pyimzml==1.5.5`.
Every part runs in a process of its own, the files being in the system's cache: what takes less than
a second several times, of which the best counts, the rest once or twice. Prints Markdown for RESULTS.md.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

PPM, IONS, REPEATS = 10.0, 500, 5
GETIONIMAGES = 3  # are measured; a loop over more takes as much longer
CHUNK = 2**20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--imzy", default="", help="Python of an environment with imzy")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "msiss-benchmark")
    parser.add_argument("--large", action="store_true", help="also a million pixels")
    parser.add_argument("--path", type=Path)
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options, rest = parser.parse_known_args()
    warnings.simplefilter("ignore")
    if options.part:
        print(json.dumps(PARTS[options.part](*map(Path, rest))))
    elif options.path:
        _command_line(options.path)
    else:
        _tables(options)


def _tables(options: argparse.Namespace) -> None:
    from msiss.phantom.large import write_large

    def large(pixels: int, peaks: int, mode: Any) -> Path:
        path = options.folder / f"{mode}-{pixels}-{peaks}.imzML"
        return path if path.with_suffix(".ibd").exists() else write_large(path, pixels=pixels, peaks=peaks, mode=mode)

    for mode in ("processed", "continuous"):
        path = large(10_000, 1000, mode)
        size = path.with_suffix(".ibd").stat().st_size / 1e6
        print(f"\n{IONS} m/z from 10,000 spectra of 1,000 peaks, {mode}, {size:.0f} MB of spectra.\n")
        print("| what | seconds | times msiss |\n| --- | --- | --- |")
        found = {**_part("msiss_list", path), **_part("just_read", path), **_part("getionimage", path)}
        if options.imzy:
            found |= _part("imzy", path, python=options.imzy)
        for what, seconds in found.items():
            print(f"| {what} | {seconds:.3g} | {seconds / found[MSISS]:.2f} |")

    print("\nOpening: the header only.\n")
    print("| spectra | pyIMZML | msiss, first time | msiss, again |\n| --- | --- | --- | --- |")
    for pixels in (10_000, 100_000):
        path = large(pixels, 100, "processed")
        found = _part("pyimzml_header", path) | _part("msiss_header", path)
        print(f"| {pixels:,} | {found['pyimzml']:.2f} s | {found['first']:.2f} s | {found['again']:.3f} s |")

    print("\nGrowth: `read_imzml` with its header in the index, once each, and the peak of the memory beyond what the")
    print("process had before it.\n")
    print("| pixels x peaks, mode | spectra on disk | ions from | seconds | result | peak memory |")
    print("| --- | --- | --- | --- | --- | --- |")
    sizes = [(10_000, 1000), (100_000, 1000), *([(1_000_000, 200)] if options.large else [])]
    for pixels, peaks in sizes:
        for mode in ("processed", "continuous"):
            path = large(pixels, peaks, mode)
            size = path.with_suffix(".ibd").stat().st_size / 1e9
            _part("open", path)
            for source in ("list", "data"):
                found = _part(f"growth_{source}", path)
                print(
                    f"| {pixels:,} x {peaks:,}, {mode} | {size:.2f} GB | {source} |"
                    f" {found['seconds']:.1f} | {found['result']:.0f} MB | {found['peak']:.0f} MB |"
                )


MSISS = "msiss, into a memory-mapped file"


def _msiss_list(path: Path) -> dict[str, float]:
    """Read the images with msiss, and see that they are those of pyIMZML."""
    from msiss.data.formats.imzml.reader import read_imzml

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        config = _config(path)
        rooms = iter([Path(tempfile.mkdtemp(dir=folder)) for _ in range(REPEATS + 1)])
        seconds = _best(lambda: read_imzml(path, config, scratch=next(rooms)))
        images = read_imzml(path, config, scratch=next(rooms)).images
        from pyimzml.ImzMLParser import ImzMLParser, getionimage

        with ImzMLParser(str(path)) as parser:
            for ion in (0, IONS // 2, IONS - 1):
                mz = config.mz_list[ion].mz
                np.testing.assert_allclose(images[ion], getionimage(parser, mz, mz * PPM * 1e-6), rtol=1e-5)
    return {MSISS: seconds}


def _just_read(path: Path) -> dict[str, float]:
    ibd = path.with_suffix(".ibd")

    def in_pieces() -> None:
        room = bytearray(CHUNK)
        with ibd.open("rb", buffering=0) as file:
            while file.readinto(room):
                pass

    return {
        "the .ibd read once, into memory": _best(lambda: np.fromfile(ibd, dtype=np.uint8)),
        "the .ibd read once, in pieces that are thrown away": _best(in_pieces),
    }


def _getionimage(path: Path) -> dict[str, float]:
    from pyimzml.ImzMLParser import ImzMLParser, getionimage

    with ImzMLParser(str(path)) as parser:
        chosen = _ions(path)[:: IONS // GETIONIMAGES][:GETIONIMAGES]
        start = time.perf_counter()
        for mz in chosen:
            getionimage(parser, mz, mz * PPM * 1e-6)
        each = (time.perf_counter() - start) / len(chosen)
    return {f"pyIMZML, getionimage for each m/z ({GETIONIMAGES} measured)": each * IONS}


def _imzy(path: Path) -> dict[str, float]:
    from imzy import get_reader  # type: ignore[import-not-found]

    start = time.perf_counter()
    reader = get_reader(path)
    opening = time.perf_counter() - start
    mz = _ions(path)
    seconds = _best(lambda: reader.get_ion_images(mz, ppm=PPM, silent=True), repeats=2)
    return {"imzy, get_ion_images, file opened before": seconds, "imzy, with its opening": opening + seconds}


def _pyimzml_header(path: Path) -> dict[str, float]:
    from pyimzml.ImzMLParser import ImzMLParser

    return {"pyimzml": _best(lambda: ImzMLParser(str(path), ibd_file=None), repeats=2)}


def _msiss_header(path: Path) -> dict[str, float]:
    from msiss.data.formats.imzml.reader import open_imzml
    from msiss.home import index_folder

    def first() -> None:
        for kept in index_folder().glob("*.npz"):
            kept.unlink()
        open_imzml(path)

    return {"first": _best(first, repeats=2), "again": _best(lambda: open_imzml(path))}


def _open(path: Path) -> dict[str, float]:
    """Open a file once, so that its header is in the index."""
    from msiss.data.formats.imzml.reader import open_imzml

    return {"spectra": len(open_imzml(path))}


def _growth(path: Path, source: str) -> dict[str, float]:
    from msiss.data.formats.imzml.reader import read_imzml
    from msiss.data.recipe import ReadConfig
    from msiss.phantom.large import write_large

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        mode: Any = path.name.partition("-")[0]
        tiny = write_large(Path(folder) / "tiny" / f"{mode}-100-50.imzML", pixels=100, peaks=50, mode=mode)
        for config in (_config(tiny), ReadConfig(ppm=PPM)):
            read_imzml(tiny, config)  # loads the compiled code
        config = _config(path) if source == "list" else ReadConfig(ppm=PPM, number=IONS)
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        before = _memory("VmRSS")
        start = time.perf_counter()
        images = read_imzml(path, config, scratch=Path(tempfile.mkdtemp(dir=folder)))
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "result": images.images.nbytes / 1e6, "peak": _memory("VmHWM") - before}


def _command_line(path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        start = time.perf_counter()
        command = [sys.executable, "-m", "msiss", "import", str(path), "--out", f"{folder}/imported"]
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - start
        result = Path(folder, "imported", "images.npy").stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    size = path.with_suffix(".ibd").stat().st_size / 1e9
    print(f"{size:.2f} GB: {seconds:.0f} s, result {result:.0f} MB, peak memory of the process {peak:.0f} MB")


PARTS: dict[str, Callable[[Path], dict[str, float]]] = {
    "msiss_list": _msiss_list,
    "just_read": _just_read,
    "getionimage": _getionimage,
    "imzy": _imzy,
    "pyimzml_header": _pyimzml_header,
    "msiss_header": _msiss_header,
    "open": _open,
    "growth_list": lambda path: _growth(path, "list"),
    "growth_data": lambda path: _growth(path, "data"),
}


def _part(name: str, path: Path, *, python: str = sys.executable) -> dict[str, float]:
    """Measure one part in a process of its own, with a home of its own."""
    if python != sys.executable:  # that environment knows nothing of msiss
        np.save(path.with_suffix(".mz.npy"), _ions(path))
    environment = os.environ | {"MSISS_HOME": str(path.parent / "home")}
    command = [python, __file__, "--part", name, str(path)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout)


def _ions(path: Path) -> np.ndarray:
    """Return the m/z to extract: every so many of those that the phantom was written with."""
    kept = path.with_suffix(".mz.npy")
    if kept.exists():
        return np.load(kept)
    from msiss.phantom.large import ions

    peaks = int(path.stem.rpartition("-")[2])
    return ions(peaks)[:: max(1, peaks // IONS)][:IONS]


def _config(path: Path):  # type: ignore[no-untyped-def]
    from msiss.data.recipe import ListedIon, ReadConfig

    return ReadConfig(peaks="list", mz_list=tuple(ListedIon(mz=float(mz)) for mz in _ions(path)), ppm=PPM)


def _best(work: Callable[[], object], repeats: int = REPEATS) -> float:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def _memory(what: str) -> float:
    """Return the memory of this process in MB, now (VmRSS) or at its peak (VmHWM); on Linux."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{what}:")[2].split()[0]) * 1024 / 1e6


if __name__ == "__main__":
    main()
