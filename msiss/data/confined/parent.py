"""The parent process: starts a child, sends the request, and receives its messages within a time limit."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msiss.data.confined import endings, places, wire
from msiss.data.confined.limits import Limits, limits
from msiss.data.progress import Progress, ignore
from msiss.errors import MsissWarning

LISTENS = 0.2  # seconds after which `progress` is called again, so that it can stop the work
ENDS = 5  # seconds that a child may take to end after its last message
LONGEST_LINE = 200_000_000  # bytes: a list of a million m/z, or a recipe with a large mask
WAITING_LINES = 100  # capacity of the queue of messages; if it is full, the child waits
LAST_WORDS = 4000  # bytes of the output of the child's libraries that go to the log
# Variables of the environment for the start of Python and the language; no secrets of the server.
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT", "OPENBLAS_CORETYPE")
KEPT_FOR_NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
# One thread for linear algebra, which readers do not use, as each thread reserves memory.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_START = [sys.executable, "-P", "-B", "-c", "from msiss.data.confined.child import main; main()"]


def run(
    work: str,
    arguments: Mapping[str, Any],
    *,
    name: str,
    size: int = 0,
    reads: Sequence[Path] = (),
    lists: Sequence[Path] = (),
    writes: Path | None = None,
    msiss_home: Path | None = None,
    network: Sequence[str] | None = None,
    progress: Progress = ignore,
) -> Any:
    """Call a function in a new, confined process.

    Parameters
    ----------
    work : str
        "module:function". It is called with `arguments` and with ``progress``.
    arguments : mapping of str
        Plain data, paths and arrays of numbers; paths arrive as text.
    name : str
        Name of the input, for messages.
    size : int
        Bytes of the files that it reads, which determine its limits.
    reads : sequence of Path
        Files and folders that it may read, beside Python and msiss, with links resolved.
    lists : sequence of Path
        Folders that it may list.
    writes : Path, optional
        A folder that it may write to, up to the free disk space.
    msiss_home : Path, optional
        A folder that it uses as the home of msiss, and may write to; by default an empty one.
    network : sequence of str, optional
        If given, it may use the network, and gets these variables of the environment.
    progress : callable, optional
        Receives the progress, and is called regularly between reports. It may raise an exception to stop the child.

    Returns
    -------
    object
        The result of the function: plain data and arrays of numbers, with tuples as lists.

    Raises
    ------
    DataError, SettingError
        If the function raised them.
    DataStop
        If the process crashed or exceeded its limits of time or memory.
    OSError
        If the function raised it, such as for a full disk.
    Unforeseen
        If the function raised another exception.

    Warns
    -----
    MsissWarning
        If the function warned.
    """
    with TemporaryDirectory(prefix="msiss-", dir=writes, ignore_cleanup_errors=True) as home:
        own = [Path(home), *filter(None, (writes, msiss_home))]
        most = limits(size, writes, network=network is not None)
        order = {
            "work": work,
            "arguments": wire.to_text(arguments),
            "limits": asdict(most),
            "reads": [str(path) for path in reads],
            "lists": [str(path.resolve()) for path in lists],
            "writes": [str(path.resolve()) for path in own],
            "network": network is not None,
        }
        environment = _environment(Path(home), msiss_home or Path(home), network)
        with (Path(home) / "said").open("w+b") as said, _started(environment, said) as child:
            with contextlib.suppress(OSError):  # it ended already; its exit code tells why
                child.stdin.write(wire.to_text(order).encode() + b"\n")  # type: ignore[union-attr]
                child.stdin.flush()  # type: ignore[union-attr]
            try:
                answer = _receive(child, most, progress)
            except TimeoutError:
                raise endings.too_long(most, name) from None
            if answer is None:
                raise endings.died(_code(child), most, name, _last_words(said))
    if "result" in answer:
        return answer["result"]
    raise endings.reported(answer, most, name)


def _environment(home: Path, msiss_home: Path, network: Sequence[str] | None) -> dict[str, str]:
    kept = KEPT if network is None else (*KEPT, *KEPT_FOR_NETWORK, *network)
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    if places.ROOT.name not in ("site-packages", "dist-packages"):  # the same msiss, also if it is not installed
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(places.ROOT), environment.get("PYTHONPATH"))))
    folders = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), str(home))
    own = {"MSISS_HOME": str(msiss_home), "NUMBA_CACHE_DIR": str(msiss_home / "kernels")}
    return environment | ONE_THREAD | folders | own


@contextmanager
def _started(environment: dict[str, str], said: Any) -> "Iterator[subprocess.Popen[bytes]]":
    """Start the child in its own session; on exit, it is killed with all processes that it started."""
    pipe = subprocess.PIPE
    child = subprocess.Popen(
        _START, stdin=pipe, stdout=pipe, stderr=said, cwd=environment["HOME"], env=environment, start_new_session=True
    )
    try:
        yield child
    finally:
        _kill(child)
        child.wait()
        for end in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):  # unsent part of the request
                end.close()  # type: ignore[union-attr]


def _kill(child: "subprocess.Popen[bytes]") -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # raised by macOS for a process that has ended
            os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()


def _receive(child: "subprocess.Popen[bytes]", most: Limits, progress: Progress) -> dict[str, Any] | None:
    """Return the last message of the child, a result or an error; None if it ended without one.

    Raises
    ------
    TimeoutError
        If the child exceeds its limit of elapsed time.
    """
    lines: queue.Queue[bytes] = queue.Queue(WAITING_LINES)
    over = threading.Event()
    threading.Thread(target=_forward, args=(child.stdout, lines, over), daemon=True).start()
    until = time.monotonic() + most.clock
    last = 0.0, "Starting"
    try:
        while time.monotonic() < until:
            try:
                line = lines.get(timeout=LISTENS)
            except queue.Empty:
                progress(*last)
                continue
            told = _parsed(line)
            if told is None or "result" in told or "error" in told:
                return told
            if "warning" in told:
                warnings.warn(str(told["warning"]), MsissWarning, stacklevel=3)
            else:
                fraction, text = told["progress"]
                last = min(1.0, max(0.0, float(fraction))), str(text)
                progress(*last)
        raise TimeoutError
    finally:
        over.set()


def _forward(pipe: Any, lines: "queue.Queue[bytes]", over: threading.Event) -> None:
    """Put the messages of the child into `lines`, and an empty line at the end."""
    line = b"more"
    while line and not over.is_set():
        try:
            line = pipe.readline(LONGEST_LINE)
        except (OSError, ValueError):  # closed, as the child was stopped
            line = b""
        while not over.is_set():
            with contextlib.suppress(queue.Full):
                lines.put(line, timeout=LISTENS)
                break


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return the message in a line; None for the end, and for invalid messages."""
    try:
        told = wire.from_text(line)
        if "progress" in told:
            fraction, _ = told["progress"]
            float(fraction)
    except (ValueError, TypeError):
        return None
    return told if isinstance(told, dict) and {"progress", "result", "warning", "error"} & set(told) else None


def _code(child: "subprocess.Popen[bytes]") -> int:
    """Return the exit code of a child that has closed its pipe."""
    try:
        return child.wait(ENDS)
    except subprocess.TimeoutExpired:  # it closed the pipe but runs on, which msiss itself never does
        return 1


def _last_words(said: Any) -> str:
    said.seek(0, os.SEEK_END)
    said.seek(max(0, said.tell() - LAST_WORDS))
    return said.read().decode(errors="replace")
