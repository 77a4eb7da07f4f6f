"""What the spectra of a file are read as: the data decide, over many spectra, and the label breaks ties."""

import os
from pathlib import Path

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats.imzml.reader import open_imzml, preview_peaks, read_imzml, write_imzml
from msiss.data.formats.imzml.spectrum_type import spectrum_type
from msiss.data.health import check
from msiss.data.recipe import ListedIon, ReadConfig
from msiss.errors import MsissWarning

CENTRES = np.array([500.3, 501.1, 502.0, 503.2])
AXIS = np.linspace(500, 504, 800)
PEAKS = np.exp(-(((AXIS - CENTRES[:, None]) / 0.02) ** 2)).T * [1000, 500, 200, 100]  # (P, 4)


def section(kind: str, seed: int = 0):
    """Return 8 x 6 spectra of four ions whose intensities differ from pixel to pixel."""
    rng = np.random.default_rng(seed)
    for number in range(48):
        amount = rng.uniform(0.5, 1.5, 4)
        place = (1 + number % 8, 1 + number // 8)
        if kind == "centroid":
            yield *place, CENTRES * (1 + rng.normal(0, 1e-6, 4)), amount * 1000
            continue
        intensity = PEAKS @ amount
        if kind == "counts":
            intensity = rng.poisson(intensity * 2e-3).astype(float)
        held = intensity > 0.5 if kind in ("zeros omitted", "counts") else np.ones(len(AXIS), dtype=bool)
        yield *place, AXIS[held], intensity[held]


@pytest.fixture
def written(tmp_path):
    def write(kind: str, declared: str, mode: str = "processed") -> Path:
        path = tmp_path / f"{kind} {declared}.imzML"
        write_imzml(path, list(section(kind)), spectrum_type=declared, mode=mode)
        return path

    return write


@pytest.mark.parametrize("declared", ["centroid", "profile"])
@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("centroid", "processed"),
        ("profile", "processed"),
        ("profile", "continuous"),
        ("zeros omitted", "processed"),
        ("counts", "processed"),
    ],
)
def test_the_data_decide_and_the_ions_follow(written, kind, mode, declared) -> None:
    path = written(kind, declared, mode)
    truth = "centroid" if kind == "centroid" else "profile"
    found = spectrum_type(open_imzml(path))
    assert found.kind == found.seen == truth
    assert preview_peaks(path, ReadConfig()).profile == (truth == "profile")
    if declared == truth:
        assert found.row().level == "pass"
        images = read_ions(path)
    else:
        with pytest.warns(MsissWarning, match=f"header says {declared}, but 48 of 48 .* look like {truth}s"):
            images = read_ions(path)
    if kind != "counts":  # of which noise is a peak, too
        np.testing.assert_allclose(images.mz, CENTRES, atol=0.004)


@pytest.mark.parametrize("declared", ["centroid", "profile"])
def test_the_report_asks_where_label_and_data_disagree(written, declared) -> None:
    (row,) = [row for row in check(written("profile", declared)).rows if row.check == "spectra as seen"]
    assert row.level == ("warning" if declared == "centroid" else "pass")
    assert row.setting == ("spectrum_type" if declared == "centroid" else "")
    assert [value for value, _ in row.options] == (["data", "centroid"] if declared == "centroid" else [])


def test_a_person_has_the_last_word(written) -> None:
    path = written("centroid", "centroid")
    found = spectrum_type(open_imzml(path), "profile")
    assert (found.kind, found.seen, found.chosen) == ("profile", "centroid", True)
    row = next(row for row in check(path, config=ReadConfig(spectrum_type="profile")).rows if row.setting)
    assert (row.level, row.options[0][0]) == ("note", "profile")
    assert len(read_imzml(written("profile", "profile", "continuous"), ReadConfig(spectrum_type="centroid"))) > 50


