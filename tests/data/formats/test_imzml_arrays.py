"""The windows of many ions at once, and the pass over all spectra."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.formats.imzml import open_imzml
from msiss.data.formats.imzml_arrays import SpectrumReader, Windows
from msiss.data.progress import ignore

VALUES = st.lists(st.floats(99.99, 100.01), min_size=0, max_size=30).map(np.array)


@given(ions=VALUES.filter(len), mz=VALUES, ppm=st.sampled_from([1.0, 20.0, 300.0]))
def test_windows_find_the_pairs_that_a_comparison_of_all_finds(ions, mz, ppm) -> None:
    ion, peak = Windows.around(ions, ppm).matches(mz)

    low, high = ions[:, None] * (1 - ppm * 1e-6), ions[:, None] * (1 + ppm * 1e-6)
    expected = [tuple(pair) for pair in np.argwhere((low <= mz) & (mz <= high)).tolist()]
    assert sorted(zip(ion.tolist(), peak.tolist(), strict=True)) == expected


def test_blocks_bring_every_spectrum_once_in_the_order_of_the_file(imzml, spectra, monkeypatch) -> None:
    monkeypatch.setattr("msiss.data.formats.imzml_arrays.SPECTRA_PER_BLOCK", 5)
    blocks = list(SpectrumReader(open_imzml(imzml)).blocks(ignore))

    assert [len(block.spectra) for block in blocks] == [5, 5, 5, 3]
    for block in blocks:
        for local, spectrum in enumerate(block.spectra):
            np.testing.assert_array_equal(block.mz[block.owner == local], spectra[spectrum][2])
            np.testing.assert_array_equal(block.intensity[block.owner == local], spectra[spectrum][3])


def test_statistics_of_a_pass(imzml, spectra) -> None:
    reader = SpectrumReader(open_imzml(imzml))
    for _ in range(2):  # a second pass begins anew
        list(reader.blocks(ignore))
    assert reader.statistics.values == sum(len(mz) for _, _, mz, _ in spectra)
    assert reader.statistics.lowest_mz == min(mz.min() for _, _, mz, _ in spectra)
    assert reader.statistics.highest_mz == max(mz.max() for _, _, mz, _ in spectra)
    assert reader.statistics.unsorted == reader.statistics.not_numbers == reader.statistics.negative == 0
