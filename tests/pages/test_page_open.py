"""Data sets in: by upload, from a folder of the server, as the demo; and out again."""

import io
import json

import numpy as np
import pytest
from imzml_of_kinds import NEGATIVE, POSITIVE, write_kinds

from msiss.data.confined.limits import Limits
from msiss.data.health import HealthReport, HealthRow
from msiss.data.ion_images import IonImages
from msiss.data.library import DataLibrary
from msiss.data.metaspace_request import FDR_LEVELS, MetaspaceRequest
from msiss.data.recipe import ReadConfig
from msiss.home import datasets_folder

AXES = ("mz rows columns", "rows columns mz", "columns rows mz")


def stack_file(images: IonImages) -> bytes:
    file = io.BytesIO()
    np.savez(file, images=images.images, mz=images.mz, mask=images.mask)
    return file.getvalue()


def upload(app, *files):
    app.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files]).run()


def name(app):
    return next(one for one in app.text_input if one.label == "Name of the data set")


def button(app, label):
    return next(button for button in app.button if button.label == label)


@pytest.mark.usefixtures("children")
def test_a_stack_is_imported_under_the_name_of_the_user(open_page, small_images, msiss_home):
    app = open_page("data/open")
    upload(app, ("section.npz", stack_file(small_images)))
    name(app).set_value("My section").run()
    button(app, "Import").click().run()
    assert not app.error
    assert "My section was imported" in app.success[0].value
    loaded = DataLibrary(datasets_folder()).load("My section")
    np.testing.assert_array_equal(loaded.images, small_images.images)
    facts = {metric.label: metric.value for metric in app.metric}
    assert facts["Ions"] == "12"
    assert facts["m/z range"] == "400.1 – 800.3 Th"
    assert facts["Pixels"] == "20 × 16"
    assert facts["Missing pixels"] == "15 (4.7%)"  # the corner of rows + columns <= 4
    assert app.query_params == {"dataset": "My section"}
    assert msiss_home in datasets_folder().parents


def test_a_name_that_is_taken_is_not_offered_and_refused_in_words(open_page, small_images):
    small_images.save(datasets_folder() / "section")
    app = open_page("data/open")
    upload(app, ("section.npz", stack_file(small_images)))
    assert name(app).value == "section (2)"
    name(app).set_value("section").run()
    button(app, "Import").click().run()
    assert "exists already" in app.error[0].value


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.ibd"], "Choose the .imzML file of the same name together with it"),
        (["a.t2m"], "an Analyze 7.5 file"),
        (["b.npz", "b.npz"], "2 files called b.npz"),
    ],
)
def test_files_that_do_not_make_a_data_set_are_refused_in_words(open_page, names, said):
    app = open_page("data/open")
    upload(app, *[(name, b"x") for name in names])
    assert said in app.error[0].value


def test_damage_stops_the_import_and_says_what_to_do(open_page, test_data):
    app = open_page("data/open")
    pair = sorted((test_data / "bad").glob("03*"))
    upload(app, *[(path.name, path.read_bytes()) for path in pair])
    assert "cannot be imported" in app.error[0].value
    row = app.table[0].value.iloc[0]
    assert "stop" in row["Result"]
    assert "Find the .ibd file" in row["What it means, what to do"]
    assert "Import" not in [button.label for button in app.button]


@pytest.mark.usefixtures("children")
def test_a_reader_that_must_be_ended_is_a_row_of_the_report(open_page, small_images, monkeypatch):
    monkeypatch.setattr("msiss.data.confined.parent.limits", lambda *_, **__: Limits(10**9, 10**10, 60, 0, 10**6))
    app = open_page("data/open")
    upload(app, ("a.npz", stack_file(small_images)))
    assert "cannot be imported" in app.error[0].value
    row = app.table[0].value.iloc[0]
    assert ("stop" in row["Result"], row["Check"]) == (True, "time")
    assert row["Found"].startswith("Reading it takes longer than 1 min of computing")


