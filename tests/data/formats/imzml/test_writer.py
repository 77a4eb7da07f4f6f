"""What is written is standard imzML, and the same every time."""

import numpy as np
import pytest
from pyimzml.ImzMLParser import ImzMLParser

from msiss.data.formats.imzml.reader import open_imzml, write_imzml
from msiss.errors import DataError


@pytest.mark.parametrize("mode", ["processed", "continuous"])
def test_another_reader_finds_every_value(tmp_path, continuous_spectra, mode) -> None:
    path = tmp_path / "a.imzML"
    write_imzml(path, iter(continuous_spectra), mode=mode, polarity="negative", pixel_size=(30.0, 20.0))

    with ImzMLParser(str(path)) as parser:
        assert parser.polarity == "negative"
        assert (parser.imzmldict["pixel size x"], parser.imzmldict["pixel size y"]) == (20, 30)
        assert parser.imzmldict["max count of pixels x"] == 7
        for index, (x, y, mz, intensity) in enumerate(continuous_spectra):
            assert parser.coordinates[index][:2] == (x, y)
            np.testing.assert_array_equal(parser.getspectrum(index), [mz, intensity])
    assert open_imzml(path).mode == mode


def test_the_same_spectra_give_the_same_bytes_and_others_another_identity(tmp_path, spectra) -> None:
    for name in ("a", "b"):
        write_imzml(tmp_path / f"{name}.imzML", spectra)
    write_imzml(tmp_path / "c.imzML", spectra[1:])
    for suffix in (".imzML", ".ibd"):
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
    assert open_imzml(tmp_path / "a.imzML").uuid != open_imzml(tmp_path / "c.imzML").uuid


def test_continuous_files_hold_the_axis_once(tmp_path, continuous_spectra) -> None:
    for mode in ("processed", "continuous"):
        write_imzml(tmp_path / f"{mode}.imzML", continuous_spectra, mode=mode)
    number, length = len(continuous_spectra), len(continuous_spectra[0][2])
    assert (tmp_path / "processed.ibd").stat().st_size == 16 + number * length * 12
    assert (tmp_path / "continuous.ibd").stat().st_size == 16 + length * 8 + number * length * 4


@pytest.mark.parametrize(
    ("spectra", "mode", "message"),
    [
        ([], "processed", "no spectra"),
        ([(1, 1, [100.0, 200.0], [1.0])], "processed", "x=1, y=1 has 2 m/z but 1 intensities"),
        ([(1, 1, [100.0], [1.0]), (2, 1, [101.0], [1.0])], "continuous", "x=2, y=1 has other m/z than the first"),
    ],
)
def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, spectra, mode, message) -> None:
    with pytest.raises(DataError, match=message):
        write_imzml(tmp_path / "a.imzML", spectra, mode=mode)
    assert list(tmp_path.iterdir()) == []


def test_an_error_on_the_way_leaves_the_old_file(tmp_path, spectra) -> None:
    path = tmp_path / "a.imzML"
    write_imzml(path, spectra)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def broken():
        yield spectra[0]
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_imzml(path, broken())
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
