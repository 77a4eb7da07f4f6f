"""One process of the local engine: its scheduler, or the nanny of one worker.

``python -m msiss.runs.engine_process scheduler FILE`` or ``... worker FILE NAME RESOURCE``, where FILE is the scheduler
file. Both listen on the loopback address only, use TLS with the keys of `msiss.runs.engine_keys`, and serve no web
pages: Dask's own commands start a web server on every worker, with or without a dashboard.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from distributed import Nanny, Scheduler, Worker
from filelock import FileLock, Timeout

from msiss.home import engine_folder, keep_private
from msiss.runs.engine_keys import security

LOOPBACK = "127.0.0.1"
IDLE_SECONDS = 3600.0  # after which an idle local engine ends
SCHEDULER_SECONDS = 60  # after which a worker without a scheduler ends


class _NoWebServer:
    def start_http_server(self, *_args: Any, **_more: Any) -> None:
        pass


class LocalScheduler(_NoWebServer, Scheduler):
    """A scheduler without web pages."""


class LocalWorker(_NoWebServer, Worker):
    """A worker without web pages."""


async def schedule(file: Path) -> None:
    """Run the scheduler until it is idle for `IDLE_SECONDS` or shut down, and write its address to `file`."""
    async with LocalScheduler(
        host=LOOPBACK,
        port=0,
        protocol="tls",
        security=security(),
        scheduler_file=str(file),
        idle_timeout=IDLE_SECONDS,
        dashboard=False,
    ) as scheduler:
        await scheduler.finished()


async def work(file: Path, name: str, resource: str) -> None:
    """Run the nanny of a single-threaded worker with one `resource`, until the scheduler of `file` ends.

    Dask sets no limit on the memory of a training.
    """
    async with Nanny(
        scheduler_file=str(file),
        worker_class=LocalWorker,
        name=name,
        resources={resource: 1},
        nthreads=1,
        host=LOOPBACK,
        protocol="tls",
        security=security(),
        memory_limit=0,
        death_timeout=SCHEDULER_SECONDS,
        local_directory=str(engine_folder()),
        dashboard=False,
    ) as nanny:
        await nanny.finished()


def main(arguments: Sequence[str]) -> None:
    """Run the scheduler or a worker; a worker exits at once if a nanny of its name is running."""
    keep_private()
    role, file, *more = arguments
    if role == "scheduler":
        asyncio.run(schedule(Path(file)))
        return
    name, resource = more
    scheduler = json.loads(Path(file).read_text(encoding="utf-8"))["id"]  # workers may end later than their scheduler
    own = engine_folder() / f"{scheduler}-{name}.lock"
    try:
        with FileLock(own, timeout=0):
            asyncio.run(work(Path(file), name, resource))
            own.unlink(missing_ok=True)
    except Timeout:
        return


if __name__ == "__main__":
    # Imported by its full name, so that the nanny's child process finds the class of its worker in this module.
    from msiss.runs.engine_process import main as main_by_name

    main_by_name(sys.argv[1:])