def test_a_pair_is_imported_by_an_mz_list(open_page, test_data):
    folder = test_data / "imzml" / "galaxy"
    imzml = sorted(folder.rglob("*.imzML"))[0]
    app = open_page("data/open")
    upload(app, (imzml.name, imzml.read_bytes()), ("renamed.ibd", imzml.with_suffix(".ibd").read_bytes()))
    assert not app.error
    app.number_input(key="read number").set_value(20).run()
    button(app, "Import").click().run()
    assert not app.error
    images = DataLibrary(datasets_folder()).load(imzml.stem)
    wanted = f"mz\n{images.mz[3]:.5f}\n{images.mz[0]:.5f}\n"
    upload(app, (imzml.name, imzml.read_bytes()), ("renamed.ibd", imzml.with_suffix(".ibd").read_bytes()))
    app.file_uploader(key="mz list").set_value(("wanted.csv", wanted.encode(), "text/csv")).run()
    name(app).set_value("two ions").run()
    button(app, "Import").click().run()
    assert not app.error
    assert len(DataLibrary(datasets_folder()).load("two ions")) == 2


def test_without_an_allowed_folder_the_page_says_how_to_allow_one(open_page, monkeypatch):
    monkeypatch.delenv("MSISS_DATA_ROOTS", raising=False)
    assert "MSISS_DATA_ROOTS" in open_page("data/open").info[0].value


def test_a_file_of_an_allowed_folder_is_offered(open_page, small_images, monkeypatch, tmp_path):
    root = tmp_path / "allowed"
    root.mkdir()
    (root / "section.npz").write_bytes(stack_file(small_images))
    monkeypatch.setenv("MSISS_DATA_ROOTS", str(root))
    app = open_page("data/open")
    app.multiselect(key="server files 0").select(str(root / "section.npz")).run()
    button(app, "Import").click().run()
    assert "section was imported" in app.success[0].value
    assert app.multiselect(key="server files 1").value == []  # ready for the next file
    assert "Import" not in [button.label for button in app.button]


def test_a_link_out_of_the_allowed_folders_is_refused(open_page, small_images, monkeypatch, tmp_path):
    root = tmp_path / "allowed"
    root.mkdir()
    (tmp_path / "secret.npz").write_bytes(stack_file(small_images))
    (root / "link.npz").symlink_to(tmp_path / "secret.npz")
    monkeypatch.setenv("MSISS_DATA_ROOTS", str(root))
    app = open_page("data/open")
    app.multiselect(key="server files 0").select(str(root / "link.npz")).run()
    assert "outside the folders" in app.error[0].value


def test_the_demo_is_one_click_away_and_made_only_once(open_page):
    app = open_page("data/open")
    button(app, "Open the demo").click().run()
    assert app.query_params == {"dataset": "demo"}
    assert DataLibrary(datasets_folder()).load("demo").labels is not None
    made = (datasets_folder() / "demo" / "images.npy").stat().st_mtime_ns
    button(app, "Open the demo").click().run()
    assert not app.error
    assert (datasets_folder() / "demo" / "images.npy").stat().st_mtime_ns == made


@pytest.mark.usefixtures("finished_run")
def test_a_data_set_is_deleted_after_a_second_click(open_page):
    app = open_page("data/open")
    app.button(key="delete small").click().run()
    assert DataLibrary(datasets_folder()).names() == []
    assert "Open the demo" in [button.label for button in app.button]


@pytest.mark.usefixtures("finished_run")
def test_any_ion_can_be_looked_at_by_its_mz(open_page, small_images):
    app = open_page("data/open")
    titles = []
    for ion in (None, 3):
        next(box for box in app.main.selectbox if box.label.startswith("Image")).select(ion).run()
        titles.append(json.loads(app.get("plotly_chart")[0].proto.spec)["layout"]["title"]["text"])
    assert titles == ["Sum of the 12 ion images", f"m/z {small_images.mz[3]:.4f} · lipid 3"]


