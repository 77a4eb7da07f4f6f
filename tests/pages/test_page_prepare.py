"""The page Prepare: what is set on its tabs is what the new data set and the next training are made with."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from helpers import mounted

from msiss.data.axis import RAMAN
from msiss.data.importing import apply_recipe
from msiss.data.library import DataLibrary
from msiss.data.masks import encode_mask
from msiss.data.prepare import PrepareConfig
from msiss.data.recipe import IonsConfig, MaskConfig, ReadConfig, Recipe, Shape
from msiss.home import datasets_folder
from msiss.ui.widgets import ion_picker

BOX = {"selection": {"points": [], "point_indices": [], "box": [{"x": [2.0, 12.0], "y": [3.0, 9.0]}], "lasso": []}}
CORNERS = ((3.0, 2.0), (3.0, 12.0), (9.0, 12.0), (9.0, 2.0))


@dataclass(frozen=True)
class Started:
    """What the page asked for."""

    files: tuple[Path, ...]
    recipe: Recipe
    name: str


@pytest.fixture
def started(monkeypatch):
    """Collect the imports that the page starts, instead of importing."""
    requests = []
    start = "msiss.ui.open.import_jobs.start"
    monkeypatch.setattr(start, lambda files, recipe, name: requests.append(Started(files, recipe, name)))
    return requests


@pytest.fixture
def dataset(small_images, msiss_home, started):
    small_images.save(msiss_home / "datasets" / "small")
    return small_images


def show(app, tab):
    app.session_state["prepare tab"] = tab
    app.run()
    return calm(app)


def calm(app):
    assert not app.exception, app.exception[0].value
    assert not app.error, app.error[0].value
    return app


def captions(app):
    return [text for image in app.image for text in image.captions]


def save(app, name="small tissue"):
    box = next(one for one in app.text_input if one.label.startswith("Save the chosen"))
    box.set_value(name).run()
    app.button(key="save dataset").click().run()
    return calm(app)


def kept(name="small"):
    """Return what is chosen of a data set, as it is on disk."""
    return DataLibrary(datasets_folder()).choice(name)


def draw(app, event=BOX):
    """Let the chart report a selection, as the mouse makes it."""
    drawn = app.session_state["areas drawn"] if "areas drawn" in app.session_state else 0  # noqa: SIM401 - has no get
    app.session_state[f"draw {drawn}"] = event
    app.run()
    return calm(app)


def test_at_first_everything_stays_and_there_is_nothing_to_save(open_page, dataset):
    app = open_page("data/prepare")
    assert next(iter(app.metric)).value == f"{len(dataset)} of {len(dataset)}"
    assert app.button(key="save dataset").disabled
    assert any("nothing to save" in one.value for one in app.caption)


def test_every_setting_of_the_ions_reaches_the_request(open_page, dataset, started, msiss_home):
    key = ion_picker.own_key(dataset, "ions")
    app = open_page("data/prepare")
    app.slider(key=f"{key} least_share").set_value(0.01).run()
    app.slider(key=f"{key} least_structure").set_value(-0.2).run()
    app.toggle(key=f"{key} merge_duplicates").set_value(True).run()
    app.selectbox(key=f"{key} isotopes").select("drop").run()
    save(app)
    expected = IonsConfig(least_share=0.01, least_structure=-0.2, merge_duplicates=True, isotopes="drop")
    (request,) = started
    assert request.recipe.ions == expected
    assert request.recipe.mask == MaskConfig()
    assert request.files == (msiss_home / "datasets" / "small",)
    assert request.name == "small tissue"


def test_what_goes_is_shown_with_the_reason(open_page, small_images, msiss_home, started):
    noise = np.random.default_rng(3).permutation(small_images.images[0].ravel()).reshape(16, 20)
    images = small_images.images.copy()
    images[0] = noise * small_images.mask
    images = replace(small_images, images=images)
    images.save(msiss_home / "datasets" / "small")
    app = open_page("data/prepare")
    app.slider(key=f"{ion_picker.own_key(images, 'ions')} least_structure").set_value(0.4).run()
    assert next(iter(calm(app).metric)).value == "11 of 12"
    assert [one.value for one in app.subheader] == ["1 ion removed", "11 ions kept"]
    (gone,) = mounted(app, "ions removed")["tiles"]
    assert f"{images.mz[0]:.4f}" in gone["text"]
    assert "Moran's I" in gone["text"]


def test_settings_that_leave_no_ion_are_said(open_page, dataset):
    app = open_page("data/prepare")
    app.slider(key=f"{ion_picker.own_key(dataset, 'ions')} least_structure").set_value(1.0).run()
    assert "None of the 12 ions would stay" in app.error[0].value


def test_settings_for_masses_step_aside_for_other_spectra(open_page, small_images, msiss_home, started):
    images = replace(small_images, axis=RAMAN, names=())
    images.save(msiss_home / "datasets" / "small")
    app = open_page("data/prepare")
    key = ion_picker.own_key(images, "ions")
    assert [one.key for one in app.slider] == [f"{key} least_share", f"{key} least_structure"]
    assert not app.toggle
    assert not app.selectbox or all("isotopes" not in str(one.key) for one in app.selectbox)


def test_an_area_drawn_with_the_mouse_reaches_the_request(open_page, dataset, started):
    app = show(open_page("data/prepare"), "Pixels")
    app.segmented_control(key="draw role").set_value("cut").run()
    app.text_input(key="draw name").set_value("vessel").run()
    draw(app)
    assert any("Drawn areas" in one.value for one in app.markdown)
    save(app)
    assert started[0].recipe.mask.shapes == (Shape(name="vessel", role="cut", points=CORNERS),)


def test_areas_are_named_by_themselves_renamed_and_deleted(open_page, dataset):
    app = show(open_page("data/prepare"), "Pixels")
    draw(draw(app))
    key = ion_picker.own_key(dataset, "mask")
    assert [app.text_input(key=f"{key} name {number}").value for number in (0, 1)] == ["tissue 1", "tissue 2"]
    app.text_input(key=f"{key} name 1").set_value("liver").run()
    app.button(key="delete area 0").click().run()
    shapes = kept().mask.shapes
    assert [(shape.name, shape.role) for shape in shapes] == [("liver", "keep")]
    assert app.text_input(key=f"{key} name 0").value == "liver"


def test_the_share_of_pixels_that_stay_is_said(open_page, dataset):
    app = draw(show(open_page("data/prepare"), "Pixels"))
    inside = dataset.mask[3:9, 2:12].sum()  # a polygon's last row and column of pixel centres are outside it
    assert next(iter(app.metric)).value == f"{inside / dataset.mask.sum():.1%}"
    app.slider(key=f"{ion_picker.own_key(dataset, 'mask')} least_tic").set_value(0.5).run()
    kept = float(next(iter(calm(app).metric)).value.rstrip("%"))
    assert 0 < kept < 100 * inside / dataset.mask.sum()


def test_the_threshold_reaches_the_request(open_page, dataset, started):
    app = show(open_page("data/prepare"), "Pixels")
    app.slider(key=f"{ion_picker.own_key(dataset, 'mask')} least_tic").set_value(0.25).run()
    save(app)
    assert started[0].recipe.mask == MaskConfig(least_tic=0.25)


def test_an_area_that_leaves_nothing_is_said(open_page, dataset):
    app = show(open_page("data/prepare"), "Pixels")
    app.session_state["draw 0"] = {"selection": {"box": [{"x": [40, 50], "y": [40, 50]}], "lasso": []}}
    app.run()
    assert not app.exception
    assert "No pixel is left" in app.error[0].value
    app.button(key="delete area 0").click().run()
    calm(app)


def test_regions_are_kept_by_name(open_page, small_images, msiss_home, started):
    regions = np.where(np.arange(20) < 10, 1, 2).astype(np.int16) * np.ones((16, 1), np.int16)
    images = replace(small_images, regions=regions, region_names=("left", "right"))
    images.save(msiss_home / "datasets" / "small")
    app = show(open_page("data/prepare"), "Pixels")
    app.segmented_control(key="draw role").set_value("region").run()
    draw(app)
    key = f"{ion_picker.own_key(images, 'mask')} regions"
    assert app.multiselect(key=key).options == ["left", "right", "region 1"]
    app.multiselect(key=key).set_value(["left", "region 1"]).run()
    save(calm(app))
    assert started[0].recipe.mask.regions == ("left", "region 1")
    app.button(key="delete area 0").click().run()
    calm(app)
    assert kept().mask.regions == ("left",)


@pytest.mark.usefixtures("children")
def test_a_mask_is_loaded_and_removed(open_page, dataset, started):
    import io

    from PIL import Image

    mask = np.zeros(dataset.shape, bool)
    mask[4:12, 4:16] = True
    picture = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8) * 255).save(picture, "PNG")
    app = show(open_page("data/prepare"), "Pixels")
    uploader = next(one for one in app.get("file_uploader") if one.label == "Load a mask")
    uploader.set_value(("mask.png", picture.getvalue(), "image/png")).run()
    save(calm(app))
    assert started[0].recipe.mask.loaded == encode_mask(mask)
    app.button(key="remove mask").click().run()
    assert kept().mask == MaskConfig()


def test_a_black_frame_is_left_out_with_one_click(open_page, small_images, msiss_home, started):
    images = small_images.images.copy()
    images[:, :, 15:] = 0  # 16 rows of 5 pixels, all of which were measured
    images = replace(small_images, images=images)
    images.save(msiss_home / "datasets" / "small")
    app = show(open_page("data/prepare"), "Pixels")
    assert "a black frame" in app.info[0].value
    button = app.button(key="leave out frame")
    assert button.label == "Leave out the black frame (80 pixels)"
    button.click().run()
    calm(app)
    assert not [one for one in app.button if one.key == "leave out frame"]
    left = images.mask.copy()
    left[:, 15:] = False
    assert next(iter(app.metric)).value == f"{left.sum() / images.mask.sum():.1%}"
    save(app)
    np.testing.assert_array_equal(apply_recipe(images, started[0].recipe).mask, left)
    app.button(key="remove mask").click().run()
    assert kept().mask == MaskConfig()
    assert app.button(key="leave out frame")


def test_the_frame_is_left_out_of_a_mask_that_is_there(open_page, small_images, msiss_home):
    images = small_images.images.copy()
    images[:, :, 15:] = 0
    images = replace(small_images, images=images)
    images.save(msiss_home / "datasets" / "small")
    before, expected = np.ones((16, 20), dtype=bool), np.ones((16, 20), dtype=bool)
    before[:4] = expected[:4] = expected[:, 15:] = False
    DataLibrary(datasets_folder()).keep_choice("small", Recipe(mask=MaskConfig(loaded=encode_mask(before))))
    app = show(open_page("data/prepare"), "Pixels")
    button = app.button(key="leave out frame")
    assert button.label == "Leave out the black frame (60 pixels)"
    button.click().run()
    assert kept().mask == MaskConfig(loaded=encode_mask(expected))


def test_a_section_without_a_frame_gets_no_such_suggestion(open_page, dataset):
    app = show(open_page("data/prepare"), "Pixels")
    assert not app.info
    assert not [one for one in app.button if one.key == "leave out frame"]


def test_a_mask_of_another_size_is_refused_in_words(open_page, dataset):
    app = show(open_page("data/prepare"), "Pixels")
    uploader = next(one for one in app.get("file_uploader") if one.label == "Load a mask")
    uploader.set_value(("mask.png", b"not a picture", "image/png")).run()
    assert "mask.png cannot be read as a mask" in app.error[0].value


def test_the_intensities_go_along_and_are_printed_on_the_images(open_page, dataset, started):
    app = open_page("data/prepare")
    app.toggle(key=f"{ion_picker.own_key(dataset, 'ions')} merge_duplicates").set_value(True).run()
    show(app, "Intensities")
    app.selectbox(key="setting prepare.normalisation").select("reference").run()
    reference = float(dataset.mz[5])
    app.selectbox(key="setting prepare.reference_mz").set_value(reference).run()
    app.selectbox(key="setting prepare.transform").select("log").run()
    app.toggle(key="setting prepare.median_filter").set_value(True).run()
    assert any(f"normalised to m/z {reference:.4f}" in text and "log" in text for text in captions(calm(app)))
    save(app)
    prepare = started[0].recipe.prepare
    assert (prepare.normalisation, prepare.reference_mz) == ("reference", reference)
    assert (prepare.transform, prepare.median_filter) == ("log", True)
    assert started[0].recipe.ions.merge_duplicates


@pytest.mark.parametrize(("view", "images"), [("Side by side", 2), ("As measured", 1), ("Prepared", 1)])
def test_measured_and_prepared_are_one_click_apart(open_page, dataset, view, images):
    app = show(open_page("data/prepare"), "Intensities")
    app.segmented_control(key="prepare view").set_value(view).run()
    assert len(calm(app).image) == images * len(app.multiselect[0].value)


def test_the_reference_is_asked_for_only_where_it_counts(open_page, dataset):
    app = show(open_page("data/prepare"), "Intensities")
    assert "setting prepare.reference_mz" not in [one.key for one in app.selectbox]


def test_the_recipe_is_written_in_sentences_and_as_a_file(open_page, dataset):
    app = open_page("data/prepare")
    app.slider(key=f"{ion_picker.own_key(dataset, 'ions')} least_share").set_value(0.05).run()
    show(app, "Recipe")
    text = " ".join(one.value for one in app.markdown)
    assert "Ions found in less than 0.05 of the measured pixels go." in text
    assert "The images of small.npz are taken as they are." in text
    assert "All measured pixels stay." in text


def test_a_loaded_recipe_is_on_all_tabs(open_page, dataset, started):
    shape = Shape(name="tissue 1", role="keep", points=CORNERS)
    recipe = Recipe(
        ions=IonsConfig(least_share=0.02),
        mask=MaskConfig(shapes=(shape,)),
        prepare=PrepareConfig(normalisation="tic"),
    )
    app = show(open_page("data/prepare"), "Recipe")
    uploader = next(one for one in app.get("file_uploader") if one.label == "Load a recipe.json")
    uploader.set_value(("recipe.json", recipe.to_json().encode(), "application/json")).run()
    assert calm(app).session_state["settings"].prepare.normalisation == "tic"
    show(app, "Ions")
    assert app.slider(key=f"{ion_picker.own_key(dataset, 'ions')} least_share").value == 0.02
    save(app)
    assert (started[0].recipe.ions, started[0].recipe.mask) == (recipe.ions, recipe.mask)


def test_a_file_that_is_no_recipe_is_refused_in_words(open_page, dataset):
    app = show(open_page("data/prepare"), "Recipe")
    uploader = next(one for one in app.get("file_uploader") if one.label == "Load a recipe.json")
    uploader.set_value(("mine.json", b'{"reed": {}}', "application/json")).run()
    assert "mine.json is not a recipe of msiss" in app.error[0].value


def test_another_data_set_starts_anew(open_page, dataset, msiss_home):
    replace(dataset, images=dataset.images * 2).save(msiss_home / "datasets" / "other")
    app = open_page("data/prepare", dataset="small")
    app.slider(key=f"{ion_picker.own_key(dataset, 'ions')} least_share").set_value(0.05).run()
    app.sidebar.selectbox(key="dataset_picker").select("other").run()
    assert kept("other").ions == IonsConfig()
    assert kept("small").ions == IonsConfig(least_share=0.05)
    assert app.button(key="save dataset").disabled


def test_a_data_set_brings_the_intensities_it_was_saved_with(open_page, small_images, msiss_home, started):
    recipe = Recipe(read=ReadConfig(ppm=25), prepare=PrepareConfig(normalisation="rms"))
    images = replace(small_images, recipe=json.loads(recipe.to_json()))
    images.save(msiss_home / "datasets" / "small")
    app = open_page("data/prepare")
    assert app.session_state["settings"].prepare.normalisation == "rms"
    assert app.session_state["settings"].prepare.side == 32  # of the preset, as the recipe leaves it open
    app.toggle(key=f"{ion_picker.own_key(images, 'ions')} merge_duplicates").set_value(True).run()
    save(app)
    assert started[0].recipe.read.ppm == 25


def test_own_settings_are_not_overwritten_by_those_of_a_data_set(open_page, small_images, msiss_home, started):
    small_images.save(msiss_home / "datasets" / "small")
    other = replace(small_images, images=small_images.images * 2, recipe={"prepare": {"normalisation": "rms"}})
    app = show(open_page("data/prepare", dataset="small"), "Intensities")
    app.selectbox(key="setting prepare.normalisation").select("median").run()
    other.save(msiss_home / "datasets" / "other")
    app.run()
    app.sidebar.selectbox(key="dataset_picker").select("other").run()
    assert calm(app).session_state["settings"].prepare.normalisation == "median"


def test_what_is_chosen_is_there_again_after_a_refresh_and_in_another_browser(open_page, dataset):
    key = ion_picker.own_key(dataset, "ions")
    images = (datasets_folder() / "small" / "images.npy").read_bytes()
    first = open_page("data/prepare")
    first.slider(key=f"{key} least_structure").set_value(0.86).run()
    draw(show(first, "Pixels"))
    stays = next(iter(show(first, "Ions").metric)).value
    assert stays == "7 of 12"

    second = open_page("data/prepare")
    assert next(iter(second.metric)).value == stays
    assert second.slider(key=f"{key} least_structure").value == 0.86
    assert not second.button(key="save dataset").disabled
    second.slider(key=f"{key} least_structure").set_value(-1.0).run()
    assert first.run().slider(key=f"{key} least_structure").value == -1.0
    assert [shape.points for shape in kept().mask.shapes] == [CORNERS]

    second.button(key="reset choice").click().run()
    assert kept() == Recipe()
    assert next(iter(calm(second).metric)).value == "12 of 12"
    assert open_page("data/prepare").button(key="reset choice").disabled
    assert (datasets_folder() / "small" / "images.npy").read_bytes() == images


def test_the_pixels_that_are_shown_to_stay_are_those_that_the_new_data_set_has(open_page, dataset):
    """Ions are chosen first, and the threshold is on the total of those that are left."""
    recipe = Recipe(ions=IonsConfig(least_structure=0.86), mask=MaskConfig(least_tic=0.5))
    library = DataLibrary(datasets_folder())
    library.keep_choice("small", recipe)
    app = show(open_page("data/prepare"), "Pixels")
    made = apply_recipe(dataset, recipe)
    assert next(iter(app.metric)).value == f"{made.mask.sum() / dataset.mask.sum():.1%}"
    assert made.mask.sum() != apply_recipe(dataset, Recipe(mask=recipe.mask)).mask.sum()


def test_after_a_reset_the_same_can_be_chosen_again(open_page, dataset):
    key = f"{ion_picker.own_key(dataset, 'ions')} least_share"
    app = open_page("data/prepare")
    for _ in range(2):
        app.slider(key=key).set_value(0.3).run()
        assert kept().ions == IonsConfig(least_share=0.3)
        app.button(key="reset choice").click().run()
        assert calm(app).slider(key=key).value == 0.0
        assert kept() == Recipe()


@pytest.mark.usefixtures("dataset")
def test_a_choice_that_cannot_be_read_is_said(open_page):
    (datasets_folder() / "small" / "choice.json").write_text('{"ions": {"least_beauty": 1}}')
    app = open_page("data/prepare")
    (toast,) = app.toast
    assert toast.value.startswith("The choice for small on the page Prepare is lost")
    assert next(iter(calm(app).metric)).value == "12 of 12"


def test_a_choice_goes_with_its_data_set(open_page, dataset):
    app = open_page("data/prepare")
    app.slider(key=f"{ion_picker.own_key(dataset, 'ions')} least_share").set_value(0.3).run()
    library = DataLibrary(datasets_folder())
    library.delete("small")
    library.add(dataset, "small")
    assert next(iter(open_page("data/prepare").metric)).value == "12 of 12"


def test_a_choice_that_cannot_be_kept_is_said(open_page, dataset, monkeypatch):
    app = draw(show(open_page("data/prepare"), "Pixels"))
    monkeypatch.setattr("msiss.data.library.replace_text", Mock(side_effect=OSError(28, "No space left on device")))
    monkeypatch.setattr("pathlib.Path.unlink", Mock(side_effect=OSError(28, "No space left on device")))
    app.button(key="delete area 0").click().run()
    assert not app.exception
    assert "choice.json: the disk is full" in app.error[0].value
    app.button(key="reset choice").click().run()
    assert not app.exception
    assert "choice.json: the disk is full" in app.error[0].value
    assert [shape.points for shape in kept().mask.shapes] == [CORNERS]
