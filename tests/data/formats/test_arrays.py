"""Stacks of ion images in NumPy files."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from msiss.data.axis import RAMAN
from msiss.data.formats import read
from msiss.data.formats.arrays import load, write_stack
from msiss.data.ion_images import UNLABELLED
from msiss.data.recipe import ListedIon, ReadConfig
from msiss.errors import DataError, MsissWarning

IMAGES = np.arange(24.0).reshape(2, 3, 4) + 1
MZ = np.array([500.1, 400.2])


def save(folder: Path, **arrays: object) -> Path:
    np.savez(folder / "a.npz", **arrays)  # type: ignore[arg-type]
    return folder / "a.npz"


@pytest.mark.parametrize("key", ["images", "cube"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float64, ">f4"])
def test_npz_of_any_number_type(tmp_path, key, dtype) -> None:
    mask = np.ones((3, 4), dtype=int)
    mask[0, 0] = 0
    images = IMAGES * mask
    stack = read(save(tmp_path, **{key: images.astype(dtype)}, mz=MZ, mask=mask, names=["a", "b"]))
    np.testing.assert_array_equal(stack.images, images)
    np.testing.assert_array_equal(stack.mz, MZ)
    np.testing.assert_array_equal(stack.mask, mask == 1)
    assert stack.names == ("a", "b")
    assert stack.tic is None


def test_bladder(test_data) -> None:
    stack = read(test_data / "bladder" / "bladder79.npz")
    assert stack.images.shape == (79, 134, 260)
    assert stack.mask.all()


@pytest.mark.parametrize(
    ("labels", "expected"),
    [([3, -1], [3, UNLABELLED]), ([2.0, np.nan], [2, UNLABELLED]), (["muscle", "lumen"], [1, 0])],
)
def test_labels(tmp_path, labels, expected) -> None:
    assert read(save(tmp_path, images=IMAGES, mz=MZ, labels=labels)).labels.tolist() == expected


def test_pixels_that_are_nan_in_all_images_are_not_measured(tmp_path) -> None:
    images = IMAGES.copy()
    images[:, 1, 2] = np.nan
    stack = read(save(tmp_path, images=images, mz=MZ))
    assert not stack.mask[1, 2]
    assert stack.mask.sum() == 11
    assert (stack.images[:, 1, 2] == 0).all()


def test_values_that_are_no_intensities_are_read_as_0(tmp_path) -> None:
    images = IMAGES.copy()
    images[0, 0, 0], images[1, 0, 1], images[0, 2, 2] = np.nan, np.inf, -3
    with pytest.warns(MsissWarning, match="2 of 24 intensities are not numbers .* and 1 of 24 .* negative"):
        stack = read(save(tmp_path, images=images, mz=MZ))
    images[0, 0, 0] = images[1, 0, 1] = images[0, 2, 2] = 0
    np.testing.assert_array_equal(stack.images, images)
    assert stack.mask.all()


def test_signal_outside_the_mask_is_removed_with_a_warning(tmp_path) -> None:
    mask = np.zeros((3, 4))
    mask[:2] = 1
    with pytest.warns(MsissWarning, match="of the signal lies outside the mask"):
        stack = read(save(tmp_path, images=IMAGES, mz=MZ, mask=mask))
    np.testing.assert_array_equal(stack.images, IMAGES * mask)


def test_images_without_signal_are_left_out(tmp_path) -> None:
    images = IMAGES.copy()
    images[0] = 0
    with pytest.warns(MsissWarning, match=r"1 ion without signal, such as 500\.1000"):
        stack = read(save(tmp_path, images=images, mz=MZ, labels=[4, 5]))
    np.testing.assert_array_equal(stack.images, IMAGES[1:])
    assert stack.labels.tolist() == [5]


def test_npy_without_mz_is_numbered_with_a_warning(tmp_path) -> None:
    np.save(tmp_path / "a.npy", IMAGES)
    with pytest.warns(MsissWarning, match="does not say which m/z"):
        stack = read(tmp_path / "a.npy")
    assert stack.names == ("image 1", "image 2")
    assert stack.mz.tolist() == [1, 2]


def benchmark(folder: Path) -> np.ndarray:
    """Write two grey images as the paper's code does, with mass list and mask."""
    array = np.empty((2, 2), dtype=object)
    for index, label in enumerate((7, 2)):
        array[index] = np.repeat(IMAGES[index][:, :, None], 3, axis=2).astype(np.uint8), label
    np.save(folder / "data.npy", array)
    np.save(folder / "mass_list.npy", np.array([["neg", "146.0641", "7"], ["pos", "292.0588", "2"]]))
    off_tissue = np.zeros((3, 4))
    off_tissue[2] = 1
    np.save(folder / "mask.npy", off_tissue)
    return array