def test_every_setting_of_reading_reaches_the_import(open_page, test_data, monkeypatch):
    requests = []
    monkeypatch.setattr("msiss.runs.engine.submit", lambda job: requests.append(job.request))
    imzml = test_data / "odd" / "thyra" / "iontof_sparse.imzML"  # declared as profile, with five points 100 Th apart
    app = open_page("data/open")
    upload(app, (imzml.name, imzml.read_bytes()), ("a.ibd", imzml.with_suffix(".ibd").read_bytes()))
    next(one for one in app.selectbox if one.label == "Type of the spectra").set_value("profile").run()
    app.number_input(key="read ppm").set_value(25.0).run()
    app.number_input(key="read number").set_value(33).run()
    for setting, value in (("noise", 1.5), ("prominence", 0.25)):
        next(one for one in [*app.slider, *app.number_input] if one.key == f"read profile {setting}").set_value(
            value
        ).run()
    button(app, "Import").click().run()
    assert not app.error
    read = requests[0].recipe.read
    assert (read.ppm, read.number, read.noise, read.prominence) == (25, 33, 1.5, 0.25)
    assert (read.peaks, read.plane, read.spectrum_type) == ("data", None, "profile")


QUESTIONS = {
    "plane": ("2", "1"),
    "spectra": ("positive MS1", "negative MS1"),
    "per_pixel": ("mean", "sum"),
    "spectrum_type": ("data", "profile"),
    "axes": ("mz rows columns", "rows columns mz"),
    "other_uuid": ("false", "true"),
}


def test_what_a_file_leaves_open_is_asked_and_reaches_the_check_and_the_import(open_page, small_images, monkeypatch):
    requests, checked = [], []

    def check_each(paths, *, config, **_):
        checked.append(config)
        left = [name for name in QUESTIONS if getattr(config, name) == getattr(ReadConfig(), name)]
        asked = [
            HealthRow(name, "note", "Left open.", setting=name, options=tuple((one, one) for one in QUESTIONS[name]))
            for name in left
        ]
        stop = [] if config.other_uuid else [HealthRow("identity", "stop", "It belongs to another file.")]
        return [HealthReport(path.name, (*asked, *stop)) for path in paths]

    monkeypatch.setattr("msiss.data.foreign.check_each", check_each)
    monkeypatch.setattr("msiss.runs.engine.submit", lambda job: requests.append(job.request))
    app = open_page("data/open")
    upload(app, ("section.npz", stack_file(small_images)))
    assert "Import" not in [button.label for button in app.button]
    for setting, (_, other) in QUESTIONS.items():  # each stays where it is once its finding is gone
        widget = next(one for one in [*app.selectbox, *app.toggle] if str(one.key).startswith(f"{setting} of"))
        widget.set_value(True if setting == "other_uuid" else other).run()
        assert getattr(checked[-1], setting) != getattr(ReadConfig(), setting)
    button(app, "Import").click().run()
    assert not app.error
    answered = {name: other for name, (_, other) in QUESTIONS.items()}
    assert requests[0].recipe.read == ReadConfig.model_validate(answered)
    assert len(checked) == 1 + len(QUESTIONS)  # nothing is checked twice


def test_an_answer_belongs_to_its_file_and_a_loaded_recipe_goes_before_it(open_page, small_images, monkeypatch):
    requests = []

    def check_each(paths, **_):
        row = HealthRow("axes", "note", "Undecided.", setting="axes", options=tuple((one, one) for one in AXES))
        return [HealthReport(path.name, (row,)) for path in paths]

    monkeypatch.setattr("msiss.data.foreign.check_each", check_each)
    monkeypatch.setattr("msiss.runs.engine.submit", lambda job: requests.append(job.request))
    app = open_page("data/open")
    for file in ("a.npz", "b.npz"):
        upload(app, (file, stack_file(small_images)))
        (asked,) = [one for one in app.selectbox if one.label == "Order of the axes"]
        assert asked.value == AXES[0]
        asked.set_value(AXES[1]).run()
    recipe = {"read": {"axes": AXES[2]}}
    app.file_uploader(key="recipe").set_value(("r.json", json.dumps(recipe).encode(), "application/json")).run()
    button(app, "Import").click().run()
    assert requests[0].recipe.read.axes == AXES[2]


