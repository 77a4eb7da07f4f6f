"""imzML in and out: every intensity in its place, and no damage unnoticed."""

import numpy as np
import pytest
from helpers import GOOD_FILES, read_ions, reading
from pyimzml.compression import ZlibCompression
from pyimzml.ImzMLParser import ImzMLParser
from pyimzml.ImzMLWriter import ImzMLWriter

from msiss.data.formats import budget as budgets
from msiss.data.formats.imzml.reader import open_imzml, read_imzml, write_imzml
from msiss.data.health import check
from msiss.data.recipe import ReadConfig
from msiss.errors import DataError, MsissWarning, SettingError

pytestmark = pytest.mark.filterwarnings("ignore:.*[Aa]ccession:UserWarning")

IONS = np.array([700.25, 150.02, 300.1, 300.1024, 455.5])  # not sorted: the order of the list is kept


@pytest.mark.parametrize("ppm", [2.0, 5.0, 400.0])
@pytest.mark.filterwarnings("ignore:.*twice the tolerance", "ignore:.*no signal")
def test_processed_images_are_the_sums_within_the_windows(imzml, spectra, slow_images, ppm) -> None:
    images = read_ions(imzml, mz=IONS, ppm=ppm)

    expected = slow_images(spectra, images.mz, ppm)
    np.testing.assert_allclose(images.images, expected, rtol=1e-6)
    np.testing.assert_array_equal(images.mz, IONS[slow_images(spectra, IONS, ppm).any(axis=(1, 2))])


@pytest.mark.parametrize("ppm", [20.0, 5e4])
@pytest.mark.filterwarnings("ignore:.*twice the tolerance", "ignore:.*no signal")
def test_continuous_images_are_the_sums_within_the_windows(tmp_path, continuous_spectra, slow_images, ppm) -> None:
    path = tmp_path / "continuous.imzML"
    write_imzml(path, continuous_spectra, mode="continuous")

    images = read_ions(path, mz=IONS, ppm=ppm)

    assert open_imzml(path).shared_axis
    np.testing.assert_allclose(images.images, slow_images(continuous_spectra, images.mz, ppm), rtol=1e-6)


def test_header_and_pixels(imzml, spectra) -> None:
    images = read_ions(imzml, mz=np.array([150.02]), names=["caffeine"])

    assert images.polarity == "positive"
    assert images.pixel_size == (20.0, 10.0)
    assert images.names == ("caffeine",)
    assert images.source == "good.imzML"
    mask, tic = np.zeros((4, 5), dtype=bool), np.zeros((4, 5))
    for x, y, _, intensity in spectra:
        mask[y - 2, x - 3] = True
        tic[y - 2, x - 3] = intensity.sum(dtype=np.float64)
    np.testing.assert_array_equal(images.mask, mask)
    np.testing.assert_allclose(images.tic, tic, rtol=1e-6)


def test_bladder_has_the_values_of_its_stack(test_data) -> None:
    stack = np.load(test_data / "bladder" / "bladder79.npz")

    images = read_ions(test_data / "bladder" / "bladder79.imzML", mz=stack["mz"])

    np.testing.assert_array_equal(images.images, stack["cube"])
    assert images.mask.all()
    assert images.pixel_size is None


@pytest.mark.parametrize("name", GOOD_FILES)
@pytest.mark.filterwarnings("ignore:.*:msiss.errors.MsissWarning")
def test_real_files_as_another_reader_sees_them(test_data, slow_images, name) -> None:
    path = test_data / name
    images = read_ions(path, peaks=20, ppm=50)

    with next(file for file in path.parent.iterdir() if file.suffix.lower() == ".ibd" and file.stem == path.stem).open(
        "rb"
    ) as ibd:
        parser = ImzMLParser(str(path), ibd_file=ibd)
        spectra = [(x, y, *map(np.asarray, parser.getspectrum(i))) for i, (x, y, _) in enumerate(parser.coordinates)]
    assert images.mask.sum() == len(spectra)
    np.testing.assert_allclose(images.images, slow_images(spectra, images.mz, 50), rtol=1e-5)
    assert images.images.any(axis=(1, 2)).all()


def test_pixel_sizes_in_other_units_become_micrometres(test_data, imzml, edit) -> None:
    assert read_ions(test_data / "odd/thyra/unit_nanometre.imzML").pixel_size == pytest.approx((4.40625, 4.40625))
    assert read_ions(test_data / "odd/thyra/iontof_sparse.imzML", mz=np.array([103.0])).pixel_size == pytest.approx(
        (4.40625, 4.40625)
    )
    edit(imzml, 'unitAccession="UO:0000017" unitName="micrometer"', 'unitAccession="UO:0000031" unitName="minute"')
    with pytest.warns(MsissWarning, match='"minute" is not a length'):
        assert read_ions(imzml, mz=IONS[:1]).pixel_size is None