def test_the_benchmark_of_the_paper(tmp_path) -> None:
    benchmark(tmp_path)
    with pytest.warns(MsissWarning, match="outside the mask"):
        stack = read(tmp_path / "data.npy")
    np.testing.assert_array_equal(stack.images[:, :2], IMAGES[:, :2])
    assert not stack.mask[2].any()
    assert stack.mask[:2].all()
    assert stack.labels.tolist() == [7, 2]
    assert stack.mz.tolist() == [146.0641, 292.0588]
    assert stack.polarity == "mixed"


def test_companions_of_another_size_are_not_used(tmp_path) -> None:
    benchmark(tmp_path)
    np.save(tmp_path / "mass_list.npy", np.array([["neg", "146.0641", "7"]]))
    np.save(tmp_path / "mask.npy", np.zeros((5, 5)))
    with pytest.warns(MsissWarning) as caught:
        stack = read(tmp_path / "data.npy")
    messages = " ".join(str(warning.message) for warning in caught)
    assert "mass_list.npy has 1 rows for 2 images. It is not used." in messages
    assert "mask.npy has the shape (5, 5)" in messages
    assert stack.mask.all()


@pytest.mark.filterwarnings("ignore:.*:msiss.errors.MsissWarning")
def test_the_published_class_averages(test_data) -> None:
    stack = read(test_data / "uterus" / "labeling_data.npy")
    assert stack.images.shape == (13, 96, 96)
    assert stack.labels.tolist() == list(range(13))
    assert stack.mask.sum() == (np.load(test_data / "uterus" / "mask.npy") == 0).sum()


