"""The review of doubtful ions: one at a time beside its own and the proposed cluster, then the next as a gallery."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.decisions import Confirmed
from msiss.runs.grouping import Grouping
from msiss.ui import selection, state
from msiss.ui.explore import results
from msiss.ui.explore.clusters import deciding, means, queue
from msiss.ui.explore.view import View
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors
from msiss.ui.server import pictures
from msiss.ui.widgets import gallery, ion_dialog, ion_picker
from msiss.words import count

if TYPE_CHECKING:
    from msiss.analyse.review import Reason

KINDS = {  # of `msiss.analyse.review.Reason`, which is imported only where it is computed
    "unsure": "low confidence",
    "neighbours": "its nearest ions are elsewhere",
    "torn": "isotopes or adducts torn apart",
    "seen differently": "another clustering disagrees",
}
KIND, NOW, OTHER, WINDOW = "review kinds", "ion under review", "review other", "review popover"


def draw(shown: View, images: IonImages, grouping: Grouping) -> None:
    """Draw the queue."""
    waiting = queue.queue(shown, grouping)
    if waiting is None:
        return
    skipped = queue.skipped(shown)
    decided = int(grouping.table["by_hand"].sum())
    kinds = _choose_kinds(waiting)
    rows = waiting[np.array([_has(reasons, kinds) for reasons in waiting["reasons"]], dtype=bool)]
    left = rows[~rows["ion"].isin(skipped)]
    if not len(left):
        _done(waiting, skipped, kinds, decided)
        return
    place = _place(left)
    one, beside = st.columns([6, 5], gap="medium")
    with one:
        _one(shown, images, grouping, left.iloc[place])
    with beside:
        about = f"{count(len(left), 'ion')} to look at, {decided:,} decided by hand"
        st.markdown(about + (f", {len(skipped)} skipped" if skipped else ""))
        _next(shown, images, grouping, left)


def _choose_kinds(waiting: pd.DataFrame) -> list[str]:
    numbers = {kind: sum(_has(reasons, [kind]) for reasons in waiting["reasons"]) for kind in KINDS}
    known = [kind for kind in KINDS if numbers[kind]]
    if not set(st.session_state.get(KIND) or ()) <= set(known):
        del st.session_state[KIND]
    if len(known) < 2:
        return []
    return st.pills(
        "Only ions with",
        known,
        selection_mode="multi",
        format_func=lambda kind: f"{KINDS[kind]} ({numbers[kind]})",
        key=KIND,
        label_visibility="collapsed",
    )


def _has(reasons: Sequence, kinds: Sequence[str]) -> bool:
    return not kinds or any(reason.kind in kinds for reason in reasons)


def _place(left: pd.DataFrame) -> int:
    """Return the row of the ion that was asked for, else that of the most urgent one."""
    found = np.flatnonzero(left["ion"] == st.session_state.get(NOW, -1))
    return int(found[0]) if len(found) else 0


def _done(waiting: pd.DataFrame, skipped: list[int], kinds: list[str], decided: int) -> None:
    if kinds and len(waiting):
        st.success("No ion with these reasons is left.", icon=":material/task_alt:")
    elif skipped:
        st.info(f"{count(len(skipped), 'skipped ion')} left.", icon=":material/skip_next:")
        st.button("Look at the skipped ones again", on_click=skipped.clear)
    else:
        st.success(
            "No ion is left to look at: nothing speaks against the clusters of the others."
            if decided
            else "No ion is doubtful: confidence, nearest ions, isotopes and other clusterings agree with its cluster.",
            icon=":material/task_alt:",
        )


def _one(shown: View, images: IonImages, grouping: Grouping, row: pd.Series) -> None:
    ion, own, proposed = int(row["ion"]), int(row["cluster"]), int(row["proposed"])
    moving = proposed != own and proposed in grouping.clusters
    all_means = results.mean_images(shown, images)
    columns = st.columns(3)
    with columns[0]:
        st.markdown(f"**{literal(ion_picker.title(images, ion))}**")
        png = pictures.png(images, ion, state.colours())
        st.image(png, width="stretch", alt=f"Ion image of {ion_picker.title(images, ion)}")
        st.button("Show large", key="review large", type="tertiary", on_click=ion_dialog.ask_for, args=(ion,))
    shown_clusters = [("Its cluster now", own), *([("Proposed", proposed)] if moving else [])]
    for column, (about, number) in zip(columns[1:], shown_clusters, strict=False):
        with column:
            title = grouping.clusters[number].title
            colour = grouping.clusters[number].colour
            st.markdown(f'**{about}:** <span style="color:{colour}">⬤</span> {literal(title)}', unsafe_allow_html=True)
            png = means.picture(all_means[number], images)
            st.image(png, width="stretch", alt=f"Mean image of cluster {title}")
            st.caption(count(len(grouping.members(number)), "ion"))
    _buttons(shown, grouping, ion, proposed if moving else None)
    st.markdown(_listed(_said(row["reasons"], images, grouping)))
    if not moving:
        st.caption("Nothing speaks for a certain other cluster.")


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {literal(line)}" for line in lines)


def _said(reasons: "Sequence[Reason]", images: IonImages, grouping: Grouping) -> list[str]:
    def title(number: int) -> str:
        return grouping.clusters[number].title if number in grouping.clusters else str(number)

    def cluster(number: int) -> str:
        return f"cluster {title(number)}"

    return [
        reason.text(cluster if reason.kind == "neighbours" else title, lambda ion: ion_picker.position(images, ion))
        for reason in reasons
    ]


def _buttons(shown: View, grouping: Grouping, ion: int, proposed: int | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.button(
            "Keep",
            key="review keep",
            icon=":material/check:",
            shortcut="K",
            help="The ion belongs to its cluster. It is not asked about again, and it counts in “Learn”.",
            on_click=plain_errors()(_keep),
            args=(shown, [ion]),
        )
        st.button(
            "Move" if proposed is None else f"Move to {literal(grouping.clusters[proposed].title)}",
            key="review move",
            icon=":material/drive_file_move:",
            type="primary",
            shortcut="M",
            disabled=proposed is None,
            on_click=plain_errors()(deciding.move),
            args=(shown, [ion], proposed),
        )
        st.button(
            "Skip", key="review skip", icon=":material/skip_next:", shortcut="S", on_click=_skip, args=(shown, ion)
        )
        with st.popover("Elsewhere ...", key=WINDOW, on_change="rerun"):
            own = int(grouping.labels[ion])
            options = [number for number in grouping.clusters if number != own]
            if st.session_state.get(OTHER) not in (None, *options):
                del st.session_state[OTHER]
            st.selectbox("Cluster", options, format_func=lambda one: grouping.clusters[one].title, key=OTHER)
            st.button(
                "Move there", key="review move other", on_click=plain_errors()(_move_other), args=(shown, ion, False)
            )
            st.button(
                "Into a new cluster",
                key="review move new",
                on_click=plain_errors()(_move_other),
                args=(shown, ion, True),
            )


def _next(shown: View, images: IonImages, grouping: Grouping, left: pd.DataFrame) -> None:
    listed = left["ion"].tolist()
    chosen = [ion for ion in selection.selected() if ion in set(listed)]
    with st.container(horizontal=True, gap="small"):
        st.button(
            f"Keep selected ({len(chosen)})",
            key="review keep many",
            disabled=not chosen,
            on_click=plain_errors()(_keep),
            args=(shown, chosen),
        )
        proposals = dict(zip(listed, left["proposed"].tolist(), strict=True))
        st.button(
            "Move selected as proposed",
            key="review move many",
            disabled=not chosen,
            on_click=plain_errors()(_move_many),
            args=(shown, {ion: proposals[ion] for ion in chosen}),
        )
    notes = [
        f"{own} → {to}" if own != to else f"in {own}"
        for own, to in zip(left["cluster"].tolist(), left["proposed"].tolist(), strict=True)
    ]
    gallery.selectable(
        images,
        listed,
        key="review gallery",
        about="The ions to look at, most urgent first",
        notes=notes,
        size=12,
        width=100,
        menu={"Review this ion": _look_at},
    )


def _look_at(ion: int) -> None:
    st.session_state[NOW] = ion


def _keep(shown: View, ions: list[int]) -> None:
    where = "where it is" if len(ions) == 1 else "where they are"
    deciding.record(shown, Confirmed(ions=tuple(ions)), said=f"{count(len(ions), 'ion')} confirmed {where}.")
    selection.select(ions, "remove")


def _skip(shown: View, ion: int) -> None:
    queue.skipped(shown).append(ion)


def _move_other(shown: View, ion: int, to_new: bool) -> None:
    deciding.move(shown, [ion], None if to_new else st.session_state[OTHER])
    st.session_state[WINDOW] = False


def _move_many(shown: View, proposals: dict[int, int]) -> None:
    for to in sorted(set(proposals.values())):
        deciding.move(shown, [ion for ion, proposed in proposals.items() if proposed == to], to)
