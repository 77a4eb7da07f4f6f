"""Settings for reading files on the page Open, with the mean spectrum and the peaks that they pick."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from msiss import words
from msiss.data import foreign
from msiss.data.formats import is_imzml
from msiss.data.recipe import ListedIon, ReadConfig, Recipe
from msiss.data.recipe_text import steps
from msiss.errors import DataError
from msiss.show.spectra import spectrum_figure
from msiss.ui.literal import literal
from msiss.ui.messages import caught_warnings, plain_errors, show_warnings
from msiss.ui.open.questions import Questions
from msiss.ui.widgets import files, forms
from msiss.words import count

if TYPE_CHECKING:
    from msiss.data.profile import PeakPreview

LEFT_OUT = "None: leave it out"
RECIPE_MB = 50  # a recipe with a large loaded mask
SOURCES = {
    "list": "the list only",
    "both": "the list and the data",
    "data": "the data, named by the list",
}


def recipe(paths: Sequence[Path], asked: Questions, loaded: Recipe | None = None, lists: Sequence[Path] = ()) -> Recipe:
    """Draw the settings for these files, unless a recipe is `loaded`, and return their recipe.

    Parameters
    ----------
    paths : sequence of Path
    asked : Questions
        What the files left open, with the answers; a loaded recipe that sets such a setting has its way.
    loaded : Recipe, optional
    lists : sequence of Path
        Tables that were chosen together with spectra.
    """
    if loaded is not None:
        if lists:
            st.caption(f"{literal(', '.join(path.name for path in lists))} is left out: the recipe sets the m/z.")
        written = steps(loaded)
        written_down = [f"- **{title}**: {literal(' '.join(sentences))}" for title, sentences in written.items()]
        st.markdown("\n".join(written_down))
        still_open = {name: value for name, value in asked.choices.items() if name not in loaded.read.model_fields_set}
        return loaded.with_settings("read", still_open)
    base = ReadConfig().model_copy(update=asked.choices)
    if all(is_imzml(path) for path in paths):
        return Recipe(read=_spectra(paths, base, lists))
    listed = _list(
        "Names of the ions (CSV or Excel, optional)", "Names ions by their m/z; with formula, adduct and class."
    )
    if listed:
        ppm = forms.edit(ReadConfig(), "read stack", only=("ppm",)).ppm
        base = base.model_copy(update={"mz_list": listed, "ppm": ppm})
    return Recipe(read=base)


def picture() -> Path | None:
    """Let the user add a picture of the tissue."""
    file = st.file_uploader(
        "Picture of the tissue (optional)",
        type=files.PICTURE_ENDINGS,
        help="Such as an H&E stain of the section. It is shown beside the ion images.",
        key="picture",
    )
    return None if file is None else files.keep_small(file, "picture")


def load() -> Recipe | None:
    """Let the user load a recipe."""
    file = st.file_uploader(
        "Recipe (optional)",
        type=["json"],
        max_upload_size=RECIPE_MB,
        help="A recipe.json of the page Prepare or of the command line: it sets everything.",
        key="recipe",
    )
    if file is None:
        return None
    path = files.keep_small(file, "recipe")
    return _recipe_of(path, path.stat().st_mtime_ns)


def _list(label: str, about: str, beside: Sequence[Path] = ()) -> tuple[ListedIon, ...]:
    file = st.file_uploader(label, type=files.TABLE_ENDINGS, max_upload_size=files.TABLE_MB, help=about, key="mz list")
    if file is not None:
        return _read_list(files.keep_small(file, "mz list"))
    return _list_beside(beside) if beside else ()


def _list_beside(beside: Sequence[Path]) -> tuple[ListedIon, ...]:
    """Read a table that was chosen together with spectra as their m/z list, unless the user leaves it out."""
    chosen = st.selectbox(
        "m/z list among the chosen files",
        [*beside, LEFT_OUT],
        format_func=lambda one: one.name if isinstance(one, Path) else str(one),
        key=f"list beside {beside[0]}",
        help="A table that is chosen together with spectra is used as the list of the m/z to make images of.",
    )
    if not isinstance(chosen, Path):
        return ()
    try:
        return _read_list(chosen)
    except DataError as error:
        st.warning(f"It cannot be used as an m/z list, so it is left out. {literal(error)}", icon=":material/warning:")
        return ()


def _read_list(path: Path) -> tuple[ListedIon, ...]:
    listed, warned = _list_of(path, path.stat().st_mtime_ns)
    show_warnings(warned)
    st.caption(f"{words.count(len(listed), 'ion')} in the list {literal(path.name)}.")
    return listed


def _spectra(paths: Sequence[Path], base: ReadConfig, lists: Sequence[Path]) -> ReadConfig:
    listed = _list(
        "m/z list (CSV or Excel, optional)",
        "A table with a column mz, in Th, and optionally name, formula, adduct and class. Without one, msiss picks "
        "the peaks of the data itself.",
        lists,
    )
    config = base.model_copy(update={"mz_list": listed})
    if listed:
        source = st.segmented_control(
            "Ions from", list(SOURCES), default="list", required=True, format_func=SOURCES.__getitem__, key="ions from"
        )
        config = config.model_copy(update={"peaks": source})
    shown = ("ppm",) if config.peaks == "list" else ("ppm", "number")
    with st.container(horizontal=True):
        edited = forms.edit(ReadConfig(), "read", only=shown)
    config = config.model_copy(update={name: getattr(edited, name) for name in shown})
    if config.peaks != "list":
        config = _peaks(paths[0], config)
    return config


def _peaks(path: Path, config: ReadConfig) -> ReadConfig:
    with st.expander("Mean spectrum and its peaks", icon=":material/ssid_chart:"), plain_errors():
        settings = st.container()
        preview = _preview(path, path.stat().st_mtime_ns, _of_preview(config))
        if preview.profile:
            with settings:
                changed = forms.edit(config, "read profile", only=("noise", "prominence"))
            config = config.model_copy(update={"noise": changed.noise, "prominence": changed.prominence})
            preview = _preview(path, path.stat().st_mtime_ns, _of_preview(config))
        figure = spectrum_figure(
            preview.mz,
            preview.intensity,
            (preview.peak_mz, preview.peak_intensity),
            preview.threshold if preview.profile else None,
        )
        st.plotly_chart(figure, key="mean spectrum", alt="Mean spectrum with its peaks")
        found = len(preview.peak_mz)
        kept = "All of them" if found <= config.number else f"The {config.number:,} most structured and most intense"
        st.caption(
            f"Mean of {count(preview.spectra, 'spectrum')} of {literal(path.name)}: {count(found, 'peak')}. {kept} "
            "become ion images."
        )
    return config


def _of_preview(config: ReadConfig) -> str:
    """Return the settings that a preview depends on."""
    return config.model_dump_json(by_alias=True, exclude={"mz_list", "peaks", "number"})


@st.cache_data(show_spinner="Averaging spectra", max_entries=20)
def _preview(path: Path, changed: int, settings: str) -> "PeakPreview":
    return foreign.preview_peaks(path, ReadConfig.model_validate_json(settings), within=files.within([path]))


@st.cache_data(show_spinner=False, max_entries=50)
def _list_of(path: Path, changed: int) -> tuple[tuple[ListedIon, ...], list[str]]:
    with caught_warnings() as warned:
        listed = foreign.read_mz_list(path)
    return listed, warned


@st.cache_data(show_spinner=False, max_entries=50)
def _recipe_of(path: Path, changed: int) -> Recipe:
    return foreign.load_recipe(path)
