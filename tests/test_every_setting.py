"""Every setting of every preset reaches the run, from the command line, the pages and a recipe: also at a default."""

import enum
import json
import types
import typing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from msiss.cli import main
from msiss.data.formats.arrays import write_stack
from msiss.data.importing import apply_recipe
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig
from msiss.data.recipe import Recipe
from msiss.errors import SettingError
from msiss.home import datasets_folder, runs_folder
from msiss.learn.methods import METHODS, preset_config, presets
from msiss.learn.settings import OneOf
from msiss.runs.imports import ImportRequest, ImportStore
from msiss.runs.store import RunStore
from msiss.ui import state
from msiss.ui.open import import_jobs


def names_of(preset: str) -> list[str]:
    return [name for name in preset_config(preset, clusters=3).flat() if name != "method"]


def field_of(preset: str, name: str) -> Any:
    model: Any = presets(METHODS)[preset].config
    *groups, last = name.split(".")
    for group in groups:
        model = model.model_fields[group].annotation
    return model.model_fields[last]


def another(preset: str, name: str, than: Any) -> Any:
    """Return a value that the setting may have, other than one."""
    field = field_of(preset, name)
    kind = field.annotation
    if isinstance(kind, types.UnionType):
        kind = next(one for one in typing.get_args(kind) if one is not types.NoneType)
    if kind is bool:
        return not than
    if field.examples:
        return next(one for one in field.examples if one != than)
    choices = [one for rule in field.metadata if isinstance(rule, OneOf) for one in rule.registry.names]
    if choices:
        return next(one for one in choices if one != than)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(one.value for one in kind if one.value != than)
    if typing.get_origin(kind) is typing.Literal:
        return next(one for one in typing.get_args(kind) if one != than)
    limits = {key: getattr(rule, key) for rule in field.metadata for key in ("ge", "gt", "le") if hasattr(rule, key)}
    low, high = limits.get("ge", limits.get("gt")), limits["le"]
    middle = kind((low + high) / 2)
    return middle if middle != than else kind((low + middle) / 2)


def possible(preset: str, name: str, value: Any) -> bool:
    """Tell whether a setting goes with the others of a preset: a least value may not pass the greatest."""
    try:
        preset_config(preset, clusters=3).with_settings({name: value})
    except SettingError:
        return False
    return True


def cases() -> list[tuple[str, str, Any]]:
    found = []
    for preset in presets(METHODS):
        before = preset_config(preset, clusters=3).flat()
        defaults = presets(METHODS)[preset].config(clusters=3).flat()
        for name in names_of(preset):
            for value in dict.fromkeys((defaults[name], another(preset, name, before[name]))):
                if possible(preset, name, value):
                    found.append((preset, name, value))
    return found


CASES = cases()


def test_no_setting_is_left_out() -> None:
    for preset in presets(METHODS):
        names = set(names_of(preset))
        assert {name for one, name, _ in CASES if one == preset} == names
        own = preset_config(preset, clusters=3).flat()
        changed = {name for one, name, value in CASES if one == preset and value != own[name]}
        assert names - changed <= {name for name in names if name.endswith(("_min", "_max"))}


@pytest.fixture
def dataset(msiss_home: Path, small_images: IonImages) -> Path:
    path = datasets_folder() / "small"
    small_images.save(path)
    return path


@pytest.fixture
def nobody_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msiss.cli.training._train", lambda job, here: 0)


@pytest.mark.usefixtures("nobody_trains")
def test_what_is_set_on_the_command_line_reaches_the_run_and_nothing_else_changes(dataset: Path) -> None:
    for preset, name, value in CASES:
        text = json.dumps(value) if not isinstance(value, str) else value
        command = ["run", str(dataset), "--preset", preset, "--set", f"{name}={text}"]
        assert main([*command, "--clusters", "3"]) == 0
        run = next(iter(RunStore(runs_folder())))
        expected = preset_config(preset, clusters=3).flat() | {name: value}
        assert run.config.flat() == expected, (preset, name, value)
        assert json.loads((run.path / "config.json").read_text())["config"] == run.config.model_dump(mode="json")
        run.delete()


def test_what_is_set_on_a_page_is_what_the_next_run_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    for preset, name, value in CASES:
        monkeypatch.setattr(st, "session_state", {})
        state.choose_preset(preset)
        state.change({name: value, "clusters": 3} if name != "clusters" else {name: value})
        assert "refused" not in st.session_state
        expected = preset_config(preset, clusters=3).flat() | {name: value}
        assert state.settings().flat() == expected, (preset, name, value)


