"""The table of all runs of a data set, and which of them are selected in it."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.jobs import State
from msiss.runs.labels import titles_of_runs
from msiss.runs.overview import SCORE_MEANINGS, SCORE_TITLES, row_of, scores_of
from msiss.runs.store import Run
from msiss.words import duration

CHOSEN = "chosen runs"
PIN, NAME, TAGS, METHOD, CLUSTERS, STATE, TIME, DEVICE, NOTE = (
    *("★", "Run", "Tags", "Method", "Clusters", "State", "Time", "Device", "Note"),
)
WIDTHS = {PIN: 34, NAME: 250, TAGS: 90, METHOD: 64, CLUSTERS: 68, STATE: 70, TIME: 62, DEVICE: 62}
SCORE_WIDTH = 74


def choose(runs: Sequence[Run], images: IonImages) -> list[Run]:
    """Draw the table of runs, and return those whose rows are selected; the selection survives a change of the table.

    Parameters
    ----------
    runs : sequence of Run
        In the order of the rows.
    images : IonImages
        Their data set.
    """
    table = _table(runs, images)
    identities = [run.path.name for run in runs]
    before = [one for one in st.session_state.get(CHOSEN, []) if one in identities]
    # Rows are selected by their place, so that other runs, or another order, make another widget.
    key = f"runs table {hashlib.sha256(' '.join(identities).encode()).hexdigest()[:8]}"
    event = st.dataframe(
        table,
        hide_index=True,
        column_config=_columns(table),
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [identities.index(one) for one in before]}},
        key=key,
        placeholder="",
        alt="All runs of this data set with their scores",
    )
    rows = [row for row in event["selection"]["rows"] if row < len(runs)]
    st.session_state[CHOSEN] = [identities[row] for row in rows]
    return [runs[row] for row in rows]


def select(identities: Sequence[str]) -> None:
    """Select runs when the table is drawn next."""
    for key in [key for key in st.session_state if str(key).startswith("runs table ")]:
        del st.session_state[key]
    st.session_state[CHOSEN] = list(identities)


def scores(run: Run, images: IonImages) -> Mapping[str, float]:
    """Return the scores of a run, see `msiss.runs.overview.scores_of`."""
    status = run.status
    if status.state is not State.DONE:
        return {}
    return _scores(str(run.path), status.finished, images.fingerprint, images.labels)


def _table(runs: Sequence[Run], images: IonImages) -> pd.DataFrame:
    titles = titles_of_runs(list(runs))
    rows = []
    for run in runs:
        row, found = row_of(run), scores(run, images)
        rows.append(
            {
                PIN: "★" if row.pinned else "",
                NAME: titles[row.identity],
                TAGS: ", ".join(row.tags),
                METHOD: row.method,
                CLUSTERS: row.clusters,
                STATE: str(row.state),
                **{title: found.get(score, np.nan) for score, title in SCORE_TITLES.items()},
                TIME: "" if row.seconds is None else duration(row.seconds),
                DEVICE: row.device,
                NOTE: row.note,
            }
        )
    table = pd.DataFrame(rows)
    empty = [name for name in (PIN, TAGS, NOTE) if not table[name].any()]
    empty += [title for title in SCORE_TITLES.values() if table[title].isna().all()]
    return table.drop(columns=empty)


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    known: dict[str, Any] = {
        title: st.column_config.NumberColumn(format="%.2f", width=SCORE_WIDTH, help=SCORE_MEANINGS[score])
        for score, title in SCORE_TITLES.items()
    }
    known |= {name: st.column_config.Column(width=width) for name, width in WIDTHS.items()}
    known[PIN] = st.column_config.Column(width=WIDTHS[PIN], help="Pinned: listed first.")
    return {name: column for name, column in known.items() if name in table}


@st.cache_data(show_spinner=False, max_entries=500)
def _scores(path: str, finished: float | None, data: str, _labels: np.ndarray | None) -> Mapping[str, float]:
    return scores_of(Run(Path(path)), _labels)
