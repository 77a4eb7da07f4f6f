"""One cluster: its mean image with colour bar and scale bar, and its members beside it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.learn.methods import METHODS
from msiss.runs.grouping import Grouping
from msiss.share.figures.options import Options
from msiss.ui import selection, state
from msiss.ui.components.ion_gallery import Target
from msiss.ui.explore import ions, results
from msiss.ui.explore.clusters import choice, deciding, describing, large, splitting, typical
from msiss.ui.explore.view import View
from msiss.ui.literal import literal
from msiss.ui.widgets import figure_download
from msiss.words import count

BY_CONFIDENCE, LEAST_TYPICAL = "confidence", "least typical"
SMALL = 110  # screen pixels of a member's picture


def draw(shown: View, images: IonImages, grouping: Grouping) -> None:
    """Draw the cluster that was chosen, with what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        number = choice.choose_cluster(shown, grouping)
        cluster, members = grouping.clusters[number], grouping.members(number)
        describing.describe(shown, cluster)
        describing.merge(shown, grouping, number)
        st.button(
            "Divide ...",
            icon=":material/account_tree:",
            key="split cluster",
            disabled=len(members) < splitting.FEWEST,
            help="Cluster only the ions of this cluster: they become clusters of their own below it.",
            on_click=splitting.ask,
            args=(images, members.tolist()),
        )
        st.button(
            "Select its ions",
            icon=":material/select_all:",
            key="select cluster",
            help="Map, spectrum and tables mark the selected ions.",
            on_click=selection.select,
            args=(members.tolist(),),
        )
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _about(grouping, number)
        large.draw(shown, images, grouping, number)
    with right:
        _members(shown, images, grouping, number)


def _about(grouping: Grouping, number: int) -> None:
    cluster, members = grouping.clusters[number], grouping.members(number)
    confidence = grouping.table["confidence"].to_numpy()[members]
    parts = [count(len(members), "ion")]
    if np.isfinite(confidence).any():
        parts.append(f"mean confidence {np.nanmean(confidence):.2f}")
    if by_hand := int(grouping.table["by_hand"].to_numpy()[members].sum()):
        parts.append(f"{by_hand} by hand")
    if cluster.parent is not None:
        parts.append(f"part of cluster {cluster.parent}")
    if not cluster.tissue:
        parts.append("**not tissue**")
    st.markdown(
        f'<span style="color:{cluster.colour}">⬤</span> {", ".join(parts)}',
        unsafe_allow_html=True,
        help=f"Confidence, from 0 to 1, is {METHODS[grouping.run.config.method].confidence}.",
    )
    if cluster.note:
        st.caption(literal(cluster.note))


def _members(shown: View, images: IonImages, grouping: Grouping, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        order = _choose_order(grouping, images)
        options = Options(clusters=(number,), colours=state.colours())
        figure_download.popover("members", grouping, images, options, key="save members")
    members = ordered(shown, images, grouping, number, order)
    targets = [Target(one.number, one.title, one.colour) for one in grouping.clusters.values() if one.number != number]
    targets.append(Target(grouping.next_number, "a new cluster", "#8c8c8c"))
    ions.gallery(
        images,
        members.tolist(),
        key=f"members {number}",
        about=f"Members of cluster {grouping.clusters[number].title}",
        notes=_Notes(images, grouping, members),
        size=20,
        width=SMALL,
        targets=targets,
        on_move=lambda moved, to: _moved(shown, number, moved, to),
    )
    large.brightness_bar()


def ordered(shown: View, images: IonImages, grouping: Grouping, number: int, order: str) -> np.ndarray:
    """Return the ions of a cluster in an order: by confidence, by how typical they are, or by m/z."""
    members = grouping.members(number)
    if order == LEAST_TYPICAL:
        return typical.least_typical_first(shown, grouping, number)
    by = -grouping.table["confidence"].to_numpy()[members] if order == BY_CONFIDENCE else images.mz[members]
    return members[np.argsort(by, kind="stable")]


def _choose_order(grouping: Grouping, images: IonImages) -> str:
    known = bool(np.isfinite(grouping.table["confidence"]).any())
    options = [*([BY_CONFIDENCE] if known else []), images.axis.name, LEAST_TYPICAL]
    if st.session_state.get("members order") not in (None, *options):
        del st.session_state["members order"]
    return st.segmented_control(
        "Order of the members",
        options,
        default=options[0],
        required=True,
        format_func=lambda one: f"by {one}" if one != LEAST_TYPICAL else "least typical first",
        key="members order",
        persist_state="session",
        label_visibility="collapsed",
    )


class _Notes(Sequence[str]):
    """What stands below the image of each member; made where it is shown only."""

    def __init__(self, images: IonImages, grouping: Grouping, members: np.ndarray) -> None:
        self._images, self._members = images, members
        self._confidence = grouping.table["confidence"].to_numpy()
        self._by_hand = grouping.table["by_hand"].to_numpy()

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, place: int) -> str:  # type: ignore[override]
        ion = int(self._members[place])
        known = [f"confidence {self._confidence[ion]:.2f}"] if np.isfinite(self._confidence[ion]) else []
        lines = [", ".join([*known, *(["by hand"] if self._by_hand[ion] else [])])]
        return "\n".join(filter(None, [*lines, f"up to {large.number_text(large.brightest(self._images, ion))}"]))


def _moved(shown: View, number: int, moved: list[int], to: int) -> None:
    """Move the ions of this cluster that were dragged; a selection may have ions of others."""
    grouping = results.grouping(shown)
    within = [ion for ion in moved if grouping.labels[ion] == number]
    deciding.move(shown, within, to if to in grouping.clusters else None)
