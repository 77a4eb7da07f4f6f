"""Tables of ions: ticked rows are the selection."""

import streamlit as st

from msiss.ui import selection
from msiss.ui.widgets import ion_table


def test_ticked_rows_are_selected_and_a_redrawn_table_changes_nothing(monkeypatch):
    selected = []
    monkeypatch.setattr(selection, "select", lambda ions: selected.append(list(ions)))
    monkeypatch.setattr(st, "session_state", {"table": {"selection": {"rows": [2, 0, 7]}}})
    ion_table._take("table", [5, 6, 9])
    assert selected == [[9, 5]]
    st.session_state["table"]["selection"]["rows"] = []
    ion_table._take("table", [5, 6, 9])
    assert len(selected) == 1
