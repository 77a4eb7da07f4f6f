"""Trees of ions."""

from itertools import permutations

import numpy as np

from msiss.analyse.similarity import cosine_similarity
from msiss.analyse.trees import ward_tree


def ward_oracle(points: np.ndarray) -> list[float]:
    """Join, again and again, the two groups by which the sum of squares within the groups grows least."""
    groups, heights = [[ion] for ion in range(len(points))], []

    def growth(one: list[int], other: list[int]) -> float:
        return within(one + other) - within(one) - within(other)

    def within(group: list[int]) -> float:
        return float(((points[group] - points[group].mean(axis=0)) ** 2).sum())

    while len(groups) > 1:
        pairs = [(a, b) for a in range(len(groups)) for b in range(a)]
        a, b = min(pairs, key=lambda pair: growth(groups[pair[0]], groups[pair[1]]))
        heights.append(np.sqrt(2 * growth(groups[a], groups[b])))
        groups.append(groups[a] + groups[b])
        del groups[max(a, b)], groups[min(a, b)]
    return heights


def test_heights_are_wards() -> None:
    vectors = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    tree = ward_tree(vectors * np.arange(1, 10)[:, None])  # lengths do not matter
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(tree.links[:, 2], ward_oracle(unit.astype(float)), rtol=1e-5)
    assert sorted(tree.order) == list(range(9))
    assert tree.order[0] < tree.order[-1]


def test_the_first_link_has_the_distance_of_the_cosine() -> None:
    vectors = np.random.default_rng(1).normal(size=(6, 3))
    similarity = cosine_similarity(vectors)
    np.fill_diagonal(similarity, -1)
    tree = ward_tree(vectors)
    np.testing.assert_allclose(tree.links[0, 2], np.sqrt(2 - 2 * similarity.max()), atol=1e-5)
    assert set(tree.links[0, :2]) == set(np.unravel_index(similarity.argmax(), (6, 6)))


def test_neighbours_in_the_order_are_as_near_as_the_tree_allows() -> None:
    vectors = np.random.default_rng(2).normal(size=(6, 3))
    tree = ward_tree(vectors)
    members = [{ion} for ion in range(6)]
    for a, b, _, _ in tree.links:
        members.append(members[int(a)] | members[int(b)])

    def length(order: tuple[int, ...]) -> float:
        distances = np.sqrt(np.maximum(2 - 2 * cosine_similarity(vectors).astype(float), 0))
        return float(distances[list(order[:-1]), list(order[1:])].sum())

    def allowed(order: tuple[int, ...]) -> bool:  # every group of the tree lies together
        places = np.argsort(order)
        return all(np.ptp(places[list(group)]) == len(group) - 1 for group in members)

    best = min(length(order) for order in permutations(range(6)) if allowed(order))
    assert allowed(tuple(tree.order))
    np.testing.assert_allclose(length(tuple(tree.order)), best, rtol=1e-6)


def test_two_ions_and_an_empty_image() -> None:
    tree = ward_tree(np.array([[0, 0], [1, 0]]))
    np.testing.assert_array_equal(tree.links, [[0, 1, 1, 2]])
    np.testing.assert_array_equal(tree.order, [0, 1])
