"""Similar ions in a notebook."""

import numpy as np
import pandas as pd

from msiss.analyse.representations import title_of
from msiss.data.ion_images import IonImages
from msiss.data.ion_search import one_ion
from msiss.errors import SettingError
from msiss.notebook.pictures import Gallery, Pairs
from msiss.runs.store import Run
from msiss.words import count


def similar(run: Run, images: IonImages, ion: float | str, by: str, number: int) -> Gallery:
    """Return an ion and those most similar to it; see `msiss.notebook.run.Run.similar`."""
    from msiss.analyse.similarity import nearest

    query = one_ion(images, ion)
    near, cosines = nearest(run.features(by), query, number)
    ions = [query, *near.tolist()]
    table = pd.DataFrame(
        {
            "ion": ions,
            "mz": images.mz[ions],
            "name": [images.names[one] for one in ions],
            "cosine": np.concatenate([[1.0], cosines]),
        }
    )
    notes = ["this ion", *(f"cosine {cosine:.2f}" for cosine in cosines)]
    title = f"Ions most like {images.axis.text(images.mz[query])} by: {title_of(by)}"
    return Gallery(title, table, _images=images, _notes=notes)


def partners(run: Run, images: IonImages, ion: float | str, by: str, against: str) -> pd.DataFrame:
    """Rank all other ions by two representations; see `msiss.notebook.run.Run.partners`."""
    from msiss.runs.grouping import grouping
    from msiss.share.similar import partners_table

    measured = {name: run.features(name) for name in dict.fromkeys((by, against))}
    return partners_table(run.ions(), measured, one_ion(images, ion), grouping(run))


def disagreements(run: Run, images: IonImages, first: str, second: str, number: int) -> Pairs:
    """Return the pairs that two representations judge most differently; see `msiss.notebook.run.Run.disagreements`."""
    from msiss.analyse.disagreement import disagreements as find
    from msiss.share.similar import disagreements_table

    if first == second:
        raise SettingError(f"against: {second} is compared with itself. Choose another representation.")
    found = find(run.features(first), run.features(second), number=number)
    title = f"{count(len(found), 'pair')} that {title_of(first)} and {title_of(second)} judge differently"
    table = disagreements_table(run.ions(), found, first, second)
    return Pairs(title, table, _images=images, _measures=(first, second))
