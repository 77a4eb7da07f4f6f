"""State of one browser session: the data set, the run and the settings of the next training.

The names of the data set and the run are also in the address of the page, so that a refresh or a shared link shows the
same. Everything else is on disk.
"""

from pathlib import Path
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
from msiss.show.palette import ION_COLOURS
from msiss.ui.literal import literal
from msiss.ui.messages import caught_warnings

# What an address restores beside data set, run and clusters: the selected ions, the colours of the map and its sides,
# the part of the page Clusters, the two regions that are compared, and a saved overlay.
LINKED = ("sel", "colour", "left", "right", "part", "a", "b", "overlay")
ABOUT_NO_DATA = ("part",)  # of these, what stays when another data set is chosen
DEFAULT_CLUSTERS = 10  # fewer than most tissues need, but enough to see whether the data cluster at all
NOT_IN_PRESETS = ("clusters", "device", "seed")  # presets do not set these


def library() -> DataLibrary:
    """Return the library of imported data sets."""
    return DataLibrary(datasets_folder())


def store() -> RunStore:
    """Return the store of runs."""
    return RunStore(runs_folder())


def notify(text: str, icon: str = "info") -> None:
    """Show a toast long enough to be read; `icon` is the name of a Material icon."""
    st.toast(literal(text), icon=f":material/{icon}:", duration="long")


def restore() -> None:
    """Restore the data set and run of the address or the session, else the newest, and write them to the address."""
    state = st.session_state
    if "dataset" not in state:
        state["dataset"] = st.query_params.get("dataset")
        state["run"] = st.query_params.get("run")
        state["import"] = st.query_params.get("import")
        if state["run"]:
            set_view(state["run"], by=st.query_params.get("by"), k=st.query_params.get("k"))
            open_cluster(state["run"], st.query_params.get("cluster"))
        state["linked"] = {name: st.query_params[name] for name in LINKED if name in st.query_params}
    names = dataset_names()
    exists = state["dataset"] in names
    if not exists or load_error(state["dataset"]):
        instead = next((name for name in names if not load_error(name)), None)
        if state["dataset"] is not None:
            problem = "is damaged: the page Open says how" if exists else "does not exist any more"
            notify(f"The data set {state['dataset']} {problem}.{' Another one is shown.' if instead else ''}")
        state["dataset"], state["run"] = instead, None
    _follow_recipe()
    identities = [run.path.name for run in runs()]
    if state["run"] not in identities:
        if state["run"] is not None:
            instead = " The newest one is shown instead." if identities else ""
            notify(f"The run {state['run'][:4]} of {state['dataset']} does not exist any more.{instead}")
        state["run"] = identities[0] if identities else None
    if st.query_params.to_dict() != query_params():
        st.query_params.from_dict(query_params())


def query_params() -> dict[str, str]:
    """Return the query parameters of the page: data set, run, its shown clusters, which is open, unfinished import."""
    named = {name: st.session_state[name] for name in ("dataset", "run", "import") if st.session_state.get(name)}
    if (identity := named.get("run")) is not None:
        named |= view(identity)
        if (number := opened_cluster(identity)) is not None:
            named["cluster"] = number
    return named | st.session_state.get("linked", {})


def linked(name: str) -> str | None:
    """Return what the address says of one of `LINKED`."""
    return st.session_state.get("linked", {}).get(name)


def link_to(name: str, value: str | None) -> None:
    """Set one of `LINKED` in the address; None removes it."""
    before = st.session_state.get("linked", {})
    kept = {one: text for one, text in before.items() if one != name}
    st.session_state["linked"] = kept if value is None else kept | {name: value}


def view(identity: str) -> dict[str, str]:
    """Return which clusters of a run are shown, as query parameters: "by" and "k", each only if it was chosen."""
    return st.session_state.get("shown by run", {}).get(identity, {})


def set_view(identity: str, *, by: str | None = None, k: str | None = None) -> None:
    """Set which clusters of a run are shown; None for the features or the number of clusters of the training."""
    chosen = {name: value for name, value in (("by", by), ("k", k)) if value is not None}
    st.session_state.setdefault("shown by run", {})[identity] = chosen


def opened_cluster(identity: str) -> str | None:
    """Return which cluster of a run was opened last, among those that are shown now; None if none was."""
    return st.session_state.get("opened clusters", {}).get((identity, *view(identity).items()))


def open_cluster(identity: str, number: str | None) -> None:
    """Open one of the clusters of a run that are shown now; None for the first one."""
    st.session_state.setdefault("opened clusters", {})[identity, *view(identity).items()] = number


def who() -> str:
    """Return who decides, as given in the sidebar; an empty string if nobody said so."""
    return st.session_state.get("who", "").strip()


def colours() -> str:
    """Return the colour map of the ion images."""
    return st.session_state.get("colour map") or ION_COLOURS


def go_to(page: str) -> None:
    """Switch to another page, given by its file, when the page is drawn next; for callbacks, which cannot switch."""
    st.session_state["go to"] = page


def follow() -> None:
    """Switch to the page that `go_to` has set."""
    if page := st.session_state.pop("go to", None):
        st.switch_page(page, query_params=query_params())


def page() -> str:
    """Return the name of the page that is shown."""
    return st.session_state.get("page", "")


def set_page(name: str) -> None:
    """Remember the name of the page that is shown."""
    st.session_state["page"] = name


