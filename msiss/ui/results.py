"""What the pages read from a finished run, kept in memory while the server runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from msiss.analyse.representations import FAST, TITLES, Representation
from msiss.data.ion_images import IonImages
from msiss.data.prepare import clean
from msiss.learn.config import TRAINED, Method
from msiss.runs.store import Run

ABOUT_TRAINED = {
    Method.PAPER: "CNN is the convolutional neural network that was trained: as it came, trained on photographs "
    "(ImageNet), after contrastive learning, and after self-labelling, with which the method ends.",
    Method.MSISS: "msiss is the small network that was trained on these ion images, together with bands and whitened "
    "pixels.",
}
ABOUT_PLAIN = (
    "These need no training: the plain pixels; the pixels smoothed, filtered as METASPACE does, or ranked; structures "
    "from coarse to fine (bands), each trusted as far as the image confirms it; and pixels weighted by what tells the "
    "ions of this data set apart (whitened)."
)


def choose_representation(
    label: str, key: str, *, options: Sequence[Representation], about: str = "", first: Representation | None = None
) -> Representation:
    """Let the user choose a representation; the choice is kept while other pages are shown.

    Parameters
    ----------
    label, key : str
        Of the widget.
    options : sequence of Representation
        What there is to choose from; a choice made before that is not among them is given up.
    about : str
        Help, to be read before that on the representations.
    first : Representation, optional
        Chosen at first; by default the first option.
    """
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]
    methods = [method for method in Method if TRAINED[method][-1] in options]
    return st.selectbox(
        label,
        options,
        index=0 if first is None else options.index(first),
        format_func=lambda one: TITLES[one],
        key=key,
        persist_state="session",
        help=" ".join(filter(None, [about, *(ABOUT_TRAINED[method] for method in methods), ABOUT_PLAIN])),
    )


def mapped(run: Run) -> tuple[Representation, ...]:
    """Return the representations that the left map may be drawn of: what was trained, and the best plain measure."""
    return (*reversed(run.config.trained), FAST)


def clusters(run: Run) -> pd.DataFrame:
    """Return the run's table of clusters; do not change it."""
    return _clusters(str(run.path), run)


def cluster_of(run: Run, representation: Representation) -> np.ndarray:
    """Return each ion's cluster by a representation."""
    return clusters(run)[representation.value].to_numpy()


def positions(run: Run, representation: Representation, method: str) -> np.ndarray:
    """Return the ions' places on a map, shape (N, 2)."""
    maps = _maps(str(run.path), run)
    chosen = maps[(maps["representation"] == representation.value) & (maps["method"] == method)]
    return chosen.sort_values("ion")[["x", "y"]].to_numpy()


def similarity(run: Run, representation: Representation, ions: Sequence[int]) -> np.ndarray:
    """Return the cosines of each pair of the M `ions`, shape (M, M)."""
    from msiss.analyse.similarity import cosine_similarity  # imports scipy

    return cosine_similarity(_features(str(run.path), representation.value, run)[list(ions)])


def nearest_ions(run: Run, representation: Representation, ion: int, number: int) -> tuple[list[int], np.ndarray]:
    """Return the ions most like `ion`, nearest first and without itself, and their cosines."""
    from msiss.analyse.similarity import nearest

    near, cosines = nearest(_features(str(run.path), representation.value, run), ion, number)
    return near.tolist(), cosines


def mean_images(run: Run, images: IonImages, representation: Representation) -> dict[int, np.ndarray]:
    """Return the mean image of each cluster that has ions, shape (H, W); every ion image is scaled to [0, 1] first."""
    return _mean_images(str(run.path), representation.value, run, images)


@st.cache_resource(show_spinner=False, max_entries=10)
def _clusters(path: str, _run: Run) -> pd.DataFrame:  # noqa: ARG001
    return _run.clusters()


@st.cache_resource(show_spinner=False, max_entries=10)
def _maps(path: str, _run: Run) -> pd.DataFrame:  # noqa: ARG001
    return _run.maps()


@st.cache_resource(show_spinner=False, max_entries=6)
def _features(path: str, representation: str, _run: Run) -> np.ndarray:  # noqa: ARG001
    return _run.features(Representation(representation))


@st.cache_resource(show_spinner="Averaging the ion images", max_entries=10)
def _mean_images(
    path: str,  # noqa: ARG001
    representation: str,
    _run: Run,
    _images: IonImages,
) -> dict[int, np.ndarray]:
    cleaned = clean(_images, _run.config.prepare)
    members = cluster_of(_run, Representation(representation))
    return {int(cluster): cleaned[members == cluster].mean(axis=0) for cluster in np.unique(members)}
