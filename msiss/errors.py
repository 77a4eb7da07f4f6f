"""The exceptions and the warning for problems that the user can solve.

Every message says what is wrong, where, and what to do about it, for a chemist.
"""

import errno
import os

# Of the operating system, in the words of its users.
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk space of this account is used up",
    errno.EROFS: "its disk can only be read",
    errno.EACCES: "this account has no permission",
    errno.EPERM: "this account has no permission",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EISDIR: "it is a folder, not a file",
    errno.ENOENT: "there is no such file or folder",
    errno.EEXIST: "a part of the path is a file, not a folder",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "links lead in a circle",
}


class MsissError(Exception):
    """A problem that the user can solve; the pages and the command line show its message verbatim."""


class DataError(MsissError):
    """A file or a stack of ion images cannot be used."""


class SettingError(MsissError):
    """A setting is out of its range or does not fit the data."""


class RunError(MsissError):
    """A training run cannot be started, found or read."""


class HomeError(MsissError):
    """The folder of msiss cannot be written to."""


class MsissWarning(UserWarning):
    """Something in the data is unusual; the result is usable, and the message says how it is affected."""


def reason(error: OSError) -> str:
    """Return in plain words why the operating system refused something; msiss may have said it in words already."""
    of_system = error.errno is not None and error.strerror == os.strerror(error.errno)
    known = _REASONS.get(error.errno or 0) if of_system else None
    return known or error.strerror or str(error)


def refused(error: OSError) -> str:
    """Return the message for something that the operating system refused: what, why, and what to do."""
    path = error.filename2 or error.filename
    place = f"{path} cannot be read or written" if isinstance(path, str) else "A file cannot be read or written"
    return f"{place}: {reason(error)}. Check the path, its permissions and the free space of its disk."
