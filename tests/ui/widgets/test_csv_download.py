"""The button that downloads a table."""

import pandas as pd

from msiss.ui.widgets import csv_download


def test_the_table_is_made_when_the_button_is_pressed(monkeypatch) -> None:
    drawn = {}
    monkeypatch.setattr(
        "streamlit.download_button",
        lambda label, data, name, kind, **more: drawn.update({label: (data, name, kind, more["key"])}),
    )
    asked = []
    csv_download.button(
        "CSV", lambda: asked.append(1) or pd.DataFrame({"name": ["=a", "b"]}), "t.csv", key="csv", help="h"
    )
    data, *rest = drawn["CSV"]
    assert (rest, asked) == (["t.csv", "text/csv", "csv"], [])
    assert data() == b"name\n'=a\nb\n"
