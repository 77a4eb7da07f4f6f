"""AnnData files, .h5ad: measured pixels x ions, with clusters, features and similarities of the ions.

Written with h5py in the encodings that anndata 0.8 introduced and reads to this day (anndata.readthedocs.io, "On-disk
format"). The observations are the measured pixels, the variables the ions: what is known of ions is in var, varm and
varp. For tools that plot observations, the transposed table has the ions there, as in
``scanpy.pl.umap(data.T, color="cluster_name")``.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from msiss.analyse.similarity import compact, cosine_blocks
from msiss.data.column_names import IN_FILE, ON_STAGE
from msiss.data.ion_images import UNLABELLED, IonImages
from msiss.data.progress import Progress, ignore
from msiss.share.material import Material
from msiss.share.tables import settings
from msiss.show.maps import MAP_TITLES
from msiss.version import __version__

if TYPE_CHECKING:
    import h5py

# The matrix of similarities is dense, as every tool reads it: 100 MB for so many ions, and it grows with their square.
MOST_SIMILAR = 5000
CHUNK = (1024, 64)  # pixels x ions that are packed together; whole images and whole spectra are read about equally fast
PACKED = {"compression": "gzip", "compression_opts": 1, "shuffle": True}  # the compression that every HDF5 has
LIBRARY = "msiss"  # key of the section in uns["spatial"]
INTENSITIES_SHARE = 0.9  # of the progress bar


def write(material: Material, path: Path, *, progress: Progress = ignore) -> None:
    """Write an AnnData file.

    It has

    * X: intensities as imported, float32, measured pixels x ions;
    * obs: x and y in pixels from 0; x_in_file and y_in_file for the instrument, and x_on_stage and y_on_stage, if they
      are known; region if the section has regions; tic if whole spectra were read;
    * obsm["spatial"]: x and y again, as squidpy expects them;
    * var: mz, name, annotations, cluster, cluster_name, confidence, original_cluster, by_hand, and known_class;
    * varm: features (those that were clustered, with equal inner products in fewer numbers), X_umap and X_tsne;
    * varp["colocalization"]: the cosine of the features, for up to `MOST_SIMILAR` ions;
    * uns: spatial (an image of the section and its scale, as squidpy expects them), cluster_name_colors (for scanpy),
      and msiss (version, settings, polarity, size of a pixel, and as JSON what the file says about the measurement).

    Images are read and written in blocks of some megabytes, whatever their number.

    Raises
    ------
    DataError
        If the data set was deleted or changed.
    """
    import h5py

    images, table = material.images, material.table
    with h5py.File(path, "w", track_order=True) as file:
        _mark(file, "anndata", "0.1.0")
        overview = _intensities(file, material, progress)
        rows, columns = np.nonzero(images.mask)
        _frame(file, "obs", _pixels(images, rows, columns), [f"{x}_{y}" for x, y in zip(columns, rows, strict=True)])
        names = _unique([images.axis.number(mz) for mz in table["mz"]])
        titles = pd.Categorical(*_titles(material))
        _frame(file, "var", _ions(material, titles), names)
        _dict(file, "obsm", {"spatial": np.stack([columns, rows], axis=1).astype(np.float64)})
        features = material.run.features(material.grouping.by)[material.ions]
        _dict(file, "varm", {"features": compact(features), **_maps(material)})
        similar = _dict(file, "varp", {})
        if len(features) <= MOST_SIMILAR:
            _similarity(similar, features)
        for empty in ("layers", "obsp"):
            _dict(file, empty, {})
        colours = [material.grouping.clusters[number].colour for number in material.clusters]
        uns = _dict(file, "uns", {"cluster_name_colors": np.array(colours, dtype=object)})
        _dict(uns, "msiss", _about(material))
        _dict(_dict(_dict(uns, "spatial", {}), LIBRARY, {}), "images", {"hires": overview})
        section = uns["spatial"][LIBRARY]
        # Coordinates are pixels of that image, and a spot is one of them.
        scale = {"tissue_hires_scalef": 1.0, "tissue_lowres_scalef": 1.0}
        _dict(section, "scalefactors", {**scale, "spot_diameter_fullres": 1.0, "fiducial_diameter_fullres": 1.0})
        _dict(section, "metadata", _section(images))
    progress(1, "Writing the AnnData file")


def _intensities(file: "h5py.File", material: Material, progress: Progress) -> np.ndarray:
    """Write X, and return the sum of the ion images, each scaled to [0, 1], as a grey picture (H, W, 3)."""
    images, number = material.images, len(material.ions)
    pixels = int(np.count_nonzero(images.mask))
    at_once = next(material.blocks()).stop  # ions
    chunks = (min(CHUNK[0], pixels), min(CHUNK[1], number, at_once))
    matrix = file.create_dataset("X", (pixels, number), np.float32, chunks=chunks, **PACKED)
    _mark(matrix, "array", "0.2.0")
    total = np.zeros(images.shape)
    step = at_once // chunks[1] * chunks[1]  # whole chunks, each packed once
    for start in range(0, number, step):
        block = slice(start, min(start + step, number))
        part = np.asarray(images.images[material.ions[block]], dtype=np.float32)  # (B, H, W)
        matrix[:, block] = part[:, images.mask].T
        largest = part.max(axis=(1, 2), keepdims=True)
        total += np.divide(part, largest, out=np.zeros_like(part), where=largest > 0).sum(axis=0)
        progress(INTENSITIES_SHARE * block.stop / number, "Writing the AnnData file")
    grey = total / max(total.max(), 1e-12)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.float32)


def _pixels(images: IonImages, rows: np.ndarray, columns: np.ndarray) -> dict[str, Any]:
    known: dict[str, Any] = {"x": columns.astype(np.int64), "y": rows.astype(np.int64)}
    for columns_in_file, places in ((IN_FILE, images.positions), (ON_STAGE, images.stage)):
        if places is not None:
            known |= dict(zip(columns_in_file, places[images.mask].T, strict=True))
    if images.regions is not None and images.region_names:
        inside: Any = images.regions[images.mask].astype(np.int64)
        names: Any = _unique(list(map(_text, images.region_names)))
        known["region"] = pd.Categorical.from_codes(inside - 1, names)
    if images.tic is not None:
        known["tic"] = images.tic[images.mask]
    return known


def _ions(material: Material, titles: Any) -> dict[str, Any]:
    table, images = material.table, material.images
    columns: dict[str, Any] = {}
    for name in table.columns.drop("ion"):
        if name == "cluster_name":
            columns[name] = titles
        else:
            values = table[name].to_numpy()
            columns[name] = values if values.dtype.kind in "fiub" else np.array([_text(one) for one in values], object)
    if not images.axis.is_mz:  # such a number must not be taken for an m/z
        columns = {("position" if name == "mz" else name): values for name, values in columns.items()}
    if images.labels is not None:
        columns["known_class"] = np.where(images.labels == UNLABELLED, -1, images.labels)[material.ions]
    return columns


def _titles(material: Material) -> tuple[list[str], list[str]]:
    """Return number and name of the cluster of each ion, and those of all clusters in their order."""
    titles = {number: _text(material.grouping.clusters[number].title) for number in material.clusters}
    return [titles[number] for number in material.table["cluster"]], list(titles.values())


def _maps(material: Material) -> dict[str, np.ndarray]:
    run, by = material.run, material.grouping.by
    if by not in run.mapped:
        return {}
    return {f"X_{method}": run.positions(by, method)[material.ions].astype(np.float32) for method in MAP_TITLES}


def _similarity(group: "h5py.Group", features: np.ndarray) -> None:
    number = len(features)
    chunks = (min(number, 1024), min(number, 1024))
    matrix = group.create_dataset("colocalization", (number, number), np.float32, chunks=chunks, **PACKED)
    _mark(matrix, "array", "0.2.0")
    for rows, cosines in cosine_blocks(features, features):
        matrix[rows] = cosines


def _about(material: Material) -> dict[str, Any]:
    images = material.images
    about: dict[str, Any] = {
        "version": __version__,
        "settings": json.dumps(settings(material)),
        "representation": material.grouping.by,
        "polarity": images.polarity,
        "axis": images.axis.title,
        "about": json.dumps(dict(images.about)),
    }
    if len(material.ions) > MOST_SIMILAR:
        about["colocalization"] = (
            f"left out: of more than {MOST_SIMILAR} ions the matrix has hundreds of megabytes; compute the cosine of "
            'the rows of varm["features"]'
        )
    if images.pixel_size is not None:
        about["pixel_height_um"], about["pixel_width_um"] = images.pixel_size
    return about


def _section(images: IonImages) -> dict[str, Any]:
    known = {"source": _text(images.source), "unit": "pixel", "polarity": images.polarity}
    if images.pixel_size is None:
        return known
    return known | {"pixel_height_um": images.pixel_size[0], "pixel_width_um": images.pixel_size[1]}


def _frame(parent: "h5py.Group", key: str, columns: Mapping[str, Any], index: Sequence[str]) -> None:
    group = parent.create_group(key, track_order=True)
    _mark(group, "dataframe", "0.2.0")
    group.attrs["_index"] = "_index"
    group.attrs["column-order"] = np.array(list(columns), dtype=_string())
    _put(group, "_index", np.array(index, dtype=object))
    for name, values in columns.items():
        _put(group, name, values)


def _dict(parent: "h5py.Group", key: str, values: Mapping[str, Any]) -> "h5py.Group":
    group = parent.create_group(key, track_order=True)
    _mark(group, "dict", "0.1.0")
    for name, value in values.items():
        _put(group, name, value)
    return group


def _put(group: "h5py.Group", name: str, value: Any) -> None:
    """Write a value with the attributes that tell its encoding."""
    if isinstance(value, pd.Categorical):
        inner = group.create_group(name)
        _mark(inner, "categorical", "0.2.0")
        inner.attrs["ordered"] = False
        _put(inner, "categories", np.array(value.categories, dtype=object))
        _put(inner, "codes", value.codes)
    elif isinstance(value, np.ndarray) and value.dtype == object:
        _mark(group.create_dataset(name, data=value, dtype=_string()), "string-array", "0.2.0")
    elif isinstance(value, np.ndarray):
        packed = PACKED if value.size > 1000 else {}
        _mark(group.create_dataset(name, data=value, **packed), "array", "0.2.0")
    elif isinstance(value, str):
        _mark(group.create_dataset(name, data=value, dtype=_string()), "string", "0.2.0")
    else:
        _mark(group.create_dataset(name, data=value), "numeric-scalar", "0.2.0")


def _mark(item: "h5py.HLObject", kind: str, version: str) -> None:
    item.attrs["encoding-type"], item.attrs["encoding-version"] = kind, version


def _string() -> Any:
    import h5py

    return h5py.string_dtype()


def _text(value: object) -> str:
    """Return a text that HDF5 can hold: valid Unicode without zero bytes."""
    return str(value).encode("utf-8", "replace").decode().replace("\0", "")


def _unique(names: list[str]) -> list[str]:
    """Return the names with a number after those that an earlier one has."""
    taken: set[str] = set()
    unique = []
    for name in names:
        number, free = 1, name
        while free in taken:
            number, free = number + 1, f"{name}-{number}"
        taken.add(free)
        unique.append(free)
    return unique
