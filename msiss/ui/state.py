"""What one browser session works on: the data set, the run and the settings of the next run.

The names of the data set and of the run are also kept in the address of the page, so that a refresh or a shared link
shows the same. Everything else is on disk.
"""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from msiss.data.ion_images import IonImages
from msiss.data.library import DataLibrary
from msiss.data.prepare import PrepareConfig
from msiss.data.recipe import ReadConfig, Recipe, recorded_preparation
from msiss.errors import DataError, SettingError
from msiss.home import datasets_folder, runs_folder
from msiss.learn.config import RunConfig
from msiss.learn.methods import METHODS, preset_config
from msiss.runs.store import Run, RunStore
from msiss.ui.guard import caught_warnings
from msiss.ui.literal import literal

FIRST_CLUSTERS = 10  # of a new session: fewer than most tissues need, enough to see whether the data cluster at all
KEPT_BY_PRESET = ("clusters", "device", "seed")  # what to look for and where to compute is no matter of a preset


def library() -> DataLibrary:
    """Return the library of imported data sets."""
    return DataLibrary(datasets_folder())


def store() -> RunStore:
    """Return the trainings of this msiss."""
    return RunStore(runs_folder())


def say(text: str, icon: str = "info") -> None:
    """Say something beside the page, for long enough to be read; `icon` is the name of one of Material."""
    st.toast(literal(text), icon=f":material/{icon}:", duration="long")


def resume() -> None:
    """Take up the data set and run of the address or the session, else the newest, and write them to the address."""
    state = st.session_state
    if "dataset" not in state:
        state["dataset"] = st.query_params.get("dataset")
        state["run"] = st.query_params.get("run")
        state["import"] = st.query_params.get("import")
        if state["run"]:
            keep_view(state["run"], by=st.query_params.get("by"), k=st.query_params.get("k"))
    names = dataset_names()
    there = state["dataset"] in names
    if not there or damage(state["dataset"]):
        instead = next((name for name in names if not damage(name)), None)
        if state["dataset"] is not None:
            trouble = "is damaged: the page Open says how" if there else "is not here any more"
            say(f"The data set {state['dataset']} {trouble}.{' Another one is shown.' if instead else ''}")
        state["dataset"], state["run"] = instead, None
    _resume_prepare()
    identities = [run.path.name for run in runs()]
    if state["run"] not in identities:
        if state["run"] is not None:
            instead = " The newest one is shown instead." if identities else ""
            say(f"The training {state['run'][:4]} of {state['dataset']} is not here any more.{instead}")
        state["run"] = identities[0] if identities else None
    if st.query_params.to_dict() != address():
        st.query_params.from_dict(address())


def address() -> dict[str, str]:
    """Return the part of the page's address that names what is shown.

    It names the data set, the run, which of its clusters are shown, and an import that is going on.
    """
    named = {name: st.session_state[name] for name in ("dataset", "run", "import") if st.session_state.get(name)}
    return named | (view(named["run"]) if "run" in named else {})


def view(identity: str) -> dict[str, str]:
    """Return which clusters of a run are shown, as the address has it: "by" and "k", where they were chosen."""
    return st.session_state.get("shown by run", {}).get(identity, {})


def keep_view(identity: str, *, by: str | None = None, k: str | None = None) -> None:
    """Replace which clusters of a run are shown; None for what the training ends with."""
    chosen = {name: value for name, value in (("by", by), ("k", k)) if value is not None}
    st.session_state.setdefault("shown by run", {})[identity] = chosen


def dataset_names() -> list[str]:
    """Return the names of the imported data sets, newest first, with those that are damaged."""
    return library().newest_first()


def damage(name: str) -> str:
    """Return what is wrong with a data set that cannot be opened; nothing where it can be."""
    try:
        load(name)
    except DataError as error:
        return str(error)
    return ""


def load(name: str) -> IonImages:
    """Return a data set; its images stay on disk. What is unusual in it, the page Open says.

    Raises
    ------
    DataError
        If it is gone or damaged.
    """
    with caught_warnings():
        return library().load(name)


def dataset_name() -> str | None:
    """Return the name of the data set this session works on."""
    return st.session_state.get("dataset")


def dataset() -> IonImages | None:
    """Return the data set this session works on; its images stay on disk."""
    name = dataset_name()
    return load(name) if name else None


def choose_dataset(name: str | None) -> None:
    """Work on another data set, with the newest of its runs and nothing selected."""
    st.session_state["dataset"], st.session_state["run"] = name, None
    select([])


def runs() -> list[Run]:
    """Return the runs of the current data set, newest first."""
    images = dataset()
    return [] if images is None else [run for run in store() if run.request.fingerprint == images.fingerprint]


