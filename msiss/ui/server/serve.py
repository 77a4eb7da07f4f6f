"""Starts Streamlit on app.py: ``python -m msiss.ui.server.serve app.py [options of streamlit run]``."""

import sys
import threading
from collections.abc import Sequence

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

from msiss.durable import remove_left
from msiss.home import analyses_folder, datasets_folder, imports_folder, keep_private, runs_folder
from msiss.runs.imports import clear_up
from msiss.ui.server import downloads, pictures, uploads


def serve(arguments: Sequence[str]) -> None:
    """Serve the dashboard until it is interrupted."""
    # A folder named pages makes Streamlit use its older multipage mode until app.py has run once: the first link to a
    # page, such as a refresh after a restart, would show "Page not found".
    PagesManager.uses_pages_directory = False
    keep_private()
    uploads.install()
    downloads.install()
    pictures.install()
    clear_up(datasets_folder(), imports_folder())
    for folder in (runs_folder(), imports_folder(), analyses_folder()):
        remove_left(folder)
    threading.Thread(target=_resume_queue, daemon=True).start()
    main(["run", *arguments])


def _resume_queue() -> None:
    """Start the engine if jobs are queued, such as after a restart of the machine."""
    from msiss.runs import engine

    if jobs := engine.waiting():
        engine.submit_waiting(*jobs)


if __name__ == "__main__":
    serve(sys.argv[1:])
