"""How fast msiss makes views and trains, side by side with the straightforward version of the same.

    .venv/bin/python benchmarks/speed.py [--rounds 3] [--batch 183] [--skip-views | --skip-epochs]
    .venv/bin/python benchmarks/speed.py --beside
    .venv/bin/python benchmarks/speed.py --gpu [--repeat 2]

The first compares on the CPU with `straightforward.py`: views per second, then an epoch of contrastive training on 367
images of 96 x 96 pixels, each in a process of its own. The processes take turns, and the best of the rounds counts, so
that what else runs on the machine matters less; its processor time, which it matters to less still, stands beside it.
Memory is the peak of a process beyond what it held before its first epoch. The second trains twice, one after the other
and one beside the other. The third (`speed_gpu.py`) needs a CUDA device. Random weights stand for EfficientNet-B0's.
"""

import argparse
import hashlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from msiss.learn.paper.encoders import B0, LITE0

IONS, SIDE = 367, 96  # the paper's uterus
EPOCHS = 2  # of which the better counts


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="turns of every process; the best counts")
    parser.add_argument("--batch", type=int, default=183, help="ion images per step")
    parser.add_argument("--ions", type=int, default=IONS)
    parser.add_argument("--skip-views", action="store_true")
    parser.add_argument("--skip-epochs", action="store_true")
    parser.add_argument("--beside", action="store_true", help="two trainings at once against one after the other")
    parser.add_argument("--gpu", action="store_true", help="the whole schedule on a CUDA device instead")
    parser.add_argument("--repeat", type=int, default=1, help="with --gpu: how often; the best counts")
    parser.add_argument(
        "--tiny", action="store_true", help="with --gpu: its code on the CPU, with next to nothing to do"
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(CHILDREN[options.child](options)))
    elif options.beside:
        _beside(options)
    elif options.gpu:
        from speed_gpu import compare_schedules

        compare_schedules(repeat=options.repeat, tiny=options.tiny)
    else:
        print(f"{os.cpu_count()} cores, {platform.machine()}; {options.ions} ion images of {SIDE} x {SIDE} pixels\n")
        if not options.skip_views:
            _compare(options, "views per second", ["views-straightforward", "views-msiss"])
        if not options.skip_epochs:
            _compare(options, "an epoch", ["epoch-straightforward", "epoch-b0", "epoch-lite0"])


