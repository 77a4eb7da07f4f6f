"""Zip files and folders on the page Open are offered like the files in them."""

import io
import zipfile

import numpy as np

from msiss.data.formats.imzml.reader import write_imzml
from msiss.data.library import DataLibrary
from msiss.home import datasets_folder, uploads_folder

MZ = np.array([100.5, 200.5, 300.5])


def pair(folder):
    """Write a pair of imzML files and return the path of the header."""
    path = folder / "section.imzML"
    folder.mkdir(parents=True, exist_ok=True)
    write_imzml(path, [(x, y, MZ, MZ * x + y) for x in range(1, 6) for y in range(1, 5)])
    return path


def zipped(path, *more):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in (path, path.with_suffix(".ibd")):
            archive.write(file, f"in/{file.name}")
        for name, text in more:
            archive.writestr(name, text)
    return content.getvalue()


def button(app, label):
    return next(button for button in app.button if button.label == label)


def captions(app):
    return " ".join(caption.value for caption in app.caption)


def test_a_pair_in_an_uploaded_zip_file_has_the_settings_of_spectra(open_page, tmp_path):
    content = zipped(pair(tmp_path / "a"), ("ions.csv", "mz\n100.5\n"), ("__MACOSX/in/._section.imzML", "x"))
    app = open_page("data/open")
    app.file_uploader[0].set_value([("experiment.zip", content, "application/zip")]).run()
    assert not app.error
    assert "ions.csv is a list of m/z" in captions(app)
    app.file_uploader(key="mz list").set_value(("ions.csv", b"mz\n100.5\n200.5\n", "text/csv")).run()
    button(app, "Import").click().run()
    assert not app.error
    images = DataLibrary(datasets_folder()).load("section")
    np.testing.assert_array_equal(images.mz, [100.5, 200.5])
    assert images.shape == (4, 5)
    assert images.source == "section.imzML"
    assert not list(uploads_folder().rglob("*.ibd"))


def test_a_zip_file_and_a_folder_of_the_server(open_page, monkeypatch, tmp_path):
    path = pair(tmp_path / "allowed" / "experiment")
    (tmp_path / "allowed" / "packed.zip").write_bytes(zipped(path))
    monkeypatch.setenv("MSISS_DATA_ROOTS", str(tmp_path / "allowed"))
    app = open_page("data/open")
    for number, (chosen, name) in enumerate([("packed.zip", "section"), ("experiment", "section (2)")]):
        app.multiselect(key=f"server files {number}").set_value([str(tmp_path / "allowed" / chosen)]).run()
        assert not app.error
        button(app, "Import").click().run()
        assert not app.error
        assert DataLibrary(datasets_folder()).load(name).shape == (4, 5)
    assert path.is_file()
    assert not list(uploads_folder().rglob("*.ibd"))


def test_a_zip_file_in_which_nothing_can_be_read_says_what_is_in_it(open_page):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.d/analysis.tdf", "x")
    app = open_page("data/open")
    app.file_uploader[0].set_value([("raw.zip", content.getvalue(), "application/zip")]).run()
    assert "a.d is raw data of an instrument" in app.error[0].value
