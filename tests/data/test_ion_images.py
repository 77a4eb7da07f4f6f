"""The stack: its invariants, its fingerprint, and saving that is whole or nothing."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from msiss.data.ion_images import IonImages
from msiss.errors import DataError


def with_value(array: np.ndarray, place: object, value: object) -> np.ndarray:
    array = array.copy()
    array[place] = value
    return array


# What is changed in a good stack, and what is said about it.
WRONG = {
    "flat": (lambda s: {"images": s.images[0]}, "shape"),
    "no ions": (lambda s: {"images": s.images[:0], "mz": s.mz[:0], "names": ()}, "shape"),
    "m/z too few": (lambda s: {"mz": s.mz[1:]}, r"mz must have the shape \(12,\); it has \(11,\)"),
    "mask turned": (lambda s: {"mask": s.mask.T}, "mask must have the shape"),
    "labels too few": (lambda s: {"labels": s.labels[1:]}, "labels must have the shape"),
    "tic of another size": (lambda _: {"tic": np.ones((2, 2), np.float32)}, "tic must have the shape"),
    "names too few": (lambda _: {"names": ("a",)}, "12 ion images but 1 names"),
    "double precision": (lambda s: {"images": s.images.astype(float)}, "images must be of type float32"),
    "integer mask": (lambda s: {"mask": s.mask.astype(int)}, "mask must be of type bool"),
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


def test_subset_keeps_everything_aligned(small_images) -> None:
    part = small_images.subset([7, 2])
    np.testing.assert_array_equal(part.images, small_images.images[[7, 2]])
    np.testing.assert_array_equal(part.mz, small_images.mz[[7, 2]])
    assert part.names == ("lipid 7", "lipid 2")
    np.testing.assert_array_equal(part.labels, small_images.labels[[7, 2]])
    assert (len(part), part.shape) == (2, (16, 20))


FIELDS = ("images", "mz", "mask", "labels", "tic")


def test_the_fingerprint_is_of_the_content(small_images) -> None:
    assert replace(small_images, names=tuple("abcdefghijkl"), source="b").fingerprint == small_images.fingerprint
    assert replace(small_images, images=np.asfortranarray(small_images.images)).fingerprint == small_images.fingerprint
    changes = [
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
    tic = small_images.images.sum(axis=0)
    stack = replace(small_images, tic=tic) if full else replace(small_images, labels=None, pixel_size=None)
    stack.save(tmp_path / "deep" / "a")
    loaded = IonImages.load(tmp_path / "deep" / "a")

    assert isinstance(loaded.images, np.memmap)
    for name in FIELDS:
        saved, read = getattr(stack, name), getattr(loaded, name)
        assert (saved is None) == (read is None)
        if saved is not None:
            np.testing.assert_array_equal(read, saved)
            assert read.dtype == saved.dtype
    for name in ("names", "polarity", "pixel_size", "source", "fingerprint"):
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
    with pytest.raises(DataError, match="No space left on device"):
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


def test_damaged_folders_are_refused(tmp_path, small_images) -> None:
    small_images.save(tmp_path / "good")
    damages = {
        "missing array": lambda folder: (folder / "mz.npy").unlink(),
        "cut array": lambda folder: (folder / "images.npy").write_bytes((folder / "images.npy").read_bytes()[:5000]),
        "no meta": lambda folder: (folder / "meta.json").unlink(),
        "meta of another": lambda folder: (folder / "meta.json").write_text(json.dumps({"names": []})),
        "meta is no JSON": lambda folder: (folder / "meta.json").write_text("{"),
        "foreign array": lambda folder: np.save(folder / "extra.npy", np.zeros(3)),
    }
    for name, damage in damages.items():
        folder = shutil.copytree(tmp_path / "good", tmp_path / name)
        damage(folder)
        with pytest.raises(DataError, match="not a data set of msiss, or it is damaged"):
            IonImages.load(folder)
    with pytest.raises(DataError):
        IonImages.load(tmp_path / "none")


def test_a_stack_on_disk_is_saved_without_a_copy(tmp_path, small_images):
    """The file of a memory-mapped stack gets another name; parts of it, and stacks in memory, are written."""
    from dataclasses import replace

    from msiss.data import mapped

    array = mapped.zeros(tmp_path, "scratch", small_images.images.shape)
    array[:] = small_images.images
    whole = replace(small_images, images=array)
    whole.save(tmp_path / "whole")
    assert (tmp_path / "whole" / "images.npy").samefile(tmp_path / "scratch.npy")
    part = replace(small_images.subset(range(5)), images=array[:5])
    part.save(tmp_path / "part")
    assert not (tmp_path / "part" / "images.npy").samefile(tmp_path / "scratch.npy")
    (tmp_path / "scratch.npy").unlink()
    np.testing.assert_array_equal(IonImages.load(tmp_path / "whole").images, small_images.images)
    np.testing.assert_array_equal(IonImages.load(tmp_path / "part").images, small_images.images[:5])
    assert IonImages.load(tmp_path / "whole").fingerprint == small_images.fingerprint
