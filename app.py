"""The entry script of the dashboard: page configuration, navigation and sidebar. Start it with ``make app``."""

import streamlit as st

from msiss import home
from msiss.ui import selection, sidebar, state
from msiss.ui.messages import plain_errors
from msiss.ui.page import ICON, LOGO, frame

SIDEBAR = 244  # screen pixels: the pages need the width of a projector

st.set_page_config(page_title="msiss", page_icon=ICON, layout="wide", initial_sidebar_state=SIDEBAR)
st.logo(LOGO, icon_image=ICON)
frame()


def open_data() -> None:
    """Show the page Open."""
    st.switch_page("pages/data/open.py", query_params=state.query_params())


page = st.navigation(
    {
        "Data": [
            st.Page("pages/data/open.py", title="Open", icon=":material/upload_file:", url_path="start", default=True),
            # Streamlit serves the default page at "/" alone: this one leads there whoever types its name.
            st.Page(open_data, title="Open", url_path="open", visibility="hidden"),
            st.Page("pages/data/prepare.py", title="Prepare", icon=":material/tune:", url_path="prepare"),
        ],
        "Train": [
            st.Page("pages/train/augment.py", title="Augment", icon=":material/blur_on:", url_path="augment"),
            st.Page("pages/train/cluster.py", title="Cluster", icon=":material/model_training:", url_path="cluster"),
            st.Page("pages/train/runs.py", title="Runs", icon=":material/table_rows:", url_path="runs"),
        ],
        "Explore": [
            st.Page("pages/explore/map.py", title="Map", icon=":material/scatter_plot:", url_path="map"),
            st.Page("pages/explore/clusters.py", title="Clusters", icon=":material/grid_view:", url_path="clusters"),
            st.Page("pages/explore/similarity.py", title="Similarity", icon=":material/join:", url_path="similarity"),
            st.Page("pages/explore/regions.py", title="Regions", icon=":material/lasso_select:", url_path="regions"),
            st.Page("pages/explore/overlay.py", title="Overlay", icon=":material/layers:", url_path="overlay"),
            st.Page("pages/explore/quality.py", title="Quality", icon=":material/verified:", url_path="quality"),
        ],
        "Share": [st.Page("pages/share/report.py", title="Report", icon=":material/download:", url_path="report")],
    },
    expanded=True,
)

with plain_errors():
    home.keep_private()
    home.check()  # the page is drawn below the error
with plain_errors():
    state.restore()
    state.set_page(page.url_path)
    if (images := state.dataset()) is not None:
        selection.restore(images)
    state.follow()
    sidebar.draw()
    page.run()
