"""The page Regions: what is drawn is compared at once, kept, and loaded."""

import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
from helpers import mounted
from PIL import Image

from msiss.analyse.regions import rank
from msiss.data.areas import Area, AreaFile
from msiss.home import datasets_folder
from msiss.ui.widgets import ion_picker

UPPER = {"selection": {"points": [], "box": [{"x": [-0.4, 19.4], "y": [-0.4, 6.4]}], "lasso": []}}
RIGHT = {
    "selection": {"points": [], "box": [], "lasso": [{"x": [12.5, 19.4, 19.4, 12.5], "y": [-0.4, -0.4, 15.4, 15.4]}]}
}
ROWS, COLUMNS = np.mgrid[:16, :20]


def draw(app, event=UPPER):
    """Let the chart report a selection, as the mouse makes it."""
    drawn = app.session_state["regions drawn"] if "regions drawn" in app.session_state else 0  # noqa: SIM401 - has no get
    app.session_state[f"regions {drawn}"] = event
    return calm(app.run())


def calm(app):
    assert not app.exception, app.exception[0].value
    assert not app.error, app.error[0].value
    return app


def captions(app):
    return [tile["text"] for tile in mounted(app, "region gallery")["tiles"]]


def selected(app):
    return set(mounted(app, "region gallery")["selected"])


def key(images, name):
    return ion_picker.own_key(images, name)


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    return calm(app)


def names():
    return [area.name for area in AreaFile(datasets_folder() / "small").read()]


def test_what_is_drawn_is_compared_with_the_rest_at_once(open_page, saved, offered):
    app = open_page("explore/regions")
    assert any("Draw around a part" in info.value for info in app.info)
    draw(app)
    upper = (ROWS < 7) & saved.mask
    contrast = rank(saved.images, upper, saved.mask & ~upper)
    first = contrast.ranked()[0]
    assert captions(app)[0].startswith(f"m/z {saved.mz[first]:.4f}")
    assert f"AUC {contrast.auc[first]:.2f} · {2 ** contrast.log2_fold_change[first]:.3g}× more" in captions(app)[0]
    assert len(captions(app)) == 12
    assert any("125 pixels of A against 180 of B" in caption.value for caption in app.caption)
    assert any("One section is one sample" in caption.value for caption in app.caption)
    table = pd.read_csv(io.BytesIO(offered["Table (.csv)"]()))
    np.testing.assert_allclose(table["auc"], contrast.auc[table["ion"]], rtol=1e-9)
    assert set(table["region_b"]) == {"Rest of the tissue"}
    app.segmented_control(key="region high").set_value("B").run()
    assert captions(app)[0].startswith(f"m/z {saved.mz[contrast.ranked(high_in='b')[0]]:.4f}")
    app.segmented_control(key="region intensities").set_value("divided by TIC").run()
    table = pd.read_csv(io.BytesIO(offered["Table (.csv)"]()))
    assert np.abs(table["auc"].to_numpy() - contrast.auc[table["ion"]]).max() > 0.01


def test_the_first_ions_are_selected_and_shown_on_the_map(open_page, finished_run, small_images):
    app = draw(open_page("explore/regions"))
    app.number_input[0].set_value(5).run()
    assert len(captions(app)) == 5
    assert "cluster 0" in captions(app)[0]
    press(app, "Select these 5 ions")
    assert selected(app) == {0, 1, 2, 3, 4}
    app.segmented_control(key="region high").set_value("B").run()
    press(app, "Show on the map")
    assert app.title[0].value == "Map"
    assert app.query_params["sel"] != "0-4"
    app.switch_page("pages/explore/regions.py").run()
    assert len(selected(app)) == 5
    assert not {0, 1, 2, 3, 4} & selected(app)


def test_what_is_drawn_is_kept_renamed_deleted_and_undone(open_page, saved):
    app = draw(open_page("explore/regions"))
    app.text_input(key="keep a").set_value("roof").run()
    app.button(key="keep drawn a").click().run()
    assert names() == ["roof"]
    assert app.selectbox(key=key(saved, "region a")).value == "roof"
    app.segmented_control(key="region drawn").set_value("B").run()
    draw(app, RIGHT)
    assert app.selectbox(key=key(saved, "region b")).value == "Drawn now (B)"
    right = (COLUMNS > 12) & saved.mask & (ROWS >= 7)
    assert any(f"125 pixels of A against {right.sum()} of B" in caption.value for caption in app.caption)
    app.button(key="keep drawn b").click().run()
    assert names() == ["roof", "region 1"]
    assert {side: app.query_params[side] for side in "ab"} == {"a": "roof", "b": "region 1"}
    linked = open_page("explore/regions", dataset="small", a="region 1", b="cellar")
    assert linked.selectbox(key=key(saved, "region a")).value == "region 1"
    assert "The area cellar of this data set does not exist any more" in linked.toast[0].value
    app.button(key="exchange regions").click().run()
    assert app.selectbox(key=key(saved, "region a")).value == "region 1"
    app.text_input(key=key(saved, "area roof")).set_value("lid").run()
    assert names() == ["lid", "region 1"]
    assert app.selectbox(key=key(calm(app) and saved, "region b")).value == "lid"
    app.button(key=f"delete {key(saved, 'area region 1')}").click().run()
    assert names() == ["lid"]
    assert app.selectbox(key=key(saved, "region a")).value is None
    app.button(key="undo areas").click().run()
    assert names() == ["lid", "region 1"]
    calm(open_page("explore/regions"))


