import os
from pathlib import Path

import pytest

from msiss.errors import DataError
from msiss.ui.widgets import files


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "allowed"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.imzML").write_text("header")
    (folder / "deep" / "a.ibd").write_text("numbers")
    (folder / "mask.npy").write_text("not a data set of its own")
    monkeypatch.setenv("MSISS_DATA_ROOTS", os.pathsep.join([str(folder), str(tmp_path / "second")]))
    return folder


def test_no_folder_is_allowed_unless_somebody_allows_it(monkeypatch):
    monkeypatch.delenv("MSISS_DATA_ROOTS", raising=False)
    assert files.roots() == []
    with pytest.raises(DataError, match="outside"):
        files.allowed("/etc/passwd")


def test_the_list_holds_only_what_can_be_opened(root):
    files.data_files.clear()
    assert files.data_files(root) == [root / "deep" / "a.imzML"]


def test_absolute_and_relative_paths_in_an_allowed_folder_are_read(root):
    assert files.allowed(str(root / "deep" / "a.imzML")) == root / "deep" / "a.imzML"
    assert files.allowed(" deep/a.imzML ") == root / "deep" / "a.imzML"


@pytest.mark.parametrize("form", ['"{}"', "'{}'\n", "file://{}", "\u202a{}"])
def test_pasted_paths_in_an_allowed_folder_are_read(root, form):
    assert files.allowed(form.format(root / "deep" / "A.imzml")) == root / "deep" / "a.imzML"
    assert files.allowed('"deep/a.imzML"') == root / "deep" / "a.imzML"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (r"C:\data\a.imzML", "a path of a Windows computer"),
        (r"\\server\share\a.imzML", "a path of a Windows computer"),
        ("https://host/a.imzML", "an address"),
        ("a\0.imzML", "control character"),
        ("deep/" + "x" * 300 + ".imzML", "its name is too long"),
    ],
)
@pytest.mark.usefixtures("root")
def test_what_is_no_path_of_this_computer_is_refused(path, message):
    with pytest.raises(DataError, match=message):
        files.allowed(path)


@pytest.mark.parametrize("path", ["../secret.npz", "deep/../../secret.npz", "/etc/passwd", "~/secret.npz"])
@pytest.mark.usefixtures("root")
def test_paths_that_leave_the_allowed_folders_are_refused(tmp_path, path):
    (tmp_path / "secret.npz").write_text("secret")
    with pytest.raises(DataError, match="outside"):
        files.allowed(path)


def test_a_folder_whose_name_begins_alike_is_not_allowed(root):
    other = root.with_name("allowed-not")
    other.mkdir()
    (other / "a.npz").write_text("secret")
    with pytest.raises(DataError, match="outside"):
        files.allowed(str(other / "a.npz"))


def test_a_link_out_of_the_allowed_folders_is_refused(root, tmp_path):
    (tmp_path / "secret.npz").write_text("secret")
    (root / "link.npz").symlink_to(tmp_path / "secret.npz")
    (root / "folder").symlink_to(tmp_path)
    for path in (root / "link.npz", root / "folder" / "secret.npz"):
        with pytest.raises(DataError, match="outside"):
            files.allowed(str(path))


@pytest.mark.usefixtures("root")
def test_a_missing_file_is_said_to_be_missing():
    with pytest.raises(DataError, match=r"no file deep/b\.imzML"):
        files.allowed("deep/b.imzML")


