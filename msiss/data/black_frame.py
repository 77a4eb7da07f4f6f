"""A black frame around the section: pixels that count as measured but are 0 in every ion image."""

import numpy as np

from msiss.data.ion_images import IonImages

# Two images that are unrelated on the tissue, with a mean equal to their standard deviation there, correlate by
# s / (1 + s) if both are 0 in the share s of the pixels: what a hundredth of them does is too little to matter.
LEAST_SHARE = 0.01
# Share of the other pixels that are 0 in every image as well, or specks in the frame. In sparse images, as of single
# counts, zeros and counts lie side by side everywhere, and zeros at the edge say nothing. A setting, not a measurement.
MOST_SCATTERED = 0.1
# A frame is solid somewhere: where a tenth of the pixels are 0 by chance, 25 given ones all are with probability 1e-25.
SIDE = 5
# Share of the mean total ion count elsewhere. In a frame it is not always 0, as ions that have no image of their own
# count there, too, but spectra of matrix or glass have far more. A setting, not a measurement.
MOST_TIC = 0.01


def black_frame(images: IonImages) -> np.ndarray:
    """Return which pixels form a black frame, as that of a picture that was turned, shifted or cut out.

    These are measured pixels that are 0 in every ion image; connected to the edge of the images directly or by pixels
    that were not measured; as wide as 5 pixels somewhere, or whole rows or columns along an edge; and in all at least
    1 % of the measured pixels. Specks of fewer than 25 pixels that it encloses, as of single counts, are part of it.
    There is none if scattered zeros or specks are more than a tenth of the other measured pixels, as then the images
    are sparse, or if the total ion image is known and not nearly 0 in the frame, as then spectra were measured there.

    Returns
    -------
    ndarray of shape (H, W), bool
        All False if there is no frame.
    """
    from scipy import ndimage

    measured = images.mask
    least = max(SIDE**2, LEAST_SHARE * measured.sum())
    nothing = np.zeros(images.shape, dtype=bool)
    empty = measured.copy()
    for image in images.images:
        empty &= image == 0
        if np.count_nonzero(empty) < least:  # of most data sets after the first few images
            return nothing
    solid = ndimage.binary_opening(empty, np.ones((SIDE, SIDE), dtype=bool)) | _edge_lines(empty, measured)
    wide = _parts_with(empty, solid)
    edge = np.ones(images.shape, dtype=bool)
    edge[1:-1, 1:-1] = False
    frame = wide & _parts_with(wide | ~measured, edge)
    others, specks = measured & ~frame, _specks(frame, measured)
    scattered = max(np.count_nonzero(empty & others), np.count_nonzero(specks))
    if frame.sum() < least or not others.any() or scattered > MOST_SCATTERED * others.sum():
        return nothing
    if images.tic is not None and images.tic[frame].mean() > MOST_TIC * images.tic[others].mean():
        return nothing
    return frame | specks


def _parts_with(area: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Return the connected parts of an area (H, W) that hold at least one of the pixels `seeds`."""
    from scipy import ndimage

    parts, number = ndimage.label(area)
    held = np.zeros(number + 1, dtype=bool)
    held[parts[seeds]] = True
    held[0] = False
    return held[parts]


def _specks(frame: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Return the small parts of the other measured pixels that touch nothing but the frame."""
    from scipy import ndimage

    others = measured & ~frame
    parts, _ = ndimage.label(others)
    sizes = np.bincount(parts.ravel())
    small = sizes < min(SIDE**2, LEAST_SHARE * measured.sum())
    small[0] = False
    small[parts[others & ndimage.binary_dilation(~measured)]] = False
    return small[parts]


def _edge_lines(empty: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Return the rows and columns along the four edges that are empty wherever they were measured.

    Those of one edge count if they are as many pixels as a solid square.
    """
    found = np.zeros_like(empty)
    for turns in range(4):  # rot90 returns views: what is set in them is set in `found`
        rows, band = np.rot90(empty, turns), np.rot90(found, turns)
        filled = np.flatnonzero((np.rot90(measured, turns) & ~rows).any(axis=1))
        end = int(filled[0]) if len(filled) else len(rows)
        if rows[:end].sum() >= SIDE**2:
            band[:end] |= rows[:end]
    return found