def test_what_is_drawn_where_nothing_was_measured_is_told(open_page, saved):
    app = draw(open_page("explore/regions"), {"selection": {"box": [{"x": [-3, 0.4], "y": [-3, 0.4]}], "lasso": []}})
    assert "No pixel was measured" in app.toast[0].value
    assert app.selectbox(key=key(saved, "region a")).value is None


def test_a_name_that_is_taken_is_refused(open_page, saved):
    ring = ((0, 5), (0, 9), (5, 9), (5, 5))
    AreaFile(datasets_folder() / "small").add([Area(name=name, polygons=((ring,),)) for name in ("a", "b")])
    app = open_page("explore/regions")
    app.text_input(key=key(saved, "area a")).set_value("b").run()
    assert "There is an area “b” already" in app.error[0].value
    assert names() == ["a", "b"]


def test_regions_without_pixels_of_their_own_are_told(open_page, saved):
    ring = ((-1, -1), (-1, 20), (16, 20), (16, -1))
    AreaFile(datasets_folder() / "small").add([Area(name="all", polygons=((ring,),))])
    app = open_page("explore/regions")
    app.selectbox(key=key(saved, "region a")).select("all").run()
    assert "Region B has no measured pixel" in app.warning[0].value
    assert not app.exception


def test_areas_are_loaded_from_a_picture(open_page, saved):
    labels = np.where(ROWS < 7, 1, 2).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(labels).save(file, "PNG")
    app = open_page("explore/regions")
    app.file_uploader[0].set_value([("parts.png", file.getvalue(), "image/png")]).run()
    assert any("2 areas: parts 1, parts 2" in caption.value for caption in app.caption)
    press(app, "Keep these areas")
    assert names() == ["parts 1", "parts 2"]
    app.selectbox(key=key(saved, "region a")).select("parts 1").run()
    app.selectbox(key=key(saved, "region b")).select("parts 2").run()
    assert any("125 pixels of A against 180 of B" in caption.value for caption in app.caption)
    app.file_uploader[0].set_value([("bad.png", b"nothing", "image/png")]).run()
    assert "bad.png is no picture" in app.error[0].value


def test_clusters_are_shown_where_they_live(open_page, finished_run, small_images, offered):
    app = draw(open_page("explore/regions"))
    assert any("Clusters that live in **A**: 0. In **B**: 2." in one.value for one in app.markdown)
    figure = json.loads(app.get("plotly_chart")[-1].proto.spec)
    assert [trace["name"] for trace in figure["data"]] == ["A: Drawn now (A)", "B: Rest of the tissue"]
    table = pd.read_csv(io.BytesIO(offered["Clusters (.csv)"]()))
    assert table["lives_in"].tolist()[::2] == ["A: Drawn now (A)", "B: Rest of the tissue"]


def test_any_image_is_the_backdrop(open_page, finished_run, small_images):
    folder = datasets_folder() / "small"
    np.save(folder / "picture.npy", np.full((8, 10, 3), 200, np.uint8))
    app = open_page("explore/regions")
    backdrop = app.selectbox(key=key(small_images, "region backdrop"))
    assert backdrop.options[:3] == ["Total ion count", "Picture of the tissue", "Cluster 0"]
    for chosen, title in [("ion 3", f"m/z {small_images.mz[3]:.4f} (a.u.)"), ("cluster 1", "Mean image of cluster 1")]:
        app.selectbox(key=key(small_images, "region backdrop")).set_value(chosen).run()
        figure = json.loads(calm(app).get("plotly_chart")[0].proto.spec)
        assert figure["data"][0]["colorbar"]["title"]["text"].startswith(title)
    app.selectbox(key=key(small_images, "region backdrop")).set_value("Picture of the tissue").run()
    figure = json.loads(calm(app).get("plotly_chart")[0].proto.spec)
    assert figure["layout"]["images"][0]["source"].startswith("data:image/jpeg")


def test_regions_of_the_data_set_can_be_chosen_but_not_changed(open_page, small_images, msiss_home):
    regions = np.where(COLUMNS < 10, 1, 2).astype(np.int16)
    images = replace(small_images, regions=regions, region_names=("left", "**right**"))
    images.save(datasets_folder() / "small")
    app = open_page("explore/regions")
    assert app.selectbox(key=key(images, "region a")).options == ["left", "**right**"]
    assert any(r"left, \*\*right\*\*" in caption.value for caption in app.caption)
    app.selectbox(key=key(images, "region a")).select("left").run()
    assert len(captions(calm(app))) == 12
