"""The page Overlay: channels, the picture below them, and what is saved."""

import base64
import io
import json
import zlib

import numpy as np
import pytest
from PIL import Image

from msiss.data.library import DataLibrary
from msiss.data.overlays import read_overlays
from msiss.data.placement import Placement, keep_placement, read_placement
from msiss.home import datasets_folder
from msiss.show.overlay import CHANNEL_COLOURS, Layer, blend, limits, place, strength
from msiss.ui.explore import overlay_saved
from msiss.ui.widgets import ion_picker


@pytest.fixture
def drawn(monkeypatch):
    """Return what was last sent to the canvas, and how it tells a place."""
    last = {}

    def mount(*, key, data, on_placed_change):
        last.update(data=data, key=key, placed=on_placed_change)

    monkeypatch.setattr("msiss.ui.components.overlay_canvas._component", mount)
    return last


def key(images, name):
    return ion_picker.own_key(images, name)


def calm(app):
    assert not app.exception, app.exception[0].value
    assert not app.error, app.error[0].value
    return app


def choose(app, images, *keys):
    return calm(app.multiselect(key=key(images, "overlay channels")).set_value(list(keys)).run())


def titles(drawn):
    return [channel["title"] for channel in drawn["data"]["channels"]]


def with_picture(images):
    """Add a picture to the small data set, and return it."""
    picture = np.random.default_rng(0).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    DataLibrary(datasets_folder()).set_picture("small", picture)
    return picture


def test_the_page_is_drawn_by_the_real_component(open_page, saved):
    app = open_page("explore/overlay")
    (canvas,) = [one for one in app.get("bidi_component") if one.proto.component_name == "msiss_overlay"]
    data = json.loads(canvas.proto.json)
    assert (data["width"], data["height"], data["pixel"], data["aspect"]) == (20, 16, 10.0, 1.0)


def test_channels_are_sent_with_their_intensities_and_limits(open_page, saved, drawn):
    app = open_page("explore/overlay")
    assert len(titles(drawn)) == 3
    choose(app, saved, "ion 7", "ion 0")
    assert titles(drawn) == [f"m/z {saved.mz[ion]:.4f} · lipid {ion}" for ion in (7, 0)]
    sent = drawn["data"]["channels"][0]
    levels = np.frombuffer(zlib.decompress(base64.b64decode(sent["levels"])), "<u2").reshape(16, 20)
    np.testing.assert_allclose(levels / 65535 * sent["most"], saved.images[7], atol=sent["most"] / 65535)
    assert (sent["lower"], sent["upper"]) == limits(saved.images[7], saved.mask)
    mask = np.frombuffer(zlib.decompress(base64.b64decode(drawn["data"]["mask"])), np.uint8).reshape(16, 20)
    np.testing.assert_array_equal(mask, saved.mask)


def test_every_setting_of_a_channel_reaches_the_canvas(open_page, saved, drawn):
    app = choose(open_page("explore/overlay"), saved, "ion 7", "ion 0")
    own = key(saved, "overlay ion 7")
    app.color_picker(key=f"{own} colour").set_value("#123456").run()
    app.slider(key=f"{own} opacity").set_value(0.5).run()
    app.slider(key=f"{own} gamma").set_value(0.4).run()
    app.slider(key=f"{own} limits").set_value((10.0, 90.0)).run()
    app.segmented_control(key="overlay blend").set_value("paint").run()
    app.segmented_control(key="overlay dark").set_value(False).run()
    calm(app)
    sent = drawn["data"]["channels"][0]
    assert (sent["colour"], sent["opacity"], sent["gamma"]) == ((0x12, 0x34, 0x56), 0.5, 0.4)
    assert (sent["lower"], sent["upper"]) == limits(saved.images[7], saved.mask, 0.1, 0.9)
    assert (drawn["data"]["blend"], drawn["data"]["dark"]) == ("paint", False)
    choose(app, saved, "ion 0", "ion 7", "ion 3")  # those that stay keep their settings
    assert [channel["colour"] for channel in drawn["data"]["channels"]][1] == (0x12, 0x34, 0x56)
    assert len({tuple(channel["colour"]) for channel in drawn["data"]["channels"]}) == 3


def test_an_ion_is_typed_and_seven_are_the_most(open_page, saved, drawn):
    app = choose(open_page("explore/overlay"), saved, "ion 0", f"{saved.mz[9]:.3f}")
    assert [title.split(" · ")[1] for title in titles(drawn)] == ["lipid 0", "lipid 9"]
    choose(app, saved, "ion 0", "lipid")  # twelve of them
    assert len(titles(drawn)) == 7
    choose(app, saved)
    assert titles(drawn) == []


def test_the_selected_ions_are_taken(open_page, finished_run, small_images, drawn):
    app = open_page("explore/overlay", dataset="small", sel="2.8")
    assert [title.split(" · ")[1] for title in titles(drawn)] == ["lipid 2", "lipid 8"]
    app.text_input(key=key(small_images, "find ions")).set_value("lipid 4").run()
    next(button for button in app.button if button.label == "Take the selected ions").click().run()
    assert [title.split(" · ")[1] for title in titles(drawn)] == ["lipid 4"]


