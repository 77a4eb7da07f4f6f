"""How long somebody waits in a notebook: `import msiss`, and the calls from a file to its clusters and back.

    .venv/bin/python benchmarks/front_door.py [FILE] [--clusters 12]

FILE is an imzML file or another that msiss reads; by default it is the section of `msiss demo`. The import is the
median over fresh interpreters. The calls come one after the other in one process that has loaded nothing before: the
first one pays for what it loads. Each includes what Jupyter shows of its result. Loops that msiss compiles once after
its installation are compiled before. Prints Markdown.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msiss

HEAVY = ("numpy", "pandas", "plotly", "torch", "streamlit")
IMPORT = f"""
import sys, time
start = time.perf_counter()
import msiss
print(time.perf_counter() - start, *(name for name in {HEAVY} if name in sys.modules))
"""
FRESH = 7  # interpreters


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE")
    parser.add_argument("--clusters", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MSISS_HOME"] = str(Path(folder, "home"))
        file = options.file or _demo(Path(folder))
        subprocess.run([sys.executable, "-m", "msiss", "check", str(file)], check=True, stdout=subprocess.DEVNULL)
        _measure(file, options.clusters, Path(folder))


def _measure(file: Path, clusters: int, folder: Path) -> None:
    print(f"{os.cpu_count()} cores, {platform.machine()}; {file.name}\n")
    print("| call | seconds | |")
    print("| --- | --- | --- |")
    seconds, loaded = _import()
    print(f"| `import msiss` | {seconds:.3f} | loads {loaded} |", flush=True)

    def tell(call: str, act: Callable[[], Any], about: Callable[[Any], str] = lambda _: "") -> Any:
        start = time.perf_counter()
        result = act()
        _show(result)
        print(f"| `{call}` | {time.perf_counter() - start:.3f} | {about(result)} |", flush=True)
        return result

    def cluster() -> msiss.Run:
        return msiss.cluster(images, clusters=clusters, progress=False)

    tell("msiss.check(file)", lambda: msiss.check(file))
    images = tell("msiss.read(file)", lambda: msiss.read(file), _size)
    training = f"msiss.cluster(images, clusters={clusters})"
    run = tell(training, cluster)
    tell("run.table()", run.table)
    tell("run.map()", run.map)
    tell("run.gallery(0)", lambda: run.gallery(0))
    tell("run.similar(mz)", lambda: run.similar(images.mz[0]))
    tell("run.trust()", run.trust)
    tell(training, cluster, lambda _: "again")
    tell('run.export("out")', lambda: run.export(folder / "out"))


def _import() -> tuple[float, str]:
    """Return the median seconds of the import in fresh interpreters, and what of the heavy packages it loads."""
    times, loaded = [], set()
    for _ in range(FRESH):
        fresh = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
        seconds, *heavy = fresh.stdout.split()
        times.append(float(seconds))
        loaded.update(heavy)
    return statistics.median(times), ", ".join(sorted(loaded)) or f"none of {', '.join(HEAVY)}"


def _show(result: Any) -> None:
    """Make of a result what Jupyter would show."""
    if hasattr(result, "to_plotly_json"):
        result.to_json()
    elif hasattr(result, "_repr_html_"):
        result._repr_html_()


def _size(images: Any) -> str:
    number, height, width = images.images.shape
    return f"{number:,} ion images of {width} × {height} pixels"


def _demo(folder: Path) -> Path:
    """Write the section of the demo in another process, so that this one has loaded nothing yet."""
    subprocess.run([sys.executable, "-m", "msiss", "demo", str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder / "demo.imzML"


if __name__ == "__main__":
    main()
