"""Real ion images, and images that behave like them, with something known about them (`shared/data`).

None of them was simulated, so what is measured on them is what counts; phantoms and the uterus simulation explain it.
Images that occur twice in a set are dropped but for one, as is every pair of an image with its copy: they are found by
any measure.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from truths import Truth, data_folder

from msiss.analyse.copies import first_copies
from msiss.data.ion_images import UNLABELLED, IonImages

NO_PAIRS = pd.DataFrame({"i": np.zeros(0, int), "j": np.zeros(0, int), "kind": np.zeros(0, str)})
SECTIONS = 12  # of the hippocampus


def bladder() -> Truth:
    """Return the mouse bladder: 79 ions, isotopes and adducts, chance matches among them."""
    folder = data_folder() / "bladder"
    with np.load(folder / "bladder79.npz") as file:
        cube, mz = file["cube"].astype(np.float32), file["mz"].astype(float)
    pairs = pd.read_csv(folder / "pairs_bladder79.csv")
    return _truth("bladder", cube, (cube > 0).any(axis=0), mz=mz, pairs=pairs, thinned=True)


def barley() -> Truth:
    """Return the germinating barley grain: 94 ions, adducts; pairs of hexoses, weak hints, are left out."""
    file = _load("barley101")
    pairs = _pairs("barley101")
    return _truth("barley", file["cube"], file["mask"], mz=file["mz"], pairs=pairs[pairs["kind"] != "Hex"])


def isotopologues() -> Truth:
    """Return the hippocampi of twelve mice as one mosaic: 349 isotopologues, adjacent ones are pairs."""
    file = _load("hippocampus_isotopologues")
    pairs = _pairs("hippocampus_isotopologues")
    return _truth("isotopologues", file["cube"], file["mask"], pairs=pairs)


def isotopologues_of(section: int) -> Truth:
    """Return one of the twelve hippocampi, without the ions that it lacks."""
    file = _load("hippocampus_isotopologues")
    mask = np.isin(file["section"], section)
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    cube, mask = np.where(mask, file["cube"], 0)[:, *box], mask[box]
    alive = np.asarray(cube[:, mask].any(axis=1))
    pairs, new = _pairs("hippocampus_isotopologues"), np.cumsum(alive) - 1
    pairs = pairs[alive[pairs["i"]] & alive[pairs["j"]]]
    pairs = pairs.assign(i=new[pairs["i"]], j=new[pairs["j"]])
    return _truth(f"isotopologues, section {section}", cube[alive], mask, pairs=pairs)


def bacillus() -> Truth:
    """Return colonies of Bacillus: 894 bins of m/z, 13 of them of the surfactin family."""
    file = _load("bacillus_neg40h")
    labels = np.where(file["surfactin"], 0, UNLABELLED)
    return _truth("bacillus", file["cube"], file["mask"], mz=file["mz"], labels=labels, counted=True)


def mibi() -> Truth:
    """Return the breast tumour: 41 channels, 27 pairs of markers of one lineage."""
    file = _load("mibi2203")
    return _truth("mibi", file["cube"], file["mask"], pairs=_pairs("mibi2203"), counted=True)


def cerebellum() -> Truth:
    """Return genes of a mouse cerebellum: 300 images of sparse counts, 87 of them marker genes of 5 cell types."""
    file = _load("cerebellum")
    return _truth("cerebellum", file["cube"], file["mask"], labels=file["label"], counted=True)


def olfactory_bulb() -> Truth:
    """Return genes of a mouse olfactory bulb: 300 images of 262 spots, 80 of them marker genes of 5 layers."""
    file = _load("mob")
    return _truth("olfactory bulb", file["cube"], file["mask"], labels=file["label"], counted=True)


# By name; each is a family of its own: settings are chosen with whole families left out.
REAL_SETS: dict[str, Callable[[], Truth]] = {
    "bladder": bladder,
    "barley": barley,
    "isotopologues": isotopologues,
    "bacillus": bacillus,
    "mibi": mibi,
    "cerebellum": cerebellum,
    "olfactory bulb": olfactory_bulb,
}


def _load(name: str) -> dict[str, np.ndarray]:
    with np.load(data_folder() / "real" / f"{name}.npz") as file:
        return {key: file[key] for key in file.files}


def _pairs(name: str) -> pd.DataFrame:
    return pd.read_csv(data_folder() / "real" / f"pairs_{name}.csv")


def _truth(
    name: str,
    cube: np.ndarray,
    mask: np.ndarray,
    *,
    mz: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    pairs: pd.DataFrame = NO_PAIRS,
    counted: bool = False,
    thinned: bool = False,
) -> Truth:
    first = first_copies(cube, mask)
    kept = np.unique(first)
    linked = np.sort(np.searchsorted(kept, first[pairs[["i", "j"]].to_numpy(int)]), axis=1)
    different = pairs.assign(i=linked[:, 0], j=linked[:, 1]).query("i != j").drop_duplicates(["i", "j"])
    images = IonImages(
        images=np.ascontiguousarray(cube[kept], dtype=np.float32),
        mz=np.arange(1.0, len(cube) + 1)[kept] if mz is None else mz[kept],
        mask=mask,
        labels=None if labels is None else labels[kept],
        source=name,
    )
    ions = different[["i", "j"]].to_numpy(int)
    return Truth(name, images, ions, tuple(different["kind"]), counted=counted, real=True, thinned=thinned)
