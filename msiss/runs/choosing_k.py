"""How many clusters the stored features of a finished run speak for."""

from collections.abc import Callable, Sequence

import numpy as np

from msiss.analyse.choose_k import Choice, choose_k
from msiss.analyse.representations import PLAIN, Representation
from msiss.data.ion_images import IonImages
from msiss.errors import SettingError
from msiss.runs.store import Run


def choose_k_of(
    run: Run,
    images: IonImages,
    representation: Representation,
    *,
    numbers: Sequence[int] | None = None,
    with_halves: bool = False,
    progress: Callable[[float, str], object] | None = None,
) -> Choice:
    """Look at several numbers of clusters of a run and suggest one; see `msiss.analyse.choose_k`.

    The isotopes are the pairs of ions whose m/z differ as a carbon 13 does.

    Parameters
    ----------
    run : Run
        A finished run.
    images : IonImages
        Its data set.
    representation : Representation
        Whose features are clustered.
    numbers : sequence of int, optional
        Numbers of clusters to look at.
    with_halves : bool
        Also cluster the even and the odd pixels, each by itself; only for what needs no training, and it takes as long
        as that measure itself twice more.
    progress : callable, optional
        As of `msiss.analyse.choose_k.choose_k`.

    Raises
    ------
    RunError
        Where the run is not done.
    SettingError
        Where there are too few ions, a number is impossible, or the halves are asked for of what has to be trained.
    """
    features = run.features(representation)
    if with_halves and representation not in PLAIN:
        raise SettingError(
            f"halves: {representation} was trained on whole images. Split halves need a measure without training: "
            f"{', '.join(PLAIN)}."
        )
    if with_halves and progress is not None:
        progress(0, "measuring both halves of the pixels")
    return choose_k(
        features,
        numbers,
        halves=_halves(run, images, representation) if with_halves else None,
        pairs=_isotopes(images),
        n_neighbours=run.config.neighbours,
        seed=run.config.seed,
        progress=progress,
    )


def _isotopes(images: IonImages) -> np.ndarray | None:
    from msiss.analyse.isotopes import expected_pairs

    if not images.axis.is_mz:
        return None
    pairs = expected_pairs(images.mz, polarity=images.polarity)
    return pairs[pairs["kind"] == "13C"][["i", "j"]].to_numpy()


def _halves(run: Run, images: IonImages, measure: Representation) -> tuple[np.ndarray, np.ndarray]:
    from msiss.runs.evidence import clean_halves, plain_halves, split

    config = run.config.prepare
    halves = split(images, np.arange(len(images)), config)
    return plain_halves(measure, clean_halves(*halves, config), images.mask)
