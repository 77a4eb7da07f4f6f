"""The contrastive training of the small network: its schedule, its positives, and what is no negative."""

import pytest
import torch

from msiss.learn.spatial.config import SpatialSettings
from msiss.learn.spatial.network import PlaceContrast, PlaceNetwork
from msiss.learn.spatial.scales import Scales

MASK = torch.ones(8, 8, dtype=torch.bool)
NEAR = torch.tensor([[1, 2], [0, 2], [0, 1], [4, 0], [3, 0], [4, 3]])  # nobody has 5 as a neighbour


def phase(near: torch.Tensor = NEAR, **changes: object) -> PlaceContrast:
    settings = SpatialSettings.model_validate(changes)
    return PlaceContrast(PlaceNetwork((8, 8)), Scales(MASK), torch.ones(len(near), 1, 8, 8), MASK, near, settings)


def test_the_learning_rate_grows_over_three_tenths_of_the_steps_then_falls() -> None:
    found = phase(torch.zeros(20, 1, dtype=torch.long), steps=20, batch_size=10, learning_rate=0.01)
    assert found.epochs == 10
    # The moments are a tenth of an epoch late, so that the first step has a rate above 0.
    rates = {-0.1: 0, 0.9: 0.0025, 1.4: 0.005, 2.9: 0.01, 6.4: 0.005, 9.9: 0}
    assert [found.rate(epoch) for epoch in rates] == pytest.approx(list(rates.values()), abs=1e-9)
    assert found.rate(0) > 0


def test_partners_are_neighbours_as_often_as_asked_and_each_is_as_likely() -> None:
    ions = torch.arange(6).repeat(2000)
    partners = phase(near_share=0.6).partners(ions, torch.Generator().manual_seed(0))
    for ion in range(6):
        drawn = partners[ions == ion].bincount(minlength=6) / 2000
        expected = torch.zeros(6)
        expected[ion], expected[NEAR[ion]] = 0.4, 0.3
        torch.testing.assert_close(drawn, expected, atol=0.05, rtol=0)


@pytest.mark.parametrize("changes", [{"near_share": 0}, {"near": NEAR[:, :0]}], ids=["no share", "no neighbours"])
def test_without_neighbours_an_ion_is_its_own_partner(changes: dict) -> None:
    ions = torch.arange(6)
    assert torch.equal(phase(**changes).partners(ions, torch.Generator().manual_seed(0)), ions)


def test_related_are_the_same_ions_and_neighbours_of_either() -> None:
    ions = torch.tensor([0, 1, 3, 5, 0])
    near = {(0, 1), (0, 2), (1, 2), (0, 3), (3, 4), (0, 4), (4, 5), (3, 5)}
    expected = [[i == j or (min(i, j), max(i, j)) in near for j in ions.tolist()] for i in ions.tolist()]
    assert phase().related(ions).tolist() == expected


def test_of_many_ions_every_one_is_seen_at_least_once_and_the_rate_ends_at_0() -> None:
    found = phase(torch.zeros(500, 1, dtype=torch.long), steps=3, batch_size=10)
    assert found.epochs == 1
    assert found.rate(0.98) < 0.05 * found.rate(0.2)
