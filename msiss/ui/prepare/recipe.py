"""The tab Recipe of the page Prepare: all steps in their order, to take away or to bring; and saving a new data set."""

import streamlit as st

from msiss.data import foreign
from msiss.data.ion_images import IonImages
from msiss.data.recipe import IonsConfig, MaskConfig, Recipe
from msiss.data.recipe_text import steps
from msiss.ui import state
from msiss.ui.guard import plain_errors
from msiss.ui.literal import literal
from msiss.ui.prepare import ions, pixels
from msiss.ui.widgets import files, forms, ion_picker, step_list

PLANNED = ("Ions", "Pixels", "Intensities")
RECIPE_MB = 50  # a recipe with a large loaded mask


def tab(images: IonImages) -> None:
    """Write down what was done to the data set and what is to be done, and exchange it with a file."""
    before, now = state.recorded(images), state.recipe(images)
    done, planned = st.columns(2, gap="large")
    with done:
        st.subheader("Done", help="How the open data set was made from its files.")
        step_list.made(images)
    with planned:
        st.subheader("Planned", help="What the tabs of this page say: ions and pixels for a new data set, intensities.")
        written = steps(now, images.axis)
        step_list.sentences({title: written[title] for title in PLANNED}, first=1 + len(step_list.DONE))
    left, right = st.columns(2, gap="large")
    with left:
        st.download_button(
            "Download recipe.json",
            combined(before, now).to_json(),
            "recipe.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
            help="All steps, done and planned, for files of the same kind: "
            "`python -m msiss import FILE --recipe recipe.json`",
        )
    with right:
        _load(images)


def save_box(images: IonImages) -> None:
    """Let the user make a new data set of the ions and pixels that stay; the open one stays as it is."""
    from msiss.ui.open import import_jobs  # imports the engine, which the first look at the page does not need

    recipe, name = state.recipe(images), str(state.dataset_name())
    changed = recipe.ions != IonsConfig() or recipe.mask != MaskConfig()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            wanted = st.text_input(
                "Save the chosen ions and pixels as a new data set",
                state.library().free_name(name),
                key=ion_picker.own_key(images, "new name"),
                max_chars=80,
            )
            pressed = st.button(
                "Save as a new data set",
                type="primary",
                icon=":material/save:",
                key="save dataset",
                disabled=not changed,
            )
            st.button(
                "Reset",
                icon=":material/restart_alt:",
                key="reset choice",
                on_click=_choose,
                args=(images, Recipe()),
                disabled=not changed,
                help="Forgets what is chosen under Ions and Pixels: all stay.",
            )
        if changed:
            st.caption(
                f"{literal(name)} stays as it is. What is chosen is kept with it until you reset it; the page Cluster "
                "asks whether to train on that. The intensity settings go along for the trainings of the new data set."
            )
        else:
            st.caption("All ions and pixels stay so far: there is nothing to save. Choose under Ions or Pixels.")
        if pressed:
            with plain_errors():
                import_jobs.start(files=(state.library().path(name),), recipe=recipe, name=wanted)
        with plain_errors():
            import_jobs.show()


def combined(before: Recipe, now: Recipe) -> Recipe:
    """Return one recipe for what was done and what is planned; where both set a value, the planned one counts."""
    ions = before.ions.model_copy(update=_set(now.ions))
    shapes = {"shapes": (*before.mask.shapes, *now.mask.shapes)}
    mask = before.mask.model_copy(update=_set(now.mask) | shapes)
    return Recipe(read=before.read, measurement=before.measurement, ions=ions, mask=mask, prepare=now.prepare)


def _set(config: IonsConfig | MaskConfig) -> dict[str, object]:
    return {name: getattr(config, name) for name in config.model_dump(exclude_defaults=True)}


@plain_errors()
def _choose(images: IonImages, recipe: Recipe) -> None:
    """Choose the ions and pixels of a recipe on the tabs of the page."""
    state.change_recipe(images, recipe)
    for key in (ions.form_key(images), pixels.form_key(images)):
        forms.forget(key)


def _load(images: IonImages) -> None:
    file = st.file_uploader(
        "Load a recipe.json",
        type=["json"],
        max_upload_size=RECIPE_MB,
        key=f"recipe file {st.session_state.get('recipes loaded', 0)}",
        help="Sets the tabs Ions, Pixels and Intensities. How spectra are read is chosen on the page Open.",
    )
    if file is None:
        return
    with plain_errors():
        recipe = foreign.load_recipe(files.keep_small(file, "recipe"))
        state.take_prepare(recipe.prepare)
        _choose(images, recipe)
        st.session_state["recipes loaded"] = st.session_state.get("recipes loaded", 0) + 1  # an empty widget again
        state.say(f"{file.name} is loaded.", "check_circle")
        st.rerun()
