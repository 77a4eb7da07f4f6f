"""Landlock: the Linux kernel confines this process to some files, irrevocably and for any code in it.

Numbers from include/uapi/linux/landlock.h; the features of each version are in
https://docs.kernel.org/userspace-api/landlock.html.
"""

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

# System calls, the same on all processors that Python supports.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION, _BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38

_WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << bit for bit in range(1, 6))
_MAKE_DIR, _MAKE_FILE, _MOVE, _TRUNCATE = 1 << 7, 1 << 8, 1 << 13, 1 << 14
# Number of access rights on files in each version; the last applies to later versions.
_KNOWN_RIGHTS = {0: 0, 1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NETWORK_VERSION, _BOTH_TCP = 4, 0b11  # bind, connect
_SCOPE_VERSION, _BOTH_SCOPES = 6, 0b11  # no abstract sockets and signals of other processes

_READ = _READ_FILE | _READ_DIR
# No symbolic links, devices and sockets: the child can create regular files and folders only.
_OWN = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_FILE | _MOVE | _TRUNCATE
_OF_FILES = _READ_FILE | _WRITE_FILE | _TRUNCATE


def version() -> int:
    """Return the version of Landlock of the system; 0 if there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, _syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION))


def restrict(
    *, read: Sequence[Path], listed: Sequence[Path] = (), write: Sequence[Path] = (), network: bool = False
) -> bool:
    """Confine this thread, and the threads and processes that it starts from now on, to these files and folders.

    Parameters
    ----------
    read, write : sequence of Path
        Files and folders that may be read, and that may be read and written, with their content. Missing ones are left
        out, as are paths with symbolic links, whose targets were not checked.
    listed : sequence of Path
        Folders that may be listed only.
    network : bool
        Whether TCP is allowed.

    Returns
    -------
    bool
        Whether the system supports this.

    Raises
    ------
    OSError
        If the system has Landlock but refuses the rules.
    """
    offered = version()
    if not offered:
        return False
    rights = (1 << _KNOWN_RIGHTS[min(offered, max(_KNOWN_RIGHTS))]) - 1
    tcp = _BOTH_TCP if offered >= _NETWORK_VERSION and not network else 0
    scopes = _BOTH_SCOPES if offered >= _SCOPE_VERSION else 0
    rules = struct.pack("=QQQ", rights, tcp, scopes)
    handle = _checked(_syscall(_CREATE, rules, ctypes.c_size_t(len(rules)), 0))
    try:
        for paths, allowed in ((read, _READ), (listed, _READ_DIR), (write, _OWN)):
            for path in paths:
                _allow(handle, path, allowed & rights)
        libc = ctypes.CDLL(None, use_errno=True)
        _checked(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _checked(_syscall(_RESTRICT, handle, 0))
    finally:
        os.close(handle)
    return True


def _allow(rules: int, path: Path, allowed: int) -> None:
    """Allow access to a path without links, which is checked once it is open, so that it cannot change meanwhile."""
    try:
        handle = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:  # missing, or not accessible for this account
        return
    try:
        opened = Path(f"/proc/self/fd/{handle}")
        if opened.is_symlink() and opened.readlink() != path:
            return
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            allowed &= _OF_FILES
        rule = struct.pack("=Qi", allowed, handle)
        _checked(_syscall(_ADD, rules, _BENEATH, rule, 0))
    finally:
        os.close(handle)


def _syscall(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return int(libc.syscall(ctypes.c_long(number), *arguments))


def _checked(answer: int) -> int:
    if answer < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return answer
