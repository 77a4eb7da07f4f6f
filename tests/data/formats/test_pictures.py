"""Pictures of ions, from TIFF files, folders and archives."""

import io
import zipfile

import numpy as np
import pytest
import tifffile
from PIL import Image

from msiss.data.axis import NUMBER
from msiss.data.findings import DataStop
from msiss.data.formats import budget as budgets
from msiss.data.formats import read
from msiss.data.formats.pictures import load
from msiss.data.recipe import PictureMz, ReadConfig
from msiss.errors import DataError, MsissWarning

CUBE = np.arange(1, 25, dtype=np.uint16).reshape(2, 3, 4) * 1000


def save_folder(folder, cube=CUBE):
    folder.mkdir()
    for mz, image in zip((700.1, 20.5), cube, strict=True):
        Image.fromarray(image).save(folder / f"a_{mz}mz.png")
    Image.fromarray(cube.sum(axis=0, dtype=np.uint16)).save(folder / "a_tic.png")
    return folder


def test_a_folder_of_pictures_is_ordered_by_mz(tmp_path):
    images = read(save_folder(tmp_path / "stack"))
    assert images.mz.tolist() == [20.5, 700.1]
    np.testing.assert_array_equal(images.images, CUBE[::-1])
    np.testing.assert_array_equal(images.tic, CUBE.sum(axis=0))
    assert images.source == "stack"


