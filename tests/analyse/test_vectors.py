"""Vectors of length 1."""

import numpy as np

from msiss.analyse.vectors import unit


def test_vectors_get_the_length_1_and_what_has_none_stays_0() -> None:
    np.testing.assert_allclose(unit(np.array([[3.0, -4.0], [0, 0], [0, 1e-9]])), [[0.6, -0.8], [0, 0], [0, 1]])
