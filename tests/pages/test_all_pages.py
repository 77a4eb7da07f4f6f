"""What every page owes its user."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import HANG_SECONDS

from msiss.runs.jobs import State

ROOT = Path(__file__).parents[2]
PAGES = [str(path.relative_to(ROOT / "pages").with_suffix("")) for path in sorted((ROOT / "pages").glob("*/*.py"))]
NEED_NO_RUN = ("explore/similarity", "explore/regions", "explore/overlay")
NEED_RUN = [page for page in PAGES if page.startswith(("explore", "share")) and page not in NEED_NO_RUN]


def links(app):
    return [link.proto.page for link in app.page_link]


@pytest.mark.parametrize("page", PAGES)
def test_without_data_a_page_says_what_it_is_for_and_where_to_begin(open_page, page):
    app = open_page(page)
    assert len(app.title) == 1
    assert app.main.caption[0].value.endswith(".")
    if page != "data/open":
        assert "no data set yet" in app.info[0].value
        assert links(app) == [""]  # the first page has the bare address
    else:
        assert [button.label for button in app.button] == ["Fetch", "Open the demo"]


@pytest.mark.parametrize("page", NEED_RUN)
def test_without_a_run_a_page_leads_to_the_training(open_page, small_images, msiss_home, page):
    small_images.save(msiss_home / "datasets" / "small")
    app = open_page(page)
    assert "has not been clustered yet" in app.info[0].value
    assert links(app) == ["cluster"]


@pytest.mark.parametrize("page", NEED_RUN)
@pytest.mark.parametrize("state", [State.RUNNING, State.FAILED])
def test_an_unfinished_run_is_not_shown_as_a_result(open_page, finished_run, page, state):
    status = finished_run.status.model_copy(update={"state": state, "message": "The moon was in the way."})
    finished_run.write_status(status)
    app = open_page(page)
    assert links(app) == ["cluster"]
    said = app.info[0].value if state is State.RUNNING else app.warning[0].value
    assert "still running" in said if state is State.RUNNING else "The moon was in the way." in said


@pytest.mark.usefixtures("finished_run")
@pytest.mark.parametrize("page", PAGES)
def test_with_a_result_a_page_shows_no_error_and_leads_on(open_page, page):
    app = open_page(page)
    assert not app.error
    assert not app.warning
    assert links(app)


@pytest.mark.usefixtures("finished_run")
@pytest.mark.parametrize("page", PAGES)
def test_a_browser_that_missed_a_value_sends_the_same_one_back(open_page, page):
    """A page that is drawn again too soon may not have reached the browser, which then takes a widget's default."""
    app = open_page(page).run()
    for widget in (*app.toggle, *app.number_input, *app.slider):
        default = widget.proto.default
        first = default if isinstance(default, bool | float) else list(default)
        value = widget.value
        same = first == (list(value) if isinstance(value, tuple) else [value] if isinstance(first, list) else value)
        assert same or widget.proto.set_value, widget.key
    for choice in app.selectbox:  # the index is None where the option None is chosen, always the first
        assert (choice.index or 0) == choice.proto.default or choice.proto.set_value, choice.key
    for choices in app.multiselect:
        assert choices.indices == list(choices.proto.default) or choices.proto.set_value, choices.key


def test_the_address_keeps_the_data_set_and_the_run(open_page, finished_run):
    app = open_page("explore/clusters")
    assert app.query_params == {"dataset": "small", "run": finished_run.path.name}
    app.switch_page("pages/explore/map.py").run()
    assert app.query_params == {"dataset": "small", "run": finished_run.path.name}


def test_a_link_opens_the_data_set_that_it_names(open_page, finished_run, small_images, msiss_home):
    small_images.subset([0, 1, 2, 3]).save(msiss_home / "datasets" / "newer")
    assert open_page("data/prepare").sidebar.selectbox(key="dataset_picker").value == "newer"
    assert open_page("data/prepare", dataset="small").sidebar.selectbox(key="dataset_picker").value == "small"


def test_a_link_to_what_does_not_exist_opens_what_does(open_page, finished_run):
    app = open_page("data/open", dataset="../small", run="0123456789abcdef")
    assert app.query_params == {"dataset": "small", "run": finished_run.path.name}
    assert "does not exist any more" in app.toast[0].value


def test_a_link_to_a_run_that_does_not_exist_says_so(open_page, finished_run):
    app = open_page("data/open", dataset="small", run="0123456789abcdef", by="bands")
    assert [one.value for one in app.toast] == [
        "The run 0123 of small does not exist any more. The newest one is shown instead."
    ]
    assert app.query_params == {"dataset": "small", "run": finished_run.path.name}
    app.run()
    assert not app.toast
    finished_run.delete()
    app.run()
    assert app.toast[0].value == f"The run {finished_run.path.name[:4]} of small does not exist any more."


def test_choosing_another_data_set_chooses_its_run(open_page, finished_run, small_images, msiss_home):
    small_images.subset([0, 1, 2, 3]).save(msiss_home / "datasets" / "newer")
    app = open_page("explore/map")
    assert app.query_params == {"dataset": "newer"}
    app.sidebar.selectbox(key="dataset_picker").select("small").run()
    assert app.query_params == {"dataset": "small", "run": finished_run.path.name}


@pytest.mark.usefixtures("finished_run")
def test_an_error_nobody_foresaw_is_a_sentence_and_a_log(open_page, msiss_home, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("msiss.ui.explore.results.positions", broken)
    with pytest.raises(AssertionError, match="unexpected error"):
        open_page("explore/map")
    assert "Traceback" in (msiss_home / "app.log").read_text()


def test_the_first_page_imports_nothing_heavy(msiss_home):
    script = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout={HANG_SECONDS}).run()\n"
        "assert app.title[0].value == 'Open data'\n"
        "heavy = {'torch', 'umap', 'numba', 'sklearn', 'scipy', 'distributed', 'pyimzml'}\n"
        "print(*sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


@pytest.mark.parametrize("page", PAGES)
def test_a_home_that_cannot_be_written_to_is_said_on_every_page(open_page, msiss_home, page):
    msiss_home.write_text("in the way")
    (error,) = open_page(page).error
    assert error.value.startswith(f"msiss cannot write to its folder {msiss_home}")


def test_what_needs_a_home_fails_in_words(open_page, small_images, msiss_home):
    stack = io.BytesIO()
    np.savez(stack, images=small_images.images, mz=small_images.mz, mask=small_images.mask)
    msiss_home.write_text("in the way")
    app = open_page("data/open")
    next(button for button in app.button if button.label == "Open the demo").click().run()
    assert not app.exception
    assert "could not be saved" in app.error[1].value
    app.file_uploader[0].set_value([("a.npz", stack.getvalue(), "application/octet-stream")]).run()
    assert not app.exception
    assert app.error[1].value.startswith(f"msiss cannot write to its folder {msiss_home / 'uploads'}")
