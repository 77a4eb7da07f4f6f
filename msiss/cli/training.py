"""The command that trains: run."""

import argparse
import sys
import time

from msiss import home
from msiss.cli.add import Add
from msiss.data.pasted import pasted
from msiss.data.recipe import recorded_preparation
from msiss.errors import RunError
from msiss.learn.methods import METHODS, preset_config, presets, setting_names
from msiss.learn.paper.encoders import ENCODERS
from msiss.progress_line import ProgressLine
from msiss.runs.encoders import starting_point
from msiss.runs.following import follow
from msiss.runs.jobs import QUEUE_CHECK_SECONDS, State, Status
from msiss.runs.store import Run, RunStore

STOPPED_BY_USER = 130


def run(options: argparse.Namespace) -> int:
    """Train on the ion images of a data set and cluster them; the preparation is by default that of its recipe."""
    from msiss.data.ion_images import IonImages

    images = IonImages.load(options.dataset)
    given = dict(options.set)
    recorded = recorded_preparation(images.recipe)
    taken = {name: value for name, value in recorded.items() if name not in given}
    if taken:
        listed = ", ".join(f"{name}={value}" for name, value in taken.items())
        print(f"From the recipe of the data set: {listed}", file=sys.stderr)
    settings = {"encoder": options.encoder} if options.encoder else {}
    if options.start_from:
        settings |= starting_point(Run(options.start_from), images.fingerprint)
    config = preset_config(options.preset, clusters=options.clusters, seed=options.seed, **settings)
    config = config.with_settings(taken | given)
    request = {"dataset": options.dataset, "fingerprint": images.fingerprint, "config": config}
    run = Run.create(options.out, **request) if options.out else RunStore(home.runs_folder()).create(**request)
    if run.status.state == State.DONE:
        print(f"This run was done before: {run.path}")
        return 0
    return _train(run, here=options.here)


def add_commands(add: Add) -> None:
    """Add this command to the command line."""
    known = presets(METHODS)
    about = " ".join(f"{' or '.join(one.presets)}: {one.about} {one.about_presets}".strip() for one in METHODS)
    one = add("run", run)
    one.add_argument("dataset", type=pasted, metavar="DATASET")
    one.add_argument("--clusters", type=int, required=True, metavar="K", help="number of groups of co-localized ions")
    one.add_argument(
        "--preset",
        choices=list(known),
        default=next(iter(known)),
        help=f"method and settings (default: %(default)s). {about}",
    )
    one.add_argument("--encoder", choices=ENCODERS.names, help="encoder (default: that of the preset)")
    one.add_argument(
        "--start-from",
        type=pasted,
        metavar="RUN",
        help="start from the encoder of this run, of the paper's method on other data, instead of ImageNet",
    )
    one.add_argument("--seed", type=int, default=0)
    one.add_argument(
        "--out", type=pasted, metavar="RUN", help="folder of the run (default: among those of the dashboard)"
    )
    one.add_argument("--here", action="store_true", help="train in this process instead of the engine")
    one.add_argument(
        "--set",
        type=_assignment,
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help=f"value of any other setting: {', '.join(setting_names())}",
    )


def _train(run: Run, *, here: bool) -> int:
    """Train a run in this process or the engine, or follow a training in progress; return the exit code."""
    from msiss.runs.engine import submit, submit_waiting

    line, thread = ProgressLine(), None
    if run.status.state == State.RUNNING:
        print("This run is already being trained; this is its progress.", file=sys.stderr)
    elif here:
        from msiss.runs.in_process import start_in_process

        thread = start_in_process(run)
    else:
        submit(run)
    check_at = time.monotonic() + QUEUE_CHECK_SECONDS

    def show(status: Status) -> None:
        nonlocal check_at
        line.show(status.fraction, _describe(status))
        if thread is None and status.state == State.QUEUED and time.monotonic() > check_at:
            check_at = time.monotonic() + QUEUE_CHECK_SECONDS
            submit_waiting(run)

    def interrupted() -> None:
        line.end("Stopping after this batch ...")
        run.request_stop()

    status = follow(run, thread, show=show, interrupted=interrupted)
    line.end()
    if status.state == State.DONE:
        for note in run.events("Note"):
            print(note["message"])
        print(f"Done on {status.device}: {run.path}")
        return 0
    if status.state == State.STOPPED:
        print(f"Stopped. The same command resumes the training: {run.path}", file=sys.stderr)
        return STOPPED_BY_USER
    raise RunError(status.message or f"The run in {run.path} ended as {status.state}.")


def _describe(status: Status) -> str:
    return "waiting for a free device" if status.state == State.QUEUED else status.text


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form FIELD=VALUE")
    return name, value