REFUSED = {
    "no images": ({"mz": MZ}, "no array named images"),
    "one image": ({"images": IMAGES[0], "mz": MZ}, r"shape \(3, 4\)"),
    "text": ({"images": IMAGES.astype(str), "mz": MZ}, "type str"),
    "complex": ({"images": IMAGES * 1j, "mz": MZ}, "it holds complex numbers"),
    "objects": ({"images": IMAGES.astype(object), "mz": MZ}, "cannot be read"),
    "one pixel": ({"images": IMAGES[:, :1, :1], "mz": MZ}, "two pixels or more"),
    "other number of m/z": ({"images": IMAGES, "mz": [1.0, 2, 3]}, r"There are 2 images, but mz has the shape \(3,\)"),
    "other number of names": ({"images": IMAGES, "mz": MZ, "names": ["a"]}, "names has the shape"),
    "m/z of 0": ({"images": IMAGES, "mz": [100.0, 0]}, "number 2 is 0"),
    "NaN m/z": ({"images": IMAGES, "mz": [np.nan, 5]}, "number 1 is nan"),
    "m/z as text": ({"images": IMAGES, "mz": ["a", "b"]}, "cannot be read"),
    "other mask": ({"images": IMAGES, "mz": MZ, "mask": np.ones((4, 3))}, "The mask has the shape"),
    "empty mask": ({"images": IMAGES, "mz": MZ, "mask": np.zeros((3, 4))}, "All intensities in the mask are 0"),
    "all 0": ({"images": IMAGES * 0, "mz": MZ}, "All intensities in the mask are 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_stack_is_refused(tmp_path, case) -> None:
    arrays, message = REFUSED[case]
    with pytest.raises(DataError, match=message):
        read(save(tmp_path, **arrays))


def test_coloured_pictures_are_refused(tmp_path) -> None:
    array = benchmark(tmp_path)
    array[1, 0][..., 2] = 9
    np.save(tmp_path / "data.npy", array)
    with pytest.raises(DataError, match="coloured"):
        read(tmp_path / "data.npy")


@pytest.mark.parametrize("name", ["a.npz", "a.npy"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"hello"])
def test_damaged_files_are_refused(tmp_path, name, content) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=f"{name}: The file cannot be read"):
        read(tmp_path / name)


def test_a_whole_data_set_comes_back_from_a_file_as_it_was(tmp_path, small_images) -> None:
    whole = replace(
        small_images,
        axis=RAMAN,
        tic=small_images.images.sum(axis=0),
        annotations={"formula": ("C6H12O6", *[""] * 11)},
        regions=np.where(small_images.mask, 1, 0).astype(np.int16),
        region_names=("cortex",),
        picture=np.full((3, 4, 3), 200, dtype=np.uint8),
        recipe={"read": {"ppm": 5.0}},
        about={"Instrument": "Q Exactive HF"},
        positions=np.stack(np.indices(small_images.shape), axis=-1) * 2 + 7,
        stage=np.stack(np.indices(small_images.shape), axis=-1) / 8,
    )
    write_stack(whole, tmp_path / "a.npz")
    loaded, rows = load(tmp_path / "a.npz")
    assert {row.level for row in rows} == {"pass"}
    for field in fields(whole):
        before, after = getattr(whole, field.name), getattr(loaded, field.name)
        if isinstance(before, np.ndarray):
            np.testing.assert_array_equal(after, before)
        else:
            assert after == before, field.name
    assert loaded.fingerprint == whole.fingerprint


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(tmp_path, small_images, monkeypatch) -> None:
    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(DataError, match=r"No space left on device\. Check the free space there"):
        write_stack(small_images, tmp_path / "a.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "meta",
    ["[]", "7", "{}", '{"names": [1, 2], "polarity": "both", "pixel_size": "large", "source": 1}', "[" * 100_000],
)
def test_what_a_stack_says_about_itself_is_looked_at(tmp_path, meta) -> None:
    with pytest.raises(DataError, match=r"^a\.npz: "):
        read(save(tmp_path, images=IMAGES, mz=MZ, msiss=np.array(meta)))


def _sloped() -> np.ndarray:
    """Return eight smooth images of 6 x 7 pixels."""
    row, column = np.mgrid[:6, :7]
    tops = np.random.default_rng(0).uniform(0, 6, (8, 2))
    return np.stack([np.exp(-((row - y) ** 2 + (column - x) ** 2) / 8) for y, x in tops])


def test_npy_of_rows_columns_and_mz(tmp_path) -> None:
    images = _sloped()
    np.save(tmp_path / "a.npy", np.asfortranarray(np.moveaxis(images, 0, -1)[None]))
    stack, rows = load(tmp_path / "a.npy")
    np.testing.assert_allclose(stack.images, images, rtol=1e-6)
    assert next(row for row in rows if row.check == "axes").level == "note"
    stack, rows = load(tmp_path / "a.npy", config=ReadConfig(axes="columns rows mz"))
    np.testing.assert_allclose(stack.images, images.transpose(0, 2, 1), rtol=1e-6)
    assert not any(row.check == "axes" for row in rows)


def test_images_without_mz_take_those_of_a_list_of_the_same_length(tmp_path) -> None:
    images = np.random.default_rng(0).gamma(1, 1, (6, 7, 3)).astype(np.float32)
    np.save(tmp_path / "a.npy", images)
    ions = tuple(ListedIon(mz=mz, name=name) for mz, name in [(300.5, "c"), (100.5, "a"), (200.5, "b")])
    stack = read(tmp_path / "a.npy", ReadConfig(mz_list=ions, peaks="list"))
    order = np.argsort(stack.mz)
    np.testing.assert_array_equal(stack.mz[order], [100.5, 200.5, 300.5])
    np.testing.assert_array_equal(stack.images[order], np.moveaxis(images, -1, 0)[[1, 2, 0]])


@pytest.mark.parametrize("names", [("data", "mzs"), ("X", "m_z"), ("intensities", "masses"), ("stack", "mass")])
def test_names_of_other_programs(tmp_path, names) -> None:
    stack = read(save(tmp_path, **{names[0]: np.moveaxis(IMAGES, 0, -1), names[1]: MZ}))
    np.testing.assert_array_equal(stack.images, IMAGES)
    np.testing.assert_array_equal(stack.mz, MZ)


@pytest.mark.parametrize("apart", [False, True])
def test_spectra_with_coordinates(tmp_path, apart) -> None:
    row, column = (places.ravel() for places in np.mgrid[:3, :4])
    listed = np.random.default_rng(0).permutation(12)[:11]
    where = {"x": column[listed], "y": row[listed]}
    where = where if apart else {"coords": np.stack([where["x"] + 5, where["y"] + 2], axis=1)}
    stack = read(save(tmp_path, spectra=IMAGES.reshape(2, 12).T[listed], mzs=MZ, **where))
    mask = np.zeros(12, dtype=bool)
    mask[listed] = True
    np.testing.assert_array_equal(stack.mask, mask.reshape(3, 4))
    np.testing.assert_array_equal(stack.images, IMAGES * stack.mask)
    given = np.stack([column, row], axis=1) if apart else np.stack([column + 5, row + 2], axis=1)
    np.testing.assert_array_equal(stack.positions[stack.mask], given[mask])


def test_spectra_without_coordinates_are_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="need the array coords"):
        read(save(tmp_path, spectra=IMAGES.reshape(2, 12).T, mzs=MZ))
    with pytest.raises(DataError, match=r"have the shapes \(12, 2\) and \(5, 2\)"):
        read(save(tmp_path, spectra=IMAGES.reshape(2, 12).T, mzs=MZ, coords=np.zeros((5, 2))))


