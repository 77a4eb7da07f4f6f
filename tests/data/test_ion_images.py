"""The stack: its invariants, its fingerprint, and saving that is whole or nothing."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from msiss.data import mapped
from msiss.data.ion_images import IonImages
from msiss.errors import DataError, MsissWarning


def with_value(array: np.ndarray, place: object, value: object) -> np.ndarray:
    array = array.copy()
    array[place] = value
    return array


# What is changed in a good stack, and what is said about it.
WRONG = {
    "flat": (lambda s: {"images": s.images[0]}, r"this one has \(16, 20\). Give a single image as images\[None\]"),
    "no ions": (lambda s: {"images": s.images[:0], "mz": s.mz[:0], "names": ()}, "shape"),
    "m/z too few": (lambda s: {"mz": s.mz[1:]}, r"mz must have the shape \(12,\); it has \(11,\)"),
    "mask turned": (lambda s: {"mask": s.mask.T}, "mask must have the shape"),
    "labels too few": (lambda s: {"labels": s.labels[1:]}, "labels must have the shape"),
    "tic of another size": (lambda _: {"tic": np.ones((2, 2), np.float32)}, "tic must have the shape"),
    "names too few": (lambda _: {"names": ("a",)}, "12 ion images but 1 names"),
    "text": (lambda s: {"images": s.images.astype(str)}, "images must hold numbers; .* type str"),
    "lists of two lengths": (lambda s: {"mz": [*s.mz[:11], [1.0, 2.0]]}, "mz is not an array"),
    "half classes": (lambda s: {"labels": s.labels + 0.5}, "labels must hold whole numbers"),
    "too large for single precision": (lambda s: {"images": s.images.astype(float) * 1e38}, "NaN or infinite"),
    "one number for all m/z": (lambda _: {"mz": 400.1, "names": ()}, r"mz must have the shape \(12,\); it has \(\)"),
    "m/z of 0": (lambda s: {"mz": with_value(s.mz, 3, 0)}, "the first is number 4"),
    "m/z NaN": (lambda s: {"mz": with_value(s.mz, 3, np.nan)}, "the first is number 4"),
    "empty mask": (lambda s: {"images": s.images * 0, "mask": s.mask & False}, "mask is empty"),
    "NaN": (
        lambda s: {"images": with_value(s.images, (0, 9, 9), np.nan)},
        "m/z 400.1000 .* not numbers",
    ),
    "infinite": (lambda s: {"images": with_value(s.images, (0, 9, 9), np.inf)}, "not numbers"),
    "negative": (
        lambda s: {"images": with_value(s.images, (11, 9, 9), -2)},
        "m/z 800.3000 .* down to -2",
    ),
    "outside the mask": (lambda s: {"images": with_value(s.images, (0, 0, 0), 1)}, "not 0 outside the measured pixels"),
}


@pytest.mark.parametrize("case", WRONG)
def test_impossible_stacks_are_refused(small_images, case) -> None:
    change, message = WRONG[case]
    with pytest.raises(DataError, match=message):
        replace(small_images, **change(small_images))


def test_names_default_to_the_mz(small_images) -> None:
    assert replace(small_images, names=()).names[0] == "400.1000"


def test_arrays_of_other_kinds_are_taken(small_images) -> None:
    taken = IonImages(
        images=small_images.images.astype(float).tolist(),
        mz=small_images.mz.tolist(),
        mask=small_images.mask.astype(int),
        labels=small_images.labels.astype(float),
        names=list(small_images.names),
    )
    assert taken.fingerprint == small_images.fingerprint
    assert taken.names == small_images.names
    assert np.shares_memory(replace(small_images).images, small_images.images)  # what fits is not copied


def test_without_a_mask_every_pixel_was_measured(small_images) -> None:
    for taken in (
        IonImages(images=small_images.images, mz=small_images.mz),
        IonImages.from_arrays(small_images.images, small_images.mz),
    ):
        np.testing.assert_array_equal(taken.mask, np.ones((16, 20), bool))
        assert taken.mask.dtype == bool


def test_what_lies_outside_the_mask_is_left_out(small_images) -> None:
    outside = ~small_images.mask
    images = small_images.images.astype(float)
    images[:, outside] = np.nan
    images[0, outside] = -3
    before = images.copy()
    taken = IonImages.from_arrays(images, list(small_images.mz), small_images.mask, labels=small_images.labels)
    np.testing.assert_array_equal(taken.images, small_images.images)
    assert taken.fingerprint == small_images.fingerprint
    np.testing.assert_array_equal(images, before)  # the array given stays as it was
    with pytest.raises(DataError, match="mask must have the shape"):
        IonImages.from_arrays(images, small_images.mz, small_images.mask.T)
    with pytest.raises(DataError, match="NaN or infinite"):
        IonImages.from_arrays(images[1:], small_images.mz[1:])


def test_mean_intensities_are_over_the_measured_pixels(small_images) -> None:
    inside = np.zeros(small_images.shape, dtype=bool)
    inside[:2, :2] = True
    few = replace(small_images, mask=inside, images=np.where(inside, small_images.images, np.float32(0)))
    expected = [np.mean([image[0, 0], image[0, 1], image[1, 0], image[1, 1]], dtype=float) for image in few.images]
    np.testing.assert_allclose(few.mean_intensities(), expected)


def test_subset_keeps_everything_aligned(small_images) -> None:
    part = small_images.subset([7, 2])
    np.testing.assert_array_equal(part.images, small_images.images[[7, 2]])
    np.testing.assert_array_equal(part.mz, small_images.mz[[7, 2]])
    assert part.names == ("lipid 7", "lipid 2")
    np.testing.assert_array_equal(part.labels, small_images.labels[[7, 2]])
    assert (len(part), part.shape) == (2, (16, 20))


FIELDS = ("images", "mz", "mask", "labels", "tic", "positions")


def test_the_fingerprint_is_of_the_content(small_images) -> None:
    assert replace(small_images, names=tuple("abcdefghijkl"), source="b").fingerprint == small_images.fingerprint
    assert replace(small_images, images=np.asfortranarray(small_images.images)).fingerprint == small_images.fingerprint
    for size in (None, (2.0, 2.0)):
        assert replace(small_images, pixel_size=size).fingerprint == small_images.fingerprint
    changes = [
        {"pixel_size": (2.0, 1.0)},  # the section has another shape
        {"pixel_size": (1.0, 2.0)},
        {"images": with_value(small_images.images, (5, 9, 9), 1.25)},
        {"mz": with_value(small_images.mz, 0, 400.2)},
        {"mask": with_value(small_images.mask, (0, 0), True)},
        {"labels": with_value(small_images.labels, 0, 1)},
        {"labels": None},
        {"tic": np.ones((16, 20), np.float32)},
    ]
    fingerprints = {replace(small_images, **change).fingerprint for change in changes}
    assert len(fingerprints | {small_images.fingerprint}) == len(changes) + 1


@pytest.mark.parametrize("full", [True, False])
def test_what_is_saved_is_loaded(tmp_path, small_images, full) -> None:
    known = {"tic": small_images.images.sum(axis=0), "positions": np.indices((16, 20)).T.swapaxes(0, 1) + 7}
    known["about"] = {"Instrument": "Q Exactive"}
    stack = replace(small_images, **known) if full else replace(small_images, labels=None, pixel_size=None)
    stack.save(tmp_path / "deep" / "a")
    loaded = IonImages.load(tmp_path / "deep" / "a")

    assert isinstance(loaded.images, np.memmap)
    for name in FIELDS:
        saved, read = getattr(stack, name), getattr(loaded, name)
        assert (saved is None) == (read is None)
        if saved is not None:
            np.testing.assert_array_equal(read, saved)
            assert read.dtype == saved.dtype
    for name in ("names", "polarity", "pixel_size", "source", "about", "fingerprint"):
        assert getattr(loaded, name) == getattr(stack, name)
    assert replace(loaded, images=np.array(loaded.images)).fingerprint == stack.fingerprint


def test_nothing_is_overwritten(tmp_path, small_images) -> None:
    small_images.save(tmp_path / "a")
    with pytest.raises(DataError, match="exists already"):
        small_images.subset([0]).save(tmp_path / "a")
    assert len(IonImages.load(tmp_path / "a")) == 12


@pytest.mark.parametrize("failing", ["mz.npy", "meta.json"])
def test_a_failed_save_leaves_nothing_behind(tmp_path, small_images, monkeypatch, failing) -> None:
    def no_space(path: Path, *_: object, **__: object) -> None:
        if Path(path).name == failing:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", no_space)
    monkeypatch.setattr(Path, "write_text", no_space)
    with pytest.raises(DataError, match="the disk is full"):
        small_images.save(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_visible_before_it_is_whole(tmp_path, small_images, monkeypatch) -> None:
    seen = []
    save = np.save

    def watch(path: Path, array: np.ndarray) -> None:
        seen.append([file.name for file in tmp_path.iterdir() if not file.name.startswith(".")])
        save(path, array)

    monkeypatch.setattr(np, "save", watch)
    small_images.save(tmp_path / "a")
    assert seen
    assert not any(seen)


def of_meta(**changes: object) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / "meta.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return damage


def array(name: str, content: np.ndarray) -> Callable[[Path], None]:
    return lambda folder: np.save(folder / f"{name}.npy", content)


# What happened to a good data set, and what is said about it.
DAMAGES = {
    "missing m/z": (lambda folder: (folder / "mz.npy").unlink(), "mz.npy is missing"),
    "missing images": (lambda folder: (folder / "images.npy").unlink(), "images.npy is missing"),
    "cut images": (lambda folder: os.truncate(folder / "images.npy", 5000), "images.npy is cut off"),
    "cut header": (lambda folder: os.truncate(folder / "images.npy", 20), "images.npy is cut off"),
    "cut mask": (lambda folder: os.truncate(folder / "mask.npy", 200), "mask.npy is cut off"),
    "empty labels": (lambda folder: os.truncate(folder / "labels.npy", 0), "labels.npy is cut off"),
    "a zip file": (lambda folder: shutil.copy(shutil.make_archive(str(folder.parent / "a"), "zip", folder),
                   folder / "mz.npy"), "mz.npy is cut off or holds something else"),
    "a nested header": (lambda folder: (folder / "mz.npy").write_bytes(b"\x93NUMPY\x01\x00\x28\x23" + b"(" * 9000),
                        "mz.npy is cut off or holds something else"),
    "objects": (array("mz", np.array([{}])), "mz.npy is cut off or holds something else"),
    "another shape": (array("mask", np.ones((3, 3), bool)), r"mask must have the shape \(16, 20\)"),
    "another type": (array("mz", np.ones(12, np.float32)), "mz must be of type float64"),
    "m/z that are none": (array("mz", np.zeros(12)), "12 of 12 m/z values are not positive numbers"),
    "no pixel": (array("mask", np.zeros((16, 20), bool)), "The mask is empty"),
    "regions without names": (array("regions", np.ones((16, 20), np.int16)), "1 regions but 0 names"),
    "flat positions": (array("positions", np.ones((16, 20), np.int64)), "positions must have the shape"),
    "flat regions": (array("regions", np.ones(4, np.int16)), "regions must have the shape"),
    "no meta": (lambda folder: (folder / "meta.json").unlink(), "meta.json cannot be read: there is no such file"),
    "empty meta": (lambda folder: (folder / "meta.json").write_text(""), "meta.json is empty"),
    "zeros for meta": (lambda folder: (folder / "meta.json").write_bytes(bytes(500)), "not the text that msiss wrote"),
    "meta is no text": (lambda folder: (folder / "meta.json").write_bytes(b"\xff\xfe{"), "not the text"),
    "meta is nested": (lambda folder: (folder / "meta.json").write_text("[" * 100_000), "not the text"),
    "meta is a list": (lambda folder: (folder / "meta.json").write_text("[]"), "meta.json is not the text"),
    "meta of another": (lambda folder: (folder / "meta.json").write_text('{"names": []}'), "polarity in meta.json"),
    "too few names": (of_meta(names=["a"]), "12 ion images but 1 names"),
    "names are numbers": (of_meta(names=list(range(12))), "names → 0 in meta.json"),
    "pixel size of one": (of_meta(pixel_size=[5]), "pixel_size"),
    "negative pixels": (of_meta(pixel_size=[-5, 5]), "pixel_size"),
    "unknown polarity": (of_meta(polarity="both"), "polarity in meta.json"),
    "too few formulas": (of_meta(annotations={"formula": ["H2O"]}), "12 ion images but 1 entries of formula"),
    "recipe is a text": (of_meta(recipe="mine"), "recipe in meta.json"),
    "no axis": (of_meta(axis=None), "axis in meta.json"),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGES)
def test_damaged_folders_are_refused_in_words(tmp_path, small_images, case) -> None:
    damage, message = DAMAGES[case]
    small_images.save(tmp_path / "a")
    damage(tmp_path / "a")
    with pytest.raises(DataError, match=f"not a data set of msiss, or it is damaged: .*{message}"):
        IonImages.load(tmp_path / "a")


def test_a_folder_that_is_not_there_is_said(tmp_path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        IonImages.load(tmp_path / "none")


def test_what_a_later_version_wrote_is_told_and_left_out(tmp_path, small_images) -> None:
    replace(small_images, annotations={"formula": ("H2O",) * 12}).save(tmp_path / "a")
    np.save(tmp_path / "a" / "thickness.npy", np.zeros(3))
    of_meta(annotations={"formula": ["H2O"] * 12, "pathway": ["x"] * 12}, instrument={"name": "new"})(tmp_path / "a")
    with pytest.warns(MsissWarning, match="a was saved by a later version .* about instrument, pathway"):
        loaded = IonImages.load(tmp_path / "a")
    assert dict(loaded.annotations) == {"formula": ("H2O",) * 12}
    np.testing.assert_array_equal(loaded.images, small_images.images)


def test_all_is_on_the_disk_before_it_has_its_name(tmp_path, small_images, monkeypatch) -> None:
    done = []
    monkeypatch.setattr("msiss.durable.sync", lambda path: done.append(path.name))
    small_images.save(tmp_path / "a")
    assert {"images.npy", "mz.npy", "mask.npy", "labels.npy", "meta.json"} <= set(done[:-2])
    assert done[-2].startswith(".a.")
    assert done[-1] == tmp_path.name


def test_a_stack_in_files_of_its_own_is_saved_without_a_copy(tmp_path, small_images):
    """The file of a memory-mapped stack gets another name; parts of it, and stacks in memory, are written."""
    array = mapped.zeros(tmp_path, "scratch", small_images.images.shape)
    array[:] = small_images.images
    whole = replace(small_images, images=array)
    whole.save(tmp_path / "whole", scratch=tmp_path)
    assert (tmp_path / "whole" / "images.npy").samefile(tmp_path / "scratch.npy")
    part = replace(small_images.subset(range(5)), images=array[:5])
    part.save(tmp_path / "part", scratch=tmp_path)
    assert not (tmp_path / "part" / "images.npy").samefile(tmp_path / "scratch.npy")
    (tmp_path / "scratch.npy").unlink()
    np.testing.assert_array_equal(IonImages.load(tmp_path / "whole").images, small_images.images)
    np.testing.assert_array_equal(IonImages.load(tmp_path / "part").images, small_images.images[:5])
    assert IonImages.load(tmp_path / "whole").fingerprint == small_images.fingerprint


def test_a_stack_in_files_of_others_is_copied(tmp_path, small_images):
    small_images.save(tmp_path / "theirs")
    loaded = IonImages.load(tmp_path / "theirs")
    (tmp_path / "scratch").mkdir()
    for name, scratch in (("no scratch", None), ("another place", tmp_path / "scratch")):
        loaded.save(tmp_path / name, scratch=scratch)
        assert not (tmp_path / name / "images.npy").samefile(tmp_path / "theirs" / "images.npy")
        np.testing.assert_array_equal(IonImages.load(tmp_path / name).images, small_images.images)


def test_a_notebook_shows_what_the_file_says_as_plain_text(small_images) -> None:
    shown = replace(small_images, about={"Instrument": "<b>Q Exactive</b>\n"})._repr_html_()
    assert "Instrument</td>" in shown
    assert "&lt;b&gt;Q Exactive&lt;/b&gt;</td>" in shown


def test_a_stack_of_a_version_that_knew_less_is_the_same(small_images, tmp_path) -> None:
    small_images.save(tmp_path / "a")
    written = json.loads((tmp_path / "a" / "meta.json").read_text(encoding="utf-8"))
    del written["about"]
    (tmp_path / "a" / "meta.json").write_text(json.dumps(written), encoding="utf-8")
    assert small_images.is_saved_in(tmp_path / "a")
    assert not replace(small_images, about={"Instrument": "solariX"}).is_saved_in(tmp_path / "a")
