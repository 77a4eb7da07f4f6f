"""Which ions are picked: those with structure, of all files, within bounded memory; and the preview of it."""

import warnings

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats.imzml import picking
from msiss.data.formats.imzml.reader import preview_peaks, read_imzml, write_imzml
from msiss.data.recipe import ListedIon, ReadConfig
from msiss.errors import MsissWarning

IONS = np.array([200.1, 300.2, 400.3, 500.4])
NOISE = np.array([250.5, 350.6, 450.7])
SHAPE = (40, 30)


def section(rng: np.random.Generator, mz: np.ndarray, *, factor: float = 1.0):
    """Yield spectra in which all ions of `IONS` show the upper half, and those of `NOISE` nothing but noise."""
    for y in range(SHAPE[0]):
        for x in range(SHAPE[1]):
            structured = np.isin(mz, IONS)
            mean = np.where(structured, 100.0 if y < SHAPE[0] // 2 else 10.0, 400.0) * factor
            yield x + 1, y + 1, mz * (1 + rng.normal(0, 1e-6, len(mz))), rng.poisson(mean).astype(np.float32)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "section.imzML"
    write_imzml(path, section(np.random.default_rng(0), np.sort(np.concatenate([IONS, NOISE]))))
    return path


def test_noise_does_not_fill_the_quota_however_intense(path) -> None:
    with pytest.warns(MsissWarning, match=r"3 peaks have no spatial structure beyond chance .* there are 4 ions"):
        images = read_ions(path, peaks=50)
    np.testing.assert_allclose(images.mz, IONS, rtol=2e-6)


def test_the_number_is_a_limit(path) -> None:
    assert len(read_ions(path, peaks=2)) == 2


def test_a_band_of_the_rows_is_enough_to_choose(path, monkeypatch) -> None:
    """With room for a fifth of the rows the same ions are found; the images have all rows in any case."""
    monkeypatch.setattr(picking, "CANDIDATE_BYTES", 4 * SHAPE[1] * 7 * 2 * (picking.BAND + 1))
    monkeypatch.setattr(picking, "CANDIDATES", 7)
    monkeypatch.setattr(picking, "FEWEST_PIXELS", 1)
    images = read_ions(path, peaks=4)
    np.testing.assert_allclose(images.mz, IONS, rtol=2e-6)
    assert images.shape == SHAPE


def test_ions_of_a_list_come_first_and_are_not_picked_again(path) -> None:
    config = ReadConfig(peaks="both", mz_list=(ListedIon(mz=300.2, name="known"),), number=10)
    with pytest.warns(MsissWarning, match="no spatial structure"):
        images = read_imzml(path, config)
    assert images.names[0] == "known"
    np.testing.assert_allclose(images.mz, [300.2, 200.1, 400.3, 500.4], rtol=2e-6)


def test_ions_are_picked_from_all_files_together(tmp_path) -> None:
    """Ions that only the second file holds are found as well; the first is empty there."""
    paths = [tmp_path / "a.imzML", tmp_path / "b.imzML"]
    for number, path in enumerate(paths):
        write_imzml(path, section(np.random.default_rng(number), IONS[2 * number : 2 * number + 2]))
    images = read_imzml(paths, ReadConfig(number=10))
    np.testing.assert_allclose(images.mz, IONS, rtol=2e-6)
    assert images.region_names == ("a", "b")
    assert not images.images[2:, :, : SHAPE[1]].any()
    assert images.images[2:, :, SHAPE[1] :].any()


def test_the_result_is_a_file_in_the_scratch_folder(path, tmp_path) -> None:
    images = read_imzml(path, ReadConfig(number=3), scratch=tmp_path)
    assert isinstance(images.images, np.memmap)
    assert images.fingerprint == read_imzml(path, ReadConfig(number=3)).fingerprint


@pytest.fixture
def profile(tmp_path):
    """Return spectra on one axis with three peaks of 200, 60 and 10 on a noise of 2."""
    rng = np.random.default_rng(1)
    axis = np.linspace(700, 703, 1500)
    peaks = sum(
        height * np.exp(-(((axis - centre) / 0.02) ** 2)) for centre, height in ((700.5, 200), (701.5, 60), (702.5, 10))
    )
    path = tmp_path / "profile.imzML"
    spectra = [(x, y, axis, (peaks + rng.normal(20, 2, 1500)).astype(np.float32)) for x in range(1, 9) for y in (1, 2)]
    write_imzml(path, spectra, mode="continuous", spectrum_type="profile")
    return path


def test_a_preview_shows_what_an_import_picks(profile) -> None:
    config = ReadConfig(noise=8, prominence=0.1, ppm=20)
    preview = preview_peaks(profile, config)
    assert preview.profile
    assert preview.spectra == 16
    np.testing.assert_allclose(preview.peak_mz, [700.5, 701.5, 702.5], atol=0.005)
    np.testing.assert_allclose(preview.peak_intensity, [220, 80, 30], rtol=0.05)
    assert 20 < np.median(preview.threshold) < 30
    np.testing.assert_allclose(np.sort(read_imzml(profile, config).mz), preview.peak_mz)


def test_noise_and_prominence_reach_the_picking(profile) -> None:
    def number(**settings: float) -> int:
        return len(read_imzml(profile, ReadConfig(ppm=20, **settings)))

    assert number(noise=8, prominence=0.1) == 3
    assert number(noise=40, prominence=0.1) == 2  # the threshold is above the smallest peak
    assert number(noise=8, prominence=0.6) == 2  # its height is mostly baseline
    assert number(noise=0, prominence=0) > 50


def test_a_preview_of_many_points_keeps_the_highest(profile, monkeypatch) -> None:
    monkeypatch.setattr(picking, "PLOTTED", 50)
    preview = preview_peaks(profile, ReadConfig(noise=8))
    assert len(preview.mz) == 50
    assert preview.intensity.max() == pytest.approx(220, rel=0.05)


def test_undeclared_spectra_are_taken_for_what_they_look_like(profile) -> None:
    text = profile.read_text().replace("MS:1000128", "MS:1000499").replace("profile spectrum", "no spectrum type")
    profile.write_text(text)
    assert preview_peaks(profile, ReadConfig()).profile


def test_a_stray_pixel_changes_nothing(path, edit, monkeypatch) -> None:
    shapes = []
    moments = picking.picking.morans_i
    monkeypatch.setattr(
        picking.picking, "morans_i", lambda images, mask: shapes.append(images.shape) or moments(images, mask)
    )
    with pytest.warns(MsissWarning, match="no spatial structure"):
        expected = read_ions(path, peaks=50)
    edit(path, 'position x" value="30"', 'position x" value="2000"')
    with pytest.warns(MsissWarning, match="no spatial structure"):
        images = read_ions(path, peaks=50)
    np.testing.assert_array_equal(images.mz, expected.mz)
    assert [shape[1:] for shape in shapes] == [SHAPE, (SHAPE[0], SHAPE[1] + 2)]


def test_one_plane_of_several_is_no_unused_part_of_the_file(path) -> None:
    z = '<cvParam cvRef="IMS" accession="IMS:1000052" name="position z" value="{}"/></scan>'
    first, rest = path.read_text().split("</scan>", 1)
    half = rest.split("</scan>")
    planes = [z.format(1 if number < 600 else 2) for number in range(1, len(half))]
    path.write_text(first + z.format(1) + "".join(a + b for a, b in zip(half[:-1], planes, strict=True)) + half[-1])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        images = read_imzml(path, ReadConfig(peaks="list", mz_list=(ListedIon(mz=300.2),), plane=1))
    assert images.mask.sum() == 600
    assert not [one for one in caught if "refers to" in str(one.message)]