def _compare(options: argparse.Namespace, title: str, names: list[str]) -> None:
    """Let the children take turns, and print the best of each beside the first one's."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(options.rounds):
        for name in names:
            measured = _child(name, options)
            kept = best.setdefault(name, measured)
            best[name] = {key: min(value, kept[key]) for key, value in measured.items()}
    first = best[names[0]]
    print(f"| {title} | seconds | times faster | processor seconds | times less | peak memory (MB) | share | of peak |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    rates = _child("rates", options) if "flops" in first else {}
    for name, found in best.items():
        faster, less = first["seconds"] / found["seconds"], first["processor"] / found["processor"]
        line = f"| {name} | {found['seconds']:.3f} | {faster:.1f} | {found['processor']:.3f} | {less:.1f} "
        if rates:
            done = found["flops"] / found["seconds"]
            line += f"| {found['memory']:.0f} | {found['memory'] / first['memory']:.2f} "
            line += f"| {done / rates['float32']:.0%} of float32, {done / rates['bfloat16']:.0%} of bfloat16 |"
        else:
            line += f"| | | {found['views'] / found['seconds']:.0f} views per second |"
        print(line)
    if rates:
        single, half = (rates[name] / 1e9 for name in ("float32", "bfloat16"))
        print(f"\nMatrix products reach {single:.0f} GFLOP/s in float32 and {half:.0f} in bfloat16.")
    print()


def _beside(options: argparse.Namespace) -> None:
    """Print how long two trainings take after and beside each other; rounds take turns, and the best counts."""
    together, after = [], []
    for _ in range(options.rounds):
        after.append(sum(_seconds_of(1, options) for _ in range(2)))
        together.append(_seconds_of(2, options))
    print(f"{os.cpu_count()} cores, an epoch of efficientnet-lite0 on {options.ions} ion images, seconds of the clock")
    print(f"one after the other {min(after):.1f}, beside each other {min(together):.1f}")


def _seconds_of(number: int, options: argparse.Namespace) -> float:
    """Return the time from the common start of so many trainings until the last one ends."""
    sizes = ["--batch", str(options.batch), "--ions", str(options.ions)]
    command = [sys.executable, __file__, "--child", "waiting", *sizes]
    with tempfile.TemporaryDirectory() as weights:
        environment = os.environ | {"MSISS_WEIGHTS": weights}
        processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
            for _ in range(number)
        ]
        pipes = [(process.stdin, process.stdout) for process in processes]
        for _, answers in pipes:
            assert answers is not None
            answers.readline()  # ready
        start = time.perf_counter()
        for orders, _ in pipes:
            assert orders is not None
            orders.write("go\n")
            orders.flush()
        for process in processes:
            process.communicate()
        return time.perf_counter() - start


def _waiting(options: argparse.Namespace) -> dict[str, float]:
    """Train one epoch to warm up, and another one when told so."""
    epochs = _epochs_msiss(LITE0, options)
    next(epochs)
    print("ready", flush=True)
    input()
    next(epochs)
    return {}


def _child(name: str, options: argparse.Namespace) -> dict[str, float]:
    arguments = ["--child", name, "--batch", str(options.batch), "--ions", str(options.ions)]
    with tempfile.TemporaryDirectory() as weights:
        done = subprocess.run(
            [sys.executable, __file__, *arguments],
            check=True,
            stdout=subprocess.PIPE,
            env=os.environ | {"MSISS_WEIGHTS": weights},
        )
    return json.loads(done.stdout.splitlines()[-1])


def ion_images(number: int, side: int) -> tuple[Any, Any]:
    """Return ion images (N, side, side) of the demo, again and again until there are enough, and their mask."""
    import numpy as np

    from msiss.data.prepare import PrepareConfig, prepare
    from msiss.phantom.section import make_phantom

    prepared = prepare(make_phantom().images, PrepareConfig(side=side))
    return prepared.images[np.arange(number) % len(prepared.images)], prepared.mask


def random_b0_weights() -> None:
    """Write random weights where those of EfficientNet-B0 are looked for, and let them be taken."""
    import torch
    from efficientnet_pytorch import EfficientNet

    from msiss.learn.paper import efficientnet

    file = Path(os.environ["MSISS_WEIGHTS"]) / efficientnet.B0_FILE
    torch.save(EfficientNet.from_name("efficientnet-b0").state_dict(), file)
    efficientnet.SHA256[B0] = hashlib.sha256(file.read_bytes()).hexdigest()


def forward_flops(encoder: Any, side: int) -> float:
    """Return the arithmetic of one image of `side` x `side` pixels through the encoder, once forward."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        encoder.cpu().eval()(torch.zeros(1, 1, side, side))
    return float(counter.get_total_flops())


def _timed(steps: Iterator[Any]) -> dict[str, float]:
    """Return the shortest time between two steps, on the clock and of all processors; the first step warms up."""
    next(steps)
    seconds, processor = [], []
    wall, spent = time.perf_counter(), _processor()
    for _ in steps:
        seconds.append(time.perf_counter() - wall)
        processor.append(_processor() - spent)
        wall, spent = time.perf_counter(), _processor()
    return {"seconds": min(seconds), "processor": min(processor)}


def _processor() -> float:
    """Return the processor time in seconds of this process and of its children, which may still run."""
    import psutil  # type: ignore[import-untyped]

    here = psutil.Process()
    return sum(sum(process.cpu_times()[:2]) for process in [here, *here.children(recursive=True)])


def _peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000  # MB; of this process, not of its workers


def _views_straightforward(options: argparse.Namespace) -> dict[str, float]:
    from straightforward import loader

    from msiss.learn.paper.config import AugmentConfig

    images, _ = ion_images(options.ions, SIDE)
    batches = loader(images, AugmentConfig(), options.batch)
    views = 2 * options.batch * len(batches)
    return _timed(sum(len(first) for first, _ in batches) for _ in range(1 + EPOCHS)) | {"views": views}


