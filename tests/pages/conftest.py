"""The dashboard without a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import HANG_SECONDS
from streamlit.testing.v1 import AppTest

from msiss.home import datasets_folder
from msiss.runs.analyser import execute_analysis
from msiss.runs.analyses import AnalysisJob
from msiss.runs.importer import execute_import
from msiss.runs.imports import ImportJob
from msiss.runs.jobs import Job

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _jobs_without_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do imports and analyses at once, in this process; trainings wait."""
    work = {ImportJob: execute_import, AnalysisJob: execute_analysis}

    def submit(job: Job) -> None:
        if type(job) in work:
            work[type(job)](job.path)

    monkeypatch.setattr("msiss.runs.engine.submit", submit)


@pytest.fixture(autouse=True)
def _without_children(no_children: None) -> None:
    pass


@pytest.fixture
def open_page(msiss_home: Path) -> Callable[..., AppTest]:
    """Return a function that opens a page as a browser does, with an address, and checks that nothing broke."""

    def open_it(page: str, **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_SECONDS)
        app.query_params.update(address)
        app.run()
        if page != "data/open":
            app.switch_page(f"pages/{page}.py").run()
        assert not app.exception, app.exception[0].value
        unexpected = [error.value for error in app.error if "unexpected error" in error.value]
        assert not unexpected, unexpected[0] + (msiss_home / "app.log").read_text()
        return app

    return open_it


@pytest.fixture
def saved(small_images, msiss_home):
    """Return the small data set, saved without a run."""
    small_images.save(datasets_folder() / "small")
    return small_images


@pytest.fixture
def offered(monkeypatch):
    """Return what each button of a page gives when it is pressed, by its label."""
    buttons = {}
    monkeypatch.setattr("streamlit.download_button", lambda label, data, *_, **__: buttons.update({label: data}))
    return buttons
