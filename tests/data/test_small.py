"""Lists, tables of classes and recipes are read up to a size that a person could have written."""

import pytest

from msiss.data import small
from msiss.data.mz_list import read_mz_list
from msiss.data.recipe import Recipe
from msiss.data.small import read_small
from msiss.errors import DataError, SettingError


def test_a_file_is_read_up_to_the_limit(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(small, "LARGEST", 2**20)
    (tmp_path / "a").write_bytes(b"7" * 2**20)
    assert read_small(tmp_path / "a") == b"7" * 2**20
    (tmp_path / "a").write_bytes(b"7" * (2**20 + 1))
    with pytest.raises(DataError, match="a is larger than 1 MB"):
        read_small(tmp_path / "a")


def test_lists_and_recipes_have_the_limit(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(small, "LARGEST", 2**20)
    (tmp_path / "a").write_bytes(b"700.1\n" * 2**20)
    with pytest.raises(DataError, match="larger than 1 MB"):
        read_mz_list(tmp_path / "a")
    with pytest.raises(SettingError, match="larger than 1 MB"):
        Recipe.load(tmp_path / "a")


@pytest.mark.parametrize("text", ["[" * 1_000_000, '{"read": {"ppm": ' + "9" * 1_000_000 + "}}", '{"read": ' * 300_000])
def test_a_recipe_of_endless_text_is_refused(tmp_path, text) -> None:
    (tmp_path / "a").write_text(text, encoding="utf-8")
    with pytest.raises(SettingError) as refused:
        Recipe.load(tmp_path / "a")
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize(
    "text", ["9" * 1_000_000, "mz\n" + "9" * 100_000, "a" * 100_000 + "\nb", "mz\n" + "1," * 500_000, " " * 1_000_000]
)
def test_a_list_of_endless_lines_is_refused(tmp_path, text) -> None:
    (tmp_path / "a").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_mz_list(tmp_path / "a")
    assert len(str(refused.value)) < 1000