STOPS = {
    "bad/01_missing_ibd.imzML": "01_missing_ibd.ibd is missing",
    "bad/02_truncated_ibd.imzML": "302,372 bytes, but the m/z array of spectrum 5 .* cut off",
    "bad/03_uuid_mismatch.imzML": "may belong to another file",
    "bad/04_truncated_xml.imzML": "is cut off at line 246, after 4 complete spectra",
    "bad/05_empty.imzML": "05_empty.imzML is empty",
    "bad/08_missing_position_x.imzML": "Spectrum 1 has no position x",
    "bad/10_single_pixel.imzML": "single pixel",
    "bad/11_no_spectra.imzML": "lists no spectra",
    "bad/15_not_xml.imzML": "is not XML",
    "bad/17_all_zero.imzML": "All intensities are 0",
    "odd/no_ibd/imzml_file.imzML": "imzml_file.ibd is missing",
    "odd/lfs_pointer/MouseBrainCerebellum.imzML": "Git-LFS pointer",
}
WARNINGS = {
    "bad/07_duplicate_coords.imzML": "1 pixel has several spectra, the first is x=1, y=1",
    "bad/16_nan_inf_negative.imzML": "200 of 75,591 intensities are not numbers .* 100 of 75,591 .* negative",
    "imzml/galaxy/Combat_40pixel.imzML": "declares 27 x 21 pixels, but there are spectra at x = 2 to 74",
    "imzml/pym2aia/test.imzML": '"profile spectrum" stands beside the accession of another term',
}


@pytest.mark.parametrize("name", STOPS)
@pytest.mark.filterwarnings("ignore:.*:msiss.errors.MsissWarning")
def test_files_that_cannot_be_used_are_refused(test_data, name) -> None:
    with pytest.raises(DataError, match=STOPS[name]):
        read_ions(test_data / name)
    assert not check(test_data / name).usable


@pytest.mark.parametrize("name", WARNINGS)
@pytest.mark.filterwarnings("ignore:.*:msiss.errors.MsissWarning")
def test_files_that_are_unusual_are_read_with_a_warning(test_data, name) -> None:
    with pytest.warns(MsissWarning, match=WARNINGS[name]):
        read_ions(test_data / name)
    assert check(test_data / name).usable


@pytest.mark.filterwarnings("ignore:.*checksum:msiss.errors.MsissWarning")
def test_nan_infinite_and_negative_intensities_are_read_as_0(test_data) -> None:
    with pytest.warns(MsissWarning, match="read as 0"):
        damaged = read_ions(test_data / "bad/16_nan_inf_negative.imzML", peaks=9000, ppm=0.01)
    good = read_ions(test_data / "imzml/pyimzml/Example_Continuous.imzML", mz=damaged.mz, ppm=0.01)
    same = damaged.images == good.images
    assert (damaged.images[~same] == 0).all()
    assert 0 < (~same).sum() <= 300


def test_upper_case_endings(test_data) -> None:
    upper = read_ions(test_data / "bad/18_uppercase_ext.IMZML", peaks=5)
    assert upper.fingerprint == read_ions(test_data / "imzml/pyimzml/Example_Continuous.imzML", peaks=5).fingerprint


def test_several_spectra_of_a_pixel_are_averaged(tmp_path) -> None:
    mz = np.array([200.0])
    path = tmp_path / "twice.imzML"
    write_imzml(path, [(1, 1, mz, [2.0]), (2, 1, mz, [5.0]), (1, 1, mz, [4.0])])
    with pytest.warns(MsissWarning, match="1 pixel has several spectra"):
        images = read_ions(path, mz=mz)
    np.testing.assert_array_equal(images.images, [[[3.0, 5.0]]])
    np.testing.assert_array_equal(images.tic, [[3.0, 5.0]])


