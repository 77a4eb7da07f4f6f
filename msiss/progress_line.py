"""The progress of a call in a notebook, a terminal or a script, on standard error."""

import sys


class ProgressLine:
    """One line that is updated in place in a terminal or notebook; in a log, a line per tenth of the work.

    Parameters
    ----------
    shown : bool
        Whether anything is written.
    """

    def __init__(self, shown: bool = True) -> None:
        self._shown = shown
        self._rewrites = "ipykernel" in sys.modules or sys.stderr.isatty()
        self._width = 0
        self._tenth = -1

    def show(self, fraction: float, text: str) -> None:
        """Show the fraction that is done, and the current step; a `msiss.data.progress.Progress`."""
        tenth = int(fraction * 10)
        if not self._shown or not text or not (self._rewrites or tenth > self._tenth):
            return
        self._tenth = tenth
        line = f"{fraction:4.0%} {text}"
        if self._rewrites:
            sys.stderr.write(f"\r{line:{self._width}}")
            self._width = len(line)
        else:
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    def end(self, text: str = "") -> None:
        """End the line, and write a text below it."""
        if self._width:
            sys.stderr.write("\n")
        if self._shown and text:
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
        self._width = 0
