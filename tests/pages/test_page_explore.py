"""The pages that show a result say what is in it."""

import io
import json
import zipfile

import pandas as pd
import pytest
from helpers import mounted

from msiss.analyse.choose_k import choose_k
from msiss.analyse.representations import (
    BANDS,
    JOINT,
)
from msiss.learn.paper.config import SELF_LABELLED
from msiss.registry import load
from msiss.runs.reclustering import clusters_by
from msiss.share.export_files import file_name
from msiss.share.exports import EXPORTS


def captions(app):
    return [image.captions[0] if image.captions else "" for image in app.image]


@pytest.mark.usefixtures("finished_run")
@pytest.mark.parametrize("page", ["explore/similarity", "train/augment", "data/prepare"])
def test_pickers_take_what_is_typed_by_the_same_search(open_page, small_images, page):
    app = open_page(page)
    if page == "data/prepare":
        app.session_state["prepare tab"] = "Intensities"
        app.run()
    picker = app.multiselect[0]
    chosen = picker.value[:2]
    wanted = next(ion for ion in range(12) if ion not in chosen)
    typed = f"{small_images.mz[wanted]:.3f}"  # no part of the label, which has four decimals, where that is rounded up
    app.multiselect[0].set_value([*chosen, typed]).run()
    assert app.multiselect[0].value == [*chosen, wanted]
    app.multiselect[0].set_value([*chosen, "5000"]).run()
    assert app.multiselect[0].value == chosen
    assert "No ion at m/z 5000" in app.toast[0].value
    assert not app.exception


@pytest.fixture
def offered(monkeypatch):
    """Return what each button of a page gives when it is pressed, by its label, with the name of its file."""
    buttons = {}

    def button(*arguments, **_more):
        *_, label, data, name, _kind = arguments
        buttons[label] = (data, name)

    monkeypatch.setattr("streamlit.delta_generator.DeltaGenerator.download_button", button)
    monkeypatch.setattr("streamlit.download_button", button)
    return buttons


def test_the_report_offers_every_export_and_a_methods_text(open_page, finished_run, offered):
    app = open_page("share/report")
    assert set(offered) >= {"Everything (.zip)", *(export.title for export in EXPORTS)}
    clusters = pd.read_csv(io.BytesIO(offered["Clusters (CSV)"][0]()))
    assert clusters["cluster"].tolist() == finished_run.clusters()["self-labelled"].tolist()
    assert [offered[export.title][1] for export in EXPORTS] == [file_name(export) for export in EXPORTS]
    told = " ".join(caption.value for caption in app.caption)
    assert all(f"Opens in: {export.opens}." in told for export in EXPORTS)
    assert "The weights of this run are missing" in told  # instead of the encoder
    assert "12 ion images (m/z 400.1000 to 800.3000, positive polarity)" in app.code[0].value


@pytest.mark.usefixtures("finished_run")
def test_no_file_is_made_before_its_button_is_pressed(open_page, offered, monkeypatch):
    made = []
    monkeypatch.setattr("msiss.share.export_files.load", lambda write: made.append(write) or load(write))
    open_page("share/report")
    assert not made
    offered["Settings (JSON)"][0]()
    assert made == ["msiss.share.tables:write_settings"]


def test_the_archive_holds_all_files_of_the_clusters_that_are_shown(open_page, finished_run, offered):
    clusters_by(finished_run, BANDS, 4)
    open_page("share/report", dataset="small", run=finished_run.path.name, by="bands", k="4")
    data, name = offered["Everything (.zip)"]
    assert name == f"msiss-small-{finished_run.path.name[:4]}-bands-4-clusters.zip"
    with zipfile.ZipFile(io.BytesIO(data())) as archive:
        assert {"clusters.csv", "clusters.xlsx", "ions.h5ad", "ions.ome.tif", "ions.ibd"} < set(archive.namelist())
        assert "run.zip" not in archive.namelist()
        found = pd.read_csv(io.BytesIO(archive.read("clusters.csv")))
    assert found["cluster"].tolist() == clusters_by(finished_run, BANDS, 4)["cluster"].tolist()


def test_only_the_selected_ions_are_taken_where_that_is_asked(open_page, finished_run, offered):
    app = open_page("share/report", dataset="small", run=finished_run.path.name, sel="3.8")
    data = offered["Clusters (CSV)"][0]
    assert len(pd.read_csv(io.BytesIO(data()))) == 12
    assert app.toggle(key="download selected").label == "Only the 2 selected ions"
    app.toggle(key="download selected").set_value(True).run()
    assert pd.read_csv(io.BytesIO(offered["Clusters (CSV)"][0]()))["ion"].tolist() == [3, 8]
    app = open_page("share/report", dataset="small", run=finished_run.path.name)
    assert app.toggle(key="download selected").disabled


def note_of(app):
    return [caption.value for caption in app.caption if "Re-clustered" in caption.value]


def test_another_number_of_clusters_is_shown_on_all_pages_and_said(open_page, finished_run):
    app = open_page("explore/clusters")
    assert not note_of(app)
    assert app.number_input(key="clusters shown").value == 3
    app.number_input(key="clusters shown").set_value(2).run()
    assert not app.error
    assert "Re-clustered into 2 clusters; the run was trained with 3." in note_of(app)[0]
    assert "spectral clusters of the trained features" in note_of(app)[0]
    sizes = clusters_by(finished_run, SELF_LABELLED, 2)["cluster"].value_counts()
    sheet = mounted(app, "cluster sheet")["clusters"]  # spectral clusters have no confidence
    assert [(one["title"], one["about"]) for one in sheet] == [(str(k), f"{sizes[k]} ions") for k in (0, 1)]
    app.switch_page("pages/explore/map.py").run()
    assert note_of(app)
    assert [group[0] for group in mounted(app, "map")["groups"]] == ["0", "1"]
    app.switch_page("pages/share/report.py").run()
    assert note_of(app)
    assert "The 2 clusters shown are spectral clusters by: CNN after self-labelling" in app.code[0].value
    app.number_input(key="clusters shown").set_value(3).run()
    app.switch_page("pages/explore/clusters.py").run()
    assert app.number_input(key="clusters shown").value == 3
    assert not note_of(app)
    assert all("confidence" in one["about"] for one in mounted(app, "cluster sheet")["clusters"])


def test_numbers_of_clusters_are_compared_when_asked_for(open_page, finished_run):
    app = open_page("explore/clusters")
    app.number_input(key="clusters shown").set_value(5).run()
    assert len(app.get("plotly_chart")) == 0
    next(button for button in app.button if button.label == "Compare numbers of clusters").click().run()
    assert not app.exception
    assert not app.error
    suggested = choose_k(finished_run.features(SELF_LABELLED)).suggestion
    assert any(f"**Suggested: {suggested} clusters.**" in one.value for one in app.markdown)
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert [trace["name"] for trace in figure["data"]] == ["Eigengap", "Silhouette", "Subsets of the ions"]
    next(button for button in app.button if button.label == f"Show {suggested} clusters").click().run()
    assert app.number_input(key="clusters shown").value == suggested
    assert not any(button.label.startswith("Show ") for button in app.button)
    app = open_page("explore/clusters")
    assert len(app.get("plotly_chart")) == 1  # kept for whoever looks next
    app.selectbox(key="clusters by").select(JOINT).run()
    assert len(app.get("plotly_chart")) == 0
    app.checkbox(key="how many halves").check().run()
    next(button for button in app.button if button.label == "Compare numbers of clusters").click().run()
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert "Halves of the pixels" in [trace["name"] for trace in figure["data"]]