@pytest.mark.parametrize("mode", ["processed", "continuous"])
def test_zlib_compressed_arrays(tmp_path, continuous_spectra, slow_images, mode) -> None:
    path = tmp_path / "packed.imzML"
    zlib = ZlibCompression()
    with ImzMLWriter(str(path), mode=mode, mz_compression=zlib, intensity_compression=zlib) as writer:
        for x, y, mz, intensity in continuous_spectra:
            writer.addSpectrum(mz, intensity, (x, y))
    ions = continuous_spectra[0][2][[0, 1, -1]]
    images = read_ions(path, mz=ions)
    np.testing.assert_allclose(images.images, slow_images(continuous_spectra, ions, 10), rtol=1e-6)

    text = path.read_text()
    path.write_text(text.replace('array length" value="15"', 'array length" value="14"'))
    with pytest.raises(DataError, match="cannot be decompressed to 14 values"):
        read_ions(path, mz=ions)
    path.write_text(text)
    ibd = path.with_suffix(".ibd")
    data = bytearray(ibd.read_bytes())
    data[-40:-20] = bytes(20)
    ibd.write_bytes(data)
    with pytest.raises(DataError, match=r"zlib-compressed data of spectrum 18 \(pixel x=6, y=5\)"):
        read_ions(path, mz=ions)


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float64, np.float16])
def test_number_types(tmp_path, spectra, slow_images, dtype) -> None:
    path = tmp_path / "types.imzML"
    with ImzMLWriter(str(path), mode="processed", intensity_dtype=dtype) as writer:
        for x, y, mz, intensity in spectra:
            writer.addSpectrum(mz, np.floor(intensity), (x, y))
    rounded = [(x, y, mz, np.floor(intensity).astype(dtype)) for x, y, mz, intensity in spectra]
    images = read_ions(path, mz=IONS[:2], ppm=20)
    np.testing.assert_array_equal(images.images, slow_images(rounded, IONS[:2], 20))


def test_positions_from_0_are_only_shifted(imzml, spectra, tmp_path) -> None:
    path = tmp_path / "zero.imzML"
    moved = [(x - 3, y - 2, mz, intensity) for x, y, mz, intensity in spectra]
    write_imzml(path, moved, polarity="positive", pixel_size=(20.0, 10.0))
    with pytest.warns(MsissWarning, match="x = 0 to 4, y = 0 to 3"):
        images = read_ions(path, mz=IONS[:2])
    assert images.fingerprint == read_ions(imzml, mz=IONS[:2]).fingerprint


@pytest.mark.parametrize(("step", "expected"), [(50, (50.0, 50.0)), (2, (100.0, 100.0))])
def test_steps_of_positions_give_the_same_images_and_are_kept(tmp_path, step, expected) -> None:
    spectra = [(x, y, np.array([300.2, 400.2]), np.array([x, x * y])) for y in range(1, 7) for x in range(1, 8)]
    apart = [(x * step, y * step, *arrays) for x, y, *arrays in spectra]
    write_imzml(tmp_path / "plain.imzML", spectra, pixel_size=(50.0, 50.0))
    write_imzml(tmp_path / "apart.imzML", apart, pixel_size=(50.0, 50.0))
    plain, images = (read_ions(tmp_path / name, mz=np.array([300.2, 400.2])) for name in ("plain.imzML", "apart.imzML"))
    np.testing.assert_array_equal(images.images, plain.images)
    assert images.mask.all()
    assert images.pixel_size == expected
    np.testing.assert_array_equal(images.positions, plain.positions * step)
    assert plain.positions[4, 2].tolist() == [3, 5]


def test_mz_that_do_not_ascend_give_the_same_images(imzml, spectra, tmp_path) -> None:
    path = tmp_path / "turned.imzML"
    write_imzml(path, [(x, y, mz[::-1], intensity[::-1]) for x, y, mz, intensity in spectra])
    with pytest.warns(MsissWarning, match="do not ascend in 18 spectra"):
        images = read_ions(path, mz=IONS[:2])
    np.testing.assert_array_equal(images.images, read_ions(imzml, mz=IONS[:2]).images)


def test_empty_pixels_are_measured_but_0(tmp_path) -> None:
    path = tmp_path / "empty.imzML"
    write_imzml(path, [(1, 1, [200.0], [2.0]), (2, 1, [], []), (3, 1, [200.0], [4.0])])
    images = read_ions(path, mz=np.array([200.0]))
    np.testing.assert_array_equal(images.images, [[[2, 0, 4]]])
    assert images.mask.all()


def test_ions_without_signal_are_left_out_and_named(imzml) -> None:
    with pytest.warns(MsissWarning, match=r"1 of 3 m/z have no signal within 10 ppm: 50\.0000"):
        images = read_ions(imzml, mz=np.array([700.25, 50.0, 150.02]), names=["a", "b", "c"])
    assert images.names == ("a", "c")
    np.testing.assert_array_equal(images.mz, [700.25, 150.02])


