"""The part "Where measures disagree" of the page Similarity: pairs for a person to say who is right."""

from typing import Any

import pandas as pd
import streamlit as st

from msiss.analyse.representations import title_of
from msiss.data.ion_images import IonImages
from msiss.runs import disagreeing
from msiss.runs.analyses import DisagreementsQuestion
from msiss.runs.decisions import Judged, record
from msiss.runs.quality.judged import about_sides, judgements, retract, sides
from msiss.runs.store import Run
from msiss.share.similar import disagreements_table, ions_table
from msiss.ui import state
from msiss.ui.explore.similarity import Measured
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import analysis, csv_download, gallery

SHOWN = 5  # pairs of a page
ABOUT = (
    "One of the two measures finds these pairs near, each ion among the nearest of the other; the other measure does "
    "not. Look at the images and say whether they show the same pattern. The page Quality counts your answers."
)
ALIKE, DIFFERENT, NEITHER, UNSURE = "Alike", "Different", "In between", "Cannot tell"
ANSWER_HELP = (
    "Alike: the measure is right that finds the two near. Different: the other one is. In between: neither is right."
)


def find(run: Run | None, images: IonImages, first: Measured, second: Measured) -> pd.DataFrame | None:
    """Return the pairs; if many ions must be compared first, show the progress and return None."""
    if len(images) <= disagreeing.AT_ONCE:
        return _found(first.source, second.source, first, second)
    question = DisagreementsQuestion(
        run=None if run is None else run.path.resolve(),
        finished=None if run is None else run.status.finished,
        fingerprint=images.fingerprint,
        prepare=state.settings().prepare if run is None else run.config.prepare,
        first=first.name,
        second=second.name,
    )
    return analysis.result(question, disagreeing.about(first.name, second.name), place="disagreements")


def show(run: Run | None, images: IonImages, first: Measured, second: Measured) -> None:
    """Show the pairs with their images, ask about each, and tell what was said so far."""
    found = find(run, images, first, second)
    if found is None:
        return
    if found.empty:
        st.info(
            f"{first.title} and {second.title} do not disagree about any near pair. Choose other measures above.",
            icon=":material/handshake:",
        )
        return
    st.markdown(ABOUT)
    table = disagreements_table(ions_table(images), found, first.name, second.name)
    left, right = st.columns([4, 1], vertical_alignment="center")
    blind = run is not None and left.toggle(
        "Hide which measure finds a pair near until you have answered",
        value=True,
        key="judge blind",
        persist_state="session",
        help="So that your answer depends on the images alone.",
    )
    with right:
        name = f"msiss-{state.dataset_name()}-{first.name}-{second.name}-disagreements.csv"
        csv_download.button("CSV", lambda: table, name, key="disagreements csv", width="stretch")
    said = {} if run is None else _said(run, first.name, second.name)
    if run is None:
        st.caption("To keep your answers, start a training first: they are kept with it.")
    summary, place = st.empty(), st.container()
    pages = -(-len(table) // SHOWN)
    page = st.pagination(pages, key=f"disagreements {first.name} {second.name}") if pages > 1 else 1
    rows = table.to_dict("records")[(page - 1) * SHOWN : page * SHOWN]
    with place:
        for row in rows:
            _show_pair(run, images, row, (first, second), said, blind=blind)
    if counted := sides(list(said.values())):
        summary.markdown(about_sides(counted[0]))


def _show_pair(
    run: Run | None,
    images: IonImages,
    row: dict[Any, Any],
    measures: tuple[Measured, Measured],
    said: dict[tuple[int, int], Judged],
    *,
    blind: bool,
) -> None:
    pair = row["ion_i"], row["ion_j"]
    with st.container(border=True):
        pictures, question = st.columns([3, 4], gap="medium")
        for ion, column in zip(pair, pictures.columns(2), strict=True):
            with column:
                gallery.single(images, ion)
        with question:
            answer = said.get(pair)
            if run is not None:
                _ask(run, pair, measures, row["difference"] > 0, answer)
            if not blind or answer is not None:
                st.caption(_told(images, row, measures, answer))


def _told(images: IonImages, row: dict[Any, Any], measures: tuple[Measured, Measured], answer: Judged | None) -> str:
    lines = [
        f"{one.title}: rank {row[f'rank_{one.name}']:g} of {len(images) - 1}, cosine {row[f'cosine_{one.name}']:.2f}"
        for one in measures
    ]
    if answer is not None and answer.right in ("first", "second"):
        right = answer.measures[("first", "second").index(answer.right)]
        lines.append(f":material/check: You side with {title_of(right)}.")
    return "  \n".join(lines)


def _ask(
    run: Run, pair: tuple[int, int], measures: tuple[Measured, Measured], near_by_first: bool, answer: Judged | None
) -> None:
    names = measures[0].name, measures[1].name
    near, far = names if near_by_first else names[::-1]
    meant = {ALIKE: near, DIFFERENT: far, NEITHER: "neither", UNSURE: "unsure"}
    key = f"judge {run.path.name} {names} {pair}"
    # What is kept decides what is shown: another session may have answered.
    st.session_state[key] = None if answer is None else _answer_of(answer, meant)
    st.session_state[f"why {key}"] = "" if answer is None else answer.why
    arguments = (run, pair, names, meant, key, answer)
    st.segmented_control(
        "Do these images show the same pattern?",
        list(meant),
        key=key,
        help=ANSWER_HELP,
        on_change=plain_errors()(_judge),
        args=arguments,
    )
    if answer is not None:
        st.text_input(
            "Why (optional)",
            key=f"why {key}",
            max_chars=200,
            on_change=plain_errors()(_judge),
            args=arguments,
        )


def _judge(
    run: Run,
    pair: tuple[int, int],
    names: tuple[str, str],
    meant: dict[str, str],
    key: str,
    before: Judged | None,
) -> None:
    chosen = st.session_state[key]
    if chosen is None:
        if before is not None:
            retract(run, pair, names, who=state.who())
        return
    right: Any = {names[0]: "first", names[1]: "second"}.get(meant[chosen], meant[chosen])
    why = st.session_state.get(f"why {key}", "")
    record(run, Judged(ions=pair, measures=names, right=right, why=why, who=state.who()))


def _answer_of(answer: Judged, meant: dict[str, str]) -> str:
    right = dict(zip(("first", "second"), answer.measures, strict=True)).get(answer.right, answer.right)
    return next(text for text, one in meant.items() if one == right)


def _said(run: Run, first: str, second: str) -> dict[tuple[int, int], Judged]:
    """Return what was said about pairs by these two measures, by the two ions in ascending order."""
    both = {first, second}
    return {one.ions: one for one in judgements(run) if set(one.measures) == both}


@st.cache_resource(show_spinner="Comparing two measures", max_entries=20)
def _found(
    first_source: tuple[str, ...], second_source: tuple[str, ...], _first: Measured, _second: Measured
) -> pd.DataFrame:
    return disagreeing.compare(_first.vectors, _second.vectors)
