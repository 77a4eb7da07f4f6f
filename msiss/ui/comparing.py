"""What the page Similarity compares ions by: what a training has learned, and the measures that need none.

Without a finished training those measures are computed on the spot.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from msiss.analyse.representations import FAST, PLAIN, Representation
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, clean
from msiss.runs.store import Run
from msiss.ui import results, state


def measures(run: Run | None) -> tuple[Representation, ...]:
    """Return what there is to compare by, the one to take first at the beginning."""
    return run.representations if run else (FAST, *(one for one in PLAIN if one is not FAST))


def cosines(run: Run | None, images: IonImages, measure: Representation, ions: Sequence[int]) -> np.ndarray:
    """Return the cosine of each pair of the M `ions`, shape (M, M)."""
    from msiss.analyse.similarity import cosine_similarity  # imports scipy

    return cosine_similarity(_vectors(run, images, measure)[list(ions)])


def nearest_ions(
    run: Run | None, images: IonImages, measure: Representation, ion: int, number: int
) -> tuple[list[int], np.ndarray]:
    """Return the ions most like `ion`, nearest first and without itself, and their cosines."""
    from msiss.analyse.similarity import nearest

    near, likeness = nearest(_vectors(run, images, measure), ion, number)
    return near.tolist(), likeness


def _vectors(run: Run | None, images: IonImages, measure: Representation) -> np.ndarray:
    if run is not None:
        return results.features(run, measure)
    config = state.settings().prepare
    return _computed(images.fingerprint, config.model_dump_json(), measure.value, images, config)


@st.cache_resource(show_spinner="Comparing the ion images", max_entries=6)
def _computed(
    fingerprint: str,  # noqa: ARG001
    settings: str,  # noqa: ARG001
    measure: str,
    _images: IonImages,
    _config: PrepareConfig,
) -> np.ndarray:
    from msiss.analyse.measures import vectors

    return vectors(Representation(measure), clean(_images, _config), _images.mask)
