"""The mean spectrum coloured by cluster, and which isotopes the clusters keep together."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.grouping import Grouping
from msiss.show.cluster_spectra import cluster_spectrum_figure
from msiss.ui import selection
from msiss.ui.explore import results
from msiss.ui.explore.clusters import molecules
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import figure_download, ion_picker

if TYPE_CHECKING:
    from msiss.analyse.isotope_groups import IsotopeGroup

CHART, GROUPS = "cluster spectrum", "isotope groups"
WITH_ADDUCTS = "spectrum adducts"
ROWS_HEIGHT = 320  # screen pixels


def draw(images: IonImages, grouping: Grouping) -> None:
    """Draw the spectrum, the isotopic recall, and the isotope groups."""
    only = _choose(images, grouping)
    adducts = bool(st.session_state.get(WITH_ADDUCTS, False))
    groups = molecules.groups(images, grouping.labels, adducts=adducts)
    titles = {number: cluster.title for number, cluster in grouping.clusters.items()}
    figure = cluster_spectrum_figure(
        images.mz,
        results.mean_intensities(images),
        grouping.labels,
        titles,
        {number: cluster.colour for number, cluster in grouping.clusters.items()},
        [ion_picker.title(images, ion) for ion in range(len(images))],
        kept=[ion for group in groups if group.kept for ion in group.ions],
        split=[ion for group in groups if not group.kept for ion in group.ions],
        selected=selection.selected(),
        axis=images.axis.title,
        log=bool(st.session_state.get("spectrum log")),
        only=only,
    )
    st.plotly_chart(
        figure,
        key=CHART,
        on_select=plain_errors()(_select_from_chart),
        selection_mode=("points", "box"),
        alt="Mean intensity of each ion against its position on the axis, in the colour of its cluster",
    )
    st.caption(
        "Drag to zoom along the axis, double-click to see all. Click an ion, or use the box tool, to select. A click "
        "on a cluster in the list hides it, a double click shows it alone."
    )
    if not images.axis.is_mz:
        st.caption("Isotopes are found by m/z, which these data do not have.")
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        _recall(images, grouping)
    with right:
        _table(images, grouping, groups)


def _choose(images: IonImages, grouping: Grouping) -> list[int]:
    left, middle, right, last = st.columns([5, 2, 2, 2], vertical_alignment="bottom")
    with left:
        if not set(st.session_state.get("spectrum clusters", ())) <= set(grouping.clusters):
            del st.session_state["spectrum clusters"]
        only = st.multiselect(
            "In colour",
            list(grouping.clusters),
            format_func=lambda one: grouping.clusters[one].title,
            placeholder="All clusters",
            key="spectrum clusters",
            persist_state="session",
        )
    with middle:
        st.toggle("Logarithmic", key="spectrum log", persist_state="session")
    with right:
        st.toggle(
            "Adducts, too",
            key=WITH_ADDUCTS,
            persist_state="session",
            help="Groups of isotopes only, or of isotopes and adducts. Ions that differ by an adduct's mass are not "
            "always of one molecule.",
        )
    with last:
        figure_download.popover("spectrum", grouping, images, key="save spectrum")
    return only


def _recall(images: IonImages, grouping: Grouping) -> None:
    st.subheader(
        "Pairs in one cluster", help="Isotopic recall: the share of the pairs whose two ions are in one cluster."
    )
    found = molecules.recall(images, grouping.labels)
    if found is None:
        st.info("No pairs of isotopes or adducts were found among these m/z.", icon=":material/info:")
        return
    whole = found.to_dict("index")["all"]
    st.markdown(
        f"**{whole['together']:.0%}** of {whole['n']:.0f} pairs of isotopes or adducts are in one cluster; in random "
        f"clusters of the same sizes it would be {whole['chance']:.0%}."
    )
    table = found.rename(index={"all": "all together"}).rename_axis("Difference").reset_index()
    table[["together", "chance"]] *= 100
    table = table.rename(columns={"n": "Pairs", "together": "Together", "chance": "By chance"})
    share = st.column_config.NumberColumn(format="%.0f%%")
    st.dataframe(table, hide_index=True, column_config={"Together": share, "By chance": share})


def _table(images: IonImages, grouping: Grouping, groups: "list[IsotopeGroup]") -> None:
    split = sum(not group.kept for group in groups)
    st.subheader("Isotope groups", help="Select a row to select its ions everywhere.")
    if not groups:
        st.info("No isotope groups were found among these m/z.", icon=":material/info:")
        return
    st.markdown(f"**{len(groups) - split}** kept in one cluster, **{split}** split.")
    groups = sorted(groups, key=lambda group: group.kept)  # what needs a look first
    table = pd.DataFrame(
        {
            "": ["kept" if group.kept else "split" for group in groups],
            images.axis.title: [
                ", ".join(images.axis.number(images.mz[ion]) for ion in group.ions) for group in groups
            ],
            "Clusters": [
                ", ".join(grouping.clusters[one].title for one in dict.fromkeys(group.clusters)) for group in groups
            ],
            "Differences": [", ".join(group.kinds) for group in groups],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        key=GROUPS,
        height=min(ROWS_HEIGHT, 38 + 35 * len(table)),
        on_select=plain_errors()(lambda: _select_groups(groups)),
        selection_mode="multi-row",
    )


def ions_of(event: object, number: int) -> list[int]:
    """Return the ions of the points in a selection event of the chart, ascending."""
    points = event["selection"]["points"] if isinstance(event, dict) and "selection" in event else []
    found = {int(np.ravel(point["customdata"])[0]) for point in points if point.get("customdata") is not None}
    return sorted(ion for ion in found if 0 <= ion < number)


def _select_from_chart() -> None:
    from msiss.ui import state

    images = state.dataset()
    if images is not None and (found := ions_of(st.session_state[CHART], len(images))):
        selection.select(found)


def _select_groups(groups: "list[IsotopeGroup]") -> None:
    rows = st.session_state[GROUPS]["selection"]["rows"]
    if rows:
        selection.select(ion for row in rows if row < len(groups) for ion in groups[row].ions)
