"""The part of the page Quality that tries every augmentation alone: linear evaluation, as in Fig. 2b of the paper."""

import numpy as np
import streamlit as st

from msiss.learn.paper.augmentations import AUGMENTATIONS
from msiss.learn.paper.config import PaperConfig
from msiss.runs.quality.augmentation_sweep import SweepQuestion, sweep_seconds
from msiss.runs.store import Run
from msiss.show.trust_figures import sweep_figure
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import analysis
from msiss.words import count, duration

ABOUT = (
    "Which random changes of the images help? For each kind of change alone the network of the paper's method learns "
    "from the images, step 1 only. Then a linear classifier tells how well the classes that you know can be read from "
    "what it learned, on ions that the classifier has not seen."
)


def show(run: Run, labels: np.ndarray) -> None:
    """Draw the panel: a button with the time that it takes, then the accuracies."""
    with st.expander("Which augmentations help?", icon=":material/blur_on:"), plain_errors():
        st.markdown(ABOUT)
        if not _can_be_evaluated(labels):
            st.info("This needs at least two known classes with two ions each.", icon=":material/info:")
            return
        question = SweepQuestion.of(run, labels)
        known = question.known()
        config = question.config
        whose = "this training" if isinstance(run.config, PaperConfig) else "the preset quick"
        st.caption(
            f"With the other settings of {whose}: {config.encoder}, {config.prepare.side} px, "
            f"{count(config.contrastive.epochs, 'epoch')}."
        )
        finished = len(known) == len(AUGMENTATIONS)
        place = st.empty()
        asked = finished or analysis.is_requested(question)
        label = f"Try {count(len(AUGMENTATIONS) - len(known), 'augmentation')}, about {_time(question)}"
        if asked or place.button(label, icon=":material/play_arrow:", key="start sweep"):
            with place.container():
                analysis.result(question, "Training with one augmentation at a time")
        if known:
            _show(question)
        if not finished:
            st.caption(
                f"The time is for two idle cores; much less on a GPU. Each is kept when it is done: {len(known)} of "
                f"{len(AUGMENTATIONS)} so far. What was stopped goes on from there."
            )


def _show(question: SweepQuestion) -> None:
    known = question.known()
    before = next((one["before"]["linear evaluation"] for one in known.values()), None)
    accuracies = [known[name]["after"]["linear evaluation"] if name in known else None for name in AUGMENTATIONS]
    figure = sweep_figure(list(AUGMENTATIONS), accuracies, before=before)
    st.plotly_chart(figure, key="sweep", alt="Accuracy of a linear classifier after training with each augmentation")
    st.caption(
        "Dotted: before any training. An augmentation whose bar ends left of it makes the images harder to tell apart. "
        "One training each: differences of a few per cent are chance."
    )


def _time(question: SweepQuestion) -> str:
    return duration(sweep_seconds(question))


def _can_be_evaluated(labels: np.ndarray) -> bool:
    sizes = np.unique(labels[labels >= 0], return_counts=True)[1]
    return int((sizes >= 2).sum()) >= 2
