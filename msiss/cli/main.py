"""The command line: every step from a file to exported clusters, without the dashboard.

Exit code 0 on success, 1 with a one-line error otherwise, 2 for a wrong command, 130 after Ctrl-C.
"""

import argparse
import contextlib
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msiss
from msiss import __version__, home
from msiss.cli.clusters import add_commands as add_cluster_commands
from msiss.cli.importing import add_commands, import_data
from msiss.cli.progress import Line
from msiss.data.recipe import recorded_preparation
from msiss.errors import HomeError, MsissError, RunError
from msiss.learn.methods import METHODS, preset_config, presets, setting_names
from msiss.learn.paper.encoders import ENCODERS
from msiss.runs.jobs import UNFINISHED, State, Status
from msiss.runs.store import Run, RunStore

STOPPED_BY_USER = 130
QUEUE_SECONDS = 60  # the engine is asked for what waits longer than this


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if options.command is app:
        options.streamlit = rest
    elif rest:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    try:
        with contextlib.suppress(HomeError):  # a command that needs it will say so
            home.made(home.home())
        with _plain_warnings():
            return options.command(options) or 0
    except MsissError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return STOPPED_BY_USER
    except BrokenPipeError:  # the reader of our output has gone, as in `msiss score RUN | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def demo(options: argparse.Namespace) -> None:
    """Write a simulated tissue section with known classes, or with --pixels a large file to try a machine with."""
    if options.pixels:
        from msiss.phantom.large import write_large

        more = {"pixels": options.pixels, "peaks": options.peaks, "mode": options.mode, "seed": options.seed}
        print(f"Wrote {write_large(options.folder / 'large.imzML', **more)} and large.ibd.")
        return
    from msiss.phantom.section import write_phantom

    path = write_phantom(options.folder, seed=options.seed)
    print(f"Wrote {path}, {path.with_suffix('.ibd').name} and truth.csv.")


def import_(options: argparse.Namespace) -> None:
    """Read ion images from files into a data set of msiss; several files are set side by side."""
    import_data(options, Line().show)


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


def recipe(options: argparse.Namespace) -> None:
    """Print the recipe by which a data set was made, as JSON for `msiss import --recipe`."""
    from msiss.data.ion_images import IonImages

    print(json.dumps(IonImages.load(options.dataset).recipe, indent=1))


def score(options: argparse.Namespace) -> None:
    """Score every representation of a run, by what the data say themselves and by what is known."""
    from msiss.cli.scores import print_scores
    from msiss.data import foreign
    from msiss.data.ion_images import IonImages
    from msiss.runs.quality.scores import score as score_run

    job = Run(options.run)
    mz = job.clusters()["mz"].to_numpy()
    labels = IonImages.load(job.request.dataset).labels if job.request.dataset.exists() else None
    if options.labels:
        labels = foreign.read_labels(options.labels, mz)
    pairs = foreign.read_pairs(options.pairs, mz) if options.pairs else None
    scores = score_run(job, labels=labels, pairs=pairs)
    if options.json:
        print(json.dumps(scores, indent=1))
        return
    if labels is None and pairs is None and scores["evidence"] is None:
        raise RunError(
            "There is nothing to score with: this run was made before msiss looked at what the data say by themselves. "
            "Give known classes with --labels, or pairs with --pairs, or run it again."
        )
    print_scores(scores)


def app(options: argparse.Namespace) -> None:
    """Open the dashboard. Further options go to Streamlit, such as --server.port 8502."""
    from msiss import dashboard
    from msiss.ui.server.serve import serve

    script = dashboard.script()
    os.chdir(script.parent)  # where Streamlit looks for its settings (.streamlit)
    serve([str(script), *options.streamlit])


def _train(job: Run, *, here: bool) -> int:
    """Train a run in this process or through the engine, or watch who trains it already; return the exit code."""
    from msiss.runs.engine import look_after, submit

    line, thread = Line(), None
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
    if status.state == State.QUEUED:
        return "waiting for a free device"
    left = f", {time.strftime('%H:%M:%S', time.gmtime(status.seconds_left))} left" if status.seconds_left else ""
    return f"{status.phase}{left}"


@contextlib.contextmanager
def _plain_warnings() -> Iterator[None]:
    """Print warnings of msiss as one line each."""
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_rest: print(f"warning: {message}", file=sys.stderr)
        yield


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form FIELD=VALUE")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="msiss", description=msiss.__doc__)
    parser.add_argument("--version", action="version", version=f"msiss {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        added.set_defaults(command=command)
        return added

    one = add("demo", demo)
    one.add_argument("folder", type=Path, metavar="DIR")
    one.add_argument("--seed", type=int, default=0, help="another seed makes another section")
    one.add_argument("--pixels", type=int, help="write a large file with at least so many pixels instead")
    one.add_argument("--peaks", type=int, default=1000, help="peaks of each of its spectra (default: 1000)")
    one.add_argument("--mode", choices=["processed", "continuous"], default="processed")

    add_commands(add, import_)

    add("recipe", recipe).add_argument("dataset", type=Path, metavar="DATASET")

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

    one = add("score", score)
    one.add_argument("run", type=Path, metavar="RUN")
    one.add_argument("--labels", type=Path, metavar="CSV", help="known classes: columns mz, class")
    one.add_argument("--pairs", type=Path, metavar="CSV", help="ions that belong together: i, j or mz_i, mz_j; kind")
    one.add_argument("--json", action="store_true", help="print the scores as JSON")

    add_cluster_commands(add)

    add("app", app)
    return parser
