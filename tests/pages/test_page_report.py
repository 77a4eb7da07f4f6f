"""Figures and the report on the page Report."""

import io
import zipfile

import pytest

from msiss.share.figures.registry import FIGURES

pytestmark = pytest.mark.usefixtures("finished_run")


@pytest.fixture
def offered(monkeypatch):
    """Return what each download gives when it is pressed, by its key, with the name of its file."""
    buttons = {}

    def button(*arguments, key=None, **_more):
        *_, label, data, name, _kind = arguments
        buttons[key or label] = (data, name)

    monkeypatch.setattr("streamlit.delta_generator.DeltaGenerator.download_button", button)
    monkeypatch.setattr("streamlit.download_button", button)
    return buttons


@pytest.fixture
def nothing_is_drawn(monkeypatch):
    """Fail where a figure is drawn or a report made."""

    def fail(*_arguments, **_more):
        raise AssertionError("made before it was asked for")

    for name in ("msiss.ui.widgets.figure_download.files", "msiss.ui.share.figures.pages"):
        monkeypatch.setattr(name, fail)
    monkeypatch.setattr("msiss.ui.share.report_file.report", fail)


@pytest.mark.usefixtures("nothing_is_drawn")
def test_every_figure_can_be_chosen_and_none_is_made_before_it_is_asked_for(open_page, offered):
    app = open_page("share/report")
    for kind in FIGURES:
        app.selectbox(key="figure kind").select(kind.name).run()
        assert not app.exception
        assert not app.error
        assert any(kind.about == caption.value for caption in app.caption)
        assert {f"figure {kind.name} {form}" for form in ("pdf", "svg", "png")} < set(offered)


def test_the_figure_of_the_button_is_the_chosen_one(open_page, offered):
    app = open_page("share/report")
    app.selectbox(key="figure kind").select("spectrum").run()
    content, name = offered["figure spectrum svg"]
    assert name == "small-spectrum-3-clusters.svg"
    drawn = content().decode()
    assert "Mean intensity (a.u.)" in drawn
    assert "Cluster 2" in drawn
    app.selectbox(key="figure kind").select("members").run()
    assert offered["figure members pdf"][1] == "small-members-3-clusters.pdf"  # all pages in one file
    content, name = offered["figure members svg"]
    assert name == "small-members-3-clusters-svg.zip"
    with zipfile.ZipFile(io.BytesIO(content())) as archive:
        assert archive.namelist() == [f"members-cluster-{number}.svg" for number in range(3)]


def test_a_preview_is_drawn_when_it_is_asked_for_or_it_is_said_why_not(open_page):
    app = open_page("share/report")
    assert len(app.image) == 0
    app.button(key="figure preview").click().run()
    assert not app.error
    assert len(app.image) == 1
    app.selectbox(key="figure kind").select("pairs").run()
    assert len(app.image) == 0
    app.button(key="figure preview").click().run()
    assert "No isotopes or adducts were found" in app.error[0].value


def test_the_report_is_offered_in_both_formats(open_page, offered, finished_run, monkeypatch):
    made = []
    monkeypatch.setattr("msiss.ui.share.report_file.report", lambda _grouping, _images, kind: made.append(kind))
    open_page("share/report")
    assert made == []
    content, name = offered["report pdf"]
    assert name == f"small-{finished_run.path.name[:4]}-report.pdf"
    content()
    offered["report html"][0]()
    assert made == ["pdf", "html"]


def test_the_selected_ions_are_drawn_at_a_click(open_page, offered, small_images):
    app = open_page("share/report", dataset="small", sel="3.7")
    app.selectbox(key="figure kind").select("ions").run()
    app.button(key="figure selection").click().run()
    assert app.multiselect[0].value == [3, 7]
    drawn = offered["figure ions svg"][0]().decode()
    shown = [ion for ion in range(12) if f"m/z {small_images.mz[ion]:.4f}" in drawn]
    assert shown == [3, 7]
