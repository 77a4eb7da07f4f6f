"""imzML, read by pyimzML and by msiss."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import read_ions
from pyimzml.ImzMLParser import ImzMLParser

from msiss.data.axis import RAMAN
from msiss.data.health import check
from msiss.runs.decisions import Named
from msiss.runs.grouping import decide, grouping
from msiss.runs.store import Run
from msiss.share import imzml
from msiss.share.material import gather
from msiss.share.means import mean_images


def test_msiss_reads_the_same_images_back(finished_run: Run, small_images, tmp_path: Path) -> None:
    odd = replace(small_images, pixel_size=(20.0, 12.5), polarity="negative")
    imzml.write(gather(finished_run, images=odd), tmp_path / "ions.imzML")
    images = read_ions(tmp_path / "ions.imzML", small_images.mz, ppm=1)
    np.testing.assert_array_equal(images.images, small_images.images)
    np.testing.assert_array_equal(images.mask, small_images.mask)
    assert (images.pixel_size, images.polarity) == ((20.0, 12.5), "negative")
    report = check([tmp_path / "ions.imzML"], checksum=True)
    assert report.usable
    assert not [row for row in report.rows if row.level == "stop"]


def test_every_pixel_has_one_centroided_spectrum_of_all_ions(finished_run: Run, small_images, tmp_path: Path) -> None:
    ions = [9, 0, 4]
    imzml.write(gather(finished_run, ions=ions), tmp_path / "few.imzML")
    with (tmp_path / "few.ibd").open("rb") as ibd:
        parser = ImzMLParser(str(tmp_path / "few.imzML"), ibd_file=ibd)
        assert parser.spectrum_mode == "centroid"
        assert parser.metadata.file_description.param_by_accession["IMS:1000030"] is True  # continuous
        rows, columns = np.nonzero(small_images.mask)
        assert parser.coordinates == [(x + 1, y + 1, 1) for x, y in zip(columns, rows, strict=True)]
        for number, (x, y, _) in enumerate(parser.coordinates):
            mz, intensities = parser.getspectrum(number)
            np.testing.assert_array_equal(mz, small_images.mz[sorted(ions)])  # ascending
            np.testing.assert_array_equal(intensities, small_images.images[sorted(ions), y - 1, x - 1])


def test_blocks_of_rows_change_nothing(finished_run: Run, tmp_path: Path, monkeypatch) -> None:
    imzml.write(gather(finished_run), tmp_path / "a.imzML")
    monkeypatch.setattr(imzml, "BLOCK_BYTES", 3 * 4 * 20 * 12)
    imzml.write(gather(finished_run), tmp_path / "b.imzML")
    for ending in (".imzML", ".ibd"):
        assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


def test_means_stand_at_the_mz_of_an_ion_and_a_table_says_which(finished_run: Run, small_images, tmp_path) -> None:
    decide(grouping(finished_run), Named(cluster=1, name="=white"))
    imzml.write_means(gather(finished_run), tmp_path / "means.imzML")
    key = pd.read_csv(tmp_path / "means.csv")
    assert key["mz"].tolist() == small_images.mz[[2, 6, 10]].tolist()
    assert key[["cluster", "ions"]].values.tolist() == [[0, 5], [1, 4], [2, 3]]
    assert key["name"][1] == "'=white"
    images = read_ions(tmp_path / "means.imzML", key["mz"].to_numpy(), ppm=1)
    expected = [np.where(small_images.mask, mean.image, 0) for mean in mean_images(gather(finished_run))]
    np.testing.assert_array_equal(images.images, expected)


def test_clusters_of_the_same_mz_are_set_apart(finished_run: Run, small_images, tmp_path: Path) -> None:
    same = replace(small_images, mz=np.full(12, 500.0))
    imzml.write_means(gather(finished_run, images=same), tmp_path / "means.imzML")
    mz = ImzMLParser(str(tmp_path / "means.imzML")).getspectrum(0)[0]
    assert (np.diff(mz) > 0).all()
    np.testing.assert_allclose(mz, 500, rtol=1e-15)


@pytest.mark.parametrize("axis", [RAMAN])
def test_other_spectra_are_refused_in_words(finished_run: Run, small_images, axis) -> None:
    assert "lie on the axis Raman shift (cm⁻¹)" in imzml.lacks(
        gather(finished_run, images=replace(small_images, axis=axis))
    )
    assert imzml.lacks(gather(finished_run)) == ""
    finished_run.use_dataset(finished_run.path / "gone")
    assert "is not a data set" in imzml.lacks(gather(finished_run))


@pytest.mark.parametrize(("step", "size"), [(1, (20.0, 12.5)), (50, (50.0, 50.0)), (2, (40.0, 40.0))])
def test_the_positions_are_those_of_the_instrument(finished_run: Run, small_images, tmp_path: Path, step, size) -> None:
    positions = np.stack(np.indices(small_images.shape)[::-1], axis=-1) * step + [300, 7]
    placed = replace(small_images, positions=positions, pixel_size=size)
    for write in (imzml.write, imzml.write_means):
        write(gather(finished_run, images=placed), tmp_path / "ions.imzML")
        with (tmp_path / "ions.ibd").open("rb") as ibd:
            written = ImzMLParser(str(tmp_path / "ions.imzML"), ibd_file=ibd).coordinates
        assert [(x, y) for x, y, _ in written] == [tuple(place) for place in positions[small_images.mask].tolist()]
    imzml.write(gather(finished_run, images=placed), tmp_path / "ions.imzML")
    images = read_ions(tmp_path / "ions.imzML", small_images.mz, ppm=1)
    np.testing.assert_array_equal(images.images, small_images.images)
    np.testing.assert_array_equal(images.positions[images.mask], positions[images.mask])
    assert images.pixel_size == size


def test_the_places_on_the_stage_are_kept_as_far_as_they_are_known(finished_run: Run, small_images, tmp_path: Path):
    stage = np.random.default_rng(0).uniform(-5e4, 5e4, (*small_images.shape, 2))
    stage[small_images.mask.nonzero()[0][7], small_images.mask.nonzero()[1][7]] = np.nan
    stage[~small_images.mask] = np.nan
    imzml.write(gather(finished_run, images=replace(small_images, stage=stage)), tmp_path / "ions.imzML")
    np.testing.assert_array_equal(read_ions(tmp_path / "ions.imzML", small_images.mz, ppm=1).stage, stage)


def test_positions_that_repeat_are_counted_anew(finished_run: Run, small_images, tmp_path: Path) -> None:
    placed = replace(small_images, positions=np.ones((*small_images.shape, 2)))
    imzml.write(gather(finished_run, images=placed), tmp_path / "ions.imzML")
    images = read_ions(tmp_path / "ions.imzML", small_images.mz, ppm=1)
    np.testing.assert_array_equal(images.images, small_images.images)