def test_a_list_of_other_data_is_refused_with_both_ranges(imzml) -> None:
    with pytest.raises(DataError, match=r"None of the 2 m/z .* m/z 20\.0000 to 30\.0000, the data from m/z 1\d\d\."):
        read_ions(imzml, mz=np.array([20.0, 30.0]))


def test_overlapping_windows_are_warned_of(imzml) -> None:
    with pytest.warns(MsissWarning, match="1 pair of neighbouring m/z lie within twice the tolerance of 10 ppm"):
        read_ions(imzml, mz=IONS)


@pytest.mark.parametrize("peaks", ["list", "both"])
def test_a_list_must_be_given_where_it_is_asked_for(imzml, peaks) -> None:
    with pytest.raises(SettingError, match="there is none"):
        read_imzml(imzml, ReadConfig(peaks=peaks))


def test_listed_ions_come_first_and_picked_ones_do_not_share_their_signal(imzml) -> None:
    listed = reading([700.25, 150.02]).mz_list
    images = read_imzml(imzml, ReadConfig(peaks="both", mz_list=listed, number=20, ppm=20))
    assert images.mz[:2].tolist() == [700.25, 150.02]
    assert len(images) > 2
    apart = np.abs(images.mz[2:, None] - images.mz[:2]) / images.mz[:2]
    assert apart.min() > 40e-6


def test_the_list_names_what_was_picked(imzml) -> None:
    (listed,) = reading([455.5], ["a lipid"]).mz_list
    images = read_imzml(imzml, ReadConfig(mz_list=(listed,), number=20, ppm=20))
    assert len(images) > 1
    assert images.names[int(np.abs(images.mz - 455.5).argmin())] == "a lipid"


def test_several_files_are_set_side_by_side(imzml, spectra, tmp_path) -> None:
    twice = [(x, y, mz, 2 * intensity) for x, y, mz, intensity in spectra]
    write_imzml(tmp_path / "other.imzML", twice, polarity="positive", pixel_size=(20.0, 10.0))
    one = read_ions(imzml, mz=IONS[:2], ppm=20)
    both = read_imzml([imzml, tmp_path / "other.imzML"], reading(IONS[:2], ppm=20))
    assert both.shape == (4, 12)
    assert both.region_names == ("good", "other")
    np.testing.assert_array_equal(both.images[:, :, :5], one.images)
    np.testing.assert_allclose(both.images[:, :, 7:], 2 * one.images, rtol=1e-6)
    assert not both.mask[:, 5:7].any()
    np.testing.assert_array_equal(both.regions, np.hstack([one.mask, np.zeros((4, 2), bool), 2 * one.mask]))


def test_picked_ions_are_the_structured_ones(tmp_path) -> None:
    """Three ions with anatomy and thirty of noise, as intense: the three are picked, at their m/z."""
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[:12, :12]
    anatomy = np.stack([columns < 6, rows < 5, (rows - 6) ** 2 + (columns - 6) ** 2 < 16]) * 100.0 + 5
    structured, noise = np.array([250.05, 400.2, 800.4]), np.linspace(300, 700, 30) + 0.013
    spectra = []
    for y in range(12):
        for x in range(12):
            mz = np.concatenate([structured, noise])
            counts = rng.poisson(np.concatenate([anatomy[:, y, x], np.full(30, 60.0)]))
            mz, counts = mz[counts > 0] * (1 + rng.normal(0, 1e-6, (counts > 0).sum())), counts[counts > 0]
            order = np.argsort(mz)
            spectra.append((x + 1, y + 1, mz[order], counts[order]))
    path = tmp_path / "picked.imzML"
    write_imzml(path, spectra)

    images = read_ions(path, peaks=3)

    np.testing.assert_allclose(images.mz, structured, rtol=1e-6)
    assert len(read_ions(path)) == 33


def test_progress_rises_to_1_and_may_stop_the_work(imzml) -> None:
    told: list[float] = []
    read_ions(imzml, progress=lambda fraction, _text: told.append(fraction))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)

    class Enough(ValueError):
        """An error that a damaged header could raise as well."""

    def stop(_fraction: float, _text: str) -> None:
        raise Enough

    with pytest.raises(Enough):
        read_ions(imzml, progress=stop)


def test_images_that_do_not_fit_into_the_memory_are_refused(imzml, monkeypatch) -> None:
    monkeypatch.setattr(budgets, "memory", lambda: 10_000)  # enough for the spectra
    with pytest.raises(DataError, match="numbers would take"):
        read_ions(imzml, mz=np.linspace(100, 900, 500))
