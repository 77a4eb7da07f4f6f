"""The sheet of clusters: what a browser gets, and what it may ask for."""

from msiss.ui.components.cluster_sheet import Sheet, cluster_sheet


def test_only_clusters_of_the_sheet_can_be_opened(monkeypatch):
    given, opened, state = {}, [], {}
    monkeypatch.setattr("streamlit.components.v2.component", lambda *_, **__: lambda **more: given.update(more))
    monkeypatch.setattr("msiss.ui.components.events.st.session_state", state)
    clusters = [Sheet(number, f"{number} <b>", "#123456", "data:,", "3 ions") for number in (0, 4)]
    cluster_sheet(clusters, key="sheet", width=100, on_open=opened.append, shown=4)
    assert given["data"]["clusters"][1] == {
        "number": 4,
        "title": "4 <b>",
        "colour": "#123456",
        "src": "data:,",
        "about": "3 ions",
        "tissue": True,
    }
    assert (given["data"]["width"], given["data"]["shown"]) == (100, 4)
    for number in (4, 0, 1, "0", None, True):
        state["sheet"] = {"event": {"open": number}}
        given["on_event_change"]()
    assert opened == [4, 0]
