"""What a child process may do, and that its end is a sentence whatever it does.

Each function of `HOSTILE` is one that a taken-over reader could be; each runs in a real child.
"""

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from msiss.data.confined import landlock, limits, parent
from msiss.data.confined.endings import Unforeseen
from msiss.data.findings import DataStop
from msiss.errors import MsissWarning, SettingError

HOSTILE = '''
import ctypes, os, socket, time, warnings
from pathlib import Path
import numpy as np
from msiss.data.findings import DataStop, HealthRow
from msiss.errors import MsissWarning, SettingError

def echo(progress, **given):
    return given

def surroundings(progress):
    return {"environment": dict(os.environ), "folder": os.getcwd()}

def talks(progress):
    progress(0.25, "Reading")
    warnings.warn("Odd.", MsissWarning)
    print("noise")
    time.sleep(0.2)
    progress(0.5, "Sorting")
    return "done"

def stops(progress):
    raise DataStop(HealthRow("m/z", "stop", "Odd.", "Bad.", "Mend it."), "a.npz")

def refuses(progress):
    raise SettingError("Larger than 5.")

def errs(progress):
    return 1 / 0

def crashes(progress):
    ctypes.string_at(0)

def eats(progress):
    kept = []
    while True:
        kept.append(bytearray(50_000_000))

def loops(progress):
    while True:
        pass

def waits(progress):
    time.sleep(600)

def nonsense(progress):
    for handle in range(3, 10):
        try:
            os.write(handle, b"[[[[\\n")
        except OSError:
            pass
    time.sleep(600)

def leaves_its_end(progress):
    for handle in range(1, 10):
        try:
            os.close(handle)
        except OSError:
            pass
    time.sleep(600)

def writes(progress, path, size):
    with open(path, "wb") as file:
        file.write(bytes(size))

def reads(progress, path):
    return Path(path).read_text()

def reads_past_python(progress, path):
    """As a library in C does."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.open(os.fsencode(path), os.O_RDONLY)
    return ctypes.get_errno() if handle < 0 else 0

def links(progress, path, there):
    libc = ctypes.CDLL(None, use_errno=True)
    return ctypes.get_errno() if libc.symlink(os.fsencode(there), os.fsencode(path)) else 0

def connects(progress, port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError as error:
        return error.errno
    return 0

def kills(progress, process):
    try:
        os.kill(process, 0)
    except OSError as error:
        return error.errno
    return 0

def says_who_it_is(progress, path):
    Path(path).with_suffix(".new").write_text(str(os.getpid()))
    Path(path).with_suffix(".new").rename(path)
    time.sleep(600)

def grandchild(progress):
    if os.fork() == 0:
        time.sleep(600)
    return True
'''

needs_landlock = pytest.mark.skipif(landlock.version() < 1, reason="the kernel does not offer Landlock")


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs one of `HOSTILE` in a child."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "hostile.py").write_text(HOSTILE)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(code), os.environ.get("PYTHONPATH")))))

    def call(work: str, arguments=None, *, reads=(), **more):
        return parent.run(f"hostile:{work}", arguments or {}, name="a.npz", reads=[code.resolve(), *reads], **more)

    return call


@pytest.fixture
def fewer(monkeypatch: pytest.MonkeyPatch):
    """Return a function that changes the limits of the children."""

    def fewer(**changes):
        monkeypatch.setattr(parent, "limits", lambda *given, **more: replace(limits.limits(*given, **more), **changes))

    return fewer


def test_plain_data_and_arrays_come_through_as_they_were(call) -> None:
    array = np.array([[1.5, np.nan], [-0.0, 3e300]])
    found = call("echo", {"text": "µ\n", "number": 0.1, "none": None, "path": Path("/a"), "array": array, "list": (1,)})
    assert found["array"].tobytes() == array.tobytes()
    assert found["array"].dtype == array.dtype
    del found["array"]
    assert found == {"text": "µ\n", "number": 0.1, "none": None, "path": "/a", "list": [1]}


def test_progress_and_warnings_are_relayed(call) -> None:
    told = []
    with pytest.warns(MsissWarning, match=r"^Odd\.$"):
        assert call("talks", progress=lambda *what: told.append(what)) == "done"
    assert list(dict.fromkeys(told))[-2:] == [(0.25, "Reading"), (0.5, "Sorting")]


def test_errors_keep_their_kind(call) -> None:
    with pytest.raises(DataStop, match=r"^a\.npz: Odd\. Bad\. Mend it\.$") as stop:
        call("stops")
    assert (stop.value.row.check, stop.value.row.level, stop.value.row.action) == ("m/z", "stop", "Mend it.")
    with pytest.raises(SettingError, match=r"^Larger than 5\.$"):
        call("refuses")
    with pytest.raises(Unforeseen, match=r"^ZeroDivisionError: division by zero") as unforeseen:
        call("errs")
    assert "return 1 / 0" in unforeseen.value.__notes__[0]


