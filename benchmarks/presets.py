"""How long each preset takes on the demo, and the figures of `msiss/learn/estimate.py` that follow from it.

    .venv/bin/python benchmarks/presets.py [--epochs 2] [--presets quick paper msiss] [--whole]

Each preset runs in a fresh process without the engine, with random weights for EfficientNet-B0. The phases of the
paper's method run for a few epochs only and their time is scaled up to the preset's: its whole schedule takes hours on
two cores; `--whole` runs all of it. Prints Markdown, and then the lines to put into `estimate.py`. The machine should
have nothing else to do; the processor seconds, of all threads, tell how much it had.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from msiss.data.ion_images import IonImages
from msiss.learn import estimate
from msiss.learn.config import RunConfig
from msiss.learn.methods import METHODS, preset_config, presets
from msiss.learn.paper.config import PaperConfig
from msiss.learn.paper.method import SIDE
from msiss.learn.spatial import method as spatial
from msiss.learn.spatial.config import SpatialConfig
from msiss.phantom.section import make_phantom
from msiss.runs.jobs import State
from msiss.runs.store import Run
from msiss.runs.worker import execute

CLUSTERS = 13
INTERVAL = 0.05  # seconds between two looks at the phase
GROUPS = {"contrastive": "contrastive", "classifier": "classifier", "self-label": "self_label"}  # of settings


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=2, help="of each phase of the paper's method, scaled up")
    parser.add_argument("--whole", action="store_true", help="run all epochs")
    parser.add_argument("--presets", nargs="+", default=list(presets(METHODS)))
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.machine()}\n")
    print("| preset | ions | side (px) | phase | epochs run | seconds | of the processors | scaled to all epochs |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MSISS_WEIGHTS"] = folder
        make_phantom().images.save(Path(folder) / "demo")
        for preset in options.presets:
            whole = preset_config(preset, clusters=CLUSTERS)
            groups = GROUPS.values() if isinstance(whole, PaperConfig) else ()
            short = whole.with_settings({f"{group}.epochs": options.epochs for group in groups})
            lines += _measure(preset, whole, whole if options.whole else short, Path(folder))
    print("\nFor the records of the methods and encoders and for msiss/learn/estimate.py; of several the largest:\n")
    print("\n".join(f"    {line}" for line in lines))


def _measure(preset: str, whole: RunConfig, config: RunConfig, folder: Path) -> list[str]:
    """Run `config`, print its phases scaled up to `whole`, and return what `estimate` needs to know of them."""
    images = IonImages.load(folder / "demo")
    ions, side = len(images), config.prepare.side
    run = Run.create(folder / preset, dataset=folder / "demo", fingerprint=images.fingerprint, config=config)
    spent, worked = _phases(run)
    scaled = {}
    for phase, took in spent.items():
        group = GROUPS.get(phase) if isinstance(config, PaperConfig) else None
        epochs, wanted = (getattr(which, group).epochs if group else 1 for which in (config, whole))
        scaled[phase] = took * wanted / epochs
        ran = epochs if group else ""
        print(
            f"| {preset} | {ions} | {side} | {phase} | {ran} | {took:.1f} | {worked.get(phase, 0):.1f} "
            f"| {scaled[phase]:.1f} |"
        )
    again = 1 if config.check else 0  # trainings within the check
    training = sum(took for phase, took in spent.items() if phase not in ("start", "prepare", "analyse", "check"))
    told = estimate.seconds(whole, ions)
    whole_time = sum(scaled.values()) + again * (sum(scaled.values()) - sum(spent.values()))
    processors = sum(worked.values())
    print(
        f"| {preset} | {ions} | {side} | all; told before: {told:.0f} | | {sum(spent.values()):.1f} | {processors:.1f} "
        f"| {whole_time:.1f} |",
        flush=True,
    )
    lines = [
        f"START_SECONDS = {spent['start'] + spent['prepare']:.0f}",
        f"{config.method}: analyse_seconds = {spent['analyse'] / ions:.3f}",
        f"{config.method}: check_seconds = {(spent['check'] - again * training) / ions:.3f}",
    ]
    if isinstance(config, SpatialConfig):
        seen = config.spatial.steps * min(ions, config.spatial.batch_size)
        steps = spent["contrastive"] / seen / (side / spatial.SIDE) ** 2
        return [*lines, f"MEASURES_SECONDS, STEP_SECONDS = {spent['measures'] / ions:.4f}, {steps:.5f}"]
    assert isinstance(config, PaperConfig)
    area = ions * (side / SIDE) ** 2
    figures = (spent[phase] / getattr(config, group).epochs / area for phase, group in GROUPS.items())
    return [*lines, f"{config.encoder}: seconds = ({', '.join(f'{figure:.4f}' for figure in figures)})"]


def _phases(run: Run) -> tuple[dict[str, float], dict[str, float]]:
    """Execute the run in a fresh process; return the seconds of its phases, on the clock and of the processors.

    "start" is what comes before them.
    """
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); "
        "from speed import random_b0_weights; random_b0_weights(); "
        f"from presets import execute_watched; execute_watched({str(run.path)!r})"
    )
    start = time.time()
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    end = time.time()
    if run.status.state is not State.DONE:
        sys.exit(f"{run.path.name}: {run.status.message}")
    begun = run.events("PhaseStarted")
    spent = {"start": begun[0]["time"] - start}
    for phase, after in zip(begun, [*(later["time"] for later in begun[1:]), end], strict=True):
        spent[phase["phase"]] = spent.get(phase["phase"], 0.0) + after - phase["time"]
    return spent, json.loads(told.splitlines()[-1])


def execute_watched(path: str) -> None:
    """Execute a run in this process and print the processor seconds of its phases as JSON."""
    run, worked, ended = Run(Path(path)), dict[str, float](), threading.Event()

    def watch() -> None:
        before = 0.0
        while True:
            last = ended.wait(INTERVAL)
            phase, now = run.status.phase or "start", time.process_time()
            worked[phase] = worked.get(phase, 0.0) + now - before
            before = now
            if last:
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        execute(run.path)
    finally:
        ended.set()
        watcher.join()
    print(json.dumps(worked))


if __name__ == "__main__":
    main()
