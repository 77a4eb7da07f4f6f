"""The parts of a report about the data set."""

from collections.abc import Iterator

import numpy as np
from pydantic import ValidationError

from msiss.data.formats.image_findings import image_rows
from msiss.data.health import HealthReport, HealthRow
from msiss.data.ion_images import IonImages
from msiss.data.recipe import Recipe
from msiss.data.recipe_text import steps
from msiss.share.figures.subject import ppm_window
from msiss.share.report.blocks import Block, Heading, Listing, Table, Text, facts
from msiss.words import count

LEVELS = {"pass": "fine", "note": "decided", "warning": "look at it", "stop": "cannot be used"}


def data(images: IonImages) -> Iterator[Block]:
    """Yield facts about the data set, and how it was made."""
    height, width = images.shape
    axis = images.axis
    window, known = ppm_window(images), int((images.labels >= 0).sum()) if images.labels is not None else 0
    sides = " × ".join(f"{side:g}" for side in (images.pixel_size or ())[::-1])
    yield facts(
        [
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
    )
    try:
        recipe = Recipe.model_validate(images.recipe)
    except ValidationError:  # of a later version
        return
    if images.recipe:
        yield Heading("How it was made", level=3)
        for part, sentences in steps(recipe, axis).items():
            yield Text(f"{part}:")
            yield Listing(sentences)


def health(images: IonImages, report: HealthReport | None) -> Iterator[Block]:
    """Yield the findings about the files, if they were looked at, and about the ion images."""
    if report is not None:
        rows = [
            (*([row.file] if len({one.file for one in report.rows}) > 1 else []), *_row(row)) for row in report.rows
        ]
        several = rows and len(rows[0]) > 3
        yield Heading(f"Files: {report.file}", level=3)
        yield Table(
            (*(["File"] if several else []), "", "Looked at", "Found"), rows, (*([2] if several else []), 1, 1.5, 6)
        )
        yield Heading("Ion images", level=3)
    found = list(image_rows(images))
    warned = sum(row.level != "pass" for row in found)
    yield Text(f"{count(warned, 'finding')} to look at." if warned else "Nothing unusual was found.")
    yield Table(("", "Looked at", "Found"), [_row(row) for row in found], (1, 1.5, 6))


def _row(row: HealthRow) -> tuple[str, str, str]:
    return LEVELS[row.level], row.check, row.text
