"""The parts of the page Quality about single ions: confidence, self-labelling over its epochs, and confused classes."""

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.learn.methods import METHODS
from msiss.runs.decisions import digest
from msiss.runs.store import Run
from msiss.show.comparison_figures import shared_figure
from msiss.show.trust_figures import confidence_trust_figure, refinement_figure
from msiss.ui.explore import results
from msiss.ui.explore.view import View
from msiss.words import count

THRESHOLDS = np.linspace(0, 0.99, 100)
NEIGHBOURS = 10
FEWEST = 5  # ions; a share of fewer means little
CLASS_NAMES = "class"  # the annotation that names the classes of a data set


def show_confidence(run: Run, labels: np.ndarray | None) -> None:
    """Draw whether a higher confidence means a better cluster: by known classes, else by the ions near to each."""
    own = results.clusters(View(run, run.config.result, run.config.clusters))
    confidence, clusters = own["confidence"].to_numpy(), own["cluster"].to_numpy()
    if np.isnan(confidence).all():
        return
    st.subheader(
        "Does the confidence mean anything?",
        help=f"Confidence, from 0 to 1, is {METHODS[run.config.method].confidence}.",
    )
    known = labels is not None and bool((labels >= 0).any())
    classes = labels if known else None
    made = "" if classes is None else digest(classes)
    right, kept = _confidence(str(run.path), run.status.finished, made, run, clusters, confidence, classes)
    figure = confidence_trust_figure(THRESHOLDS, right, kept)
    st.plotly_chart(figure, key="confidence trust", alt="Right ions, and number of ions, above each confidence")
    if known:
        about = "share of the ions above a confidence that have the most common class of their cluster"
    else:
        about = f"of the {NEIGHBOURS} nearest of an ion, the share that is in its cluster; mean of the ions above"
    st.caption(
        f"Solid: {about}; not drawn for fewer than {FEWEST} ions. It should rise to the right; then the least "
        "confident ions are those to look at. Dashed: how many ions are above."
    )


def show_refinement(run: Run, labels: np.ndarray) -> None:
    """Draw the agreement with known classes over the epochs of self-labelling, if the run recorded it."""
    history = run.history()
    if history is None or len(history.clusters) < 2:
        return
    st.subheader("Self-labelling over its epochs")
    purity, ari, ami = _refinement(str(run.path), run.status.finished, digest(labels), history.clusters, labels)
    figure = refinement_figure({"Purity": purity, "ARI": ari, "AMI": ami})
    st.plotly_chart(figure, key="refinement", alt="Purity, ARI and AMI over the epochs of self-labelling")
    st.caption(
        f"Epoch 0 is the first classifier, on the images as they are: purity {purity[0]:.2f}. Each later epoch is what "
        "the network saw in training, in weakly changed views. Curves that fall say that self-labelling made the "
        "clusters worse."
    )


def show_confusion(shown: View, images: IonImages, labels: np.ndarray) -> None:
    """Draw how many ions of each known class are in each cluster."""
    from msiss.analyse.matching import match

    known = labels >= 0
    if not known.any():
        return
    grouping = results.grouping(shown)
    matching = match(labels[known], grouping.labels[known])
    order = matching.ordered()
    names = _class_names(images, labels)
    st.markdown("**Which classes are confused**")
    figure = shared_figure(
        matching.table[:, order],
        [names[int(one)] for one in matching.first],
        [grouping.clusters[int(matching.second[place])].title for place in order],
        row_title="Known class",
        column_title="Cluster",
    )
    st.plotly_chart(figure, key="confusion", alt="How many ions of each known class are in each cluster")
    right = int((~matching.moved).sum())
    st.caption(
        f"Numbers are ions, of the clusters that all pages show. Each class is matched with one cluster, on the "
        f"diagonal: {right} of {count(int(known.sum()), 'ion')} are there."
    )


def _class_names(images: IonImages, labels: np.ndarray) -> dict[int, str]:
    """Return the name of each class: that of the data set where all ions of the class share one, else its number."""
    annotated = images.annotations.get(CLASS_NAMES)
    names = {}
    for one in np.unique(labels[labels >= 0]).tolist():
        found = set() if annotated is None else {annotated[ion] for ion in np.flatnonzero(labels == one)} - {""}
        names[one] = found.pop() if len(found) == 1 else str(one)
    return names


@st.cache_data(show_spinner="Comparing confidence and clusters", max_entries=20)
def _confidence(
    path: str,
    finished: float | None,
    classes: str,
    _run: Run,
    _clusters: np.ndarray,
    _confidence: np.ndarray,
    _labels: np.ndarray | None,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    from msiss.analyse.learning_curves import confidence_curve
    from msiss.analyse.metrics import company_of_nearest, in_majority

    def curve(confidence: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        shares, kept = confidence_curve(confidence, right, THRESHOLDS)
        return np.where(kept * len(confidence) >= FEWEST - 0.5, shares, np.nan), kept

    if _labels is None:
        near = company_of_nearest(_run.features(_run.config.result), _clusters, NEIGHBOURS)
        shares, kept = curve(_confidence, near)
        return {"Near ions in the same cluster": shares}, kept
    known, history = _labels >= 0, _run.history()
    shares, kept = curve(_confidence[known], in_majority(_clusters, _labels)[known])
    curves = {"With the class of their cluster": shares}
    if history is not None:
        before = in_majority(history.clusters[0].astype(np.int64), _labels)
        curves["The same before self-labelling"] = curve(history.confidence[known], before[known])[0]
    return curves, kept


@st.cache_data(show_spinner="Scoring every epoch", max_entries=20)
def _refinement(
    path: str, finished: float | None, classes: str, _clusters: np.ndarray, _labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from msiss.analyse.learning_curves import refinement_curve

    return refinement_curve(_clusters.astype(np.int64), _labels)
