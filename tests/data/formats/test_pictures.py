"""Pictures of ions, from TIFF files, folders and archives."""

import io
import zipfile

import numpy as np
import pytest
import tifffile
from PIL import Image

from msiss.data.axis import NUMBER
from msiss.data.formats import budget as budgets
from msiss.data.formats import read
from msiss.data.formats.pictures import mz_in
from msiss.errors import DataError, MsissWarning

CUBE = np.arange(1, 25, dtype=np.uint16).reshape(2, 3, 4) * 1000
NAMES = {
    "700.1234.png": 700.1234,
    "two_grids_1.1mz.png": 1.1,
    "12.0mz.tif": 12,
    "section 3_700,12 mz.png": 700.12,
    "mz_700.12.tif": 700.12,
    "m-z 885.5499 slide2.tif": 885.5499,
    "slide4_885.5499.png": 885.5499,
    "885.png": 885,
    "tic.png": None,
    "700.12_800.34.png": None,
    "a1.png": None,
}


@pytest.mark.parametrize("name", NAMES)
def test_the_mz_is_in_the_name(name):
    assert mz_in(name) == NAMES[name]


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


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64", "int32"])
def test_tiff_pages_named_by_mz(tmp_path, dtype):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for mz, image in zip((300.25, 20.5), CUBE // 256, strict=True):
            file.write(image.astype(dtype), description=f"m/z {mz}", metadata=None)
    images = read(tmp_path / "a.tif")
    assert images.mz.tolist() == [300.25, 20.5]
    np.testing.assert_array_equal(images.images, CUBE // 256)


def test_ome_channels_and_pixel_size(tmp_path):
    about = {"axes": "CYX", "Channel": {"Name": ["300.25", "20.5"]}, "PhysicalSizeX": 10, "PhysicalSizeY": 0.02}
    about |= {"PhysicalSizeYUnit": "mm"}
    tifffile.imwrite(tmp_path / "a.ome.tif", CUBE, metadata=about, photometric="minisblack")
    images = read(tmp_path / "a.ome.tif")
    assert images.mz.tolist() == [300.25, 20.5]
    assert images.pixel_size == (20, 10)


def test_without_mz_the_pages_are_numbered(tmp_path):
    cube = CUBE.astype(np.float32)
    cube[:, 0, 0] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", cube, photometric="minisblack", compression="zlib")
    with pytest.warns(MsissWarning, match="does not say which m/z"):
        images = read(tmp_path / "a.tif")
    assert images.axis == NUMBER
    assert images.mz.tolist() == [1, 2]
    assert not images.mask[0, 0]
    assert images.mask.sum() == 11


def png(array) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


GREY = png(CUBE[0])
COLOURED = png(np.arange(36, dtype=np.uint8).reshape(3, 4, 3))
REFUSED = {
    "nothing": ({"a.txt": b"x"}, "nothing that msiss reads, but a.txt"),
    "no m/z": ({"a.png": GREY}, "No picture has an m/z in its name"),
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


def test_a_colour_tiff_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((3, 4, 3), np.uint8), photometric="rgb")
    with pytest.raises(DataError, match="colour picture"):
        read(tmp_path / "a.tif")


@pytest.mark.parametrize(
    "name", ["9" * 60_000 + ".png", "1.1_" * 20_000, "mz" * 30_000, "9" * 400, "_" * 60_000 + "7mz"]
)
def test_an_endless_name_gives_no_mz(name):
    assert mz_in(name) is None


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
