"""The commands that bring data in: every option reaches the recipe or the data set."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from msiss.cli import main
from msiss.data.formats.arrays import load, write_stack
from msiss.data.ion_images import IonImages
from msiss.data.phantom import make_phantom
from msiss.data.phantom_large import write_large
from msiss.data.recipe import ReadConfig, Recipe


@pytest.fixture(scope="module")
def section(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the .imzML file of a small section, with truth.csv beside it."""
    return make_phantom(shape=(24, 30), ions=20).write(tmp_path_factory.mktemp("section"))


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def test_every_option_is_in_the_recipe(section: Path, tmp_path: Path) -> None:
    options = ["--ppm", 20, "--peaks", 9, "--noise", 2, "--prominence", 0.3, "--save-recipe", tmp_path / "r.json"]
    assert run("import", section, "--out", tmp_path / "a", *options) == 0
    expected = ReadConfig(ppm=20, number=9, noise=2, prominence=0.3)
    assert Recipe.load(tmp_path / "r.json").read == expected
    assert Recipe.model_validate(IonImages.load(tmp_path / "a").recipe).read == expected


@pytest.mark.parametrize(("source", "number"), [("list", 3), ("both", 8), ("data", 5)])
def test_ions_from_the_list_the_data_or_both(section: Path, tmp_path: Path, source: str, number: int) -> None:
    mz = np.loadtxt(section.with_name("truth.csv"), delimiter=",", skiprows=1, usecols=0)[:3]
    (tmp_path / "list.csv").write_text("mz,name\n" + "".join(f"{value},wanted\n" for value in mz))
    options = ["--mz-list", tmp_path / "list.csv", "--peaks-from", source, "--peaks", 5]
    assert run("import", section, "--out", tmp_path / "a", *options) == 0
    images = IonImages.load(tmp_path / "a")
    assert len(images) == number
    if source != "data":
        assert images.names[:3] == ("wanted",) * 3


def test_options_go_before_the_recipe(section: Path, tmp_path: Path) -> None:
    recipe = {"read": {"ppm": 30.0, "number": 9}, "mask": {"least_tic": 0.2}}
    (tmp_path / "r.json").write_text(json.dumps(recipe))
    assert run("import", section, "--recipe", tmp_path / "r.json", "--peaks", 4, "--out", tmp_path / "a") == 0
    images = IonImages.load(tmp_path / "a")
    assert len(images) == 4
    assert images.recipe == {"read": {"ppm": 30.0, "number": 4}, "mask": {"least_tic": 0.2}}


def test_a_small_file_to_upload(section: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (8, 6), (9, 8, 7)).save(tmp_path / "he.png")
    assert run("import", section, "--peaks", 6, "--picture", tmp_path / "he.png", "--out", tmp_path / "a.npz") == 0
    assert "MB)." in capsys.readouterr().out
    images, _ = load(tmp_path / "a.npz")
    assert len(images) == 6
    assert images.picture is not None
    assert images.picture[0, 0].tolist() == [9, 8, 7]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_several_files_side_by_side_or_apart(tmp_path: Path, small_images: IonImages) -> None:
    for name in "ab":
        write_stack(small_images, tmp_path / f"{name}.npz")
    files = [tmp_path / "a.npz", tmp_path / "b.npz"]
    assert run("import", *files, "--out", tmp_path / "both") == 0
    assert IonImages.load(tmp_path / "both").region_names == ("a", "b")
    assert run("import", *files, "--separate", "--out", tmp_path / "apart") == 0
    assert sorted(path.name for path in (tmp_path / "apart").iterdir()) == ["a", "b"]


def test_a_setting_out_of_range_is_named(section: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", section, "--prominence", 7, "--out", tmp_path / "a") == 1
    assert capsys.readouterr().err.startswith("error: Prominence: ")


def test_an_import_never_overwrites(section: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").mkdir()
    assert run("import", section, "--out", tmp_path / "a") == 1
    assert "exists already" in capsys.readouterr().err


def test_files_and_a_metaspace_id_exclude_each_other(section: Path, tmp_path: Path) -> None:
    assert run("import", section, "--metaspace", "2016-09-22_11h16m17s", "--out", tmp_path / "a") == 1


def test_check_says_of_each_file_what_is_wrong(
    section: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.imzML").write_text("hello")
    assert run("check", section, tmp_path / "bad.imzML", "--quick", "--checksum") == 1
    said = capsys.readouterr().out
    assert f"{section.name}:\n" in said
    assert "is unchanged since it was written (sha1)." in said
    assert "zeros" not in said
    assert "bad.imzML:\nstop     files" in said


def test_a_large_demo(tmp_path: Path) -> None:
    assert run("demo", tmp_path / "cli", "--pixels", 50, "--peaks", 30, "--mode", "continuous", "--seed", 3) == 0
    write_large(tmp_path / "own.imzML", pixels=50, peaks=30, mode="continuous", seed=3)
    assert (tmp_path / "cli" / "large.ibd").read_bytes() == (tmp_path / "own.ibd").read_bytes()
