"""The numbers of clusters that the stored features of a finished run support."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from msiss.analyse.representations import REPRESENTATIONS, is_measure, measure_names
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore
from msiss.durable import replace_text
from msiss.errors import SettingError
from msiss.runs.request import method_version
from msiss.runs.store import Run

if TYPE_CHECKING:  # would import scikit-learn
    from msiss.analyse.choose_k import Choice

COUNTS = ("k", "clusters")  # the integer columns of the table


def choose_k_of(
    run: Run,
    images: IonImages,
    representation: str,
    *,
    numbers: Sequence[int] | None = None,
    with_halves: bool = False,
    progress: Progress = ignore,
) -> "Choice":
    """Compare several numbers of clusters of a run and suggest one; see `msiss.analyse.choose_k`.

    The isotopes are the pairs of ions whose m/z differ by one carbon 13. If no numbers are given, the result is stored
    in the run's folder and read from there the next time.

    Parameters
    ----------
    run : Run
        A finished run.
    images : IonImages
        Its data set.
    representation : str
        The representation whose features are clustered.
    numbers : sequence of int, optional
        Numbers of clusters to compare.
    with_halves : bool
        Also cluster the even and the odd pixels separately; only for measures without training. The measure is
        computed two more times.
    progress : callable, optional
        See `msiss.data.progress`.

    Raises
    ------
    RunError
        If the run is not done.
    SettingError
        If there are too few ions, a number is invalid, or halves are requested for a trained representation.
    """
    if numbers is None and (kept := kept_choice(run, representation, with_halves=with_halves)) is not None:
        return kept
    from msiss.analyse.choose_k import choose_k

    finished, features = run.status.finished, run.features(representation)
    if with_halves and not is_measure(representation):
        raise SettingError(
            f"halves: {representation} was trained on whole images. Split halves need a measure without training: "
            f"{', '.join(measure_names())}."
        )
    if with_halves:
        progress(0, "Measuring both halves of the pixels")
    choice = choose_k(
        features,
        numbers,
        halves=_halves(run, images, representation) if with_halves else None,
        pairs=_isotopes(images),
        n_neighbours=run.config.neighbours,
        seed=run.config.seed,
        progress=progress,
    )
    if numbers is None and run.status.finished == finished:  # else it was deleted and trained again meanwhile
        _keep(choice, _path(run, representation, with_halves))
    return choice


def kept_choice(run: Run, representation: str, *, with_halves: bool = False) -> "Choice | None":
    """Return the stored result of `choose_k_of` for the default numbers, or None if there is none."""
    try:
        kept = json.loads(_path(run, representation, with_halves).read_text(encoding="utf-8"))
        if kept["code"] != method_version():  # another version may compare them differently
            return None
        from msiss.analyse.choose_k import Choice

        table = pd.DataFrame(
            {name: pd.Series(values, dtype=int if name in COUNTS else float) for name, values in kept["table"].items()}
        )
        return Choice(table, kept["suggestion"], kept["reason"], kept["ions"])
    except (OSError, ValueError, KeyError, TypeError):  # missing or damaged: computed again
        return None


def _keep(choice: "Choice", path: Path) -> None:
    table = {name: [None if pd.isna(value) else value for value in column] for name, column in choice.table.items()}
    with contextlib.suppress(OSError):  # for example, a full disk: the result is still returned
        path.parent.mkdir(exist_ok=True)
        replace_text(path, json.dumps({**asdict(choice), "table": table, "code": method_version()}, indent=1))


def _path(run: Run, representation: str, with_halves: bool) -> Path:
    return run.path / "clusters" / f"{representation}-numbers{'-halves' if with_halves else ''}.json"


def _isotopes(images: IonImages) -> np.ndarray | None:
    from msiss.runs.quality.asked import asked_of

    if not images.axis.is_mz:
        return None
    asked = asked_of(images)
    return asked.ions[asked.pairs[np.array(asked.kinds, dtype=str) == "13C"]]


def _halves(run: Run, images: IonImages, measure: str) -> tuple[np.ndarray, np.ndarray]:
    from msiss.runs.quality.compute_evidence import SeenHalves, clean_halves, plain_halves, split

    config = run.config.prepare
    halves = split(images, np.arange(len(images)), config)
    both = plain_halves(measure, clean_halves(*halves, config), images.mask)
    return SeenHalves(*both, REPRESENTATIONS[measure].context).vectors
