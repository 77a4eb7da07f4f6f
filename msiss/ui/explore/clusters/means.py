"""Small pictures of the mean images of clusters."""

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.decisions import digest
from msiss.show.thumbnails import data_uri, thumbnail
from msiss.ui import state
from msiss.ui.explore import results
from msiss.ui.explore.view import View


def addresses(shown: View, images: IonImages) -> dict[int, str]:
    """Return the address of the picture of each cluster's mean image."""
    means = results.mean_images(shown, images)
    labels = digest(results.grouping(shown).labels)
    run = shown.run
    return _addresses(
        str(run.path), run.status.finished, labels, images.pixel_size, state.colours(), means, images.mask
    )


def picture(mean: np.ndarray, images: IonImages) -> bytes:
    """Return the picture of one mean image, as PNG."""
    return thumbnail(mean, images.mask, pixel_size=images.pixel_size, colours=state.colours())


@st.cache_data(show_spinner=False, max_entries=20)
def _addresses(
    path: str,
    finished: float | None,
    labels: str,
    pixel_size: tuple[float, float] | None,
    colours: str,
    _means: dict[int, np.ndarray],
    _mask: np.ndarray,
) -> dict[int, str]:
    return {
        number: data_uri(thumbnail(mean, _mask, pixel_size=pixel_size, colours=colours))
        for number, mean in _means.items()
    }
