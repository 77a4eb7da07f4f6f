"""Imports on disk: request, progress and result.

The folder has the files of every job. In ``events.jsonl``, an event "Added" is a data set that was made, and an event
"Warned" is a warning.
"""

import contextlib
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, Field

from msiss.data.metaspace_request import Metaspace
from msiss.data.recipe import Recipe
from msiss.durable import remove_left
from msiss.errors import RunError
from msiss.learn.methods import AnyConfig
from msiss.runs.jobs import IMPORT, UNFINISHED, Job, is_locked, make_folder

KEPT = 20  # number of imports kept; deleting a finished import does not delete its data sets
SCRATCH = ".scratch-"  # prefix of the temporary folders of imports, which are in the folder of the data sets


class RunToStart(BaseModel):
    """The run that an import starts at its end.

    Attributes
    ----------
    config : RunConfig
        Its settings.
    runs : Path
        Folder of the runs.
    scheduler : str
        Address of the lab's cluster, for workers whose environment does not have it; empty for the local engine.
    """

    config: AnyConfig
    runs: Path
    scheduler: str = ""


class ImportRequest(BaseModel):
    """The request of an import.

    Attributes
    ----------
    files : tuple of Path
        Assembled side by side into one data set, unless `separate`.
    recipe : Recipe
        How the data set is made.
    name : str
        Name of the data set; with `separate` each has the name of its file.
    library : Path
        Folder of the data sets.
    within : tuple of Path, optional
        Folders that must contain the files, and all files that belong to them, with links resolved; by default they may
        be anywhere.
    own_files : Path, optional
        A folder of uploaded files that is deleted with the import.
    train : RunToStart, optional
        The run that the import starts on the data set.
    """

    files: tuple[Path, ...] = ()
    recipe: Recipe = Field(default_factory=Recipe)
    name: str
    library: Path
    separate: bool = False
    picture: Path | None = None
    metaspace: Metaspace = None
    within: tuple[Path, ...] | None = None
    own_files: Path | None = None
    train: RunToStart | None = None
    created: datetime = Field(default_factory=lambda: datetime.now(UTC))


class ImportJob(Job):
    """One import."""

    noun = "import"
    work = "msiss.runs.importer:execute_import"
    resource = IMPORT
    lost = "The process of this import has ended unexpectedly. No data set was changed. Start it again."
    out_of_memory = "This import ran out of memory. Choose fewer ions, or use a computer with more memory."
    request_model = ImportRequest
    request: ImportRequest

    def datasets(self) -> list[str]:
        """Return the names of the data sets that were made."""
        return [event["name"] for event in self.events("Added")]

    def warnings(self) -> list[str]:
        """Return the distinct warnings about the files."""
        return list(dict.fromkeys(event["message"] for event in self.events("Warned")))

    def delete(self) -> None:
        """Delete the import with its uploaded files, but not the data sets that it made."""
        if self.request.own_files is not None:
            shutil.rmtree(self.request.own_files, ignore_errors=True)
        super().delete()


def clear_up(library: Path, imports: Path) -> None:
    """Remove what killed imports, saves and deletions have left in the folder of the data sets.

    Parameters
    ----------
    library, imports : Path
        Folders of the data sets and of the imports.
    """
    for left in library.glob(f"{SCRATCH}*/"):
        if not is_locked(imports / left.name.removeprefix(SCRATCH)):
            shutil.rmtree(left, ignore_errors=True)
    remove_left(library)


class ImportStore:
    """All imports in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, request: ImportRequest) -> ImportJob:
        """Create the job of a request, and delete old jobs that have ended."""
        for old in list(self)[KEPT:]:
            with contextlib.suppress(OSError, RunError):  # another session may delete it at the same time
                if old.status.state not in UNFINISHED:
                    old.delete()
        path = self.folder / f"{request.created:%Y%m%d-%H%M%S-%f}-{uuid.uuid4().hex[:6]}"
        make_folder(path, request)
        return ImportJob(path)

    def get(self, identity: str) -> ImportJob:
        """Return the import named `identity`.

        Raises
        ------
        RunError
            If there is none.
        """
        if Path(identity).name != identity:
            raise RunError(f"There is no import {identity}.")
        return ImportJob(self.folder / identity)

    def __iter__(self) -> Iterator[ImportJob]:
        """Iterate over the imports, newest first; those that cannot be read are skipped."""
        for path in sorted(self.folder.glob("[!.]*"), reverse=True):
            try:
                yield ImportJob(path)
            except RunError:
                continue
