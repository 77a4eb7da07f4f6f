"""What is known about a data set as titles and texts, for reports and tables."""

import numpy as np
from pydantic import ValidationError

from msiss.data.ion_images import IonImages
from msiss.data.recipe import Recipe
from msiss.data.recipe_text import steps
from msiss.share.figures.subject import ppm_window

Facts = list[tuple[str, str]]


def facts(images: IonImages) -> Facts:
    """Return what the ion images are, without what is unknown."""
    height, width = images.shape
    axis = images.axis
    window, known = ppm_window(images), int((images.labels >= 0).sum()) if images.labels is not None else 0
    sides = " × ".join(f"{side:g}" for side in (images.pixel_size or ())[::-1])
    rows = [
        ("From", images.source),
        ("Ion images", f"{len(images):,}"),
        (axis.name, f"{axis.text(images.mz.min())} to {axis.number(images.mz.max())}"),
        ("m/z window", f"±{window:g} ppm" if window else ""),
        ("Pixels", f"{width:,} × {height:,} (width × height), {np.count_nonzero(images.mask):,} measured"),
        ("Pixel size", f"{sides} µm (width × height)" if sides else "unknown"),
        ("Polarity", images.polarity if axis.is_mz else ""),
        ("Regions", ", ".join(images.region_names)),
        ("Ions with a known class", f"{known:,}" if known else ""),
        ("Fingerprint", images.fingerprint),
    ]
    return [row for row in rows if row[1]]


def how_made(images: IonImages) -> dict[str, tuple[str, ...]]:
    """Return the sentences about each step from the file to the ion images; none if it is not recorded."""
    try:
        recipe = Recipe.model_validate(images.recipe)
    except ValidationError:  # of a later version
        return {}
    return steps(recipe, images.axis) if images.recipe else {}
