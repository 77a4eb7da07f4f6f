"""The tab Recipe of the page Prepare: all steps in order, to download or load; and saving a new data set."""

import streamlit as st

from msiss.data import foreign
from msiss.data.ion_images import IonImages
from msiss.data.recipe import IonsConfig, MaskConfig, Recipe
from msiss.data.recipe_text import steps
from msiss.ui import state
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors
from msiss.ui.prepare import ions, pixels
from msiss.ui.widgets import files, forms, ion_picker, step_list

PLANNED = ("Ions", "Pixels", "Intensities")
RECIPE_MB = 50  # a recipe with a large loaded mask


def tab(images: IonImages) -> None:
    """List the steps done and planned, and let the user download and load them as a file."""
    before, now = state.recorded_recipe(images), state.recipe(images)
    done, planned = st.columns(2, gap="large")
    with done:
        st.subheader("Done", help="How the open data set was made from its files.")
        step_list.show_recorded(images)
    with planned:
        st.subheader("Planned", help="Set on the tabs of this page: ions and pixels of a new data set, intensities.")
        written = steps(now, images.axis)
        step_list.show({title: written[title] for title in PLANNED}, first=1 + len(step_list.DONE))
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
    """Let the user save the kept ions and pixels as a new data set; the open one does not change."""
    from msiss.ui.open import import_jobs  # imports the engine, so only after the tabs are drawn

    recipe, name = state.recipe(images), str(state.dataset_name())
    changed = recipe.ions != IonsConfig() or recipe.mask != MaskConfig()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            new_name = st.text_input(
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
                on_click=_apply,
                args=(images, Recipe()),
                disabled=not changed,
                help="Clears the choice under Ions and Pixels: all are kept.",
            )
        if changed:
            st.caption(
                f"{literal(name)} does not change. Your choice is kept with it until you reset it; the page Cluster "
                "asks whether to train on it. The intensity settings apply to trainings on the new data set, too."
            )
        else:
            st.caption("All ions and pixels are kept: there is nothing to save. Choose under Ions or Pixels.")
        if pressed:
            with plain_errors():
                import_jobs.start(files=(state.library().path(name),), recipe=recipe, name=new_name)
        with plain_errors():
            import_jobs.show()


def combined(before: Recipe, now: Recipe) -> Recipe:
    """Return one recipe for what was done and what is planned; if both set a value, the planned one is used."""
    ions = before.ions.model_copy(update=_set(now.ions))
    shapes = {"shapes": (*before.mask.shapes, *now.mask.shapes)}
    mask = before.mask.model_copy(update=_set(now.mask) | shapes)
    return Recipe(read=before.read, measurement=before.measurement, ions=ions, mask=mask, prepare=now.prepare)


def _set(config: IonsConfig | MaskConfig) -> dict[str, object]:
    return {name: getattr(config, name) for name in config.model_dump(exclude_defaults=True)}


@plain_errors()
def _apply(images: IonImages, recipe: Recipe) -> None:
    """Apply the ions and pixels of a recipe to the tabs of the page."""
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
        state.apply_prepare(recipe.prepare)
        _apply(images, recipe)
        st.session_state["recipes loaded"] = st.session_state.get("recipes loaded", 0) + 1  # empties the widget
        state.notify(f"{file.name} is loaded.", "check_circle")
        st.rerun()
