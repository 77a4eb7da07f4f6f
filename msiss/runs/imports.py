"""Imports on disk: what was asked for, how far it is, what came of it.

Beside the files of every job, ``events.jsonl`` holds an event "Added" for each data set that was made, and an event
"Warned" for each warning.
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

KEPT = 20  # finished imports; what they made stays anyway


SCRATCH = ".scratch-"  # begins the folder in which an import works, among the data sets


class Training(BaseModel):
    """A training that follows an import.

    Attributes
    ----------
    config : RunConfig
        Its settings.
    runs : Path
        Folder of the trainings.
    scheduler : str
        Address of the lab's cluster, which its workers need not know; empty for the local engine.
    """

    config: AnyConfig
    runs: Path
    scheduler: str = ""


class ImportRequest(BaseModel):
    """What an import was asked for.

    Attributes
    ----------
    files : tuple of Path
        Set side by side as one data set, unless `separate`.
    recipe : Recipe
        What is done with them.
    name : str
        Of the data set; with `separate` each is called like its file.
    library : Path
        Folder of the data sets.
    within : tuple of Path, optional
        Folders in which the files, and all that belongs to them, must lie once links are followed; anywhere where it is
        not given.
    own_files : Path, optional
        A folder of uploaded files that belongs to the import and goes with it.
    train : Training, optional
        A training of the data set, which the import starts when it has made it.
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
    train: Training | None = None
    created: datetime = Field(default_factory=lambda: datetime.now(UTC))


class ImportJob(Job):
    """One import."""

    noun = "import"
    work = "msiss.runs.importer:execute_import"
    resource = IMPORT
    lost = "The process that imported is gone. No data set was changed. Start it again."
    out_of_memory = "The memory was too small for this import. Choose fewer ions, or a computer with more memory."
    request_model = ImportRequest
    request: ImportRequest

    def datasets(self) -> list[str]:
        """Return the names of the data sets that were made."""
        return [event["name"] for event in self.events("Added")]

    def warnings(self) -> list[str]:
        """Return what is unusual in the files, each once."""
        return list(dict.fromkeys(event["message"] for event in self.events("Warned")))

    def delete(self) -> None:
        """Remove the import with the uploaded files that belong to it; the data sets that it made stay."""
        if self.request.own_files is not None:
            shutil.rmtree(self.request.own_files, ignore_errors=True)
        super().delete()


def clear_up(library: Path, imports: Path) -> None:
    """Remove from the folder of the data sets what imports, saves and deletions left there that were killed.

    Parameters
    ----------
    library, imports : Path
        The folders of the data sets and of the imports.
    """
    for left in library.glob(f"{SCRATCH}*/"):
        if not is_locked(imports / left.name.removeprefix(SCRATCH)):
            shutil.rmtree(left, ignore_errors=True)
    remove_left(library)


class ImportStore:
    """All imports below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, request: ImportRequest) -> ImportJob:
        """Make the job of a request; old ones that are over give way."""
        for old in list(self)[KEPT:]:
            with contextlib.suppress(OSError, RunError):  # another session clears up as well
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
        """Go through the imports, newest first; what cannot be read is passed over."""
        for path in sorted(self.folder.glob("[!.]*"), reverse=True):
            try:
                yield ImportJob(path)
            except RunError:
                continue
