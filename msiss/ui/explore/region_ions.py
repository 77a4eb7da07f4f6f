"""Which ions live in a region: their images, their table, and what can be done with them."""

import pandas as pd
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.ion_search import known
from msiss.data.library import clean_name
from msiss.runs.grouping import Grouping
from msiss.share.regions import regions_table
from msiss.ui import selection, state
from msiss.ui.explore import ions as galleries
from msiss.ui.explore import regions
from msiss.ui.explore.regions import Compared
from msiss.ui.literal import literal
from msiss.ui.widgets import csv_download, ion_table
from msiss.words import count

SHOWN = 12  # images beside the section
SMALL = 105  # screen pixels of a picture
WHY_NO_P = (
    "There are no p-values. Neighbouring pixels resemble each other, so thousands of pixels of one section are not "
    "thousands of samples; a test that counts them so calls almost every ion significant. One section is one sample: "
    "a difference is worth something when it is there again in other sections."
)
AUC_HELP = (
    "The probability that a pixel of A is brighter than one of B. 0.5: the ion does not tell the regions apart. 1: "
    "every pixel of A is brighter; 0: every pixel of B. Single hot pixels hardly matter."
)
CHANGE_HELP = (
    "log2 of the mean in A over the mean in B: 1 is twice as much, -1 half as much. One hundredth of the ion's mean "
    "over both regions is added to both, so that an ion that is absent from one has a number, too."
)


def best(images: IonImages, compared: Compared, grouping: Grouping | None) -> None:
    """Draw the images of the ions that are highest in one region, beside the section."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Which ions live here?**", width="content", help=WHY_NO_P)
        side = st.segmented_control(
            "High in",
            ["A", "B"],
            default="A",
            required=True,
            key="region high",
            label_visibility="collapsed",
            format_func=lambda one: f"high in {one}",
            persist_state="session",
        )
    number = st.session_state.get(_number_key(images), min(SHOWN, len(images)))
    ions = compared.contrast.ranked(high_in=side.lower())[:number].tolist()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Select {'this ion' if number == 1 else f'these {number} ions'}",
            icon=":material/select_all:",
            on_click=_select,
            args=(ions,),
        )
        st.button("Show on the map", icon=":material/scatter_plot:", on_click=_show_on_map, args=(ions,))
        st.number_input(
            "How many",
            min_value=1,
            max_value=len(images),
            value=min(SHOWN, len(images)),
            key=_number_key(images),
            persist_state="session",
            label_visibility="collapsed",
            width=100,
            help="How many ions are shown and selected.",
        )
    notes = [_note(compared, ion, grouping) for ion in ions]
    with st.container(height=regions.HEIGHT - 30, border=False):
        about = f"Ions that are high in region {side}, the clearest first"
        galleries.gallery(images, ions, notes=notes, key="region gallery", about=about, size=SHOWN * 2, width=SMALL)
    st.caption(regions.about(compared))


def _number_key(images: IonImages) -> str:
    return f"region ions of {len(images)}"


def _select(ions: list[int]) -> None:
    selection.select(ions)
    state.notify(f"{count(len(ions), 'ion')} selected: the page Map shows them.", "select_all")


def _show_on_map(ions: list[int]) -> None:
    selection.select(ions)
    state.go_to("pages/explore/map.py")


def _note(compared: Compared, ion: int, grouping: Grouping | None) -> str:
    change = compared.contrast.log2_fold_change[ion]
    note = f"AUC {compared.contrast.auc[ion]:.2f} · {2 ** abs(change):.3g}× {'more' if change >= 0 else 'less'}"
    return note if grouping is None else f"{note} · cluster {grouping.clusters[int(grouping.labels[ion])].title}"


def table(images: IonImages, compared: Compared, grouping: Grouping | None) -> None:
    """Draw the table of all ions, and offer it as CSV."""
    high = st.session_state.get("region high", "A").lower()
    found = regions_table(images, compared.contrast, None if grouping is None else grouping.labels, high_in=high)
    st.caption(f"{regions.about(compared)}. {WHY_NO_P}")
    named = any(known(images, ion) for ion in range(len(images)))
    ion_table.draw(
        found,
        found["ion"].tolist(),
        key="regions table",
        height=420,
        column_config={
            "ion": None,
            "mz": st.column_config.NumberColumn(images.axis.title, format="%.4f"),
            "name": st.column_config.TextColumn("Name") if named else None,
            "cluster": st.column_config.NumberColumn("Cluster"),
            "auc": st.column_config.NumberColumn("AUC", format="%.3f", help=AUC_HELP),
            "log2_fold_change": st.column_config.NumberColumn("log2 fold change", format="%.2f", help=CHANGE_HELP),
            "mean_a": st.column_config.NumberColumn("Mean in A (a.u.)", format="%.4g"),
            "mean_b": st.column_config.NumberColumn("Mean in B (a.u.)", format="%.4g"),
        },
    )
    name = clean_name(f"msiss {state.dataset_name()} {compared.name_a} against {compared.name_b}")
    csv_download.button("Table (.csv)", lambda: _named(found, compared), f"{name}.csv", key="region ions csv")


def _named(found: pd.DataFrame, compared: Compared) -> pd.DataFrame:
    """Return the table with the names of the regions as columns."""
    return found.assign(region_a=compared.name_a, region_b=compared.name_b)


def ask(images: IonImages) -> None:
    """Say what to do where nothing is compared yet."""
    st.info(
        "Draw around a part of the section, and the ions that live there appear here. Or choose a region above.",
        icon=":material/lasso_select:",
    )
    if images.region_names:
        st.caption(f"This data set has regions of its own: {literal(', '.join(images.region_names))}.")
