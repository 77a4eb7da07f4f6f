"""All parts of a file share one limit, which is asked before each is read."""

import pytest

from msiss.data.findings import DataStop
from msiss.data.formats import budget as budgets
from msiss.data.formats.budget import Budget


@pytest.fixture
def budget(tmp_path, monkeypatch) -> Budget:
    monkeypatch.setattr(budgets, "memory", lambda: 20_000_000)
    monkeypatch.setattr(budgets, "LEAST", 1_000_000)
    monkeypatch.setattr(budgets, "MOST_TIMES", 200)
    (tmp_path / "a").write_bytes(bytes(10_000))
    return Budget("a", tmp_path / "a")


def test_parts_add_up_to_so_many_times_the_file(budget) -> None:
    budget.unpack(1_500_000, "the first")
    budget.unpack(500_000, "the second")
    with pytest.raises(DataStop, match=r"the third would unpack to 0.0 MB, all of it to 2.0 MB or more; of a file of"):
        budget.unpack(1, "the third")


def test_a_small_file_may_unpack_to_the_least(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(budgets, "LEAST", 1_000_000)
    (tmp_path / "b").write_bytes(b"")
    small = Budget("b", tmp_path / "b")
    small.unpack(1_000_000, "all")
    with pytest.raises(DataStop, match="one more"):
        small.unpack(1, "one more")


def test_files_beside_it_count_as_well(tmp_path, budget) -> None:
    (tmp_path / "b").write_bytes(bytes(10_000))
    budget.found(tmp_path / "b", tmp_path / "missing")
    budget.unpack(4_000_000, "all")


def test_what_is_made_of_it_takes_at_most_half_of_the_memory(budget) -> None:
    budget.unpack(2_000_000, "all")
    budget.images((2, 1000, 500))
    budget.reserve(4_000_000, "a copy")
    with pytest.raises(DataStop, match=r"1 x 2 numbers would take 0.0 MB of memory, all of it 10.0 MB; half of this"):
        budget.images((1, 2))


def test_what_was_lent_is_there_again(budget) -> None:
    for _ in range(10):
        with budget.reserve_temporarily(1_500_000, "a picture"), pytest.raises(DataStop, match="another"):
            budget.unpack(1_500_000, "another")
    budget.unpack(2_000_000, "all")
