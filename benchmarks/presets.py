"""How long each preset takes on the demo, and the figures of `msiss/learn/estimate.py` that follow from it.

    .venv/bin/python benchmarks/presets.py [--epochs 2] [--presets quick paper msiss]

Each preset runs in a fresh process without the engine. With --epochs the phases of the paper's method run for so many
epochs only and their time is scaled up to the preset's: the whole schedule of the preset `paper` takes hours on two
cores. Prints Markdown.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from msiss.data.ion_images import IonImages
from msiss.data.phantom import make_phantom
from msiss.learn import estimate
from msiss.learn.config import Method, Preset, RunConfig
from msiss.runs.jobs import State
from msiss.runs.store import Run

CLUSTERS = 13
PHASES = {"contrastive": "contrastive", "classifier": "classifier", "self-label": "self_label"}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, help="run only so many of each phase, and scale up")
    parser.add_argument("--presets", type=Preset, nargs="+", default=list(Preset))
    parser.add_argument("--encoder", help="another one than the presets'")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.machine()}\n")
    print("| preset | ions | side (px) | step | epochs run | seconds | per ion, epoch and 96 x 96 px |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        make_phantom().images.save(Path(folder) / "demo")
        for preset in options.presets:
            _measure(preset, Path(folder), options)


def _measure(preset: Preset, folder: Path, options: argparse.Namespace) -> None:
    images = IonImages.load(folder / "demo")
    settings = {"encoder": options.encoder} if options.encoder else {}
    whole = RunConfig.from_preset(preset, clusters=CLUSTERS, **settings)
    changes = {f"{group}.epochs": options.epochs for group in PHASES.values()} if options.epochs else {}
    config = whole.with_settings(changes)
    run = Run.create(folder / preset, dataset=folder / "demo", fingerprint=images.fingerprint, config=config)
    code = f"from pathlib import Path; from msiss.runs.worker import execute; execute(Path({str(run.path)!r}))"
    start = time.time()
    subprocess.run([sys.executable, "-c", code], check=True)
    end = time.time()
    if run.status.state is not State.DONE:
        sys.exit(f"{preset}: {run.status.message}")
    begun = run.events("PhaseStarted")
    spent = {"start": begun[0]["time"] - start}
    for phase, after in zip(begun, [*(later["time"] for later in begun[1:]), end], strict=True):
        spent[phase["phase"]] = after - phase["time"]
    area = len(images) * (config.prepare.side / estimate.SIDE) ** 2
    scaled = 0.0
    for step, took in spent.items():
        group = PHASES.get(step, "")
        if config.method is Method.PAPER and group:
            epochs, wanted = getattr(config, group).epochs, getattr(whole, group).epochs
            each = f"{took / epochs / area:.5f}" if epochs else ""
            took = took * wanted / epochs if epochs else took
        else:
            epochs, each = "", f"{took / len(images):.4f} (per ion)"
        scaled += took
        print(f"| {preset} | {len(images)} | {config.prepare.side} | {step} | {epochs} | {took:.1f} | {each} |")
    told = estimate.seconds(whole, len(images))
    print(f"| {preset} | {len(images)} | {config.prepare.side} | all; told before: {told:.0f} | | {scaled:.1f} | |")


if __name__ == "__main__":
    main()
