"""The registry of exports: what can be taken away of a run, in which file, and which programs open it.

To add one, write a function as `Write` in a module of its own, and add an `Export` here.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from msiss.data.progress import Progress
from msiss.registry import Registry, load
from msiss.share.material import Material


class Write(Protocol):
    """A function that writes the files of an export."""

    def __call__(self, material: Material, path: Path, *, progress: Progress) -> None:
        """Write the first file to `path`, and the others beside it, with its stem."""
        ...


@dataclass(frozen=True)
class Export:
    """Something that can be taken away of a run.

    Attributes
    ----------
    name : str
        In commands.
    title : str
        On screen.
    files : tuple of str
        Names of its files, that which is opened first; all have the same stem.
    mime : str
        Type of the first.
    about : str
        What is in it, in one sentence.
    opens : str
        The programs that open it; continues "Opens in".
    write : str
        The function that writes it, as "module:function", see `Write`.
    lacks : str
        The function that returns why it cannot be made of a `Material`, or an empty text, as "module:function"; empty
        if it can always be made.
    usual : bool
        Whether it is written where no exports are named.
    whole : bool
        Whether it is about the whole run, whichever ions are selected.
    copies : bool
        Whether it repeats what other exports have, and so is left out of an archive of everything.
    """

    name: str
    title: str
    files: tuple[str, ...]
    mime: str
    about: str
    opens: str
    write: str
    lacks: str = ""
    usual: bool = False
    whole: bool = False
    copies: bool = False


EXPORTS: Registry[Export] = Registry(
    "export",
    (
        Export(
            "csv",
            "Clusters (CSV)",
            ("clusters.csv",),
            "text/csv",
            "One row per ion: number, m/z in Th (or its position on the data's own axis), what is known about it, "
            "cluster and confidence (0 to 1), and what was corrected by hand.",
            "any spreadsheet, R, Python",
            "msiss.share.tables:write_clusters",
            usual=True,
        ),
        Export(
            "xlsx",
            "Clusters (Excel)",
            ("clusters.xlsx",),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "The same as a workbook, with a summary of the clusters, all settings, every correction and what is known "
            "about the data on further sheets.",
            "Excel, LibreOffice",
            "msiss.share.xlsx:write",
        ),
        Export(
            "features",
            "Vectors (NumPy)",
            ("features.npy",),
            "application/octet-stream",
            "The vectors that are clustered, a row per ion.",
            "Python (NumPy)",
            "msiss.share.tables:write_features",
            usual=True,
        ),
        Export(
            "embedding",
            "Maps (CSV)",
            ("embedding.csv",),
            "text/csv",
            "Coordinates of each ion on each map: UMAP and t-SNE.",
            "any spreadsheet, R, Python",
            "msiss.share.tables:write_embedding",
            usual=True,
        ),
        Export(
            "config",
            "Settings (JSON)",
            ("config.json",),
            "application/json",
            "Every setting of the training, to reproduce the result, and what the file says about the measurement.",
            "any text editor",
            "msiss.share.tables:write_settings",
            usual=True,
            whole=True,
        ),
        Export(
            "data",
            "About the data (CSV)",
            ("data.csv",),
            "text/csv",
            "What is known about the data set: number of ions and pixels, what the file says about the measurement, "
            "such as the instrument, and each step from the file to the ion images.",
            "any spreadsheet, R, Python",
            "msiss.share.tables:write_data",
            usual=True,
            whole=True,
        ),
        Export(
            "h5ad",
            "AnnData (h5ad)",
            ("ions.h5ad",),
            "application/x-hdf5",
            "Ion images as pixels × ions, with clusters, names, confidence and annotations, vectors, similarities and "
            "coordinates.",
            "anndata, scanpy, squidpy (Python)",
            "msiss.share.h5ad:write",
            lacks="msiss.share.material:lacks_images",
        ),
        Export(
            "ome-tiff",
            "Ion images (OME-TIFF)",
            ("ions.ome.tif",),
            "image/tiff",
            "One channel per ion with its m/z and name, intensities as measured, size of a pixel in µm.",
            "Fiji, QuPath, napari",
            "msiss.share.ome_tiff:write",
            lacks="msiss.share.material:lacks_images",
        ),
        Export(
            "ome-tiff-means",
            "Cluster means (OME-TIFF)",
            ("cluster-means.ome.tif",),
            "image/tiff",
            "One channel per cluster: the mean of its ion images, each scaled to [0, 1].",
            "Fiji, QuPath, napari",
            "msiss.share.ome_tiff:write_means",
            lacks="msiss.share.material:lacks_images",
        ),
        Export(
            "imzml",
            "Ions (imzML)",
            ("ions.imzML", "ions.ibd"),
            "application/octet-stream",
            "Centroided spectra that hold the picked ions alone, intensities as measured.",
            "METASPACE, Cardinal, SCiLS Lab and other programs for imzML",
            "msiss.share.imzml:write",
            lacks="msiss.share.imzml:lacks",
        ),
        Export(
            "imzml-means",
            "Cluster means (imzML)",
            ("cluster-means.imzML", "cluster-means.ibd", "cluster-means.csv"),
            "application/octet-stream",
            "One peak per cluster, at the middle m/z of its ions, which is not a mass of the cluster: to be shown and "
            "segmented, not annotated. A table tells which peak is which cluster.",
            "Cardinal, SCiLS Lab and other programs for imzML",
            "msiss.share.imzml:write_means",
            lacks="msiss.share.imzml:lacks",
        ),
        Export(
            "encoder",
            "Encoder (safetensors)",
            ("encoder.safetensors", "encoder.txt"),
            "application/octet-stream",
            "The weights of the trained network, with a text that shows how to load them in a few lines.",
            "PyTorch, without msiss",
            "msiss.share.encoder:write",
            lacks="msiss.share.encoder:lacks",
            whole=True,
        ),
        Export(
            "ro-crate",
            "Whole run (RO-Crate)",
            ("run-crate.zip",),
            "application/zip",
            "All results, settings and corrections, described for archives such as Zenodo and WorkflowHub.",
            "any archive program; repositories read its description",
            "msiss.share.ro_crate:write",
            whole=True,
            copies=True,
        ),
        Export(
            "run",
            "Whole run (msiss)",
            ("run.zip",),
            "application/zip",
            "The folder of the run, without its ion images.",
            "msiss on another machine (msiss import-run)",
            "msiss.share.run_archive:write",
            whole=True,
            copies=True,
        ),
    ),
)


def lacking(export: Export, material: Material) -> str:
    """Return why an export cannot be made, or an empty text."""
    return load(export.lacks)(material) if export.lacks else ""


def usual() -> tuple[str, ...]:
    """Return the names of the exports that are written where none are named."""
    return tuple(export.name for export in EXPORTS if export.usual)


def of_everything(material: Material) -> list[str]:
    """Return the names of the exports that an archive of everything has: all that can be made and repeat nothing."""
    return [export.name for export in EXPORTS if not export.copies and not lacking(export, material)]
