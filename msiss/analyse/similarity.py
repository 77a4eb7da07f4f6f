"""Similarity of ion images: vectors whose cosine measures co-localization, and nearest neighbours by the cosine."""

from collections.abc import Iterator

import numpy as np

from msiss.analyse.vectors import unit

# Vectors and cosines are float32, whose spacing near 1 is 6e-8: cosines that differ by less than this are treated as
# equal, as rounding errors depend on the processor.
TIE = 1e-6
LEAST_KEPT = 0.25  # of the intensity of an image by a median filter
BLOCK_BYTES = 2**25  # 32 MB: large enough for fast matrix products, small compared with a data set


def image_vectors(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Flatten the measured pixels of each image into a vector of length 1.

    Parameters
    ----------
    images : ndarray of shape (N, H, W)
        Cleaned ion images.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured; the P pixels that count.

    Returns
    -------
    ndarray of shape (N, P), float32
        Unit vectors; all zero for an image without any signal.
    """
    return unit(images[:, mask].astype(np.float32))


def metaspace_vectors(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return `image_vectors` after setting pixels below the image's median to 0 and a 3 x 3 median filter.

    The best measure without training on expert-ranked pairs of ion images in Ovchinnikova et al., Bioinformatics 2020,
    36, 3215 (ColocML, doi:10.1093/bioinformatics/btaa085), and that of METASPACE. The median is that of the measured
    pixels. Before filtering, pixels outside the mask take the value of the nearest measured pixel, so that zeros from
    the background or the image border do not erode the edge of the tissue. Sparse images, of which the filter would
    leave less than a quarter of the intensity, are not filtered.

    Parameters
    ----------
    images : ndarray of shape (N, H, W)
        Cleaned ion images.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured; the P pixels that count.

    Returns
    -------
    ndarray of shape (N, P), float32
        Unit vectors; all zero for an image without any signal.
    """
    from scipy import ndimage  # slow to import, and many modules need the rest of this one

    rows, columns = ndimage.distance_transform_edt(~mask, return_distances=False, return_indices=True)
    vectors = np.empty((len(images), np.count_nonzero(mask)), dtype=np.float32)
    for vector, image in zip(vectors, images, strict=True):
        bright = np.where(image < np.median(image[mask]), 0, image)
        filtered = ndimage.median_filter(bright[rows, columns], size=3, mode="nearest")[mask]
        erased = filtered.sum() < LEAST_KEPT * bright[mask].sum()
        vector[:] = bright[mask] if erased else filtered
    return unit(vectors)


def compact(vectors: np.ndarray) -> np.ndarray:
    """Reduce vectors to the dimensions that they span, so that thousands of pixels are stored as at most N numbers.

    Parameters
    ----------
    vectors : ndarray of shape (N, P)
        Any vectors.

    Returns
    -------
    ndarray of shape (N, D), float32
        D is at most min(N, P). Lengths and inner products are preserved up to float32 precision.
    """
    number, dimensions = vectors.shape
    if dimensions <= number:
        return vectors.astype(np.float32, copy=False)
    products = inner_products(vectors)
    lengths = np.sqrt(products.diagonal())
    scale = np.where(lengths > 0, lengths, 1)
    cosines = products / scale / scale[:, None]
    np.fill_diagonal(cosines, 1 + 1e-9)  # keeps the matrix positive definite despite rounding
    # The rows of a Cholesky factor have the same inner products, and are much faster to compute than eigenvectors.
    return (np.linalg.cholesky(cosines) * lengths[:, None]).astype(np.float32)


def inner_products(vectors: np.ndarray) -> np.ndarray:
    """Return the inner products (N, N), float64, of vectors (N, P) with each other."""
    number, dimensions = vectors.shape
    products = np.zeros((number, number))
    for start in range(0, dimensions, number):  # bounds the copies in float64 to the size of the products
        wide = vectors[:, start : start + number].astype(np.float64)
        products += wide @ wide.T
    return products


def cosine_similarity(features: np.ndarray) -> np.ndarray:
    """Return the cosine of each pair of vectors; for many ions use `cosine_blocks` instead.

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One vector per ion.

    Returns
    -------
    ndarray of shape (N, N), float32
        Between -1 and 1; those of an all-zero vector are 0, also with itself.
    """
    # In float64, so that equal vectors get equal cosines, whatever the order of summing.
    directions = unit(features.astype(np.float64))
    return np.clip(directions @ directions.T, -1, 1).astype(np.float32)


def spread_of_pairs(similarity: np.ndarray) -> float:
    """Return the standard deviation of the similarities of all pairs of different ions, (N, N); 1 if it is 0."""
    others = similarity[~np.eye(len(similarity), dtype=bool)]
    deviation = float(others.std()) if len(others) else 0.0
    return deviation if deviation > TIE else 1.0


def cosine_blocks(
    queries: np.ndarray, gallery: np.ndarray, *, size: int | None = None
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the cosines of queries with a gallery in blocks of queries.

    Parameters
    ----------
    queries : ndarray of shape (M, D)
        One vector per row.
    gallery : ndarray of shape (N, D)
        One vector per row.
    size : int, optional
        Number of queries in a block; by default as many as fit into `BLOCK_BYTES`.

    Yields
    ------
    rows : slice
        The queries of this block.
    cosines : ndarray of shape (B, N), float32
        Their cosines with the whole gallery, as in `cosine_similarity`; may be modified by the caller.
    """
    across = unit(gallery.astype(np.float64)).T
    size = size or max(1, BLOCK_BYTES // (8 * sum(gallery.shape)))
    for start in range(0, len(queries), size):
        rows = slice(start, min(start + size, len(queries)))
        yield rows, np.clip(unit(queries[rows].astype(np.float64)) @ across, -1, 1).astype(np.float32)


def ranks(
    queries: np.ndarray, gallery: np.ndarray, answers: np.ndarray, *, without: np.ndarray | None = None
) -> np.ndarray:
    """Return the rank of each correct answer among all gallery ions by cosine, from 1.

    In ties, within `TIE`, the correct answer gets the worst rank.

    Parameters
    ----------
    queries : ndarray of shape (M, D)
    gallery : ndarray of shape (N, D)
    answers : ndarray of shape (M,), int
        The correct gallery ion of each query.
    without : ndarray of shape (M,), int, optional
        A gallery ion to exclude for each query, such as the query itself.

    Returns
    -------
    ndarray of shape (M,), int64
    """
    places = np.empty(len(queries), dtype=np.int64)
    for rows, cosines in cosine_blocks(queries, gallery):
        places[rows] = ranks_among(cosines, answers[rows], without=None if without is None else without[rows])
    return places


def ranks_among(similarity: np.ndarray, answers: np.ndarray, *, without: np.ndarray | None = None) -> np.ndarray:
    """Return what `ranks` gives for known similarities of the queries (rows) with the gallery (columns), (M, N)."""
    queries = np.arange(len(similarity))
    rivals = similarity >= similarity[queries, answers][:, None] - TIE  # with the correct answer
    if without is not None:
        rivals[queries, without] = False
    return rivals.sum(axis=1)


def nearest(features: np.ndarray, ion: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the `n` ions most similar to `ion`, best first, without `ion` itself; ties within `TIE` by index.

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One vector per ion.
    ion : int
        Index of the ion.
    n : int
        Number of ions to return; all others if there are fewer.

    Returns
    -------
    ions : ndarray of shape (min(n, N - 1),), int64
    cosines : ndarray of shape (min(n, N - 1),), float32
    """
    # The one ion is the gallery, so that the others are processed block by block.
    cosines = np.concatenate([block[:, 0] for _, block in cosine_blocks(features, features[[ion]])])
    order = np.argsort(-np.round(cosines / TIE), kind="stable")
    near = order[order != ion][:n]
    return near, cosines[near]


def nearest_among(features: np.ndarray, known: np.ndarray, n: int) -> np.ndarray:
    """Return the `n` of the `known` ions that are most similar to each ion, as `nearest` does.

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One vector per ion.
    known : ndarray of shape (M,), int
        Indices of the ions that are looked among, ascending.
    n : int
        Number of ions to return.

    Returns
    -------
    ndarray of shape (N, min(n, M - 1)), int64
    """
    number = min(n, len(known) - 1)
    near = np.empty((len(features), number), dtype=np.int64)
    for rows, cosines in cosine_blocks(features, features[known]):
        itself = np.arange(rows.start, rows.stop)[:, None] == known
        order = np.argsort(-np.round(np.where(itself, -np.inf, cosines) / TIE), axis=1, kind="stable")
        near[rows] = known[order[:, :number]]
    return near