@pytest.mark.parametrize(
    ("names", "stored", "opened"),
    [
        (["a.ibd", "a.imzML"], ["a.ibd", "a.imzML"], ["a.imzML"]),
        (["A (1).IBD", "A.IMZML"], ["A.ibd", "A.IMZML"], ["A.IMZML"]),
        (["a.ibd", "b.ibd", "a.imzML", "b.imzML"], ["a.ibd", "b.ibd", "a.imzML", "b.imzML"], ["a.imzML", "b.imzML"]),
        (["labeling_data.npy", "mask.npy", "mass_list.npy"], None, ["labeling_data.npy"]),
        (["../../a.npz"], ["a.npz"], ["a.npz"]),
        (["..\\a.npz"], ["a.npz"], ["a.npz"]),
        (["a.npz", "b.tif"], None, ["a.npz", "b.tif"]),
        (["scan.hdr", "scan.dat"], None, ["scan.hdr"]),
        (["mouse/1.5mz.png", "mouse/2.5mz.png"], ["mouse/1.5mz.png", "mouse/2.5mz.png"], ["mouse"]),
        (["s_1.5mz.tif", "s_2.5mz.tif"], ["s/s_1.5mz.tif", "s/s_2.5mz.tif"], ["s"]),
        (["1.5mz.png", "2.5mz.png"], ["pictures/1.5mz.png", "pictures/2.5mz.png"], ["pictures"]),
        (["a.png", "b.npz"], ["a.png/a.png", "b.npz"], ["b.npz", "a.png"]),
        (["lab/1/s.imzML", "lab/1/s.ibd", "lab/2/s.imzML", "lab/2/s.ibd"], None, ["lab/1/s.imzML", "lab/2/s.imzML"]),
        (["lab/1/1.5mz.png", "lab/2/1.5mz.png"], None, ["lab/1", "lab/2"]),
        (["lab/s.imzML", "lab/deep/s (1).ibd"], ["lab/s.imzML", "lab/s.ibd"], ["lab/s.imzML"]),
        (["lab/s.imzML", "lab/s.ibd", "lab/HE.png"], None, ["lab/s.imzML", "lab"]),
        (["/C:/a.npz"], ["a.npz"], ["a.npz"]),
    ],
)
def test_what_can_be_opened_is_found_among_the_uploaded_files(names, stored, opened):
    assert files.stored_names(names) == (stored or names)
    assert files.data_sets(files.stored_names(names)) == opened


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a.ibd"], "the .imzML file of the same name"),
        (["a.dat"], "does not know"),
        (["a.t2m"], "an Analyze 7.5 file.*Export imzML from"),
        (["scan.mzML"], "mzML, which has no pixel positions"),
        (["mask.npy"], "cannot be opened on their own: mask.npy"),
        (["a.npz", "a.npz"], "2 files called a.npz"),
        (["lab/1/a.ibd", "lab/2/a.ibd"], "the .imzML file of the same name"),
    ],
)
def test_files_that_cannot_be_opened_are_refused_in_words(names, message):
    with pytest.raises(DataError, match=message):
        files.data_sets(files.stored_names(names))


def test_a_folder_of_pictures_is_listed_and_allowed(root):
    pictures = root / "sims"
    pictures.mkdir()
    for name in ("1.5mz.png", "2.5mz.png"):
        (pictures / name).write_bytes(b"picture")
    files.data_files.clear()
    assert files.data_files(root) == [root / "deep" / "a.imzML", pictures]
    assert files.allowed("sims") == pictures


def test_what_is_opened_must_lie_in_the_upload_the_data_set_or_the_allowed_folders(root, tmp_path, msiss_home):
    uploaded, stored = msiss_home / "uploads" / "one" / "a.npz", msiss_home / "datasets" / "tissue"
    for path in (uploaded, stored / "images.npy"):
        path.parent.mkdir(parents=True)
        path.touch()
    assert files.within([uploaded]) == [uploaded.parent]
    assert files.within([stored]) == [stored]
    assert files.within([root / "deep" / "a.imzML"]) == files.roots() == [root, tmp_path / "second"]


def test_beside_spectra_other_files_are_mostly_notes():
    spectra, table, stack = Path("up/a.imzML"), Path("up/annotations.csv"), Path("up/b.npz")
    assert files.preselected([table, spectra]) == [spectra]
    assert files.preselected([table, stack]) == [table, stack]


@pytest.mark.usefixtures("msiss_home")
def test_a_picture_goes_among_the_files_of_an_import(tmp_path):
    picture = tmp_path / "he.png"
    picture.write_bytes(b"tissue")
    own = tmp_path / "upload"
    own.mkdir()
    for folder in (own, None, own):
        kept, copy = files.with_picture(folder, picture)
        assert kept == (folder or kept)
        assert kept in copy.parents
        assert copy.read_bytes() == b"tissue"
    assert picture.exists()


@pytest.mark.parametrize("names", [["a.npz", "A.NPZ"], ["\u00e4.npz", "a\u0308.npz"], ["C:a.npz", "a.npz"]])
def test_names_that_some_systems_take_for_one_do_not_replace_each_other(names) -> None:
    with pytest.raises(DataError, match="There are 2 files called"):
        files.stored_names(names)


@pytest.mark.parametrize("names", [["a.zarr"], ["b.zarr/.zattrs", "b.zarr/images/0/0"], ["c/D.ZARR/0/x.png"]])
def test_the_files_of_a_zarr_folder_are_refused_with_what_to_do(names) -> None:
    with pytest.raises(DataError, match=r"(?i)\.zarr: A zarr folder is uploaded as a zip file"):
        files.data_sets(names)