@pytest.mark.parametrize("mzs", ["[100.5, 200.5, 300.5]", "array([100.5, 200.5, 300.5])"])
def test_the_mz_that_msi_visual_writes_beside_its_array(tmp_path, mzs) -> None:
    images = np.random.default_rng(0).gamma(1, 1, (6, 7, 3)).astype(np.float32)
    np.save(tmp_path / "0.npy", images)
    (tmp_path / "args.txt").write_text(f"Namespace(path='/a.imzML', start_mz=100.0, bins=5, mzs={mzs}, id='')")
    stack = read(tmp_path)
    np.testing.assert_array_equal(stack.images, np.moveaxis(images, -1, 0))
    np.testing.assert_array_equal(stack.mz, [100.5, 200.5, 300.5])


@pytest.mark.parametrize("name", ["mz.npy", "mzs.npy"])
def test_the_mz_in_an_array_beside(tmp_path, name) -> None:
    images = np.random.default_rng(0).gamma(1, 1, (6, 7, 3)).astype(np.float32)
    np.save(tmp_path / "cube.npy", images)
    np.save(tmp_path / name, [100.5, 200.5, 300.5])
    for path in (tmp_path, tmp_path / "cube.npy"):
        stack = read(path)
        np.testing.assert_array_equal(stack.images, np.moveaxis(images, -1, 0))
        np.testing.assert_array_equal(stack.mz, [100.5, 200.5, 300.5])
    np.save(tmp_path / name, np.ones((2, 2)))
    assert not load(tmp_path / "cube.npy")[0].axis.is_mz


@pytest.mark.parametrize("text", ["Namespace(mzs=[1.0, 2.0])", "mzs=[1, ..., 3]", "notes", "mzs=[]"])
def test_other_notes_beside_an_array_are_not_used(tmp_path, text) -> None:
    np.save(tmp_path / "0.npy", np.random.default_rng(0).gamma(1, 1, (6, 7, 3)))
    (tmp_path / "args.txt").write_text(text)
    stack, _ = load(tmp_path / "0.npy")
    assert not stack.axis.is_mz


def test_arrays_of_the_documented_names_are_in_the_documented_order_where_lengths_allow_it(tmp_path) -> None:
    cube = np.arange(1, 9, dtype=np.float32).reshape(2, 2, 2)
    np.savez(tmp_path / "a.npz", images=cube, mz=[100.5, 200.5])
    images, rows = load(tmp_path / "a.npz")
    np.testing.assert_array_equal(images.images, cube)
    assert not [row for row in rows if row.setting]
    turned, _ = load(tmp_path / "a.npz", config=ReadConfig(axes="rows columns mz"))
    np.testing.assert_array_equal(turned.images, cube.transpose(2, 0, 1))
