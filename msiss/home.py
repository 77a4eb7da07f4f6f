"""The folders of msiss for data sets, runs and files of the engine."""

import os
import re
from pathlib import Path

from msiss.errors import HomeError, SettingError, reason


def home() -> Path:
    """Return the home folder of msiss: ``$MSISS_HOME``, or ``.msiss`` in the user's home."""
    return Path(os.environ.get("MSISS_HOME") or Path.home() / ".msiss")


def keep_private() -> None:
    """Set the umask of this process and its children, so that only this account, or also its group, can read files.

    This is for the dashboard and the engine. Files that a command writes to a path of the user's choice have the user's
    umask; the home folder itself is made private when it is created, see `made`.

    Raises
    ------
    SettingError
        If ``$MSISS_UMASK`` is not a valid umask.
    """
    os.umask(_umask())


def _umask() -> int:
    """Return the umask in ``$MSISS_UMASK``, in octal; by default other accounts get no permissions."""
    text = os.environ.get("MSISS_UMASK", "077")
    if not re.fullmatch(r"0?0?[0-7]{2}", text):
        raise SettingError(
            f"The environment variable MSISS_UMASK is {text!r}. Set it to 077, by which only this account can read "
            "what msiss keeps, or to 007 or 027 to share it with the account's group."
        )
    return int(text, 8)


def check() -> None:
    """Create the home folder of msiss if it does not exist, and check that it can be written to.

    Raises
    ------
    HomeError
        If it cannot be written to.
    """
    made(home())
    if not os.access(home(), os.W_OK | os.X_OK):
        raise _unwritable(home(), "the permissions of the folder, or of its disk, do not allow it")


def made(folder: Path) -> Path:
    """Return a folder of msiss, created with its parents if it does not exist; a new home folder is private.

    Raises
    ------
    HomeError
        If it cannot be created.
    SettingError
        If ``$MSISS_UMASK`` is not a valid umask.
    """
    try:
        if not home().exists():
            home().mkdir(parents=True, exist_ok=True)
            home().chmod(0o777 & ~_umask())
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, reason(error)) from error
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
    """Return the folder of the analyses that pages have requested."""
    return home() / "analyses"


def measures_folder() -> Path:
    """Return the folder of the vectors of measures without training."""
    return home() / "measures"


def encoders_folder() -> Path:
    """Return the folder of the weights that a training may start from."""
    return home() / "encoders"


def uploads_folder() -> Path:
    """Return the folder of uploaded files that are not imported yet."""
    return home() / "uploads"


def downloads_folder() -> Path:
    """Return the folder of the files that pages offer, until their session ends."""
    return home() / "downloads"


def engine_folder() -> Path:
    """Return the folder of the local engine's scheduler file and logs."""
    return home() / "engine"


def index_folder() -> Path:
    """Return the folder of the cached headers of imzML files."""
    return home() / "index"
