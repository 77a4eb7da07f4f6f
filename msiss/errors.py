"""What msiss raises when the user, not the programmer, has to act.

Every message says what is wrong, where, and what to do about it, in words that a chemist understands.
"""


class MsissError(Exception):
    """A problem that the user can solve; the pages and the command line show its message as it is."""


class DataError(MsissError):
    """A file or a stack of ion images cannot be used."""


class SettingError(MsissError):
    """A setting is out of its range or does not fit the data."""


class RunError(MsissError):
    """A training run cannot be started, found or read."""


class HomeError(MsissError):
    """Nothing can be written to the folder of msiss."""


class MsissWarning(UserWarning):
    """Something in the data is unusual; the result is usable, and the message says how it is affected."""