def test_a_list_can_be_taken_alone_or_with_the_data_or_for_names(open_page, test_data, monkeypatch):
    requests = []
    monkeypatch.setattr("msiss.runs.engine.submit", lambda job: requests.append(job.request))
    imzml = test_data / "imzml" / "galaxy" / "spatial_DGMM_input.imzML"
    for source in ("list", "both", "data"):
        app = open_page("data/open")
        upload(app, (imzml.name, imzml.read_bytes()), ("a.ibd", imzml.with_suffix(".ibd").read_bytes()))
        app.file_uploader(key="mz list").set_value(("l.csv", b"mz,name\n500.5,A\n", "text/csv")).run()
        app.segmented_control(key="ions from").set_value(source).run()
        button(app, "Import").click().run()
        assert not app.error
        read = requests[-1].recipe.read
        assert read.peaks == source
        assert [(ion.mz, ion.name) for ion in read.mz_list] == [(500.5, "A")]


def test_a_recipe_and_a_picture_go_along(open_page, small_images, msiss_home):
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (30, 20), (200, 100, 150)).save(picture, "PNG")
    recipe = {"mask": {"least_tic": 0.97}, "prepare": {"transform": "log"}}
    app = open_page("data/open")
    upload(app, ("section.npz", stack_file(small_images)))
    app.file_uploader(key="recipe").set_value(("r.json", json.dumps(recipe).encode(), "application/json")).run()
    app.file_uploader(key="picture").set_value(("he.png", picture.getvalue(), "image/png")).run()
    button(app, "Import").click().run()
    assert not app.error
    images = DataLibrary(datasets_folder()).load("section")
    assert images.recipe == recipe
    assert images.picture[0, 0].tolist() == [200, 100, 150]
    assert images.mask.sum() < small_images.mask.sum()
    assert not list((msiss_home / "uploads").glob("*/section.npz"))  # the upload is gone with the import


def test_a_picture_lives_as_long_as_the_import(open_page, small_images, monkeypatch, tmp_path):
    requests = []
    monkeypatch.setattr("msiss.runs.engine.submit", lambda job: requests.append(job.request))
    (tmp_path / "section.npz").write_bytes(stack_file(small_images))
    monkeypatch.setenv("MSISS_DATA_ROOTS", str(tmp_path))
    app = open_page("data/open")
    app.multiselect(key="server files 0").select(str(tmp_path / "section.npz")).run()
    app.file_uploader(key="picture").set_value(("he.png", b"picture", "image/png")).run()
    button(app, "Import").click().run()
    (request,) = requests
    assert request.own_files in request.picture.parents
    assert request.picture.read_bytes() == b"picture"
    assert request.files == (tmp_path / "section.npz",)


def test_several_files_become_one_data_set_or_several(open_page, small_images):
    for choice, names in (("One data set per file", ["a", "b"]), ("Side by side as one data set", ["both"])):
        app = open_page("data/open")
        upload(app, ("a.npz", stack_file(small_images)), ("b.npz", stack_file(small_images)))
        app.radio(key="several").set_value(choice).run()
        if names == ["both"]:
            name(app).set_value("both").run()
        button(app, "Import").click().run()
        assert not app.error
        assert set(names) <= set(DataLibrary(datasets_folder()).names())
    assert DataLibrary(datasets_folder()).load("both").region_names == ("a", "b")


def pair_with(test_data, *more):
    files = sorted((test_data / "imzml" / "galaxy").glob("spatial_DGMM_input.*"))
    return [*[(path.name, path.read_bytes()) for path in files], *more]