def test_a_zip_file_is_read_as_its_folder(tmp_path):
    folder = save_folder(tmp_path / "stack")
    with zipfile.ZipFile(tmp_path / "stack.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"../../inside/{path.name}")
        archive.writestr("__MACOSX/._a_700.1mz.png", b"junk")
        archive.writestr("notes.txt", b"hello")
    assert read(tmp_path / "stack.zip").fingerprint == read(folder).fingerprint
    assert not (tmp_path.parent / "inside").exists()


def test_real_pictures(test_data):
    images = read(test_data / "sims")
    assert images.images.shape == (51, 634, 884)
    assert images.tic is not None
    assert images.mz.min() == 1.1


def named(folder, names, cube=CUBE):
    folder.mkdir()
    for name, image in zip(names, cube, strict=True):
        tifffile.imwrite(folder / name, image) if name.endswith("tif") else Image.fromarray(image).save(folder / name)
    return folder


def test_what_was_read_is_listed_for_each_picture(tmp_path):
    images, rows = load(named(tmp_path / "a", ["002_mz_300_25.png", "001_mz_20_5.png"]))
    assert images.mz.tolist() == [20.5, 300.25]
    np.testing.assert_array_equal(images.images, CUBE[::-1])
    (row,) = (row for row in rows if row.check == "m/z")
    assert (row.level, row.setting) == ("note", "picture_mz")
    assert row.options == (("001_mz_20_5.png", "20.5"), ("002_mz_300_25.png", "300.25"))


def test_a_correction_replaces_what_was_read(tmp_path):
    config = ReadConfig(picture_mz=(PictureMz(file="B_300.25", mz=7),))
    images, rows = load(named(tmp_path / "a", ["b_300.25.png", "a_20.5.png"]), config=config)
    assert images.mz.tolist() == [7, 20.5]
    np.testing.assert_array_equal(images.images, CUBE)
    assert next(row for row in rows if row.check == "m/z").options[1] == ("b_300.25.png", "7")


def test_a_correction_of_no_picture_stops(tmp_path):
    config = ReadConfig(picture_mz=(PictureMz(file="c.png", mz=7),))
    with pytest.raises(DataStop, match=r"given for c\.png, which is not among the pictures"):
        load(named(tmp_path / "a", ["b_300.25.png", "a_20.5.png"]), config=config)


def test_corrections_decide_what_names_leave_open(tmp_path):
    folder = named(tmp_path / "a", ["700.12_800.34.png", "710.2_810.5.png"])
    with pytest.raises(DataStop, match=r"both 700\.12 and 800\.34 may be the m/z") as stopped:
        load(folder)
    assert stopped.value.row.options == (("700.12_800.34.png", ""), ("710.2_810.5.png", ""))
    given = tuple(PictureMz(file=file, mz=mz) for file, mz in (("700.12_800.34.png", 800.34), ("710.2_810.5", 810.5)))
    images, _ = load(folder, config=ReadConfig(picture_mz=given))
    assert images.mz.tolist() == [800.34, 810.5]


def test_without_mz_the_pictures_are_numbered_and_keep_their_names(tmp_path):
    images, rows = load(named(tmp_path / "a", ["heme.png", "lipid.png"]))
    assert (images.axis, images.names) == (NUMBER, ("heme", "lipid"))
    assert next(row.level for row in rows if row.check == "m/z") == "warning"


def test_total_in_all_names_is_no_total_ion_image(tmp_path):
    images, _ = load(named(tmp_path / "a", ["tic-norm_mz_20_5.tif", "tic-norm_mz_300_25.tif"]))
    assert images.mz.tolist() == [20.5, 300.25]
    assert images.tic is None


def test_a_stack_among_pictures_is_refused(tmp_path):
    folder = named(tmp_path / "a", ["20.5.tif", "300.25.tif"])
    tifffile.imwrite(folder / "20.5.tif", CUBE, photometric="minisblack")
    with pytest.raises(DataStop, match=r"20\.5\.tif: It holds several images \(2 x 3 x 4 numbers\)"):
        load(folder)


def png(array) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


GREY = png(CUBE[0])
COLOURED = png(np.arange(36, dtype=np.uint8).reshape(3, 4, 3))
REFUSED = {
    "nothing": ({"a.pdf": b"x"}, "nothing that msiss reads, but a.pdf"),
    "sizes": ({"1.5.png": GREY, "2.5.png": png(CUBE[0, :2])}, "2.5.png has 2 x 4 .* 1.5.png has 3 x 4"),
    "twice": ({"1.5.png": GREY, "x_1.5.png": GREY}, "Several pictures have the m/z 1.5: 1.5.png, x_1.5.png"),
    "colours": ({"1.5.png": COLOURED}, "1.5.png: It is coloured"),
    "damaged": ({"1.5.png": GREY[:40]}, "1.5.png: It cannot be read as a picture"),
    "damaged tiff": ({"1.5.tif": b"II*\0" + bytes(9)}, "1.5.tif: It cannot be read as a TIFF"),
    "empty": ({"1.5.png": png(np.zeros((3, 4), np.uint8))}, "All intensities are 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_stack_is_refused_in_words(tmp_path, case):
    files, message = REFUSED[case]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with pytest.raises(DataError, match=message):
        read(tmp_path / "a.zip")


@pytest.mark.parametrize(("name", "content"), [("a.zip", b"PK no zip"), ("a.tif", b"II*\0"), ("a.tif", b"")])
def test_damaged_files_are_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        read(tmp_path / name)


def test_an_endless_name_in_a_zip_file_is_left_out(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("1.5.png", GREY)
        archive.writestr("9" * 60_000 + ".png", GREY)
    with pytest.warns(MsissWarning, match="1 picture without a clear m/z"):
        assert len(read(tmp_path / "a.zip")) == 1


def test_all_members_of_a_zip_file_share_one_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(budgets, "LEAST", 1_000_000)
    monkeypatch.setattr(budgets, "MOST_TIMES", 20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):  # zeros behind the end of a picture are packed a thousand times smaller
            archive.writestr(f"{number + 1}.5.png", GREY + bytes(300_000))
    with pytest.raises(DataError, match=r"4\.5\.png would unpack to"):
        read(tmp_path / "a.zip")


def test_a_picture_larger_than_the_limit_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(budgets, "LEAST", 1_000_000)
    monkeypatch.setattr(budgets, "MOST_TIMES", 20)
    folder = save_folder(tmp_path / "stack")
    Image.fromarray(np.zeros((1000, 1000), np.uint16)).save(folder / "5.5.png")
    with pytest.raises(DataError, match=r"5\.5\.png would unpack to 12\.0 MB"):
        read(folder)


def test_one_picture_is_in_the_memory_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(budgets, "LEAST", 1_000)  # a picture of 12 pixels takes 144 bytes, all of them 2,880
    monkeypatch.setattr(budgets, "MOST_TIMES", 0)
    folder = tmp_path / "stack"
    folder.mkdir()
    for number in range(20):
        Image.fromarray(CUBE[0]).save(folder / f"{number + 1}.5.png")
    assert len(read(folder)) == 20


def test_members_packed_in_another_way_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("1.5.png", GREY)
    with pytest.raises(DataError, match="packed in an unusual way"):
        read(tmp_path / "a.zip")


def test_bitmaps_are_read(tmp_path):
    for mz, image in ((760.5, CUBE[0]), (400.25, CUBE[1])):
        Image.fromarray((image % 256).astype(np.uint8)).save(tmp_path / f"a_{mz}mz.bmp")
    images = read(tmp_path)
    assert images.mz.tolist() == [400.25, 760.5]
    np.testing.assert_array_equal(images.images, CUBE[[1, 0]] % 256)


def test_only_png_is_taken_for_png(tmp_path):
    folder = save_folder(tmp_path / "stack")
    (folder / "5.5.png").write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n"
    )
    with pytest.raises(DataError, match=r"5\.5\.png: It cannot be read as a picture"):
        read(folder)


@pytest.mark.filterwarnings("ignore")
def test_changed_zip_files_are_read_or_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.5.png", GREY)
        archive.writestr("2.5.png", png(CUBE[1]))
    whole = (tmp_path / "a.zip").read_bytes()
    rng = np.random.default_rng(0)
    outcomes = set()
    for _ in range(300):
        content = bytearray(whole)
        for place in rng.integers(0, len(content), 2):
            content[place] = rng.integers(0, 256)
        (tmp_path / "a.zip").write_bytes(content)
        try:
            read(tmp_path / "a.zip")
            outcomes.add("read")
        except DataError:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}
