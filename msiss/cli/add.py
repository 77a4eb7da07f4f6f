"""What a group of commands is given to add itself to the command line."""

import argparse
from collections.abc import Callable

# Takes the name of a command and the function that does it, whose docstring is its help; returns its parser.
Add = Callable[[str, Callable[[argparse.Namespace], int | None]], argparse.ArgumentParser]
