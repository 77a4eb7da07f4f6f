"""The bin: runs that were deleted, until it is emptied.

It is the folder ``.bin`` beside the runs. A run in it is a folder named by its identity and the time of its deletion,
such as ``0123456789abcdef-20260131T093000Z``.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from msiss.errors import RunError, reason
from msiss.runs.jobs import State, remove_folder
from msiss.runs.store import Run

BIN = ".bin"
_TIME = "%Y%m%dT%H%M%S%fZ"
_NAME = re.compile(r"([0-9a-f]{16})-(\d{8}T\d{12}Z)")


@dataclass(frozen=True, eq=False)
class Deleted:
    """A run in the bin.

    Attributes
    ----------
    identity : str
        The name that it had, and gets back.
    when : datetime
        Of its deletion.
    run : Run
    """

    identity: str
    when: datetime
    run: Run


class RunBin:
    """The bin of a folder of runs.

    Parameters
    ----------
    folder : Path
        That of a `RunStore`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, run: Run) -> None:
        """Move a run into the bin; a queued one is stopped first.

        Raises
        ------
        RunError
            If it is running, or cannot be moved.
        """
        state = run.status.state
        if state == State.RUNNING:
            raise RunError(f"The run in {run.path} is running. Stop it first, then delete it.")
        if state == State.QUEUED:
            run.request_stop()
        try:
            (self.folder / BIN).mkdir(exist_ok=True)
            run.path.rename(self.folder / BIN / f"{run.path.name}-{datetime.now(UTC):{_TIME}}")
        except OSError as error:
            raise RunError(f"{run.path} cannot be deleted: {reason(error)}.") from error

    def restore(self, deleted: Deleted) -> Run:
        """Move a run back to where it was, and return it.

        Raises
        ------
        RunError
            If the same training was started again meanwhile, or the run cannot be moved.
        """
        back = self.folder / deleted.identity
        if back.exists():
            raise RunError(
                f"The run {deleted.identity[:4]} was started again after it had been deleted. Delete the new one "
                "first, then restore this one."
            )
        try:
            deleted.run.path.rename(back)
        except OSError as error:
            raise RunError(f"{deleted.run.path} cannot be restored: {reason(error)}.") from error
        return Run(back)

    def find(self, identity: str) -> Deleted:
        """Return the run in the bin whose identity begins so, the one deleted last if there are several.

        Raises
        ------
        RunError
            If there is none, or several runs begin so.
        """
        found = [one for one in self if one.identity.startswith(identity)]
        if len({one.identity for one in found}) != 1:
            how_many = "There are several runs" if found else "There is no run"
            raise RunError(f"{how_many} in the bin whose name begins with {identity}. `msiss runs --bin` lists them.")
        return found[0]

    def empty(self) -> int:
        """Delete all that is in the bin for good, also what cannot be read, and return how many runs it was.

        Raises
        ------
        RunError
            If the permissions do not allow it.
        """
        paths = self._paths()
        for path in paths:
            remove_folder(path)
        return len(paths)

    def __iter__(self) -> Iterator[Deleted]:
        """Iterate over the runs in the bin, the one deleted last first; those that cannot be read are skipped."""
        found = []
        for path in self._paths():
            name = _NAME.fullmatch(path.name)
            if name is None:
                continue
            try:
                run = Run(path)
            except RunError:
                continue
            found.append(Deleted(name[1], datetime.strptime(name[2], _TIME).replace(tzinfo=UTC), run))
        return iter(sorted(found, key=lambda one: one.when, reverse=True))

    def bytes(self) -> int:
        """Return how much space its runs take, in bytes."""
        return sum(folder_bytes(path) for path in self._paths())

    def _paths(self) -> list[Path]:
        return sorted((self.folder / BIN).glob("[!.]*/"))


def folder_bytes(folder: Path) -> int:
    """Return how much space the files of a folder take, in bytes; files that vanish meanwhile count 0."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


def free_bytes(folder: Path) -> int:
    """Return the free space on the disk of a folder, in bytes; 0 if it is unknown."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
