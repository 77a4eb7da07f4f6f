"""The form with name, note and colour of a cluster, and the merging of clusters."""

import streamlit as st

from msiss.runs.applying import Cluster
from msiss.runs.decisions import LONGEST_NAME, LONGEST_NOTE, Coloured, Decision, Flagged, Merged, Named, Noted
from msiss.runs.grouping import Grouping
from msiss.show.palette import cluster_colour
from msiss.ui.explore.clusters import choice, deciding
from msiss.ui.explore.view import View
from msiss.ui.messages import plain_errors

FORM, MERGE = "describe cluster", "merge cluster"  # the windows; they close when they have done their work
FIELDS = ("name", "note", "colour", "tissue")


def describe(shown: View, cluster: Cluster) -> None:
    """Draw the button of the form."""
    # The key has what is known, so that the form begins with it whoever has changed it, and closes when it is saved.
    key = f"describe {shown.run.path.name} {shown.by} {shown.clusters} {cluster}"
    with (
        st.popover("Name and note", icon=":material/edit:", key=FORM, on_change="rerun"),
        st.form(key, border=False),
    ):
        st.text_input(
            "Name",
            cluster.name,
            key=f"{key} name",
            max_chars=LONGEST_NAME,
            placeholder="such as white matter",
        )
        st.text_area("Note", cluster.note, key=f"{key} note", max_chars=LONGEST_NOTE, height=90)
        st.color_picker("Colour", cluster.colour, key=f"{key} colour")
        st.checkbox(
            "Shows no tissue",
            not cluster.tissue,
            key=f"{key} tissue",
            help="Such as matrix, background or the glass: it stays, but is drawn faded and marked in what you take "
            "away.",
        )
        st.form_submit_button("Save", type="primary", on_click=plain_errors()(_save), args=(shown, cluster, key))


def merge(shown: View, grouping: Grouping, number: int) -> None:
    """Draw the button that puts all ions of a cluster into another one."""
    others = [one for one in grouping.clusters if one != number]
    with st.popover("Merge into ...", icon=":material/merge:", disabled=not others, key=MERGE, on_change="rerun"):
        st.selectbox(
            "All its ions belong to",
            others,
            format_func=lambda one: f"Cluster {grouping.clusters[one].title}",
            key=f"merge {number}",
        )
        st.text_input("Why (optional)", key=f"merge why {number}", max_chars=LONGEST_NOTE)
        st.button("Merge", type="primary", key="merge clusters", on_click=plain_errors()(_merge), args=(shown, number))


def changes(cluster: Cluster, name: str, note: str, colour: str, *, tissue: bool) -> list[Decision]:
    """Return the decisions that a filled form asks for: one for each field that differs."""
    number = cluster.number
    usual = cluster_colour(number)
    asked: list[tuple[bool, Decision]] = [
        (name.strip() != cluster.name, Named(cluster=number, name=name.strip())),
        (note.strip() != cluster.note, Noted(cluster=number, note=note.strip())),
        (
            colour.lower() != cluster.colour,
            Coloured(cluster=number, colour="" if colour.lower() == usual else colour.lower()),
        ),
        (tissue != cluster.tissue, Flagged(cluster=number, tissue=tissue)),
    ]
    return [decision for differs, decision in asked if differs]


def _save(shown: View, cluster: Cluster, key: str) -> None:
    name, note, colour, off = (st.session_state[f"{key} {field}"] for field in FIELDS)
    st.session_state[FORM] = False
    if made := changes(cluster, name, note, colour, tissue=not off):
        deciding.record(shown, *made, said=f"Cluster {cluster.number} is described anew.")


def _merge(shown: View, number: int) -> None:
    into = st.session_state[f"merge {number}"]
    why = st.session_state[f"merge why {number}"]
    deciding.record(
        shown,
        Merged(merged=(number,), into=into),
        why=why,
        said=f"Cluster {number} is merged into cluster {into}.",
    )
    st.session_state[MERGE] = False
    choice.open_cluster(shown, into)
