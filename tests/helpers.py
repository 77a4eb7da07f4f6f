"""Short ways to say what tests ask for again and again."""

import contextlib
import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from msiss.analyse.constraints import FREE, Constraints
from msiss.data.confined.wire import from_text, to_text
from msiss.data.formats.imzml.reader import read_imzml
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore
from msiss.data.recipe import ListedIon, ReadConfig

HANG_SECONDS = 300  # on any machine and beside any other work, only what hangs takes so long

# Real imzML files in the folder of test data that can be read.
GOOD_FILES = (
    "imzml/galaxy/Combat_40pixel.imzML",
    "imzml/galaxy/spatial_DGMM_input.imzML",
    "imzml/imzy/simple_imzml.imzML",
    "imzml/metaspace/Untreated_3_434_tiny.imzML",
    "imzml/pyimzml/Example_Continuous.imzML",
    "imzml/pyimzml/Example_Processed.imzML",
    "imzml/pym2aia/test.imzML",
    "odd/thyra/iontof_sparse.imzML",
    "odd/thyra/unit_nanometre.imzML",
    "bad/18_uppercase_ext.IMZML",
)


def reading(
    mz: Sequence[float] | np.ndarray | None = None,
    names: Sequence[str] | None = None,
    *,
    ppm: float = 10,
    peaks: int = 500,
) -> ReadConfig:
    """Return the settings that take the ions `mz`, or pick `peaks` of them."""
    if mz is None:
        return ReadConfig(ppm=ppm, number=peaks)
    names = names if names is not None else [""] * len(mz)
    listed = tuple(ListedIon(mz=float(one), name=name) for one, name in zip(mz, names, strict=True))
    return ReadConfig(peaks="list", mz_list=listed, ppm=ppm)


def read_ions(path: Path, mz: np.ndarray | None = None, *, progress: Progress = ignore, **settings) -> IonImages:
    """Read an imzML file with these settings."""
    return read_imzml(path, reading(mz, **settings), progress=progress)


def groups(sizes: list[int], *, distance: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors (N, 16) of groups that lie so many standard deviations apart, and the group of each."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(sizes)), sizes)
    return rng.normal(size=(len(sizes), 16))[truth] * distance + rng.normal(size=(len(truth), 16)), truth


ODD_VECTORS = ("random", "constant", "zero", "duplicates")


def odd_vectors(kind: str, number: int, rng: np.random.Generator) -> np.ndarray:
    """Return vectors (N, 7) of one of `ODD_VECTORS`, which clusterings must cope with."""
    return {
        "random": rng.normal(size=(number, 7)),
        "constant": np.ones((number, 7)),
        "zero": np.zeros((number, 7)),
        "duplicates": rng.normal(size=(3, 7))[rng.integers(0, 3, number)],
    }[kind]


def constraints_among(ions: int, clusters: int) -> st.SearchStrategy[Constraints]:
    """Return constraints of which many contradict each other."""
    ion = st.integers(0, ions - 1)
    pairs = st.lists(st.tuples(ion, ion), max_size=3)
    labels = st.dictionaries(ion, st.integers(0, clusters - 1), max_size=3)
    return st.builds(
        lambda labels, together, apart: Constraints.of(ions, labels, together=together, apart=apart),
        labels,
        pairs,
        pairs,
    )


def hold(clusters: np.ndarray, constraints: Constraints) -> bool:
    """Return whether clusters satisfy constraints."""
    labelled = constraints.labels != FREE
    first, second = constraints.together.T
    one, other = constraints.apart.T
    return bool(
        (clusters[labelled] == constraints.labels[labelled]).all()
        and (clusters[first] == clusters[second]).all()
        and (clusters[one] != clusters[other]).all()
    )


def run_here(work: str, arguments: Mapping[str, Any], *, progress: Progress = ignore, **_: Any) -> Any:
    """Do what `msiss.data.confined.parent.run` does, without a child."""
    module, _, name = work.partition(":")
    function = getattr(importlib.import_module(module), name)
    return from_text(to_text(function(**from_text(to_text(arguments)), progress=progress)))


def mounted(app: Any, key: str) -> dict[str, Any]:
    """Return the data of the component of a page that was mounted with `key`."""
    (found,) = (one for one in app.get("bidi_component") if one.proto.id.endswith(f"-{key}"))
    return json.loads(found.proto.json)


def pressed(app: Any, key: str) -> Any:
    """Press the button of a page that has this key."""
    return app.button(key=key).click().run()


def run_example(example: str, folder: Path, images: np.ndarray) -> np.ndarray:
    """Execute the example of an exported encoder, as its user does, and return the features of images (N, S, S)."""
    import torch

    known: dict[str, Any] = {"images": torch.from_numpy(images)[:, None]}
    with contextlib.chdir(folder):
        exec(example, known)
    return known["features"].numpy()
