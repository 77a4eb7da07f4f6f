"""The child process: limits and confines itself, calls one function and reports the result.

Its standard input is one line, the request, and is closed when the parent process ends. Its standard output is one line
per message: progress, warnings, and finally a result or an error.
"""

import contextlib
import errno
import importlib
import json
import os
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

REPORT_SECONDS = 0.1  # seconds between two reports of progress
OPEN_FILES = 256  # far more than a reader needs
CHANGES = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC  # flags for opening a file that allow changes
LAST_SECONDS = 5  # of processor time between the signal that ends the child and the one that cannot be caught


def main() -> None:
    """Handle the request on standard input."""
    order = json.loads(sys.stdin.buffer.readline())
    told = os.dup(1)
    os.dup2(2, 1)  # so that output of libraries is not taken for messages
    _limit(order["limits"])
    _confine(order)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    with os.fdopen(told, "wb") as pipe:
        _work(order, _Reporter(pipe))
    os._exit(0)  # skips the orderly shutdown of the interpreter, which takes time


class _Reporter:
    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        self._last = (0.0, "")

    def report(self, **what: Any) -> None:
        from msiss.data.confined.wire import to_text

        self._pipe.write(to_text(what).encode() + b"\n")
        self._pipe.flush()

    def progress(self, fraction: float, text: str) -> None:
        now = time.monotonic()
        if text != self._last[1] or now - self._last[0] > REPORT_SECONDS:
            self._last = (now, text)
            self.report(progress=[float(fraction), text])

    def warning(self, message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        from msiss.errors import MsissWarning

        if issubclass(category, MsissWarning):
            self.report(warning=str(message))


def _work(order: dict[str, Any], reporter: _Reporter) -> None:
    from msiss.data.confined.wire import from_text
    from msiss.errors import MsissError, MsissWarning

    warnings.simplefilter("ignore")
    warnings.simplefilter("always", MsissWarning)
    warnings.showwarning = reporter.warning
    try:
        module, _, name = order["work"].partition(":")
        work = getattr(importlib.import_module(module), name)
        reporter.report(result=work(**from_text(order["arguments"]), progress=reporter.progress))
    except MsissError as error:
        row = vars(error.row) if hasattr(error, "row") else None
        reporter.report(error=type(error).__name__, message=str(error), row=row, cause=_of_system(error))
    except MemoryError:
        reporter.report(error="MemoryError")
    except OSError as error:
        reporter.report(error="OSError", cause=_of_system(error), details=traceback.format_exc())
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        reporter.report(error="Exception", message=message, details=traceback.format_exc())


def _of_system(error: BaseException | None) -> tuple[int | None, str] | None:
    """Return number and text of the system error that caused another one, such as a full disk."""
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__
    return None if error is None else (error.errno, error.strerror or str(error))


def _end_with_the_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


def _limit(most: dict[str, int]) -> None:
    """Limit the resources of this process, as far as the system supports it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, limit, more in (
        ("RLIMIT_DATA", most["data"], 0),
        ("RLIMIT_AS", most["addresses"], 0),
        ("RLIMIT_CPU", most["processor"], LAST_SECONDS),
        ("RLIMIT_FSIZE", most["file"], 0),
        ("RLIMIT_CORE", 0, 0),
        ("RLIMIT_NOFILE", OPEN_FILES, 0),
    ):
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        least = (limit, limit + more) if hard == resource.RLIM_INFINITY else (min(limit, hard), min(limit + more, hard))
        with contextlib.suppress(ValueError, OSError):  # macOS supports some of them only
            resource.setrlimit(kind, least)


def _confine(order: dict[str, Any]) -> None:
    """Confine this process to its files: by the kernel if it supports that, and in Python on every system."""
    from pathlib import Path

    from msiss.data.confined import landlock, places

    network = places.of_network() if order["network"] else []
    read = [*places.of_python(), *network, *map(Path, order["reads"])]
    write = [*map(Path, order["writes"]), Path(os.devnull)]
    listed = [places.ROOT, *map(Path, order["lists"])]
    landlock.restrict(read=read, listed=listed, write=write, network=order["network"])
    _guard(read, write)


def _guard(read: "Sequence[Path]", write: "Sequence[Path]") -> None:
    """Refuse to open files outside `read` and `write`, with links resolved, and to change files outside `write`.

    The kernel does the same without a race between the check and the opening, but not on all systems, and without a
    message. Libraries in C bypass this check, so HDF5 files are opened in Python first.
    """
    places = {change: [_real(path) for path in (write if change else [*read, *write])] for change in (False, True)}
    inside = {change: tuple(top + os.sep for top in tops) for change, tops in places.items()}

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(arguments[0], str | bytes):
            return
        path, change = _real(os.fsdecode(arguments[0])), bool(arguments[2] & CHANGES)
        if not path.startswith(inside[change]) and path not in places[change]:
            name, use = os.fsdecode(arguments[0]).rpartition(os.sep)[2], "written" if change else "read"
            raise PermissionError(errno.EACCES, f"{name} lies outside the folders that may be {use} here")

    sys.addaudithook(look)


def _real(path: "Path | str") -> str:
    return os.path.normcase(os.path.realpath(path))
