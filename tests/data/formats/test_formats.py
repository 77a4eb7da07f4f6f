"""The right reader for every ending, and a way on for files that msiss does not read."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import reading

from msiss.data.formats import read
from msiss.errors import DataError


def test_imzml_and_its_ibd_are_the_same(imzml) -> None:
    mz = np.array([150.02, 700.25])
    images = read(imzml, reading(mz, ["a", "b"], ppm=20))
    assert images.names == ("a", "b")
    assert read(imzml.with_suffix(".ibd"), reading(mz, ppm=20)).fingerprint == images.fingerprint


def test_an_ibd_alone_is_refused(imzml) -> None:
    imzml.unlink()
    with pytest.raises(DataError, match=r"good\.imzML is missing"):
        read(imzml.with_suffix(".ibd"))


@pytest.mark.parametrize("name", ["A.NPZ", "a.npz"])
def test_stacks(tmp_path, name) -> None:
    with (tmp_path / name).open("wb") as file:
        np.savez(file, images=np.ones((1, 2, 2)), mz=[5.0])
    assert len(read(tmp_path / name)) == 1
    with pytest.raises(DataError, match="None of the 1 m/z of the list"):
        read(tmp_path / name, reading([6.0]))


OTHERS = {
    "a.hdr": "Analyze 7.5 .* Export imzML from",
    "a.t2m": "Analyze 7.5",
    "a.raw": "raw data",
    "a.D": "raw data",
    "a.png": "single picture",
    "a.xls": "Save it as .xlsx or CSV",
    "a.ods": "OpenDocument",
    "a.mzML": "no pixel positions",
    "a": "msiss reads imzML, npz",
    "a.exe": "msiss reads imzML, npz",
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_refused_by_name(tmp_path, name) -> None:
    (tmp_path / name).write_bytes(b"something")
    with pytest.raises(DataError, match=OTHERS[name]) as error:
        read(tmp_path / name)
    assert str(error.value).startswith(f"{name}: ")


def test_a_missing_file(tmp_path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read(tmp_path / "a.imzML")


def test_a_file_that_may_not_be_read(imzml, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match="cannot be opened: this account has no permission"):
        read(imzml)


def test_the_dashboard_does_not_pay_for_pyimzml_at_its_start() -> None:
    code = "import sys, msiss.data.formats, msiss.data.health; print('pyimzml' in sys.modules, 'scipy' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("name", ["cells.zarr", "cells.ome.zarr"])
def test_a_zarr_folder_is_no_folder_of_pictures(tmp_path, name) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "700.1.png").write_bytes(b"")
    with pytest.raises(DataError, match="is neither a group nor an array"):
        read(tmp_path / name)
