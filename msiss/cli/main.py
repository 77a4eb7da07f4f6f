"""The entry point of the command line.

Exit code 0 on success, 1 with a one-line error otherwise, 2 for an invalid command, 130 after Ctrl-C.
"""

import argparse
import contextlib
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence

from msiss import home
from msiss.cli import (
    clusters,
    correcting,
    dashboard,
    demo,
    exporting,
    figures,
    importing,
    regions,
    runs,
    scores,
    similar,
    training,
)
from msiss.cli.training import STOPPED_BY_USER
from msiss.errors import HomeError, MsissError, refused
from msiss.version import __version__

# In the order of the help.
GROUPS = (
    demo,
    importing,
    training,
    runs,
    scores,
    clusters,
    correcting,
    similar,
    regions,
    figures,
    exporting,
    dashboard,
)
ABOUT = "msiss groups the ion images of a mass spectrometry imaging data set into co-localized molecules."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (
        sys.stdout,
        sys.stderr,
    ):  # the names of files may hold bytes that are no text
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        options = _options(arguments)
        with contextlib.suppress(HomeError):  # raised again by commands that need it
            home.made(home.home())
        with _plain_warnings():
            return options.command(options) or 0
    except MsissError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return STOPPED_BY_USER
    except BrokenPipeError:  # the reader of the output has ended, as in `msiss score RUN | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:  # such as a folder that cannot be written, or a full disk
        print(f"error: {refused(error)}", file=sys.stderr)
        return 1


@contextlib.contextmanager
def _plain_warnings() -> Iterator[None]:
    """Print each warning as one line."""
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_rest: print(f"warning: {message}", file=sys.stderr)
        yield


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if options.command is dashboard.app:
        options.streamlit = rest
    elif rest:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="msiss", description=ABOUT)
    parser.add_argument("--version", action="version", version=f"msiss {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        added.set_defaults(command=command)
        return added

    for group in GROUPS:
        group.add_commands(add)
    return parser
