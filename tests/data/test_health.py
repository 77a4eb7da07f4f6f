"""The report says what an import would, and never raises."""

import json

import numpy as np
import pytest

from msiss.data.formats import read
from msiss.data.health import check
from msiss.errors import MsissError


def test_a_good_file_passes_everywhere(imzml) -> None:
    report = check(imzml)
    assert report.usable
    assert {row.level for row in report.rows} == {"pass"}
    found = {row.check: row.found for row in report.rows}
    assert found["pixels"] == "4 rows x 5 columns, 18 pixels measured, 2 not measured and masked."
    assert found["pixel size"] == "Pixel size: 20 x 10 micrometres (height x width)."
    assert found["m/z type"] == "The m/z arrays are float64, not compressed."
    assert check(imzml.with_suffix(".ibd")).rows == report.rows


def test_the_last_row_says_what_stops(imzml) -> None:
    imzml.with_suffix(".ibd").write_bytes(b"short")
    report = check(imzml)
    assert not report.usable
    assert [row.level for row in report.rows] == ["stop"]
    assert report.rows[-1].check == "identity"


def test_json(imzml) -> None:
    report = check(imzml)
    values = json.loads(report.to_json())
    assert values["file"] == "good.imzML"
    assert values["usable"] is True
    assert len(values["rows"]) == len(report.rows)
    assert set(values["rows"][0]) == {"check", "level", "found", "meaning", "action"}


def test_stacks(tmp_path) -> None:
    np.savez(tmp_path / "a.npz", images=np.array([[[1.0, -2]]]), mz=[5.0])
    report = check(tmp_path / "a.npz")
    assert report.usable
    assert [row.check for row in report.rows if row.level == "warning"] == ["intensities"]
    np.savez(tmp_path / "a.npz", images=np.zeros((1, 1, 2)), mz=[5.0])
    assert not check(tmp_path / "a.npz").usable


@pytest.mark.parametrize("name", ["none.imzML", "a.img", "a", "folder.imzML", "broken.npy"])
def test_anything_gives_a_report(tmp_path, name) -> None:
    (tmp_path / "a.img").write_bytes(b"x")
    (tmp_path / "broken.npy").write_bytes(b"x")
    (tmp_path / "folder.imzML").mkdir()
    report = check(tmp_path / name)
    assert not report.usable
    assert report.rows[-1].found
    assert report.file == name


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_usable_means_that_it_can_be_read(test_data) -> None:
    """Every real file, good, odd and bad, except the large one."""
    files = [
        path
        for folder in ("bad", "odd", "imzml", "uterus")
        for path in (test_data / folder).rglob("*")
        if path.is_file() and path.suffix.lower() != ".ibd"
    ]
    assert len(files) > 20
    for path in files:
        try:
            read(path)
            readable = True
        except MsissError:
            readable = False
        assert check(path).usable == readable, path.name
