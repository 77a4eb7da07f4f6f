"""The health report of files on the page Open: what needs the user first, all checks in detail on demand."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from msiss import words
from msiss.data.health import HealthReport, HealthRow
from msiss.ui.literal import literal

# From what keeps a file from being used to what needs nobody.
LEVELS = {
    "stop": ":red-badge[stop]",
    "warning": ":orange-badge[warning]",
    "note": ":blue-badge[note]",
    "pass": ":green-badge[fine]",
}


def show(reports: Sequence[HealthReport]) -> None:
    """Show what needs the user in one sentence each, and all checks in an expander."""
    rows = [(report.file, row) for report in reports for row in report.rows]
    rows.sort(key=lambda one: list(LEVELS).index(one[1].level))
    several = len(reports) > 1
    st.markdown("**Health of the files**" if several else "**Health of the file**")
    with st.container(gap="xsmall"):
        for file, row in rows:
            if row.level != "pass":
                _sentence(file if several else "", row)
    passed = sum(row.level == "pass" for _, row in rows)
    with st.expander(f"{words.count(passed, 'check')} passed. All in detail", icon=":material/check_circle:"):
        _table(rows, with_file=several)


def _sentence(file: str, row: HealthRow) -> None:
    """Show what was found, with what to do where the file cannot be used as it is."""
    stops = row.level == "stop"
    said = " ".join(filter(None, [f"{file}:" if file else "", row.found, row.action if stops else ""]))
    more = " ".join(filter(None, [row.meaning, "" if stops else row.action]))
    st.markdown(f"{LEVELS[row.level]} :small[{literal(said)}]", help=literal(more) or None)


def _table(rows: Sequence[tuple[str, HealthRow]], *, with_file: bool) -> None:
    table = pd.DataFrame(
        [
            (LEVELS[row.level], *map(literal, (file, row.check, row.found, f"{row.meaning} {row.action}")))
            for file, row in rows
        ],
        columns=["Result", "File", "Check", "Found", "What it means, what to do"],
    )
    st.table(table if with_file else table.drop(columns="File"), hide_index=True, border="horizontal")
