"""The command that trains."""

import argparse
import sys
import time
from pathlib import Path

from msiss import home
from msiss.cli.add import Add
from msiss.data.recipe import recorded_preparation
from msiss.errors import RunError
from msiss.learn.methods import METHODS, preset_config, presets, setting_names
from msiss.learn.paper.encoders import ENCODERS
from msiss.progress_line import ProgressLine
from msiss.runs.jobs import UNFINISHED, State, Status
from msiss.runs.store import Run, RunStore

STOPPED_BY_USER = 130
QUEUE_SECONDS = 60  # the engine is asked for what waits longer than this


def run(options: argparse.Namespace) -> int:
    """Train on a data set and cluster its ion images, prepared as its recipe says where no setting is given."""
    from msiss.data.ion_images import IonImages

    images = IonImages.load(options.dataset)
    given = dict(options.set)
    recorded = recorded_preparation(images.recipe)
    taken = {name: value for name, value in recorded.items() if name not in given}
    if taken:
        listed = ", ".join(f"{name}={value}" for name, value in taken.items())
        print(f"From the recipe of the data set: {listed}", file=sys.stderr)
    settings = {"encoder": options.encoder} if options.encoder else {}
    config = preset_config(options.preset, clusters=options.clusters, seed=options.seed, **settings)
    config = config.with_settings(taken | given)
    request = {"dataset": options.dataset, "fingerprint": images.fingerprint, "config": config}
    job = Run.create(options.out, **request) if options.out else RunStore(home.runs_folder()).create(**request)
    if job.status.state == State.DONE:
        print(f"This run was done before: {job.path}")
        return 0
    return _train(job, here=options.here)


def add_commands(add: Add) -> None:
    """Add this command to the command line."""
    known = presets(METHODS)
    about = " ".join(f"{' or '.join(one.presets)}: {one.about} {one.about_presets}".strip() for one in METHODS)
    one = add("run", run)
    one.add_argument("dataset", type=Path, metavar="DATASET")
    one.add_argument("--clusters", type=int, required=True, metavar="K", help="number of groups of co-localized ions")
    one.add_argument(
        "--preset",
        choices=list(known),
        default=next(iter(known)),
        help=f"what is trained (default: %(default)s). {about}",
    )
    one.add_argument("--encoder", choices=ENCODERS.names, help="another one than the preset's")
    one.add_argument("--seed", type=int, default=0)
    one.add_argument("--out", type=Path, metavar="RUN", help="folder of the run (default: where the dashboard looks)")
    one.add_argument("--here", action="store_true", help="train in this process rather than through the engine")
    one.add_argument(
        "--set",
        type=_assignment,
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help=f"any other setting, of: {', '.join(setting_names())}",
    )


def _train(job: Run, *, here: bool) -> int:
    """Train a run in this process or through the engine, or watch who trains it already; return the exit code."""
    from msiss.runs.engine import look_after, submit

    line, thread = ProgressLine(), None
    if job.status.state == State.RUNNING:
        print("Another process is training this run; this is its progress.", file=sys.stderr)
    elif here:
        from msiss.runs.here import start_here

        thread = start_here(job)
    else:
        submit(job)
    look_at = time.monotonic() + QUEUE_SECONDS
    while (status := job.status).state in UNFINISHED and (thread is None or thread.is_alive()):
        try:
            line.show(status.fraction, _describe(status))
            time.sleep(0.2)
            if thread is None and status.state == State.QUEUED and time.monotonic() > look_at:
                look_at = time.monotonic() + QUEUE_SECONDS
                look_after(job)
        except KeyboardInterrupt:
            line.end("Stopping after this batch ...")
            job.request_stop()
    if thread is not None:
        thread.join()
    status = job.status
    line.end()
    if status.state == State.DONE:
        for note in job.events("Note"):
            print(note["message"])
        print(f"Done on {status.device}: {job.path}")
        return 0
    if status.state == State.STOPPED:
        print(f"Stopped. The same command goes on where it was: {job.path}", file=sys.stderr)
        return STOPPED_BY_USER
    raise RunError(status.message or f"The run in {job.path} ended as {status.state}.")


def _describe(status: Status) -> str:
    return "waiting for a free device" if status.state == State.QUEUED else status.text


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form FIELD=VALUE")
    return name, value
