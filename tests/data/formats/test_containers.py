"""Folders and zip files are read like the files in them."""

import shutil
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import tifffile

from msiss.data import foreign
from msiss.data.findings import DataStop
from msiss.data.formats import read
from msiss.data.formats.arrays import write_stack
from msiss.data.formats.choice import choose
from msiss.data.formats.containers import contents, in_folder
from msiss.data.formats.imzml.reader import write_imzml
from msiss.data.health import check
from msiss.data.ion_images import IonImages
from msiss.data.recipe import ListedIon, ReadConfig, Recipe
from msiss.errors import DataError

MZ = np.array([100.5, 200.5, 300.5])
IMAGES = np.random.default_rng(0).gamma(2, 50, (3, 4, 5)).round(1).astype(np.float32)
CONFIG = ReadConfig(peaks="list", mz_list=tuple(ListedIon(mz=mz) for mz in MZ))


def pair(path: Path, images: np.ndarray = IMAGES) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_imzml(path, [(x + 1, y + 1, MZ, images[:, y, x]) for y in range(4) for x in range(5)])


def stack(path: Path) -> None:
    write_stack(IonImages(images=IMAGES, mz=MZ), path)


def dataset(path: Path) -> None:
    IonImages(images=IMAGES, mz=MZ).save(path)


def table(path: Path) -> None:
    rows = [[x, y, *IMAGES[:, y, x]] for y in range(4) for x in range(5)]
    lines = [",".join(map(str, row)) for row in (["x", "y", *MZ], *rows)]
    path.write_text("\n".join(lines))


def envi(path: Path) -> None:
    path.write_text(
        "ENVI\nsamples = 5\nlines = 4\nbands = 3\ndata type = 4\ninterleave = bsq\nwavelength units = m/z\n"
        "wavelength = {100.5, 200.5, 300.5}\n"
    )
    path.with_suffix(".img").write_bytes(IMAGES.tobytes())


def tiff(path: Path) -> None:
    tifffile.imwrite(path, IMAGES, metadata={"axes": "CYX", "Channel": {"Name": [f"mz {mz}" for mz in MZ]}}, ome=True)


def pictures(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for mz, image in zip(MZ, IMAGES, strict=True):
        tifffile.imwrite(folder / f"mz_{mz}.tif", image)


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder))


@pytest.fixture(params=["folder", "zip"])
def packed(request):
    return (lambda folder: folder) if request.param == "folder" else zipped


