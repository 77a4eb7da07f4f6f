"""Replicates over seeds on the page Runs: started with one click, followed and stopped together, and summed up."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from msiss.analyse.representations import title_of
from msiss.analyse.scores import SCORES
from msiss.data.ion_images import IonImages
from msiss.runs.jobs import UNFINISHED, State
from msiss.runs.overview import SCORE_TITLES
from msiss.runs.replicates import (
    ReplicateSummary,
    create_replicates,
    progress_of,
    replicates_of,
    stop_all,
    summarise,
)
from msiss.runs.request import method_version
from msiss.runs.store import Run, RunStore
from msiss.show.comparison_figures import company_figure, value_map_figure
from msiss.ui import state
from msiss.ui.explore import ions, results
from msiss.ui.messages import plain_errors
from msiss.ui.runs import table as run_table
from msiss.ui.train import methods
from msiss.ui.widgets import csv_download, ion_picker, job_progress
from msiss.words import count, duration

FEWEST, USUAL, MOST = 2, 5, 20  # seeds; the paper's Table 1 has five
SHOWN = 12  # ions that keep the least company
KEPT = "Company kept"
ABOUT = (
    "A training depends on chance: its seed decides how the network starts and which views it sees. Train with several "
    "seeds to see how far a score, and the place of every ion, depends on it."
)


def show(run: Run, images: IonImages) -> None:
    """Draw the start of replicates of a run, their progress, and what they have in common."""
    st.subheader("Replicates", help=ABOUT)
    runs = replicates_of(run, state.runs())
    _start(run, runs if run.request.method == method_version() else [], images)
    if len(runs) < 2:
        return
    unfinished = [one for one in runs if one.status.state in UNFINISHED]
    if unfinished:
        _watch([one.path.name for one in runs])
    summary = _summary(tuple(str(one.path) for one in runs), _finished(runs), images.fingerprint, images.labels)
    if summary is None:
        st.caption("None of them is done yet.")
        return
    _show_summary(summary, images)


def _start(run: Run, runs: list[Run], images: IonImages) -> None:
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    with left:
        number = st.number_input(
            "Seeds",
            FEWEST,
            MOST,
            USUAL,
            key="replicates",
            help=f"This run counts as one. The seeds are {run.config.seed}, {run.config.seed + 1} and so on.",
        )
    if not runs:
        st.caption(":material/history: This run was made by another version of msiss: all seeds are trained anew.")
    trained = {one.config.seed for one in runs if one.status.state in (State.DONE, *UNFINISHED)}
    wanted = [run.config.seed + more for more in range(int(number))]
    missing = [seed for seed in wanted if seed not in trained]
    with right:
        spent = methods.expected_seconds(run.config, len(images)) * len(missing)
        label = (
            f"Train {count(len(missing), 'seed')}, about {duration(spent)}"
            if missing
            else "All are trained or on their way"
        )
        if st.button(label, key="train replicates", icon=":material/repeat:", disabled=not missing):
            with plain_errors():
                made = create_replicates(state.store(), run, int(number))
                for one in made:
                    if one.status.state not in (State.DONE, *UNFINISHED):
                        one.record_dataset(state.library().path(str(state.dataset_name())))
                    if one.status.state is not State.DONE:
                        job_progress.submit(one)
                run_table.select([made[0].path.name])
                st.rerun()


def _watch(identities: list[str]) -> None:
    st.fragment(_progress, run_every=2.0)(identities)


def _progress(identities: list[str]) -> None:
    """Draw the progress of all, and draw the page again when one of them ends."""
    with plain_errors():
        runs = [RunStore(state.store().folder).get(identity) for identity in identities]
        done, fraction = progress_of(runs)
        ended = sum(run.status.state not in UNFINISHED for run in runs)
        before = st.session_state.setdefault("replicates ended", ended)
        st.session_state["replicates ended"] = ended
        if ended != before:
            st.rerun()
        st.progress(min(fraction, 1.0), f"{done} of {len(runs)} trained – {fraction:.0%}")
        if all(run.stop_requested() for run in runs if run.status.state in UNFINISHED):
            st.caption("Stopping ...")
        else:
            st.button("Stop all", icon=":material/stop_circle:", key="stop all", on_click=_stop, args=(runs,))


@plain_errors()
def _stop(runs: list[Run]) -> None:
    stop_all(runs)


def _finished(runs: list[Run]) -> tuple[float | None, ...]:
    statuses = [run.status for run in runs]
    return tuple(status.finished if status.state is State.DONE else None for status in statuses)


@st.cache_data(show_spinner="Comparing the replicates", max_entries=10)
def _summary(
    paths: tuple[str, ...], finished: tuple[float | None, ...], data: str, _labels: np.ndarray | None
) -> ReplicateSummary | None:
    return summarise([Run(Path(path)) for path in paths], _labels)


def _show_summary(summary: ReplicateSummary, images: IonImages) -> None:
    number = len(summary.runs)
    st.markdown(
        f"**{count(number, 'training')}**, seeds {', '.join(str(run.config.seed) for run in summary.runs)}. Their "
        f"clusters agree with an ARI of {summary.ari} and an AMI of {summary.ami}, over all pairs of "
        "trainings."
        if number > 1
        else "**1 training** is done; a standard deviation needs two."
    )
    table = _scores(summary)
    st.table(table, alt="Mean and standard deviation of each score over the seeds")
    isotopes = (
        f" Isotopes: share of {count(summary.isotopes, 'isotope pair')} in one cluster." if summary.isotopes else ""
    )
    st.caption(f"Mean ± standard deviation over {count(number, 'training')}, n − 1 in its denominator.{isotopes}")
    csv_download.button("This table (CSV)", table.reset_index, "replicates.csv", key="replicates csv")
    if number > 1:
        _show_company(summary, images)


def _scores(summary: ReplicateSummary) -> pd.DataFrame:
    titles = SCORE_TITLES | {score.name: score.title for score in SCORES if score.of == "clusters"}
    known = [score for score in titles if any(score in row for row in summary.scores.values())]
    rows = {
        title_of(name): {titles[score]: str(row[score]) if score in row else "" for score in known}
        for name, row in summary.scores.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Representation")


def _show_company(summary: ReplicateSummary, images: IonImages) -> None:
    st.markdown(
        "**Which ions stay together**",
        help="The company of an ion is its cluster. Of two trainings, it keeps the share of ions that are with it in "
        "both among those that are with it in either; here the mean over all pairs of trainings.",
    )
    company, run = summary.company, summary.runs[0]
    left, right = st.columns(2)
    left.plotly_chart(company_figure(company), key="company", alt="How many ions keep how much of their company")
    names = [ion_picker.title(images, ion) for ion in range(len(images))]
    if run.config.result in run.mapped:
        points = results.positions(run, run.config.result, "umap")
        figure = value_map_figure(points, company, names, title=KEPT)
        right.plotly_chart(figure, key="company map", alt="Map of the ions, coloured by the company that they keep")
    order = np.argsort(company, kind="stable")
    least = order[:SHOWN].tolist()
    st.markdown("**Ions that change company most**")
    notes = [f"keeps {company[ion]:.0%}" for ion in least]
    ions.gallery(images, least, key="least company", about="Ions that change company most", notes=notes)
    listed = pd.DataFrame({"ion": order, "mz": images.mz[order], "name": [images.names[ion] for ion in order]})
    listed["company kept"] = company[order].round(4)
    csv_download.button("All ions (CSV)", lambda: listed, "stability-of-ions.csv", key="company csv")
