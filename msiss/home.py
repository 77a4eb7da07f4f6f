"""Where msiss keeps its data sets, runs and engine files."""

import os
import re
from pathlib import Path

from msiss.errors import HomeError, SettingError


def home() -> Path:
    """Return the folder of all that msiss writes: ``$MSISS_HOME``, or ``.msiss`` in the user's home."""
    return Path(os.environ.get("MSISS_HOME") or Path.home() / ".msiss")


def keep_private() -> None:
    """Let this process and those that it starts write files that only this account can read, or its group as well.

    The dashboard and the engine do. What a command writes to a place of the user's own choice follows the user's own
    umask; the home itself is closed to others by whoever makes it first, see `made`.

    Raises
    ------
    SettingError
        If ``$MSISS_UMASK`` says something else than which rights others do not get.
    """
    os.umask(_rights_of_nobody())


def _rights_of_nobody() -> int:
    """Return which rights new files do not get, from ``$MSISS_UMASK`` in octal; by default others get none."""
    text = os.environ.get("MSISS_UMASK", "077")
    if not re.fullmatch(r"0?0?[0-7]{2}", text):
        raise SettingError(
            f"The environment variable MSISS_UMASK is {text!r}. Set it to 077, by which only this account can read "
            "what msiss keeps, or to 007 or 027 to share it with the account's group."
        )
    return int(text, 8)


def check() -> None:
    """Make the folder of all that msiss writes, where it is not there, and see whether it can be written to.

    Raises
    ------
    HomeError
        If it cannot.
    """
    made(home())
    if not os.access(home(), os.W_OK | os.X_OK):
        raise _unwritable(home(), "the rights of the folder, or of its disk, do not allow it")


def made(folder: Path) -> Path:
    """Return a folder of msiss, made with those around it where it was not there; a new home is closed to others.

    Raises
    ------
    HomeError
        If it cannot be made.
    SettingError
        As for `keep_private`.
    """
    try:
        if not home().exists():
            home().mkdir(parents=True, exist_ok=True)
            home().chmod(0o777 & ~_rights_of_nobody())
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error.strerror or str(error)) from error
    return folder


def _unwritable(folder: Path, reason: str) -> HomeError:
    return HomeError(
        f"msiss cannot write to its folder {folder}: {reason}. Ask the person who maintains this server to make it a "
        "folder that msiss may write to, or to name another one in the environment variable MSISS_HOME."
    )


def datasets_folder() -> Path:
    """Return the folder of the imported data sets."""
    return home() / "datasets"


def runs_folder() -> Path:
    """Return the folder of the trainings."""
    return home() / "runs"


def imports_folder() -> Path:
    """Return the folder of the imports."""
    return home() / "imports"


def analyses_folder() -> Path:
    """Return the folder of what the pages have asked to be computed."""
    return home() / "analyses"


def measures_folder() -> Path:
    """Return the folder of vectors by measures that need no training."""
    return home() / "measures"


def uploads_folder() -> Path:
    """Return the folder of uploaded files that are not imported yet."""
    return home() / "uploads"


def engine_folder() -> Path:
    """Return the folder of the local engine's scheduler file and logs."""
    return home() / "engine"


def index_folder() -> Path:
    """Return the folder of what was read from the headers of imzML files."""
    return home() / "index"