WRITERS = {
    "section.imzML": pair,
    "images.npz": stack,
    "saved": dataset,
    "pixels.csv": table,
    "cube.hdr": envi,
    "images.ome.tif": tiff,
    "pictures": pictures,
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("inside", ["", "one/two"])
@pytest.mark.filterwarnings("ignore::msiss.errors.MsissWarning")
def test_a_container_is_read_like_the_file_in_it(tmp_path, packed, name, inside) -> None:
    folder = tmp_path / "my experiment" / inside
    folder.mkdir(parents=True)
    WRITERS[name](folder / name)
    alone = read(folder / name, CONFIG)
    found = read(packed(tmp_path / "my experiment"), CONFIG)
    np.testing.assert_array_equal(found.images, IMAGES)
    np.testing.assert_array_equal(found.mz, MZ)
    if name != "pictures":
        assert found.source == alone.source


def test_what_belongs_to_a_system_is_not_looked_at(tmp_path, packed) -> None:
    folder = tmp_path / "a"
    pair(folder / "data" / "section.imzML")
    for other in ("__MACOSX/data/._section.imzML", "data/._section.imzML", ".DS_Store", "Thumbs.db", ".git/x.imzML"):
        (folder / other).parent.mkdir(exist_ok=True, parents=True)
        (folder / other).write_bytes(b"\0\5\x16\7")
    report = check(packed(folder))
    assert report.usable
    assert report.rows[0].level == "pass"
    assert report.rows[0].found == "It holds data/section.imzML."
    assert report.rows[1].file.endswith(": section.imzML")


def test_several_pairs_are_placed_side_by_side_with_a_note(tmp_path, packed) -> None:
    pair(tmp_path / "a" / "left.imzML")
    pair(tmp_path / "a" / "deeper" / "right.imzML", 2 * IMAGES)
    (tmp_path / "a" / "ions.csv").write_text("mz\n100.5\n")
    path = packed(tmp_path / "a")
    rows = [row for row in check(path).rows if row.check == "content"]
    assert [row.level for row in rows] == ["note", "note"]
    assert "2 imzML files" in rows[0].found
    assert "ions.csv is a list of m/z" in rows[1].action
    both = read(path, CONFIG)
    assert set(both.region_names) == {"left", "right"}
    np.testing.assert_allclose(both.images.sum(axis=(1, 2)), 3 * IMAGES.sum(axis=(1, 2)), rtol=1e-5)


def test_a_pair_of_other_names_in_a_zip_file(tmp_path) -> None:
    pair(tmp_path / "a" / "section.imzML")
    (tmp_path / "a" / "section.ibd").rename(tmp_path / "a" / "Sektion (1).ibd")
    np.testing.assert_array_equal(read(zipped(tmp_path / "a"), CONFIG).images, IMAGES)


def test_the_benchmark_of_the_paper_keeps_its_mass_list(tmp_path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    array = np.empty((2, 2), dtype=object)
    for index in range(2):
        array[index] = np.repeat(np.uint8(IMAGES[index][:, :, None]), 3, axis=2), index
    np.save(folder / "data.npy", array)
    np.save(folder / "mass_list.npy", np.array([["neg", "146.0641", "7"], ["neg", "292.0588", "2"]]))
    assert read(zipped(folder)).mz.tolist() == [146.0641, 292.0588]


NOT_USED = {
    "spectra beside a table and a picture": (["a.imzML", "a.ibd", "list.csv", "he.png"], ["a.imzML"], 2),
    "a stack beside tables and a picture": (["a.h5ad", "list.csv", "note.csv", "he.png"], ["a.h5ad"], 3),
    "pictures beside a table": (["1.5.png", "2.5.png", "list.csv"], ["."], 1),
    "pictures in one folder": (["sub/1.5.tif", "sub/2.5.tif", "readme.txt"], ["sub"], 0),
    "pictures above others": (["1.5.png", "2.5.png", "he/a.png"], ["."], 0),
    "one TIFF": (["a.tif", "readme.txt"], ["a.tif"], 0),
    "one text": (["a.txt"], ["a.txt"], 0),
    "one PNG": (["a.png"], ["."], 0),
    "a table and its figure": (["a.csv", "a.png"], ["a.csv"], 1),
    "zarr": (["a.zarr/.zgroup", "a.zarr/images/.zgroup", "a.zarr/images/0/.zarray", "x.csv"], ["a.zarr"], 1),
    "zarr without an ending": (["a/zarr.json", "a/images/zarr.json"], ["a"], 0),
    "a data set of msiss": (["a/meta.json", "a/images.npy", "a/mz.npy", "a/mask.npy"], ["a"], 0),
    "spectra beside a raw folder": (["a.imzML", "a.ibd", "a.d/analysis.tdf", "a.d/x.csv"], ["a.imzML"], 0),
}


@pytest.mark.parametrize("case", NOT_USED)
def test_what_is_chosen_and_what_is_said_not_to_be_used(case) -> None:
    names, expected, left_out = NOT_USED[case]
    choice = choose([PurePosixPath(name) for name in names], "a.zip")
    assert [str(name) for name in choice.names] == expected
    notes = [row for row in choice.rows if row.level == "note"]
    assert len(notes) == (1 if left_out else 0)
    assert all(row.meaning == "This is not used." for row in notes)


REFUSED = {
    "nothing": ([], "It is empty"),
    "text": (["a.pdf"], "nothing that msiss reads, but a.pdf"),
    "texts": (["a.txt", "b.txt"], "nothing that msiss reads, but a.txt and b.txt"),
    "raw data": (["a.d/analysis.tdf", "a.d/analysis.tdf_bin"], "a.d is raw data of an instrument"),
    "a zip file": (["b.zip"], "b.zip is an archive. Unpack it"),
    "an ibd file": (["a.ibd", "a.txt"], "holds a.ibd, but not a.imzML"),
    "two stacks": (["a.npz", "sub/b.h5ad"], "several files that could be meant: a.npz and sub/b.h5ad. Choose one"),
    "a stack and pictures": (["a.npz", "1.5.png", "2.5.png"], "a.npz, 1.5.png and 2.5.png"),
    "two tables": (["a.csv", "b.csv"], "a.csv and b.csv"),
    "pictures in folders": (["a/1.5.png", "b/1.5.png"], "pictures in 2 folders: a and b"),
    "many": ([f"{n}.npz" for n in range(9)], "4.npz and 4 more"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_decided_is_refused_in_words(case) -> None:
    names, message = REFUSED[case]
    with pytest.raises(DataStop, match=message):
        choose([PurePosixPath(name) for name in names], "a.zip")


def test_a_folder_that_is_too_deep_or_a_loop_ends(tmp_path) -> None:
    pair(tmp_path / "a" / "section.imzML")
    (tmp_path / "a" / "again").symlink_to(tmp_path / "a", target_is_directory=True)
    assert in_folder(tmp_path / "a").files == (tmp_path / "a" / "section.imzML",)
    deep = tmp_path / "b"
    pair(deep.joinpath(*"0123456789") / "section.imzML")
    with pytest.raises(DataError, match="It is empty"):
        in_folder(deep)


def test_nothing_remains_of_a_zip_file(tmp_path) -> None:
    pair(tmp_path / "a" / "section.imzML")
    path = zipped(tmp_path / "a")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with contents(path, scratch=scratch) as inside:
        (one,) = inside.files
        assert one.is_relative_to(scratch)
        assert one.name == "section.imzML"
    assert not any(scratch.iterdir())


def test_zip_files_and_folders_in_a_child_process(tmp_path, packed, monkeypatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    pair(tmp_path / "a" / "in" / "section.imzML")
    path = packed(tmp_path / "a")
    report = foreign.check([path])
    assert report.usable
    assert report.rows[-1].file == f"{path.name}: section.imzML"
    out = tmp_path / "made" / "d"
    out.parent.mkdir()
    foreign.make([path], Recipe(read=CONFIG), out)
    np.testing.assert_array_equal(IonImages.load(out).images, IMAGES)
    assert not any(out.parent.rglob("*.ibd"))
    assert not any(temporary.iterdir())


def test_a_zip_file_that_holds_pictures_is_not_unpacked(tmp_path) -> None:
    pictures(tmp_path / "a" / "in")
    path = zipped(tmp_path / "a")
    with contents(path) as inside:
        assert inside.files == (path,)
    (tmp_path / "a" / "in" / "ions.csv").write_text("mz\n1.5\n")
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(tmp_path / "a" / "in" / "ions.csv", "in/ions.csv")
    notes = [row for row in check(path).rows if row.level == "note"]
    assert "in/ions.csv" in notes[0].found


def test_a_damaged_file_in_a_container_is_named(tmp_path, packed) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "a.npz").write_bytes(b"no zip file")
    report = check(packed(folder))
    assert not report.usable
    assert report.rows[-1].file.endswith(": a.npz")
    with pytest.raises(DataError, match=r"a\.npz"):
        read(packed(folder))


def test_a_zip_file_is_unpacked_by_a_child(tmp_path) -> None:
    pair(tmp_path / "a" / "in" / "section.imzML")
    folder = tmp_path / "out"
    folder.mkdir()
    inside = foreign.unpack(zipped(tmp_path / "a"), folder)
    assert inside.files == (folder / "in" / "section.imzML",)
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["section.ibd", "section.imzML"]
    with pytest.raises(DataError, match=r"cannot be opened: a\.zip lies outside"):
        foreign.unpack(zipped(tmp_path / "a"), tmp_path / "out", within=[tmp_path / "elsewhere"])
