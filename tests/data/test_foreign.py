"""A child makes of files what this process would make of them, and opens nothing but what belongs to them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from msiss.data import foreign, health, known, masks, mz_list
from msiss.data.confined import limits, parent
from msiss.data.formats.arrays import write_stack
from msiss.data.formats.imzml.reader import preview_peaks, write_imzml
from msiss.data.importing import import_data
from msiss.data.ion_images import IonImages
from msiss.data.recipe import IonsConfig, MaskConfig, ReadConfig, Recipe
from msiss.errors import DataError, MsissWarning, SettingError


@pytest.fixture
def spectra(tmp_path: Path) -> Path:
    """Return an imzML file of 6 x 6 pixels in a folder that may be read."""
    path = tmp_path / "allowed" / "section.imzML"
    path.parent.mkdir()
    mz = np.array([100.0, 150.0, 200.0])
    pixels = [(x, y, mz, np.array([x * 10.0, y * 10.0, 5.0])) for x in range(1, 7) for y in range(1, 7)]
    write_imzml(path, pixels)
    return path


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_data_set_is_the_same_byte_for_byte(spectra, small_images, tmp_path) -> None:
    stack = tmp_path / "stack.npz"
    write_stack(small_images, stack)
    tissue = tmp_path / "tissue.png"
    Image.fromarray(np.arange(300, dtype=np.uint8).reshape(10, 10, 3)).save(tissue)
    recipe = Recipe(ions=IonsConfig(least_share=0.1), mask=MaskConfig(least_tic=0.05))
    for number, (file, picture) in enumerate([(spectra, None), (stack, tissue)]):
        there, here = tmp_path / f"there {number}", tmp_path / f"here {number}"
        for folder in (there, here):
            folder.mkdir()
        said = foreign.make([file], recipe, there / "whole", picture=picture)
        images = import_data([file], recipe, picture=picture, scratch=here)
        images.save(here / "whole", scratch=here)
        assert files_of(there / "whole") == files_of(here / "whole")
        assert (said["ions"], tuple(said["shape"])) == (len(images), images.shape)


def test_a_health_report_is_the_same(spectra, tmp_path) -> None:
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04nothing")
    paths = [spectra, tmp_path / "broken.npz", tmp_path / "none.npz"]
    assert foreign.check(paths, checksum=True) == health.check(paths, checksum=True)
    each = foreign.check_each(paths, thorough=False, within=[tmp_path])
    assert each == [health.check(path, thorough=False) for path in paths]


def test_previews_are_the_same(spectra) -> None:
    found, expected = foreign.preview_peaks(spectra, ReadConfig()), preview_peaks(spectra, ReadConfig())
    for name, value in vars(expected).items():
        np.testing.assert_array_equal(getattr(found, name), value)


def test_a_picture_is_read_the_same(tmp_path) -> None:
    colours = np.random.default_rng(0).integers(0, 255, (30, 20, 3), dtype=np.uint8)
    Image.fromarray(colours).save(tmp_path / "stain.png")
    np.testing.assert_array_equal(foreign.read_picture(tmp_path / "stain.png"), colours)
    (tmp_path / "stain.jpg").write_bytes(b"nothing")
    with pytest.raises(DataError, match="cannot be read as a picture"):
        foreign.read_picture(tmp_path / "stain.jpg")


def test_small_files_are_read_the_same(tmp_path) -> None:
    listed, mask, recipe = tmp_path / "ions.csv", tmp_path / "mask.png", tmp_path / "recipe.json"
    listed.write_text("mz,name,class\n500.1,PC 34:1,lipid\n500.1,again,\n600.2,,\n")
    with pytest.warns(MsissWarning, match="more than once"):
        assert foreign.read_mz_list(listed) == mz_list.read_mz_list(listed)
    Image.fromarray(np.array([[0, 255, 255], [0, 0, 9]], dtype=np.uint8)).save(mask)
    encoded = foreign.load_mask(mask, (2, 3))
    assert encoded == masks.load_mask(mask, (2, 3))
    with pytest.raises(DataError, match=r"mask\.png has 2 x 3 pixels"):
        foreign.load_mask(mask, (3, 2))
    whole = Recipe(mask=MaskConfig(loaded=encoded), ions=IonsConfig(isotopes="drop"))
    recipe.write_text(whole.to_json())
    assert foreign.load_recipe(recipe) == whole
    recipe.write_text(json.dumps({"mask": {"loaded": "bm8="}}))
    with pytest.raises(SettingError, match="The mask in the recipe is damaged"):
        foreign.load_recipe(recipe)


def test_what_is_known_of_ions_is_read_the_same(tmp_path) -> None:
    mz = np.array([500.1, 600.2, 700.3])
    classes, pairs = tmp_path / "classes.csv", tmp_path / "pairs.csv"
    classes.write_text("mz,class\n600.2,b\n500.1,a\n")
    pairs.write_text("mz_i,mz_j,kind\n500.1,700.3,isotope\n")
    corrections = tmp_path / "corrections.csv"
    corrections.write_text("mz,cluster\n700.3,2\n500.1,white matter\n")
    np.testing.assert_array_equal(foreign.read_labels(classes, mz), known.read_labels(classes, mz))
    pd.testing.assert_frame_equal(foreign.read_pairs(pairs, mz), known.read_pairs(pairs, mz))
    assert (
        foreign.read_corrections(corrections, mz)
        == known.read_corrections(corrections, mz)
        == {0: "white matter", 2: "2"}
    )


def test_relative_paths_are_those_of_this_process(small_images, tmp_path, monkeypatch) -> None:
    write_stack(small_images, tmp_path / "a.npz")
    monkeypatch.chdir(tmp_path)
    assert foreign.check([Path("a.npz")]).usable


def test_a_link_out_of_the_allowed_folders_is_refused_when_it_is_opened(spectra, tmp_path) -> None:
    """The data of spectra and of ENVI, what lies beside a stack, and pictures of a folder."""
    allowed = spectra.parent
    secret = tmp_path / "secret.ibd"
    spectra.with_suffix(".ibd").rename(secret)
    spectra.with_suffix(".ibd").symlink_to(secret)
    header = "ENVI\nsamples = 2\nlines = 2\nbands = 1\ndata type = 1\ninterleave = bsq\n"
    (allowed / "scan.hdr").write_text(header)
    (tmp_path / "secret.dat").write_bytes(b"1234")
    (allowed / "scan.dat").symlink_to(tmp_path / "secret.dat")
    pictures = allowed / "pictures"
    pictures.mkdir()
    for name in ("1.5mz.png", "2.5mz.png"):
        Image.fromarray(np.full((2, 2), 7, dtype=np.uint8)).save(pictures / name)
    (tmp_path / "secret.png").write_bytes((pictures / "1.5mz.png").read_bytes())
    (pictures / "3.5mz.png").symlink_to(tmp_path / "secret.png")
    paths = [spectra, allowed / "scan.hdr", pictures]
    reports = foreign.check_each(paths, thorough=False, within=[allowed])
    for report, name in zip(reports, ("section.ibd", "scan.dat", "3.5mz.png"), strict=True):
        (stop,) = [row for row in report.rows if row.level == "stop"]
        assert f"{name} lies outside the folders that may be read here" in stop.found
    for path in paths:  # users who read their own files may link them as they like
        assert foreign.check([path]).usable


def test_links_between_allowed_folders_are_followed(spectra, tmp_path) -> None:
    """A header and its pair are both linked, or the header alone, or their folder; also a picture of a folder."""
    allowed = spectra.parent
    links, second = allowed / "project" / "links", tmp_path / "second"
    for folder in (links, second):
        folder.mkdir(parents=True)
    (links / "both.imzML").symlink_to(spectra)
    (links / "both.ibd").symlink_to(spectra.with_suffix(".ibd"))
    (links / "alone.imzML").symlink_to(Path("..") / ".." / spectra.name)
    (second / "folder").symlink_to(allowed)
    pictures = allowed / "pictures"
    pictures.mkdir()
    for name in ("1.5mz.png", "2.5mz.png"):
        Image.fromarray(np.full((2, 2), 7, dtype=np.uint8)).save(pictures / name)
    (pictures / "1.5mz.png").rename(second / "1.5mz.png")
    (pictures / "1.5mz.png").symlink_to(second / "1.5mz.png")
    paths = [links / "both.imzML", links / "alone.imzML", second / "folder" / "section.imzML", pictures]
    for report in foreign.check_each(paths, thorough=False, within=[allowed, second]):
        assert report.usable, report
    (report,) = foreign.check_each([links / "alone.imzML"], thorough=False, within=[links])
    assert not report.usable


def test_a_linked_list_of_masses_is_not_read(tmp_path) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    stack = np.empty((2, 2), dtype=object)
    for row in range(2):
        stack[row] = [np.full((4, 5, 3), row + 1.0), row]
    np.save(allowed / "stack.npy", stack)
    np.save(tmp_path / "secret.npy", np.array([["pos", "500.1", "0"], ["pos", "600.2", "1"]]))
    (allowed / "mass_list.npy").symlink_to(tmp_path / "secret.npy")
    folder = tmp_path / "own"
    folder.mkdir()
    with pytest.raises(DataError, match=r"mass_list\.npy lies outside the folders that may be read here"):
        foreign.make([allowed / "stack.npy"], Recipe(), folder / "whole", within=[allowed])
    assert not (folder / "whole").exists()
    foreign.make([allowed / "stack.npy"], Recipe(), folder / "whole")
    assert IonImages.load(folder / "whole").mz.tolist() == [500.1, 600.2]


def test_what_was_read_of_a_header_is_kept_for_the_next_child_under_the_name_of_its_file(spectra, msiss_home) -> None:
    foreign.check([spectra], thorough=False)
    (kept,) = (msiss_home / "index").iterdir()
    before = kept.read_bytes()
    kept.write_bytes(b"damaged")  # is not taken for the header, and not replaced by what a child says
    assert foreign.check([spectra], thorough=False).usable
    assert kept.read_bytes() == b"damaged"
    kept.unlink()
    assert foreign.check([spectra], thorough=False).usable
    assert kept.read_bytes() == before


def test_a_child_without_memory_is_a_row_of_the_report(spectra, monkeypatch) -> None:
    few = lambda *given, **more: replace(limits.limits(*given, **more), data=20_000_000)  # noqa: E731
    monkeypatch.setattr(parent, "limits", few)
    report = foreign.check([spectra])
    assert not report.usable
    assert [row.level for row in report.rows] == ["stop"]
    assert report.rows[0].file == "section.imzML"
