"""How far a command is, on standard error."""

import sys


class Line:
    """A progress line that rewrites itself on a terminal, and is printed once per tenth in a log."""

    def __init__(self) -> None:
        self._last = ""
        self._tenth = -1

    def show(self, fraction: float, text: str) -> None:
        """Show the fraction that is done and what is being done."""
        if sys.stderr.isatty():
            print(f"\r\033[K{fraction:4.0%} {text}", end="", file=sys.stderr, flush=True)
            self._last = text
        elif text and int(fraction * 10) > self._tenth:
            self._tenth = int(fraction * 10)
            print(f"{fraction:4.0%} {text}", file=sys.stderr, flush=True)

    def end(self, text: str = "") -> None:
        """End the line, and print a text after it."""
        if self._last and sys.stderr.isatty():
            print(file=sys.stderr)
        if text:
            print(text, file=sys.stderr)
        self._last = ""