def run() -> Run | None:
    """Return the run this session looks at, with the names of the ions of the data set it looks at."""
    identity, name = st.session_state.get("run"), dataset_name()
    if not identity or not name:
        return None
    found = store().get(identity)
    found.use_dataset(library().path(name))
    return found


def choose_run(identity: str | None) -> None:
    """Look at another run of the current data set."""
    st.session_state["run"] = identity


def selected() -> list[int]:
    """Return the ions that are selected on the map."""
    return st.session_state.get("selected", [])


def select(ions: list[int]) -> None:
    """Select ions on the map."""
    st.session_state["selected"] = ions


def preset() -> str:
    """Return the preset that the settings started from."""
    return st.session_state.get("preset") or next(iter(next(iter(METHODS)).presets))


def settings() -> RunConfig:
    """Return the settings of the next run."""
    if "settings" not in st.session_state:
        st.session_state["settings"] = preset_config(preset(), clusters=FIRST_CLUSTERS)
    return st.session_state["settings"]


def change(assignments: dict[str, Any]) -> None:
    """Replace settings of the next run by dotted name; what does not fit is refused and said on the page."""
    try:
        st.session_state["settings"] = settings().with_settings(assignments)
    except SettingError as error:
        st.session_state["refused"] = str(error)


def choose_preset(chosen: str) -> None:
    """Start again from the values of a preset, and from what the data set's recipe says of the intensities."""
    kept = {name: getattr(settings(), name) for name in KEPT_BY_PRESET}
    st.session_state["preset"] = chosen
    st.session_state["settings"] = preset_config(chosen, **kept)
    _start_from(starting_settings())


def preset_settings() -> RunConfig:
    """Return the settings as the preset has them, with the choices that no preset makes."""
    return preset_config(preset(), **{name: getattr(settings(), name) for name in KEPT_BY_PRESET})


def starting_settings() -> RunConfig:
    """Return the preset with what the recipe of the data set says of the intensities, as `msiss run` takes them."""
    images = dataset()
    said = {} if images is None else recorded(images).said()
    return preset_settings().with_settings(recorded_preparation(said))


def reset(group: str) -> None:
    """Give the settings of a group, by dotted name, the values again that a training of this data set starts from."""
    values = starting_settings().flat()
    change({name: value for name, value in values.items() if name.startswith(f"{group}.")})


def recorded(images: IonImages) -> Recipe:
    """Return the recipe by which a data set was made, an empty one where that is not known."""
    try:
        return Recipe.model_validate(images.recipe)
    except ValidationError:  # written by another version of msiss
        return Recipe()


def recipe(images: IonImages) -> Recipe:
    """Return what is to be done with the current data set.

    The choice of ions and pixels is kept with the data set; the intensities are those of the next training. Every data
    set starts with all its ions and pixels.
    """
    name = str(dataset_name())
    try:
        chosen = library().choice(name)
    except SettingError as error:
        if st.session_state.get("unreadable choice") != name:
            say(f"What was chosen of {name} on the page Prepare is lost: all ions and pixels stay. {error}")
        st.session_state["unreadable choice"] = name
        chosen = Recipe()
    read = ReadConfig(ppm=recorded(images).read.ppm)  # the width of a peak is that at which the ions were read
    shown = PrepareConfig.model_validate(settings().prepare.model_dump())  # all of it is set, whatever the preset
    return Recipe(read=read, ions=chosen.ions, mask=chosen.mask, prepare=shown)


def change_recipe(images: IonImages, changed: Recipe) -> None:
    """Replace what is to be done with the ions and pixels of the current data set."""
    before = recipe(images)
    if (changed.ions, changed.mask) != (before.ions, before.mask):
        library().keep_choice(str(dataset_name()), changed)


def take_prepare(config: PrepareConfig) -> None:
    """Prepare the intensities for the next training as a recipe says; what it leaves open is as in the preset."""
    reset("prepare")
    given = config.model_dump(mode="json", exclude_unset=True)
    change({f"prepare.{name}": value for name, value in given.items()})


def _resume_prepare() -> None:
    """Start from the recipe of another data set, unless other intensities were set before in this session."""
    name = dataset_name()
    if st.session_state.get("prepared for") == name:
        return
    st.session_state["prepared for"] = name
    before = st.session_state.get("started from", preset_settings()).prepare
    start = starting_settings()
    if settings().prepare == before:
        st.session_state["settings"] = settings().model_copy(update={"prepare": start.prepare})
    st.session_state["started from"] = start


def _start_from(start: RunConfig) -> None:
    st.session_state["settings"] = st.session_state["started from"] = start


def changes_from_preset() -> dict[str, tuple[Any, Any]]:
    """Return each setting that differs from the preset: its value now and that of the preset."""
    now, before = settings().flat(), preset_settings().flat()
    return {name: (now[name], before[name]) for name in now if now[name] != before[name]}