def test_the_child_knows_nothing_of_the_server(call, monkeypatch) -> None:
    monkeypatch.setenv("MSISS_METASPACE_KEY", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    found = call("surroundings")
    assert "secret" not in found["environment"].values()
    assert found["environment"]["HOME"] == found["environment"]["MSISS_HOME"] == found["folder"]
    assert not Path(found["folder"]).exists()  # any more


@pytest.mark.parametrize(
    ("work", "changes", "said"),
    [
        ("crashes", {}, "The program that reads this kind of file crashed on it. The file is damaged, or made to do"),
        ("eats", {"data": 10**9}, r"Reading it takes more memory than it may have, 1\.0 GB, and was ended\."),
        ("loops", {"processor": 1}, "Reading it takes longer than .* min of computing"),
        ("waits", {"clock": 2}, "Reading it takes longer than"),
        ("nonsense", {}, "The program that reads this kind of file crashed on it"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep to some of the limits only")
def test_a_child_that_dies_is_a_sentence(call, fewer, work, changes, said) -> None:
    fewer(**changes)
    with pytest.raises(DataStop, match=said) as stop:
        call(work)
    assert str(stop.value).startswith("a.npz: ")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep to some of the limits only")
def test_a_file_that_grows_too_large_is_an_error_of_the_disk(call, fewer, tmp_path) -> None:
    fewer(file=1000)
    folder = tmp_path / "own"
    folder.mkdir()
    with pytest.raises(OSError, match="File too large") as error:
        call("writes", {"path": folder / "a", "size": 5000}, writes=folder)
    assert error.value.errno == errno.EFBIG
    call("writes", {"path": folder / "b", "size": 500}, writes=folder)
    assert (folder / "b").stat().st_size == 500


def test_only_the_named_files_are_read(call, tmp_path) -> None:
    own, other = tmp_path / "own", tmp_path / "own too"
    for folder in (own, other):
        folder.mkdir()
        (folder / "a.txt").write_text(folder.name)
    (own / "link.txt").symlink_to(other / "a.txt")
    assert call("reads", {"path": own / "a.txt"}, reads=[own]) == "own"
    for path in (other / "a.txt", own / "link.txt", Path("/etc/hostname"), own / ".." / "own too" / "a.txt"):
        with pytest.raises(PermissionError, match=f"{path.name} lies outside the folders that may be read here"):
            call("reads", {"path": path}, reads=[own])
    with pytest.raises(PermissionError, match=r"a\.txt lies outside the folders that may be written here"):
        call("writes", {"path": own / "a.txt", "size": 1}, reads=[own])
    assert (own / "a.txt").read_text() == "own"


@needs_landlock
def test_the_kernel_keeps_it_to_its_files_whatever_code_runs(call, tmp_path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "other.txt").write_text("other")
    (own / "a.txt").write_text("own")
    refused = [
        call("reads_past_python", {"path": path}, reads=[own]) for path in (tmp_path / "other.txt", "/etc/passwd")
    ]
    assert refused == [errno.EACCES] * 2
    assert call("reads_past_python", {"path": own / "a.txt"}, reads=[own]) == 0
    assert call("links", {"path": own / "b.txt", "there": "/etc/passwd"}, writes=own) == errno.EACCES


@pytest.mark.skipif(landlock.version() < 4, reason="the kernel does not offer Landlock for the network")
def test_it_has_no_network_unless_it_needs_it(call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert call("connects", {"port": port}) == errno.EACCES
        assert call("connects", {"port": port}, network=()) == 0


@pytest.mark.skipif(landlock.version() < 6, reason="the kernel does not offer Landlock for signals")
def test_it_sends_no_signals_to_others(call) -> None:
    assert call("kills", {"process": os.getpid()}) == errno.EPERM


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.parametrize("work", ["waits", "grandchild"])
def test_a_stop_ends_all_that_it_started_and_leaves_nothing(call, tmp_path, work) -> None:
    class Stop(Exception):
        pass

    started = threading.Event()

    def progress(fraction: float, text: str) -> None:
        if started.is_set():
            raise Stop
        started.set()

    folder = tmp_path / "own"
    folder.mkdir()
    if work == "waits":
        with pytest.raises(Stop):
            call("waits", writes=folder, progress=progress)
    else:
        call("grandchild", writes=folder)
    assert list(folder.iterdir()) == []
    assert _of_session(folder) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
@pytest.mark.usefixtures("call")
def test_a_child_ends_with_the_process_that_started_it(tmp_path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from msiss.data.confined.parent import run\n"
        "code, folder = map(Path, sys.argv[1:])\n"
        "run('hostile:says_who_it_is', {'path': folder / 'pid'}, name='a', reads=[code], writes=folder)\n"
    )
    python = subprocess.Popen([sys.executable, "-c", script, tmp_path / "code", folder])
    try:
        while not (folder / "pid").exists():
            assert python.poll() is None
            time.sleep(0.01)
        process = int((folder / "pid").read_text())
    finally:
        python.kill()
        python.wait()
    until = time.monotonic() + 60
    while _is_alive(process):
        assert time.monotonic() < until
        time.sleep(0.01)


def _is_alive(process: int) -> bool:
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


def _of_session(folder: Path) -> list[str]:
    """Return the processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder) and (process / "stat").read_text().split()[2] != "Z":
                found.append(process.name)
        except OSError:
            continue
    return found