@pytest.mark.parametrize("declared", ["centroid", "profile"])
def test_the_label_breaks_ties(tmp_path, declared) -> None:
    noise = np.random.default_rng(0).gamma(2, 5, (8, 300))
    path = tmp_path / "tie.imzML"
    spectra = [(x, 1, np.linspace(500, 502, 300), values) for x, values in enumerate(noise, 1)]
    write_imzml(path, spectra, spectrum_type=declared)
    found = spectrum_type(open_imzml(path))
    assert (found.kind, found.seen) == (declared, "unknown")
    assert found.row().level == "note"
    assert found.row().setting == "spectrum_type"


def test_spectra_without_signal_and_noise_beside_the_tissue_have_no_say(tmp_path) -> None:
    rng = np.random.default_rng(0)
    tissue = list(section("zeros omitted"))[:10]
    empty = [(x, 9, AXIS, np.zeros(len(AXIS))) for x in range(1, 9)]
    beside = [(x, 10, np.sort(rng.uniform(500, 504, 5)), rng.uniform(1, 2, 5)) for x in range(1, 31)]
    path = tmp_path / "mostly beside.imzML"
    write_imzml(path, [*tissue, *empty, *beside])
    found = spectrum_type(open_imzml(path))
    assert (found.kind, found.profiles, found.looked_at) == ("profile", 10, 40)
    assert not found.mixed


def test_files_with_both_kinds_of_spectra_are_named(tmp_path) -> None:
    rng = np.random.default_rng(0)
    profiles = list(section("zeros omitted"))
    centroids = [(x, 9, np.sort(rng.uniform(500, 600, 80)), rng.uniform(1, 2, 80)) for x in range(1, 25)]
    path = tmp_path / "both.imzML"
    write_imzml(path, [*profiles, *centroids])
    row = spectrum_type(open_imzml(path)).row()
    assert row.level == "warning"
    assert row.found == "Of 72 spectra that were looked at, 48 look like profiles and 24 like centroids."


def test_labels_of_several_files_may_differ(written) -> None:
    paths = [written("centroid", "centroid"), written("centroid", "profile")]
    with pytest.warns(MsissWarning, match="header says profile, but"):
        images = read_imzml(paths)
    np.testing.assert_allclose(images.mz, CENTRES, rtol=3e-6)


def test_few_peaks_are_found_whatever_the_label_says(tmp_path) -> None:
    path = tmp_path / "few.imzML"
    mz = np.array([100.05, 200.1])
    write_imzml(path, [(x, 1, mz, np.array([10.0, 5]) * x) for x in range(1, 7)], spectrum_type="profile")
    with pytest.warns(MsissWarning, match="look like centroids"):
        np.testing.assert_array_equal(read_ions(path).mz, mz)


def test_only_the_label_of_the_bladder_is_changed(tmp_path) -> None:
    if "MSISS_TEST_DATA" not in os.environ:
        pytest.skip("MSISS_TEST_DATA is not set")
    folder = Path(os.environ["MSISS_TEST_DATA"]) / "bladder"
    header = (folder / "bladder79.imzML").read_text().replace("MS:1000127", "MS:1000128")
    (tmp_path / "b.imzML").write_text(header.replace("centroid spectrum", "profile spectrum"))
    (tmp_path / "b.ibd").symlink_to(folder / "bladder79.ibd")
    assert open_imzml(tmp_path / "b.imzML").spectrum_type == "profile"
    with pytest.warns(MsissWarning, match="look like centroids"):
        found = read_ions(tmp_path / "b.imzML")
    np.testing.assert_allclose(found.mz, read_ions(folder / "bladder79.imzML").mz, rtol=1e-12)
    assert len(found) == 79


def test_a_list_of_mz_needs_no_type(written, recwarn) -> None:
    read_imzml(written("profile", "centroid"), ReadConfig(peaks="list", mz_list=(ListedIon(mz=501.1),)))
    assert not recwarn.list
