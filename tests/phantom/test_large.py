"""Large simulated files: as large as asked for, the same every time, with structure in their images."""

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats.imzml.reader import open_imzml
from msiss.data.peaks import morans_i
from msiss.phantom.large import ions, write_large


@pytest.mark.parametrize("mode", ["processed", "continuous"])
def test_a_file_of_the_size_that_was_asked_for(tmp_path, mode) -> None:
    path = write_large(tmp_path / "new" / "a.imzML", pixels=150, peaks=40, mode=mode)
    file = open_imzml(path)
    assert len(file) == 13 * 12  # the rows are full
    assert file.shape == (13, 12)
    assert set(file.intensity.lengths) == {40}
    assert file.shared_axis == (mode == "continuous")
    images = read_ions(path, mz=ions(40), ppm=20)
    assert len(images) == 40
    assert np.median(morans_i(images.images, images.mask)) > 0.3


def test_the_same_seed_writes_the_same_bytes(tmp_path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_large(tmp_path / f"{name}.imzML", pixels=20, peaks=10, seed=seed)
    a, b, c = ((tmp_path / f"{name}.ibd").read_bytes() for name in "abc")
    assert a == b != c
