"""The large picture of a cluster, with colour bar and scale bar, and what the brightness of small pictures means."""

from functools import partial

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.decisions import digest
from msiss.runs.grouping import Grouping
from msiss.show.figures import image_figure
from msiss.show.palette import colour_table
from msiss.ui import state
from msiss.ui.explore import results, tissue_picture
from msiss.ui.explore.clusters import typical
from msiss.ui.explore.view import View

MEAN, MEASURED, REST, TISSUE = "Mean", "Measured", "Against the rest", "Tissue"
QUANTILE = 0.999  # of an ion image, whose intensity has the brightest colour
DIGITS = 3
STEPS = 8  # of the colours of a bar
ABOUT = {
    MEAN: "Every ion image is scaled to its own maximum first, so that each counts the same.",
    MEASURED: "The mean of the intensities as they were measured, in which bright ions dominate.",
    REST: "Red: its ions are brighter here than the others, in standard deviations of these; blue: darker.",
    TISSUE: "The picture of the tissue where it was placed on the section, on the page Overlay.",
}


def draw(shown: View, images: IonImages, grouping: Grouping, number: int) -> None:
    """Draw the mean image of a cluster: of scaled images, of measured intensities, or against all other clusters."""
    options = [MEAN, MEASURED, REST, *([TISSUE] if images.picture is not None else [])]
    if st.session_state.get("cluster picture") not in (None, *options):
        del st.session_state["cluster picture"]
    what = st.segmented_control(
        "Picture of the cluster",
        options,
        default=MEAN,
        required=True,
        key="cluster picture",
        persist_state="session",
        label_visibility="collapsed",
    )
    title = f"Cluster {grouping.clusters[number].title}"
    if what == TISSUE and images.picture is not None:
        st.image(tissue_picture.on_section(images), width="stretch", caption=ABOUT[what], alt="The tissue")
        return
    figure = partial(image_figure, mask=images.mask, pixel_size=images.pixel_size, scale_bar=True)
    if what == MEAN:
        drawn = figure(results.mean_images(shown, images)[number], unit="0 to 1", colours=state.colours())
    elif what == MEASURED:
        drawn = figure(measured_mean(images, grouping, number), colours=state.colours())
    else:
        difference = typical.difference(shown, images, grouping, number)
        drawn = figure(difference, signed=True, quantity="Brighter than the other ions", unit="robust s.d.")
    st.plotly_chart(drawn, key="large cluster", alt=f"{what} image of {title}")
    unknown = "" if images.pixel_size else " No scale bar: the size of a pixel is not known; enter it on the page Open."
    st.caption(f"{ABOUT[what]}{unknown}")


def measured_mean(images: IonImages, grouping: Grouping, number: int) -> np.ndarray:
    """Return the mean of the measured intensities of a cluster's ions, shape (H, W)."""
    members = grouping.members(number)
    return _measured_mean(images.fingerprint, digest(members), images, members)


def brightest(images: IonImages, ion: int) -> float:
    """Return the intensity that has the brightest colour in the picture of an ion."""
    measured = images.images[ion][images.mask]
    return float(np.quantile(measured, QUANTILE) or measured.max())


def number_text(value: float) -> str:
    """Return an intensity with three digits, such as "1,150" or "0.0231"."""
    return f"{float(f'{value:.{DIGITS}g}'):,.{2 * DIGITS}g}"


def brightness_bar() -> None:
    """Draw what the colours of small pictures mean: each has a scale of its own."""
    table = colour_table(state.colours())
    places = np.linspace(0, 255, STEPS).round().astype(int)
    ramp = ", ".join(f"rgb({r}, {g}, {b})" for r, g, b in table[places].tolist())
    st.html(
        '<div style="display:flex;gap:0.5rem;align-items:center;font-size:0.8rem;opacity:0.85"><span>0</span>'
        f'<span style="width:9rem;height:0.7rem;border-radius:0.2rem;background:linear-gradient(to right, {ramp})">'
        "</span><span>intensity (a.u.) below each picture: its brightest colour</span></div>"
    )


@st.cache_data(show_spinner=False, max_entries=40)
def _measured_mean(fingerprint: str, ions: str, _images: IonImages, _members: np.ndarray) -> np.ndarray:
    total = np.zeros(_images.shape)
    for ion in _members.tolist():
        total += _images.images[ion]
    return (total / len(_members)).astype(np.float32)
