"""The representations that the page Similarity compares: learned features, and measures without training.

Without a finished run, the engine computes the measures on request.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from msiss.analyse.representations import FIRST, measure_names, title_of
from msiss.data.ion_images import IonImages
from msiss.runs.analyses import VectorsQuestion
from msiss.runs.store import Run
from msiss.ui import state
from msiss.ui.explore import results, view
from msiss.ui.widgets import analysis


def measures(run: Run | None) -> tuple[str, ...]:
    """Return the representations to choose from, the default one first."""
    return run.representations if run else (FIRST, *(one for one in measure_names() if one != FIRST))


def first_shown(run: Run | None, images: IonImages) -> str:
    """Return the measure to show first: that chosen for all pages, if one was, else the best of those without training.

    On real data with known partners that measure found more than the trained ones, see `benchmarks/RESULTS.md`. A run
    of an earlier version may lack it.
    """
    if run is None:
        return FIRST
    by = view.current(run, images).by
    return FIRST if by == run.config.result and FIRST in run.representations else by


def vectors(run: Run | None, images: IonImages, measure: str) -> np.ndarray | None:
    """Return one vector per ion, not to be modified; if they must be computed, show the progress and return None."""
    if run is not None:
        return results.features(run, measure)
    question = VectorsQuestion(
        dataset=state.library().path(str(state.dataset_name())).resolve(),
        fingerprint=images.fingerprint,
        measure=measure,
        prepare=state.settings().prepare,
    )
    return analysis.result(question, f"Comparing the ion images by: {title_of(measure)}")


def show_partners_of(ion: int) -> None:
    """Show the ions most like one ion on the page Similarity."""
    st.session_state["partners of"] = ion
    state.go_to("pages/explore/similarity.py")


def cosines(vectors: np.ndarray, ions: Sequence[int]) -> np.ndarray:
    """Return the cosine of each pair of the M `ions`, shape (M, M)."""
    from msiss.analyse.similarity import cosine_similarity  # imports scipy

    return cosine_similarity(vectors[list(ions)])


def nearest_ions(vectors: np.ndarray, ion: int, number: int) -> tuple[list[int], np.ndarray]:
    """Return the ions most like `ion`, nearest first and without itself, and their cosines."""
    from msiss.analyse.similarity import nearest

    near, likeness = nearest(vectors, ion, number)
    return near.tolist(), likeness
