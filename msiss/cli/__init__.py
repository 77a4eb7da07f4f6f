"""The command line ``msiss``, one module per group of commands. No other package may import it."""

from msiss.cli.main import main

__all__ = ["main"]
