"""The paper's whole schedule on a CUDA device, by one variant of the network after the other: `speed.py --gpu`.

Has to be run on a machine with a CUDA device. Every variant learns in a fresh process whose start counts, and whose
imports, compilation, clustering and checkpoints count too. What each phase reaches of the card's own rate of matrix
products in bfloat16 stands beside it, and for the first variant what the device did in a few steps, and for how long.
With `--tiny` the same code runs on the CPU with next to nothing to do: a check that it runs, not a measurement.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from speed import forward_flops, ion_images, matmul_rate, random_b0_weights

from msiss.learn.paper.config import PaperConfig

CASES = ((1101, 224, "efficientnet-b0"), (367, 96, "efficientnet-b0"), (367, 96, "efficientnet-lite0"))  # ions, side
TINY = ((26, 64, "efficientnet-lite0"),)
VARIANTS = ("channels-last", "contiguous", "compiled", "compiled, CUDA graphs")  # the first is what msiss does
CLUSTERS = {1101: 30, 367: 13, 26: 2}
PROFILED = 5  # steps


def compare_schedules(*, repeat: int, tiny: bool) -> None:
    """Measure and print."""
    import torch

    if not tiny and not torch.cuda.is_available():
        sys.exit("This machine has no CUDA device. With --tiny the same code runs on the CPU.")
    device = "cpu" if tiny else "cuda"
    rate = matmul_rate(torch.bfloat16, device, 256 if tiny else 8192)
    print(
        f"{device if tiny else torch.cuda.get_device_name()}: {rate / 1e12:.1f} TFLOP/s of bfloat16 matrix products\n"
    )
    print("| ions | side (px) | encoder | variant | phase | seconds | share of the card |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for case in TINY if tiny else CASES:
        for variant in VARIANTS:
            runs = [found for found in (_run(case, variant, tiny) for _ in range(repeat)) if found]
            start = " | ".join([*map(str, case), variant])
            if not runs:
                print(f"| {start} | failed | | |")
                continue
            best = min(runs, key=lambda found: found["all"][0])
            for phase, (seconds, flops) in best.items():
                share = f"{flops / seconds / rate:.1%}" if flops else ""
                print(f"| {start} | {phase} | {seconds:.1f} | {share} |", flush=True)
    print()
    _profile((TINY if tiny else CASES)[0], device)


def _run(case: tuple[int, int, str], variant: str, tiny: bool) -> dict[str, list[float]] | None:
    """Return seconds and arithmetic of every phase of one schedule in a fresh process; None where it fails."""
    with tempfile.TemporaryDirectory() as weights:
        done = subprocess.run(
            [sys.executable, __file__, json.dumps([*case, variant, tiny, time.time()])],
            check=False,
            stdout=subprocess.PIPE,
            env=os.environ | {"MSISS_WEIGHTS": weights},
        )
    return None if done.returncode else json.loads(done.stdout.splitlines()[-1])


def _learn(ions: int, side: int, name: str, variant: str, tiny: bool, started: float) -> dict[str, list[float]]:
    """Learn and return the seconds and the arithmetic of every phase, those before the first one as "start"."""
    from msiss.data.prepare import Prepared
    from msiss.learn.events import PhaseStarted
    from msiss.learn.paper import training
    from msiss.learn.pipeline import learn

    images, mask = ion_images(ions, side)
    prepared = Prepared(images, mask, images, mask)
    random_b0_weights()
    build = training.build_encoder
    flops = ions * forward_flops(build(name), side)  # one pass over all ion images
    training.build_encoder = lambda encoder: _vary(build(encoder), variant, tiny)  # type: ignore[assignment]
    own = {"encoder": name, "device": "cpu" if tiny else "cuda", "prepare.side": side, "neighbours": 10}
    epochs = {"contrastive.epochs": 1, "classifier.epochs": 1, "self_label.epochs": 1} if tiny else {}
    config = PaperConfig(clusters=CLUSTERS[ions]).with_settings(own | epochs)
    work = {
        phase.name: phase.cost * settings.epochs * flops
        for phase, settings in (
            (training.Contrastive, config.contrastive),
            (training.Classify, config.classifier),
            (training.SelfLabel, config.self_label),
        )
    }
    begun = {"start": started}
    with tempfile.TemporaryDirectory() as folder:
        for event in learn(prepared, config, checkpoints=Path(folder)):
            if isinstance(event, PhaseStarted):
                begun[event.phase] = time.time()
    end = time.time()
    spent = {
        phase: [after - begin, work.get(phase, 0.0)]
        for (phase, begin), after in zip(begun.items(), [*list(begun.values())[1:], end], strict=True)
    }
    return spent | {"all": [end - started, sum(work.values())]}


def _vary(encoder: Any, variant: str, tiny: bool) -> Any:
    """Return the encoder as the variant has it."""
    import torch

    network = encoder.network
    if variant == "contiguous":
        encoder.to(memory_format=torch.contiguous_format)
        layers = network.extract_features
        network.extract_features = lambda images: layers(images.contiguous())
    elif variant.startswith("compiled"):
        how: dict[str, Any] = {"mode": "reduce-overhead" if "graphs" in variant else "default"}
        how = {"backend": "aot_eager"} if tiny else how  # traced only: code for a CPU takes minutes to compile
        network.extract_features = torch.compile(network.extract_features, dynamic=False, **how)
    return encoder


def _profile(case: tuple[int, int, str], device: str) -> None:
    """Print what takes the longest in a few steps of contrastive learning."""
    import numpy as np
    import torch
    from torch.profiler import ProfilerActivity, profile

    from msiss.learn.loop import train
    from msiss.learn.paper.config import ContrastiveConfig
    from msiss.learn.paper.encoders import build_encoder
    from msiss.learn.paper.phases import Contrastive
    from msiss.learn.progress import Pace

    ions, side, name = case
    images, mask = (torch.from_numpy(array).to(device) for array in ion_images(ions, side))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MSISS_WEIGHTS"] = folder
        random_b0_weights()
        encoder = build_encoder(name)
        phase = Contrastive(encoder, images.unsqueeze(1), mask, ContrastiveConfig(epochs=PROFILED + 1)).to(device)
        seed, checkpoint = np.random.SeedSequence(0), Path(folder) / "checkpoint"
        events = train(phase, number=ions, batch_size=183, seed=seed, checkpoint=checkpoint, pace=Pace(1))
        for _ in range(3):  # the beginning, and the first step or two
            next(events)
        activities = [ProfilerActivity.CPU] + ([ProfilerActivity.CUDA] if device == "cuda" else [])
        start = time.perf_counter()
        with profile(activities=activities) as profiler:
            for _ in range(PROFILED):
                next(events)
            if device == "cuda":
                torch.cuda.synchronize()
        spent = time.perf_counter() - start
    print(f"{PROFILED} events of contrastive learning, {spent:.2f} s with the profiler:\n")
    print(profiler.key_averages().table(sort_by=f"self_{device}_time_total", row_limit=15, max_name_column_width=60))


if __name__ == "__main__":
    print(json.dumps(_learn(*json.loads(sys.argv[1]))))
