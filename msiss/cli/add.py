"""How a group of commands adds itself to the command line, and the options that several commands have."""

import argparse
from collections.abc import Callable

from msiss.analyse.representations import REPRESENTATIONS

# Takes the name of a command and its function, whose docstring is the help; returns the parser of the command.
Add = Callable[[str, Callable[[argparse.Namespace], int | None]], argparse.ArgumentParser]


def add_by(command: argparse.ArgumentParser, about: str) -> None:
    """Add the option that names a representation."""
    command.add_argument(
        "--by",
        choices=REPRESENTATIONS.names,
        metavar="REPRESENTATION",
        help=f"{about} (default: the result of the training)",
    )


def add_clusters(command: argparse.ArgumentParser, about: str = "number of clusters") -> None:
    """Add the option that sets the number of clusters."""
    command.add_argument("--clusters", type=int, metavar="K", help=f"{about} (default: that of the run)")
