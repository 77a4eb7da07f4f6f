"""Where msiss keeps its data sets, runs and engine files."""

import os
from pathlib import Path


def home() -> Path:
    """Return the folder of all that msiss writes: ``$MSISS_HOME``, or ``.msiss`` in the user's home."""
    return Path(os.environ.get("MSISS_HOME") or Path.home() / ".msiss")


def datasets_folder() -> Path:
    """Return the folder of the imported data sets."""
    return home() / "datasets"


def runs_folder() -> Path:
    """Return the folder of the trainings."""
    return home() / "runs"


def imports_folder() -> Path:
    """Return the folder of the imports."""
    return home() / "imports"


def uploads_folder() -> Path:
    """Return the folder of uploaded files that are not imported yet."""
    return home() / "uploads"


def engine_folder() -> Path:
    """Return the folder of the local engine's scheduler file and logs."""
    return home() / "engine"


def index_folder() -> Path:
    """Return the folder of what was read from the headers of imzML files."""
    return home() / "index"