def _views_msiss(options: argparse.Namespace) -> dict[str, float]:
    import torch

    from msiss.learn.paper.augment import augment
    from msiss.learn.paper.config import AugmentConfig

    images, mask = ion_images(options.ions, SIDE)
    stack, inside, generator = torch.from_numpy(images).unsqueeze(1), torch.from_numpy(mask), torch.Generator()
    steps = options.ions // options.batch
    times = 20  # epochs in one go: a single one takes too little to time
    config = AugmentConfig()

    def epochs() -> Iterator[None]:
        while True:
            for part in stack.split(options.batch)[:steps] * 2 * times:
                augment(part, config, inside, generator)
            yield

    measured = _timed(islice(epochs(), 1 + EPOCHS))
    return {key: value / times for key, value in measured.items()} | {"views": 2 * options.batch * steps}


def _epoch_straightforward(options: argparse.Namespace) -> dict[str, float]:
    import straightforward

    from msiss.learn.paper.config import AugmentConfig

    images, _ = ion_images(options.ions, SIDE)
    before = _peak_memory()
    measured = _timed(straightforward.train(images, AugmentConfig(), options.batch, 1 + EPOCHS))
    return measured | {"memory": _peak_memory() - before, "flops": _epoch_flops("efficientnet-b0", options)}


def _epoch_msiss(name: str, options: argparse.Namespace) -> dict[str, float]:
    before = _peak_memory()
    measured = _timed(_epochs_msiss(name, options))
    return measured | {"memory": _peak_memory() - before, "flops": _epoch_flops(name, options)}


def _epochs_msiss(name: str, options: argparse.Namespace) -> Iterator[Any]:
    """Train by contrastive learning, and stop after every epoch."""
    import numpy as np
    import torch

    from msiss.learn.events import EpochEnded
    from msiss.learn.loop import train
    from msiss.learn.memory import kept_memory
    from msiss.learn.paper.config import ContrastiveConfig
    from msiss.learn.paper.encoders import build_encoder
    from msiss.learn.paper.phases import Contrastive
    from msiss.learn.progress import Pace

    images, mask = ion_images(options.ions, SIDE)
    random_b0_weights()
    encoder, config = build_encoder(name), ContrastiveConfig(epochs=1 + EPOCHS)
    phase = Contrastive(encoder, torch.from_numpy(images).unsqueeze(1), torch.from_numpy(mask), config)
    with tempfile.TemporaryDirectory() as folder, kept_memory():
        checkpoint, seed = Path(folder) / "checkpoint", np.random.SeedSequence(0)
        events = train(
            phase, number=len(images), batch_size=options.batch, seed=seed, checkpoint=checkpoint, pace=Pace(1)
        )
        yield from (event for event in events if isinstance(event, EpochEnded))


def _epoch_flops(name: str, options: argparse.Namespace) -> float:
    from msiss.learn.paper.encoders import build_encoder
    from msiss.learn.paper.phases import Contrastive

    random_b0_weights()
    seen = options.ions // options.batch * options.batch
    return seen * Contrastive.cost * forward_flops(build_encoder(name), SIDE)


def matmul_rate(dtype: Any, device: str = "cpu", side: int = 2048) -> float:
    """Return how much arithmetic a second a product of two square matrices reaches, best of several."""
    import torch

    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    best = float("inf")
    for _ in range(20):
        start = time.perf_counter()
        product = left @ right
        if device == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return 2 * len(product) ** 3 / best


def _rates(_options: argparse.Namespace) -> dict[str, float]:
    import torch

    return {name: matmul_rate(getattr(torch, name)) for name in ("float32", "bfloat16")}


CHILDREN: dict[str, Callable[[argparse.Namespace], dict[str, float]]] = {
    "views-straightforward": _views_straightforward,
    "views-msiss": _views_msiss,
    "epoch-straightforward": _epoch_straightforward,
    "epoch-b0": lambda options: _epoch_msiss(B0, options),
    "epoch-lite0": lambda options: _epoch_msiss(LITE0, options),
    "waiting": _waiting,
    "rates": _rates,
}

if __name__ == "__main__":
    main()