def test_clusters_are_channels_and_saved_with_their_run(open_page, finished_run, small_images, drawn):
    app = choose(open_page("explore/overlay"), small_images, "cluster 1", "ion 0")
    assert titles(drawn)[0] == "Cluster 1"
    app.text_input(key="overlay name").set_value(" wall ").run()
    app.button(key="save overlay").click().run()
    calm(app)
    saved = read_overlays(datasets_folder() / "small")["wall"]
    assert [channel.key for channel in saved.channels] == ["cluster 1", "ion 0"]
    assert (saved.run, saved.clusters) == (finished_run.path.name, 3)
    choose(app, small_images, "ion 5")
    app = open_page("explore/overlay")  # another session
    app.button(key="show overlay wall").click().run()
    assert titles(drawn)[0] == "Cluster 1"
    assert app.query_params["overlay"] == "wall"
    app.slider(key=f"{key(small_images, 'overlay ion 0')} gamma").set_value(0.5).run()
    assert "overlay" not in app.query_params
    titles(drawn).clear()
    open_page("explore/overlay", dataset="small", overlay="wall")
    assert titles(drawn)[0] == "Cluster 1"
    gone = open_page("explore/overlay", dataset="small", overlay="roof")
    assert "The overlay roof of this data set does not exist any more" in gone.toast[0].value
    assert "overlay" not in gone.run().query_params
    app.switch_page("pages/explore/clusters.py").run()
    app.number_input(key="clusters shown").set_value(2).run()
    app.switch_page("pages/explore/overlay.py").run()
    app.button(key="show overlay wall").click().run()
    assert "another choice of run, representation or number" in app.toast[0].value
    app.button(key="delete overlay wall").click().run()
    assert read_overlays(datasets_folder() / "small") == {}
    assert any("No overlay of this data set is saved yet" in caption.value for caption in app.caption)


def test_an_overlay_without_a_name_is_not_saved(open_page, saved):
    app = open_page("explore/overlay")
    app.button(key="save overlay").click().run()
    assert "1 to 60 letters" in app.error[0].value


def test_a_picture_is_loaded_and_placed_by_numbers_and_by_hand(open_page, saved, drawn):
    app = open_page("explore/overlay")
    assert drawn["data"]["picture"] is None
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 50, 3), dtype=np.uint8)).save(file, "PNG")
    app.file_uploader[0].set_value([("stain.png", file.getvalue(), "image/png")]).run()
    calm(app)
    sent = drawn["data"]["picture"]
    assert sent["placement"] == {"column": 9.5, "row": 7.5, "scale": 0.4, "angle": 0.0, "flipped": False}
    assert (sent["opacity"], drawn["data"]["placing"]) == (0.6, False)
    own = key(saved, "overlay place")
    assert app.number_input(key=f"{own} width").value == 200.0  # micrometres
    app.number_input(key=f"{own} column").set_value(120.0).run()
    app.number_input(key=f"{own} row").set_value(50.0).run()
    app.number_input(key=f"{own} width").set_value(100.0).run()
    app.number_input(key=f"{own} angle").set_value(30.0).run()
    app.toggle(key=f"{own} flipped").set_value(True).run()
    folder = datasets_folder() / "small"
    assert read_placement(folder) == Placement(column=12, row=5, scale=0.2, angle=30, flipped=True)
    assert drawn["data"]["picture"]["placement"]["angle"] == 30
    app.toggle(key=key(saved, "overlay placing")).set_value(True).run()
    assert drawn["data"]["placing"]
    assert any("Drag the picture" in caption.value for caption in app.caption)
    next(button for button in app.button if button.label == "Fit into the section").click().run()
    assert read_placement(folder) is None
    assert app.number_input(key=f"{own} width").value == 200.0
    calm(app)


def test_the_png_has_the_pixels_of_the_overlay(open_page, saved, drawn, offered, monkeypatch):
    picture = with_picture(saved)
    placement = Placement(column=8, row=6.5, scale=0.3, angle=20, flipped=True)
    keep_placement(datasets_folder() / "small", placement, picture.shape)
    said = {}
    real = overlay_saved.overlay_sheet
    monkeypatch.setattr(overlay_saved, "overlay_sheet", lambda *given, **how: said.update(how) or real(*given, **how))
    app = choose(open_page("explore/overlay"), saved, "ion 7", "ion 0")
    app.slider(key="overlay picture").set_value(0.5).run()
    sheet = np.asarray(Image.open(io.BytesIO(offered["Picture with legend (.png)"]())))
    colours = ["#" + bytes(channel["colour"]).hex() for channel in drawn["data"]["channels"]]
    assert set(colours) < set(CHANNEL_COLOURS)
    layers = [
        Layer(strength(saved.images[ion], *limits(saved.images[ion], saved.mask)), colour)
        for ion, colour in zip((7, 0), colours, strict=True)
    ]
    under = place(picture, placement.matrix(picture.shape), (16, 20), zoom=(80, 80), ground=0)
    large = [Layer(layer.values.repeat(80, 0).repeat(80, 1), layer.colour) for layer in layers]
    expected = blend(large, (1280, 1600), how="paint", under=under, under_opacity=0.5)
    np.testing.assert_array_equal(sheet[24 : 24 + 1280, 24 : 24 + 1600], expected)
    assert (said["footer"], said["pixel_width"]) == ("small", 10.0)
