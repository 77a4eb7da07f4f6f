import io

import pytest
from PIL import Image

from msiss.errors import SettingError
from msiss.notebook.run import Run


@pytest.fixture
def run(finished_run) -> Run:
    return Run(finished_run.path)


def test_a_figure_is_shown_and_saved(run, tmp_path):
    figure = run.figure("ions", ions=[run.images.mz[3], "lipid 7"], colours="magma")
    assert repr(figure) == "PrintFigure(ions: 1 page; save it as .png, .svg or .pdf)"
    shown = Image.open(io.BytesIO(figure._repr_png_()))
    saved = Image.open(figure.save(tmp_path / "figure.PNG"))
    assert saved.width == pytest.approx(2 * shown.width, abs=1)
    texts = [text.get_text() for text in figure.pages[""].axes[0].texts]
    assert {"lipid 3", "lipid 7"} <= set(texts)
    with pytest.raises(SettingError, match="cannot be saved as gif"):
        figure.save(tmp_path / "figure.gif")


def test_figures_with_several_pages_are_pdf_files(run, tmp_path):
    figure = run.figure("members", clusters=2, by="bands")
    assert list(figure.pages) == ["cluster-0", "cluster-1"]
    assert figure.save(tmp_path / "members.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(SettingError, match="2 pages"):
        figure.save(tmp_path / "members.png")


def test_what_there_is_to_draw_is_told(run):
    assert run.figures["clusters"] == "The mean image of every cluster on one sheet."
    with pytest.raises(SettingError, match="There is no figure named cluster"):
        run.figure("cluster")
    with pytest.raises(SettingError, match=r"no option colour\. It has: ions, clusters"):
        run.figure("clusters", colour="magma")


def test_a_report_is_written(run, tmp_path, monkeypatch):
    made = {}

    def report(grouping, images, kind, *, health):
        made.update(clusters=grouping.n_clusters, by=grouping.by, ions=len(images), kind=kind, health=health)
        return b"%PDF"

    monkeypatch.setattr("msiss.share.report.write.report", report)
    path = run.report(tmp_path / "report.pdf", by="bands", clusters=2)
    assert path.read_bytes() == b"%PDF"
    assert made == {"clusters": 2, "by": "bands", "ions": 12, "kind": "pdf", "health": None}
