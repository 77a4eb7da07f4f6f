"""The ranked partners of an ion."""

import numpy as np

from msiss.analyse.partners import by_rank, partners
from msiss.analyse.similarity import TIE, cosine_similarity, nearest


def test_all_partners_are_ranked_as_counted() -> None:
    vectors = np.random.default_rng(0).normal(size=(15, 4)).astype(np.float32)
    vectors[4] = 2 * vectors[9]
    vectors[6] = 0
    similarity = cosine_similarity(vectors)
    cosines, ranks = partners(vectors, np.array([9, 6, 0]))
    for row, ion in enumerate((9, 6, 0)):
        others = [one for one in range(15) if one != ion]
        np.testing.assert_allclose(cosines[row, others], similarity[ion, others], atol=1e-6)
        expected = [sum(similarity[ion, others] >= similarity[ion, one] - np.float32(TIE)) for one in others]
        np.testing.assert_array_equal(ranks[row, others], expected)
        assert (cosines[row, ion], ranks[row, ion]) == (1, 0)
    assert ranks[0, 4] == 1
    assert (ranks[1, np.arange(15) != 6] == 14).all()  # an empty image is similar to none


def test_the_first_partners_are_the_nearest_ions() -> None:
    vectors = np.random.default_rng(1).normal(size=(50, 5)).astype(np.float32)
    cosines, ranks = partners(vectors, np.array([7]))
    order = by_rank(ranks[0])
    near, likeness = nearest(vectors, 7, 49)
    np.testing.assert_array_equal(order, near)
    np.testing.assert_allclose(cosines[0, order], likeness, atol=1e-7)
    np.testing.assert_array_equal(ranks[0, order], np.arange(1, 50))