@pytest.mark.usefixtures("nobody_trains", "no_children")
@pytest.mark.parametrize("preset", list(presets(METHODS)))
@pytest.mark.parametrize("name", PrepareConfig.model_fields)
def test_what_a_recipe_says_reaches_the_run(
    preset: str, name: str, tmp_path: Path, small_images: IonImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSISS_HOME", str(tmp_path / "home"))
    own = getattr(preset_config(preset, clusters=3).prepare, name)
    write_stack(small_images, tmp_path / "small.npz")
    for value in dict.fromkeys((getattr(PrepareConfig(), name), another(preset, f"prepare.{name}", own))):
        folder = tmp_path / f"{value}"
        folder.mkdir()
        (folder / "recipe.json").write_text(Recipe(prepare=PrepareConfig(**{name: value})).to_json())
        recipe = Recipe.load(folder / "recipe.json")
        request = ImportRequest(recipe=recipe, name="small", library=tmp_path)
        again = ImportRequest.model_validate_json(request.model_dump_json(by_alias=True)).recipe
        assert again.prepare.model_fields_set == {name}
        command = ["import", str(tmp_path / "small.npz"), "--recipe", str(folder / "recipe.json")]
        assert main([*command, "--out", str(folder / "data")]) == 0
        images = IonImages.load(folder / "data")
        assert images.recipe == {"prepare": {name: value}}

        expected = preset_config(preset, clusters=3).flat() | {f"prepare.{name}": value}
        assert main(["run", str(folder / "data"), "--preset", preset, "--clusters", "3"]) == 0
        run = next(iter(RunStore(runs_folder())))
        assert run.config.flat() == expected
        run.delete()

        monkeypatch.setattr(st, "session_state", {"dataset": "data"})
        monkeypatch.setattr(state, "dataset", lambda images=images: images)
        state._follow_recipe()
        state.choose_preset(preset)  # after the data set was opened, as on the page
        state.change({"clusters": 3})
        assert state.settings().flat() == expected
        state.change({f"prepare.{name}": another(preset, f"prepare.{name}", value)})
        state.reset("prepare")
        assert state.settings().flat() == expected


def test_a_recipe_of_before_leaves_open_what_it_did_not_say(small_images: IonImages) -> None:
    assert Recipe.model_validate({}).said() == {}
    assert state.recorded_recipe(replace(small_images, recipe={})).prepare.model_fields_set == set()
    assert Recipe.model_validate({"prepare": {"transform": "log"}}).said() == {"prepare": {"transform": "log"}}


def test_each_data_set_starts_from_its_own_recipe(small_images: IonImages, monkeypatch: pytest.MonkeyPatch) -> None:
    recipes = {"a": {"side": 96, "transform": "log"}, "b": {"side": 80}, "c": {}}
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(
        state, "dataset", lambda: replace(small_images, recipe={"prepare": recipes[state.dataset_name()]})
    )
    for name in ("a", "b", "c", "a"):
        st.session_state["dataset"] = name
        state._follow_recipe()
        prepare = state.settings().prepare
        assert (prepare.side, prepare.transform) == (
            recipes[name].get("side", 32),
            recipes[name].get("transform", "none"),
        )
    state.change({"prepare.side": 128})  # from here on it is the user who says so
    for name in ("b", "c"):
        st.session_state["dataset"] = name
        state._follow_recipe()
        assert state.settings().prepare.side == 128


def test_a_data_set_made_of_another_keeps_what_its_recipe_says(small_images: IonImages) -> None:
    first = apply_recipe(small_images, Recipe(prepare=PrepareConfig(side=96)))
    assert apply_recipe(first, Recipe()).recipe == {"prepare": {"side": 96}}
    again = apply_recipe(first, Recipe(prepare=PrepareConfig(transform="log")))
    assert again.recipe == {"prepare": {"side": 96, "transform": "log"}}


def test_imports_that_differ_in_what_is_set_are_not_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ImportRequest(name="a", library=tmp_path)
    second = first.model_copy(update={"recipe": Recipe(prepare=PrepareConfig(side=96))})
    job = ImportStore(tmp_path / "imports").create(first)
    monkeypatch.setattr(import_jobs, "current", lambda: job)
    assert import_jobs._is_duplicate(first)
    assert not import_jobs._is_duplicate(second)
