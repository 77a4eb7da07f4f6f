"""Recipes go to a file and come back, and mistakes in one are named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.prepare import PrepareConfig
from msiss.data.recipe import IonsConfig, ListedIon, MaskConfig, ReadConfig, Recipe, Shape
from msiss.errors import SettingError

text = st.text("abcäµ 12", max_size=8)
ions = st.builds(ListedIon, mz=st.floats(1, 3000), name=text, formula=text, adduct=text, class_=text)
corner = st.tuples(st.floats(-5, 50), st.floats(-5, 50))
shapes = st.builds(
    Shape,
    name=st.text("ab c", min_size=1, max_size=5),
    role=st.sampled_from(["keep", "cut", "region"]),
    points=st.lists(corner, min_size=3, max_size=6).map(tuple),
)
recipes = st.builds(
    Recipe,
    read=st.builds(
        ReadConfig,
        peaks=st.sampled_from(["data", "list", "both"]),
        mz_list=st.lists(ions, max_size=3).map(tuple),
        plane=st.none() | st.integers(-3, 9),
    ),
    ions=st.builds(IonsConfig, least_structure=st.floats(-1, 1), merge_duplicates=st.booleans()),
    mask=st.builds(MaskConfig, least_tic=st.floats(0, 1), shapes=st.lists(shapes, max_size=2).map(tuple)),
    prepare=st.builds(PrepareConfig, transform=st.sampled_from(["none", "square root", "log"])),
)


@given(recipe=recipes)
def test_a_recipe_comes_back_from_its_text(recipe, tmp_path_factory):
    path = tmp_path_factory.mktemp("recipe") / "recipe.json"
    path.write_text(recipe.to_json(), encoding="utf-8")
    assert Recipe.load(path) == recipe


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "recipe.json is not a recipe of msiss: the file"),
        ("{", "recipe.json is not a recipe of msiss: the file"),
        ('{"reed": {}}', "reed: Extra inputs"),
        ('{"read": {"ppm": -1}}', "read → ppm: Input should be greater than 0"),
        ('{"mask": {"shapes": [{"name": "a", "role": "keep", "points": [[0, 0]]}]}}', "mask → shapes → 0 → points"),
    ],
)
def test_mistakes_are_named(tmp_path, content, message):
    (tmp_path / "recipe.json").write_text(content, encoding="utf-8")
    with pytest.raises(SettingError, match=message):
        Recipe.load(tmp_path / "recipe.json")


def test_a_missing_recipe_is_said(tmp_path):
    with pytest.raises(SettingError, match=r"gone.json cannot be read"):
        Recipe.load(tmp_path / "gone.json")


def test_a_recipe_shows_what_it_says_and_nothing_as_html() -> None:
    assert repr(Recipe()) == "Recipe(as the files are)"
    assert Recipe()._repr_html_() == "<p>A recipe that changes nothing.</p>"
    recipe = Recipe(
        read=ReadConfig(peaks="list", mz_list=tuple(ListedIon(mz=mz) for mz in (300.1, 400.2)), ppm=5),
        mask=MaskConfig(regions=("<script>",)),
        prepare=PrepareConfig(median_filter=False),
    )
    assert repr(recipe).startswith(
        "Recipe(Ions from: list; m/z list: 2; Tolerance (ppm): 5.0; Regions: ('<script>',); "
    )
    assert repr(recipe).count(";") == 4
    assert "&lt;script&gt;" in recipe._repr_html_()
    assert "<script" not in recipe._repr_html_()
