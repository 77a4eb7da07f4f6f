"""The exceptions and the warning for problems that the user can solve.

Every message says what is wrong, where, and what to do about it, for a chemist.
"""


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