def test_a_table_beside_a_pair_is_its_mz_list_unless_it_is_left_out(open_page, test_data, monkeypatch):
    requests = []
    monkeypatch.setattr("msiss.runs.engine.submit", lambda job: requests.append(job.request))
    for choose in (None, "None: leave it out"):
        app = open_page("data/open")
        upload(app, *pair_with(test_data, ("wanted.csv", b"mz,name\n500.5,A\n")))
        assert not app.error
        assert not [box for box in app.multiselect if box.label.startswith("Data sets")]
        (box,) = [box for box in app.main.selectbox if box.label == "m/z list among the chosen files"]
        assert box.options == ["wanted.csv", "None: leave it out"]
        if choose:
            box.set_value(choose).run()
        else:
            assert any(one.value == "1 ion in the list wanted.csv." for one in app.caption)
        button(app, "Import").click().run()
        assert not app.error
    taken, left = (request.recipe.read for request in requests)
    assert (taken.peaks, [(ion.mz, ion.name) for ion in taken.mz_list]) == ("list", [(500.5, "A")])
    assert (left.peaks, left.mz_list) == ("data", ())
    assert [path.name for path in requests[0].files] == ["spatial_DGMM_input.imzML"]


def test_a_table_beside_a_pair_that_is_no_list_is_left_out_with_a_word(open_page, test_data, monkeypatch):
    requests = []
    monkeypatch.setattr("msiss.runs.engine.submit", lambda job: requests.append(job.request))
    app = open_page("data/open")
    upload(app, *pair_with(test_data, ("notes.csv", b"animal,day\n7,Monday\n")))
    assert not app.error
    assert any(one.value.startswith("It cannot be used as an m/z list") for one in app.warning)
    button(app, "Import").click().run()
    assert requests[0].recipe.read.peaks == "data"


def test_a_recipe_goes_before_a_table_beside_a_pair(open_page, test_data, monkeypatch):
    requests = []
    monkeypatch.setattr("msiss.runs.engine.submit", lambda job: requests.append(job.request))
    app = open_page("data/open")
    upload(app, *pair_with(test_data, ("wanted.csv", b"mz\n500.5\n")))
    app.file_uploader(key="recipe").set_value(("r.json", b'{"read": {"number": 7}}', "application/json")).run()
    assert any("wanted.csv is left out" in one.value for one in app.caption)
    button(app, "Import").click().run()
    assert (requests[0].recipe.read.number, requests[0].recipe.read.mz_list) == (7, ())


