"""How long the quick preset takes on the demo data set, phase by phase, in a fresh process without the engine.

    .venv/bin/python benchmarks/quick.py

Prints Markdown for RESULTS.md.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from msiss.data.ion_images import IonImages
from msiss.data.phantom import make_phantom
from msiss.learn.config import Preset, RunConfig
from msiss.runs.store import Run


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = Path(folder) / "demo"
        make_phantom().images.save(dataset)
        images = IonImages.load(dataset)
        config = RunConfig.from_preset(Preset.QUICK, clusters=13)
        run = Run.create(Path(folder) / "run", dataset=dataset, fingerprint=images.fingerprint, config=config)
        code = f"from pathlib import Path; from msiss.runs.worker import execute; execute(Path({str(run.path)!r}))"
        start = time.time()
        subprocess.run([sys.executable, "-c", code], check=True)
        end = time.time()
        print(f"{len(images)} ions, {config.prepare.side} px, {os.cpu_count()} cores, {platform.machine()}\n")
        print("| step | seconds |\n| --- | --- |")
        phases = run.events("PhaseStarted")
        print(f"| imports | {phases[0]['time'] - start:.0f} |")
        for phase, after in zip(phases, [*(later["time"] for later in phases[1:]), end], strict=True):
            print(f"| {phase['phase']} | {after - phase['time']:.0f} |")
        print(f"| all | {end - start:.0f} |")


if __name__ == "__main__":
    main()
