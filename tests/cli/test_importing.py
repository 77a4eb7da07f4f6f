"""What `msiss check` says about several files, and to a script; what `msiss import` is told beside the files."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from imzml_of_kinds import NEGATIVE, POSITIVE, write_kinds
from PIL import Image

from msiss.cli.main import main
from msiss.data.formats.imzml.reader import write_imzml
from msiss.data.ion_images import IonImages


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Return a good imzML file and a stack."""
    pixels = [(x, y, np.array([100.0, 200]), np.array([x, y])) for x in (1, 2) for y in (1, 2)]
    write_imzml(tmp_path / "a.imzML", pixels)
    np.savez(tmp_path / "b.npz", images=np.ones((1, 2, 2)), mz=[5.0])
    return [str(tmp_path / "a.imzML"), str(tmp_path / "b.npz")]


@pytest.mark.usefixtures("children")
def test_one_stop_among_several_files_is_a_failure(files, tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *files]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("pass     a.imzML: identity: ") for line in lines)
    assert any(line.startswith("pass     b.npz: intensities: ") for line in lines)
    assert main(["check", *files, str(tmp_path / "none.npz")]) == 1
    assert "stop     none.npz: file: There is no such file" in capsys.readouterr().out


def test_json_of_several_files_is_one_object(files, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *files, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["usable"] is True
    assert {row["file"] for row in report["rows"]} == {"a.imzML", "b.npz"}


def test_what_is_looked_at_can_be_chosen(files, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", files[0], "--quick"])
    assert "not looked at" in (quick := capsys.readouterr().out)
    assert "checksum: The header gives the sha1 of a.ibd; it was not asked for." in quick
    main(["check", files[0], "--checksum"])
    thorough = capsys.readouterr().out
    assert "not looked at" not in thorough
    assert "checksum: a.ibd is unchanged since it was written (sha1)." in thorough


@pytest.mark.parametrize(
    ("options", "size", "polarity"),
    [
        (["--pixel-size", "25"], (25, 25), "unknown"),
        (["--pixel-size", "25", "50", "--polarity", "negative"], (25, 50), "negative"),
        (["--polarity", "positive"], None, "positive"),
    ],
)
def test_pixel_size_and_polarity_can_be_told(files, tmp_path, options, size, polarity) -> None:
    assert main(["import", files[1], "--out", str(tmp_path / "a"), *options, "--save-recipe", str(tmp_path / "r")]) == 0
    assert main(["import", files[1], "--out", str(tmp_path / "b"), "--recipe", str(tmp_path / "r")]) == 0
    for name in "ab":
        images = IonImages.load(tmp_path / name)
        assert (images.pixel_size, images.polarity) == (size, polarity)


def test_what_is_told_beside_a_recipe_goes_before_it(files, tmp_path) -> None:
    (tmp_path / "r").write_text('{"measurement": {"pixel_size": [1, 2], "polarity": "positive"}}')
    command = ["import", files[1], "--out", str(tmp_path / "a"), "--recipe", str(tmp_path / "r"), "--pixel-size", "7"]
    assert main(command) == 0
    images = IonImages.load(tmp_path / "a")
    assert (images.pixel_size, images.polarity) == ((7, 7), "positive")


@pytest.mark.parametrize("size", [["0"], ["-1", "5"], ["1", "2", "3"], ["nan"], ["inf", "1"]])
def test_impossible_pixels_are_refused_in_words(files, tmp_path, capsys, size) -> None:
    assert main(["import", files[1], "--out", str(tmp_path / "a"), "--pixel-size", *size]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: Pixel size (µm): ")
    assert not (tmp_path / "a").exists()


@pytest.mark.filterwarnings("always::msiss.errors.MsissWarning")
def test_a_pair_of_other_uuids_is_used_if_told_so(files, tmp_path, capsys) -> None:
    ibd = (tmp_path / "a.imzML").with_suffix(".ibd")
    ibd.write_bytes(bytes(range(16)) + ibd.read_bytes()[16:])
    assert main(["check", files[0]]) == 1
    assert main(["import", files[0], "--out", str(tmp_path / "d")]) == 1
    assert "--other-uuid" in capsys.readouterr().err
    assert main(["check", files[0], "--other-uuid"]) == 0
    assert main(["import", files[0], "--out", str(tmp_path / "d"), "--other-uuid"]) == 0
    said = "warning: a.imzML: a.ibd does not carry the UUID of the header. Its first 16 bytes are 000102"
    assert said in capsys.readouterr().err
    assert IonImages.load(tmp_path / "d").recipe["read"] == {"other_uuid": True}


def test_a_check_is_about_the_spectra_that_would_be_read(tmp_path, capsys) -> None:
    mzs = {POSITIVE: 100.0, NEGATIVE: 200.0}
    spectra = [(x, 1, [mz], [1.0], kind) for x in (1, 2, 3) for kind, mz in mzs.items()]
    path = str(write_kinds(tmp_path / "a.imzML", spectra))
    for kind, mz in (("positive MS1", "100"), ("negative MS1", "200")):
        assert main(["check", path, "--spectra", kind]) == 0
        assert f"m/z {mz}.0000 to {mz}.0000" in capsys.readouterr().out
    assert main(["check", path, "--spectra", "positive MS3"]) == 1
    assert "holds no spectra positive MS3" in capsys.readouterr().out
    assert main(["check", path, "--spectra", "x" * 200]) == 1
    assert capsys.readouterr().err.startswith("error: Spectra: ")


def test_what_is_in_folders_and_zip_files_is_imported_apart(files, tmp_path) -> None:
    (tmp_path / "folder").mkdir()
    for ending in (".imzML", ".ibd"):
        (tmp_path / f"a{ending}").rename(tmp_path / "folder" / f"a{ending}")
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.write(files[1], "b.npz")
    given = [str(tmp_path / "folder"), str(tmp_path / "packed.zip")]
    assert main(["import", *given, "--separate", "--out", str(tmp_path / "d")]) == 0
    assert IonImages.load(tmp_path / "d" / "a").source == "a.imzML"
    assert IonImages.load(tmp_path / "d" / "b").source == "b.npz"


def test_a_table_gives_the_mz_of_pictures(tmp_path) -> None:
    folder = tmp_path / "ions"
    folder.mkdir()
    for name, value in (("heme.png", 10), ("lipid.png", 20)):
        Image.fromarray(np.full((2, 3), value, np.uint8)).save(folder / name)
    (tmp_path / "mz.csv").write_text("file,mz\nlipid.png,760.585\nheme,616.177\n")
    assert main(["import", str(folder), "--picture-mz", str(tmp_path / "mz.csv"), "--out", str(tmp_path / "d")]) == 0
    images = IonImages.load(tmp_path / "d")
    assert images.mz.tolist() == [616.177, 760.585]
    assert images.images[:, 0, 0].tolist() == [10, 20]


@pytest.fixture
def switching(tmp_path) -> Path:
    """Return a file with two positive spectra and a negative one of each pixel."""
    spectra = [
        (x, y, [200.0], [value], text)
        for x in (1, 2)
        for y in (1, 2)
        for value, text in ((2.0, POSITIVE), (9.0, NEGATIVE), (6.0, POSITIVE))
    ]
    return write_kinds(tmp_path / "switching.imzML", spectra)


@pytest.mark.filterwarnings("ignore:.*kinds of spectra", "ignore:.*several spectra")
@pytest.mark.parametrize(("rule", "value"), [("mean", 4.0), ("sum", 8.0), ("last", 6.0)])
def test_several_spectra_of_a_pixel_follow_the_option(switching, tmp_path, rule, value) -> None:
    assert main(["import", str(switching), "--out", str(tmp_path / "d"), "--per-pixel", rule]) == 0
    np.testing.assert_array_equal(IonImages.load(tmp_path / "d").images, np.full((1, 2, 2), value))


def test_the_kind_of_spectra_is_an_option(switching, tmp_path, capsys) -> None:
    assert main(["import", str(switching), "--out", str(tmp_path / "d"), "--spectra", "Negative MS1"]) == 0
    images = IonImages.load(tmp_path / "d")
    np.testing.assert_array_equal(images.images, np.full((1, 2, 2), 9.0))
    assert (images.polarity, images.recipe["read"]["spectra"]) == ("negative", "negative MS1")
    assert main(["import", str(switching), "--out", str(tmp_path / "e"), "--spectra", "MS2"]) == 1
    assert "It holds positive MS1 (8 spectra), negative MS1 (4 spectra)" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:.*several spectra")
@pytest.mark.parametrize("out", ["d", "d.npz"])
def test_each_kind_becomes_a_data_set(switching, tmp_path, out) -> None:
    assert main(["import", str(switching), "--out", str(tmp_path / out), "--spectra", "all"]) == 0
    ending = Path(out).suffix
    assert sorted(path.name for path in tmp_path.glob("d *")) == [f"d negative MS1{ending}", f"d positive MS1{ending}"]
    if not ending:
        assert IonImages.load(tmp_path / "d negative MS1").images.max() == 9


@pytest.mark.filterwarnings("ignore:.*several spectra")
def test_files_and_kinds_are_imported_apart(switching, files, tmp_path) -> None:
    arguments = ["import", str(switching), *files, "--separate", "--spectra", "all", "--out", str(tmp_path / "d")]
    assert main(arguments) == 0
    made = sorted(path.name for path in (tmp_path / "d").iterdir())
    assert made == ["a", "b", "switching negative MS1", "switching positive MS1"]