def dataset_names() -> list[str]:
    """Return the names of the imported data sets, newest first, including damaged ones."""
    return library().newest_first()


def load_error(name: str) -> str:
    """Return why a data set cannot be opened; an empty string if it can."""
    try:
        load(name)
    except DataError as error:
        return str(error)
    return ""


def load(name: str) -> IonImages:
    """Return a data set; its images stay on disk. Its warnings are shown on the page Open only.

    Raises
    ------
    DataError
        If it does not exist or is damaged.
    """
    with caught_warnings():
        return library().load(name)


def dataset_name() -> str | None:
    """Return the name of the current data set."""
    return st.session_state.get("dataset")


def dataset() -> IonImages | None:
    """Return the current data set; its images stay on disk."""
    name = dataset_name()
    return load(name) if name else None


def dataset_folder() -> Path:
    """Return the folder of the current data set."""
    return library().path(str(dataset_name()))


def choose_dataset(name: str | None) -> None:
    """Switch to another data set, with its newest run."""
    st.session_state["dataset"], st.session_state["run"] = name, None
    linked = st.session_state.get("linked", {})  # ions and sides of maps are those of another data set
    st.session_state["linked"] = {one: text for one, text in linked.items() if one in ABOUT_NO_DATA}


def runs() -> list[Run]:
    """Return the runs of the current data set, newest first."""
    images = dataset()
    return [] if images is None else [run for run in store() if run.request.fingerprint == images.fingerprint]


def run() -> Run | None:
    """Return the current run, with the ion names of the current data set."""
    identity, name = st.session_state.get("run"), dataset_name()
    if not identity or not name:
        return None
    found = store().get(identity)
    found.use_dataset(library().path(name))
    return found


def choose_run(identity: str | None) -> None:
    """Switch to another run of the current data set."""
    st.session_state["run"] = identity


def preset() -> str:
    """Return the preset that the settings started from."""
    return st.session_state.get("preset") or next(iter(next(iter(METHODS)).presets))


def settings() -> RunConfig:
    """Return the settings of the next training."""
    if "settings" not in st.session_state:
        st.session_state["settings"] = preset_config(preset(), clusters=DEFAULT_CLUSTERS)
    return st.session_state["settings"]


def change(assignments: dict[str, Any]) -> None:
    """Change settings of the next training, by dotted name; an invalid value is refused, which the page reports."""
    try:
        st.session_state["settings"] = settings().with_settings(assignments)
    except SettingError as error:
        st.session_state["refused"] = str(error)


def choose_preset(chosen: str) -> None:
    """Reset the settings to a preset, with the intensity settings of the data set's recipe."""
    kept = {name: getattr(settings(), name) for name in NOT_IN_PRESETS}
    st.session_state["preset"] = chosen
    st.session_state["settings"] = preset_config(chosen, **kept)
    _start_from(starting_settings())


def preset_settings() -> RunConfig:
    """Return the settings of the preset, with the current values of those that presets do not set."""
    return preset_config(preset(), **{name: getattr(settings(), name) for name in NOT_IN_PRESETS})


def starting_settings() -> RunConfig:
    """Return the preset with the intensity settings of the data set's recipe, as `msiss run` uses them."""
    images = dataset()
    recorded = {} if images is None else recorded_recipe(images).said()
    return preset_settings().with_settings(recorded_preparation(recorded))


def reset(group: str) -> None:
    """Reset the settings of a group, by dotted name, to the starting values for this data set."""
    values = starting_settings().flat()
    change({name: value for name, value in values.items() if name.startswith(f"{group}.")})


def recorded_recipe(images: IonImages) -> Recipe:
    """Return the recipe by which a data set was made; an empty one if it is unknown."""
    try:
        return Recipe.model_validate(images.recipe)
    except ValidationError:  # written by another version of msiss
        return Recipe()


def recipe(images: IonImages) -> Recipe:
    """Return the planned recipe of the current data set.

    The choice of ions and pixels is kept with the data set; the intensities are those of the next training. Every data
    set starts with all its ions and pixels.
    """
    name = str(dataset_name())
    try:
        chosen = library().choice(name)
    except SettingError as error:
        if st.session_state.get("unreadable choice") != name:
            notify(f"The choice for {name} on the page Prepare is lost: all ions and pixels are kept. {error}")
        st.session_state["unreadable choice"] = name
        chosen = Recipe()
    read = ReadConfig(ppm=recorded_recipe(images).read.ppm)  # the peak width with which the ions were read
    shown = PrepareConfig.model_validate(settings().prepare.model_dump())  # marks every field as set
    return Recipe(read=read, ions=chosen.ions, mask=chosen.mask, prepare=shown)


def change_recipe(images: IonImages, changed: Recipe) -> None:
    """Save the planned choice of ions and pixels with the current data set."""
    before = recipe(images)
    if (changed.ions, changed.mask) != (before.ions, before.mask):
        library().keep_choice(str(dataset_name()), changed)


def apply_prepare(config: PrepareConfig) -> None:
    """Set the intensity settings of the next training from a recipe; those it does not set are reset."""
    reset("prepare")
    given = config.model_dump(mode="json", exclude_unset=True)
    change({f"prepare.{name}": value for name, value in given.items()})


def _follow_recipe() -> None:
    """When the data set changes, use the intensity settings of its recipe, unless the user has set others."""
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
