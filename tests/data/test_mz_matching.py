"""The nearest m/z within a tolerance in ppm."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.mz_matching import nearest_within

MZ = st.lists(st.floats(100, 100.1), min_size=0, max_size=20)


@given(MZ.map(np.array), MZ, st.sampled_from([1.0, 50.0, 500.0]))
def test_the_nearest_is_what_a_search_through_all_finds(mz, listed, ppm) -> None:
    found = nearest_within(mz, np.array(listed), ppm=ppm)
    for value, place in zip(mz, found, strict=True):
        distances = np.abs(np.array(listed) - value)
        if len(listed) and distances.min() <= ppm * 1e-6 * value:
            assert distances[place] == distances.min()
        else:
            assert place == -1


def test_the_tolerance_is_in_ppm_of_the_sought_mz() -> None:
    sought = np.array([500.004, 500.006, 399.9961, 9999.0, np.nan])  # 8, 12, 9.75 ppm away, and nowhere near
    found = nearest_within(sought, np.array([400.0, 500.0, 600.0, 700.0]), ppm=10)
    np.testing.assert_array_equal(found, [1, -1, 0, -1, -1])
