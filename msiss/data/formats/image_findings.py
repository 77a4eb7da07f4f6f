"""Findings that do not depend on the file format: about pixels, polarity and ion images."""

from collections.abc import Callable, Iterator

import numpy as np

from msiss.analyse.copies import copied_and_empty
from msiss.data.black_frame import black_frame
from msiss.data.findings import HealthRow
from msiss.data.ion_images import IonImages
from msiss.data.stored_images import Polarity
from msiss.words import count

# Micrometres. Pixels are as small as 0.1 µm in SIMS and as large as a few hundred in DESI.
SMALLEST_PIXEL, LARGEST_PIXEL = 0.05, 2000.0

# A pixel is hot above this multiple of the 99 % quantile of the total ion counts, if there are enough pixels for it.
# Settings, not measurements.
HOT, FEWEST_FOR_HOT = 10, 20
NAMED = 5  # hot pixels that are listed


def hot_pixels_row(tic: np.ndarray, place: Callable[[int], str]) -> HealthRow:
    """Return the row about hot pixels.

    Parameters
    ----------
    tic : ndarray of shape (n,)
        Total ion counts.
    place : callable
        Returns the name of the pixel with an index into `tic`.
    """
    signal = tic[tic > 0]
    if len(signal) < FEWEST_FOR_HOT:
        return HealthRow("hot pixels", "pass", "There are too few pixels with signal to tell hot ones from others.")
    hot = np.flatnonzero(tic > HOT * float(np.quantile(signal, 0.99, method="lower")))
    if not len(hot):
        return HealthRow("hot pixels", "pass", f"No pixel has {HOT} times the total ion count of the others.")
    brightest = hot[np.argsort(tic[hot])[::-1]]
    named = ", ".join(place(int(index)) for index in brightest[:NAMED]) + (", ..." if len(hot) > NAMED else "")
    return HealthRow(
        "hot pixels",
        "warning",
        f"{count(len(hot), 'pixel')} {'has' if len(hot) == 1 else 'have'} more than {HOT} times the 99% quantile "
        f"of the total ion counts: {named}.",
        "Such pixels darken all others in an ion image.",
        "The hot-spot quantile on the page Prepare evens them out.",
    )


def pixel_size_row(size: tuple[float, float] | None) -> HealthRow:
    """Return the row about the size of a pixel, height and width in micrometres."""
    if size is None:
        return HealthRow("pixel size", "pass", "Pixel size: not given, so images are drawn in pixels.")
    height, width = size
    found = f"Pixel size: {height:g} x {width:g} micrometres (height x width)"
    if min(size) >= SMALLEST_PIXEL and max(size) <= LARGEST_PIXEL:
        return HealthRow("pixel size", "pass", f"{found}.")
    return HealthRow(
        "pixel size",
        "warning",
        f"{found}, which is unusual for an image of tissue.",
        "The unit in the header may be wrong. Only the scale of the images depends on it.",
    )


def polarity_row(polarity: Polarity) -> HealthRow:
    """Return the row about the polarity."""
    if polarity == "unknown":
        return HealthRow("polarity", "pass", "The file does not give the polarity.", "The images do not depend on it.")
    return HealthRow("polarity", "pass", f"Declared as {polarity}.")


def _copies_row(images: IonImages) -> HealthRow:
    copies = int(copied_and_empty(images.images, images.mask)[0].sum())
    if not copies:
        return HealthRow("copied images", "pass", "No ion image is an exact copy of another one.")
    are = "is an exact copy" if copies == 1 else "are exact copies"
    return HealthRow(
        "copied images",
        "warning",
        f"{count(copies, 'ion image')} {are} of another one.",
        "A copy is the most similar ion of its original by every measure, and says nothing about them.",
        "The checks on the page Quality leave copies out.",
    )


def _frame_row(images: IonImages) -> HealthRow:
    pixels = int(black_frame(images).sum())
    if not pixels:
        return HealthRow("black frame", "pass", "There is no black frame around the section.")
    return HealthRow(
        "black frame",
        "warning",
        f"{count(pixels, 'measured pixel')} along the edge ({pixels / images.mask.sum():.1%} of all) are 0 in every "
        "ion image, as the black frame of a picture.",
        "All ions are equal there: clusters follow the frame, and measures count it as agreement of any two ions.",
        "One click on the tab Pixels of the page Prepare leaves it out.",
    )


def image_rows(images: IonImages) -> Iterator[HealthRow]:
    """Yield the rows about a stack of ion images."""
    (height, width), axis = images.shape, images.axis
    span = f"{axis.text(images.mz.min())} to {axis.number(images.mz.max())}"
    yield HealthRow("images", "pass", f"{count(len(images), 'ion image')}, {span}.")
    yield HealthRow("memory", "pass", f"The images take {4 * len(images) * height * width / 1e6:,.1f} MB.")
    missing = int((~images.mask).sum())
    yield HealthRow(
        "pixels",
        "pass",
        f"{height:,} rows x {width:,} columns, {count(height * width - missing, 'pixel')} measured"
        + (f", {missing:,} not measured and masked." if missing else "."),
    )
    yield _frame_row(images)
    windows = images.annotations.get("mobility", ("",) * len(images))  # ions of one m/z may differ in mobility
    repeated = len(images) - len(set(zip(images.mz.tolist(), windows, strict=True)))
    if repeated:
        found = f"{count(repeated, 'ion image')} {'has' if repeated == 1 else 'have'} the {axis.name} of another one."
        action = "Check the list of values if each image should have its own."
        yield HealthRow("repeated ions", "warning", found, "They are kept as ions of their own.", action)
    else:
        yield HealthRow("repeated ions", "pass", f"Every ion image has an {axis.name} of its own.")
    empty = sum(not image.any() for image in images.images)
    if empty:
        found = f"{count(empty, 'ion image')} {'is' if empty == 1 else 'are'} 0 in every pixel."
        action = "The filters on the page Prepare take them out."
        yield HealthRow("empty images", "warning", found, "They have no pattern to compare.", action)
    else:
        yield HealthRow("empty images", "pass", "Every ion image holds signal.")
    yield _copies_row(images)
    rows, columns = np.nonzero(images.mask)
    tic = np.zeros(images.shape)
    for image in images.images:
        tic += image
    yield hot_pixels_row(tic[images.mask], lambda n: f"row {rows[n] + 1}, column {columns[n] + 1}")
    if axis.is_mz:
        yield polarity_row(images.polarity)
    yield pixel_size_row(images.pixel_size)
