"""The type of the function by which a group of commands adds itself to the command line."""

import argparse
from collections.abc import Callable

# Takes the name of a command and its function, whose docstring is the help; returns the parser of the command.
Add = Callable[[str, Callable[[argparse.Namespace], int | None]], argparse.ArgumentParser]
