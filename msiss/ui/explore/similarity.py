"""What the page Similarity compares ions by: what a training has learned, and the measures that need none.

Without a finished training those measures are computed when they are looked at, outside the dashboard.
"""

from collections.abc import Sequence

import numpy as np

from msiss.analyse.representations import FIRST, measure_names, title_of
from msiss.data.ion_images import IonImages
from msiss.runs.analyses import VectorsQuestion
from msiss.runs.store import Run
from msiss.ui import state
from msiss.ui.explore import results
from msiss.ui.widgets import asking


def measures(run: Run | None) -> tuple[str, ...]:
    """Return what there is to compare by, the one to take first at the beginning."""
    return run.representations if run else (FIRST, *(one for one in measure_names() if one != FIRST))


def vectors(run: Run | None, images: IonImages, measure: str) -> np.ndarray | None:
    """Return one vector per ion, not to be changed; None, and how far that is, where they have to be made first."""
    if run is not None:
        return results.features(run, measure)
    question = VectorsQuestion(
        dataset=state.library().path(str(state.dataset_name())).resolve(),
        fingerprint=images.fingerprint,
        measure=measure,
        prepare=state.settings().prepare,
    )
    return asking.answer(question, f"Comparing the ion images by: {title_of(measure)}")


def cosines(vectors: np.ndarray, ions: Sequence[int]) -> np.ndarray:
    """Return the cosine of each pair of the M `ions`, shape (M, M)."""
    from msiss.analyse.similarity import cosine_similarity  # imports scipy

    return cosine_similarity(vectors[list(ions)])


def nearest_ions(vectors: np.ndarray, ion: int, number: int) -> tuple[list[int], np.ndarray]:
    """Return the ions most like `ion`, nearest first and without itself, and their cosines."""
    from msiss.analyse.similarity import nearest

    near, likeness = nearest(vectors, ion, number)
    return near.tolist(), likeness
