"""Writing a file that a person has asked for."""

from pathlib import Path

from msiss.durable import replace
from msiss.errors import MsissError, reason


def write(path: Path, content: bytes) -> None:
    """Write a file, such as a report or a figure, and make its folder.

    Raises
    ------
    MsissError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, lambda unfinished: unfinished.write_bytes(content))
    except OSError as error:
        raise MsissError(
            f"{path} cannot be written: {reason(error)}. Check the free space and the permissions of that "
            "folder, or choose another one."
        ) from error