def test_a_table_of_the_server_beside_spectra_is_their_mz_list(open_page, test_data, monkeypatch, tmp_path):
    requests = []
    monkeypatch.setattr("msiss.runs.engine.submit", lambda job: requests.append(job.request))
    for name, content in pair_with(test_data, ("wanted.csv", b"mz\n500.5\n")):
        (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("MSISS_DATA_ROOTS", str(tmp_path))
    app = open_page("data/open")
    wanted = [str(tmp_path / name) for name in ("spatial_DGMM_input.imzML", "wanted.csv")]
    app.multiselect(key="server files 0").set_value(wanted).run()
    button(app, "Import").click().run()
    assert not app.error
    assert [ion.mz for ion in requests[0].recipe.read.mz_list] == [500.5]
    assert requests[0].files == (tmp_path / "spatial_DGMM_input.imzML",)


def test_other_data_sets_beside_a_pair_are_left_out_unless_they_are_chosen(open_page, test_data, small_images):
    folder = test_data / "imzml" / "galaxy"
    pair = [(f"lab/{path.name}", path.read_bytes()) for path in sorted(folder.glob("spatial_DGMM_input.*"))]
    app = open_page("data/open")
    upload(app, *pair, ("lab/b.npz", stack_file(small_images)))
    assert app.multiselect[0].value == app.multiselect[0].options[:1] == ["lab/spatial_DGMM_input.imzML"]
    assert not app.error
    app.multiselect[0].set_value(["lab/b.npz"]).run()
    button(app, "Import").click().run()
    assert not app.error
    assert DataLibrary(datasets_folder()).names() == ["b"]


def test_a_folder_of_pictures_is_one_data_set(open_page, test_data):
    app = open_page("data/open")
    pictures = sorted((test_data / "sims").glob("*.png"))[:6]
    upload(app, *[(f"sims/{path.name}", path.read_bytes()) for path in pictures])
    button(app, "Import").click().run()
    assert not app.error
    images = DataLibrary(datasets_folder()).load("sims")
    assert len(images) == 6
    assert 103.0 in images.mz.tolist()


def test_other_imaging_keeps_its_axis_on_the_page(open_page, small_images):
    file = io.BytesIO()
    np.savez(file, images=small_images.images, raman_shift=small_images.mz, mask=small_images.mask)
    app = open_page("data/open")
    upload(app, ("raman.npz", file.getvalue()))
    button(app, "Import").click().run()
    assert not app.error
    facts = {metric.label: metric.value for metric in app.metric}
    assert facts["Raman shift range"] == "400.1 – 800.3 cm⁻¹"
    assert not [one for one in app.main.selectbox if "m/z" in one.label]


def test_every_value_of_a_large_file_is_looked_at_on_request(open_page, test_data, monkeypatch):
    monkeypatch.setattr("msiss.ui.open.sources.LARGE_BYTES", 1000)
    imzml = test_data / "imzml" / "galaxy" / "spatial_DGMM_input.imzML"
    app = open_page("data/open")
    upload(app, (imzml.name, imzml.read_bytes()), ("a.ibd", imzml.with_suffix(".ibd").read_bytes()))
    assert "zeros" not in set(app.table[-1].value["Check"])
    app.toggle(key="thorough").set_value(True).run()
    assert "zeros" in set(app.table[-1].value["Check"])


def entered(app, *, height=None, width=None, polarity=None, edit=False):
    """Enter pixel size and polarity, of the file that was imported or of the open data set."""
    for box, value in (("height", height), ("width", width)):
        keys = [one.key for one in app.number_input if one.key.startswith(f"{box} edit") == edit and "µm" in one.label]
        (key,) = [key for key in keys if key.startswith(box)]
        if value is not None:
            app.number_input(key=key).set_value(value).run()
    if polarity is not None:
        boxes = [one for one in app.selectbox if one.key and one.key.startswith("polarity")]
        next(one for one in boxes if one.key.startswith("polarity edit") == edit).select(polarity).run()


def facts(app):
    return {metric.label: metric.value for metric in app.metric}


def test_pixel_size_and_polarity_are_entered_at_the_import(open_page, small_images):
    app = open_page("data/open")
    upload(app, ("section.npz", stack_file(small_images)))
    entered(app, height=25.0, polarity="negative")
    assert any("Enter both height and width" in one.value for one in app.caption)
    entered(app, width=50.0)
    button(app, "Import").click().run()
    assert not app.error
    images = DataLibrary(datasets_folder()).load("section")
    assert (images.pixel_size, images.polarity) == ((25.0, 50.0), "negative")
    assert images.recipe == {"measurement": {"pixel_size": [25.0, 50.0], "polarity": "negative"}}
    assert (facts(app)["Pixel size"], facts(app)["Polarity"]) == ("50 × 25 µm", "negative")
    upload(app, ("other.npz", stack_file(small_images)))  # nothing of this is taken over by the next file
    button(app, "Import").click().run()
    other = DataLibrary(datasets_folder()).load("other")
    assert (other.pixel_size, other.polarity, other.recipe) == (None, "unknown", {})


def test_pixel_size_and_polarity_are_changed_later(open_page, finished_run, small_images):
    app = open_page("data/open")
    assert facts(app)["Pixel size"] == "10 × 10 µm"
    entered(app, height=30.0, width=30.0, polarity="negative", edit=True)
    app.button(key="save measurement").click().run()
    assert not app.error
    assert (facts(app)["Pixel size"], facts(app)["Polarity"]) == ("30 × 30 µm", "negative")
    assert app.query_params["run"] == finished_run.path.name
    entered(app, height=60.0, edit=True)
    app.button(key="save measurement").click().run()
    assert facts(app)["Pixel size"] == "30 × 60 µm"
    assert "run" not in app.query_params  # pixels of another shape make another section for a training
    np.testing.assert_array_equal(DataLibrary(datasets_folder()).load("small").images, small_images.images)


def test_what_is_chosen_of_metaspace_reaches_the_import(open_page, monkeypatch):
    requests = []
    monkeypatch.setattr("msiss.runs.engine.submit", lambda job: requests.append(job.request))
    app = open_page("data/open")
    app.text_input(key="metaspace").set_value("2016-09-22_11h16m17s").run()
    app.button(key="fetch").click().run()
    assert requests[-1].metaspace == MetaspaceRequest(id="2016-09-22_11h16m17s")
    for level in FDR_LEVELS:
        app = open_page("data/open")
        app.text_input(key="metaspace").set_value("2016-09-22_11h16m17s")
        app.text_input(key="metaspace database").set_value("LipidMaps")
        app.segmented_control(key="metaspace fdr").set_value(level).run()
        app.button(key="fetch").click().run()
        assert requests[-1].metaspace == MetaspaceRequest(id="2016-09-22_11h16m17s", database="LipidMaps", fdr=level)


@pytest.fixture
def switching(tmp_path):
    """Return the two files of a section with a positive and a negative spectrum of each pixel, for an upload."""
    pixels = [(x, y, [200.0], [value], text) for x in (1, 2, 3) for y in (1, 2)
              for value, text in ((2.0, POSITIVE), (9.0, NEGATIVE))]  # fmt: skip
    path = write_kinds(tmp_path / "switching.imzML", pixels)
    return [(one.name, one.read_bytes()) for one in (path, path.with_suffix(".ibd"))]


def kind_of_spectra(app):
    return next(one for one in app.selectbox if one.label == "Spectra")


@pytest.mark.parametrize(("answer", "value", "most"), [(None, "positive MS1", 2), ("negative MS1", "negative MS1", 9)])
def test_the_kind_of_spectra_is_asked_and_is_in_the_name_and_the_recipe(open_page, switching, answer, value, most):
    app = open_page("data/open")
    upload(app, *switching)
    assert kind_of_spectra(app).options == [
        "positive MS1: 6 spectra",
        "negative MS1: 6 spectra",
        "each kind as a data set of its own",
    ]
    if answer:
        kind_of_spectra(app).set_value(answer).run()
    assert name(app).value == f"switching {value}"
    button(app, "Import").click().run()
    assert not app.error
    images = DataLibrary(datasets_folder()).load(f"switching {value}")
    assert (images.polarity, images.recipe["read"]["spectra"]) == (value.split()[0], value)
    assert images.images.max() == most


def test_each_kind_of_spectra_becomes_a_data_set_of_its_own(open_page, switching):
    app = open_page("data/open")
    upload(app, *switching)
    kind_of_spectra(app).set_value("all").run()
    assert not app.error
    next(one for one in app.text_input if one.label.startswith("Name of the data sets")).set_value("mine").run()
    button(app, "Import").click().run()
    assert not app.error
    library = DataLibrary(datasets_folder())
    assert library.names() == ["mine negative MS1", "mine positive MS1"]
    assert library.load("mine negative MS1").images.max() == 9
    assert app.success[0].value == "mine positive MS1, mine negative MS1 were imported."


def test_the_rule_for_several_spectra_of_a_pixel_is_asked(open_page, tmp_path):
    pixels = [(x, y, [200.0], [value], "") for x in (1, 2, 3) for y in (1, 2) for value in (2.0, 9.0)]
    path = write_kinds(tmp_path / "twice.imzML", pixels)
    app = open_page("data/open")
    upload(app, *((one.name, one.read_bytes()) for one in (path, path.with_suffix(".ibd"))))
    rule = next(one for one in app.selectbox if one.label == "Several spectra of a pixel")
    assert rule.options == ["their mean", "their sum", "their last one in the file"]
    rule.set_value("sum").run()
    button(app, "Import").click().run()
    images = DataLibrary(datasets_folder()).load("twice")
    assert (images.images.min(), images.recipe["read"]["per_pixel"]) == (11, "sum")
