"""The tab Ions of the page Prepare: which ions are kept, and why the others are removed."""

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.ions import IonStatistics, choose_ions, ion_statistics
from msiss.data.recipe import IonsConfig, Recipe
from msiss.show.histograms import threshold_figure
from msiss.ui import state
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import forms, gallery, ion_picker
from msiss.words import count

MZ_ONLY = ("merge_duplicates", "isotopes")  # these need the masses of ions
PAGE = 12  # images of a gallery at a time: two rows on a usual screen
CHART = {"displayModeBar": False}


def form_key(images: IonImages) -> str:
    """Return the prefix of the keys of this tab's settings, unique to the data set."""
    return ion_picker.own_key(images, "ions")


def tab(images: IonImages) -> None:
    """Draw the settings, histograms with the thresholds, and galleries of removed and kept ions."""
    recipe = state.recipe(images)
    statistics = _statistics(images.fingerprint, images)
    settings, shown = st.columns([1, 2], gap="large")
    with settings:
        st.markdown("Rare ions, ions that are only noise, and duplicate ions blur the clusters.")
        names = [name for name in IonsConfig.model_fields if images.axis.is_mz or name not in MZ_ONLY]
        config = forms.edit(recipe.ions, form_key(images), only=tuple(names))
        state.change_recipe(images, recipe.model_copy(update={"ions": config}))
        summary = st.container()
    with shown:
        _distributions(statistics, config)
    with plain_errors():
        reasons = _removal_reasons(images, recipe.model_copy(update={"ions": config}))
        kept = [ion for ion, reason in enumerate(reasons) if not reason]
        removed = [ion for ion, reason in enumerate(reasons) if reason]
        summary.metric("Ions kept", f"{len(kept):,} of {len(reasons):,}")
        _galleries(images, kept, removed, reasons, statistics)


def kept_ions(images: IonImages, recipe: Recipe) -> list[int]:
    """Return which ions a recipe keeps.

    Raises
    ------
    SettingError
        If it keeps none.
    """
    return [ion for ion, reason in enumerate(_removal_reasons(images, recipe)) if not reason]


def _removal_reasons(images: IonImages, recipe: Recipe) -> tuple[str, ...]:
    """Return for each ion why a recipe removes it; an empty string if it keeps it."""
    if recipe.ions == IonsConfig():
        return ("",) * len(images)
    statistics = _statistics(images.fingerprint, images)
    settings = recipe.ions.model_dump_json()
    return _reasons(images.fingerprint, settings, recipe.read.ppm, images, statistics, recipe.ions)


def _distributions(statistics: IonStatistics, config: IonsConfig) -> None:
    left, right = st.columns(2)
    with left:
        st.markdown("**Spatial structure**", help="Moran's I: about 0 if neighbouring pixels have nothing in common.")
        figure = threshold_figure(
            statistics.structure, config.least_structure, axis="Moran's I (no unit)", things="ions"
        )
        st.plotly_chart(figure, key="structure", config=CHART, alt="Histogram of Moran's I of the ions")
    with right:
        st.markdown("**Share of pixels**", help="Share of the measured pixels in which the ion was found.")
        figure = threshold_figure(
            statistics.share, config.least_share, axis="Share of pixels (0 to 1)", things="ions", limits=(0.0, 1.0)
        )
        st.plotly_chart(figure, key="share", config=CHART, alt="Histogram of the share of pixels of the ions")


def _galleries(
    images: IonImages, kept: list[int], removed: list[int], reasons: tuple[str, ...], statistics: IonStatistics
) -> None:
    st.subheader(f"{count(len(removed), 'ion')} removed")
    if removed:
        notes = [reasons[ion] for ion in removed]
        gallery.selectable(images, removed, key="ions removed", about="Removed ions", notes=notes, size=PAGE)
    else:
        st.caption("All ions are kept. Move a slider above, and see here which are removed and why.")
    st.subheader(f"{count(len(kept), 'ion')} kept", help="The least structured first.")
    ordered = sorted(kept, key=lambda ion: statistics.structure[ion])
    notes = [f"I = {statistics.structure[ion]:.2f}, in {statistics.share[ion]:.0%}" for ion in ordered]
    gallery.selectable(images, ordered, key="ions kept", about="Kept ions", notes=notes, size=PAGE)


@st.cache_data(show_spinner="Measuring the ion images", max_entries=10)
def _statistics(fingerprint: str, _images: IonImages) -> IonStatistics:
    return ion_statistics(_images)


@st.cache_data(show_spinner="Comparing the ion images", max_entries=50)
def _reasons(
    fingerprint: str,
    settings: str,
    ppm: float,
    _images: IonImages,
    _statistics: IonStatistics,
    _config: IonsConfig,
) -> tuple[str, ...]:
    return choose_ions(_images, _statistics, _config, ppm)
