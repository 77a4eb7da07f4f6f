"""The downloads of the page Report: each file is made when its button is pressed, on the disk of the server."""

from functools import partial
from pathlib import Path

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.share import export_files, exports
from msiss.share.exports import EXPORTS, Export
from msiss.share.material import Material, of_clusters
from msiss.ui import selection
from msiss.ui.explore import results
from msiss.ui.explore.view import View, title
from msiss.ui.literal import literal
from msiss.ui.server import downloads
from msiss.words import count

BUTTON_WIDTH = 250  # screen pixels: room for the longest title, however narrow the window is


def draw(shown: View, images: IonImages) -> None:
    """Draw one download button per export, and one for all of them; the files have the shown clusters."""
    run, by, clusters = shown.run, shown.by, shown.clusters
    corrected = results.grouping(shown)  # computed first, so that no button has to wait for them
    st.caption(f"With the {title(shown)}; the same as on the pages Map and Clusters.")
    ions = [ion for ion in selection.selected() if ion < len(images)]
    only = st.toggle(
        f"Only the {count(len(ions), 'selected ion')}" if ions else "Only the selected ions",
        key="download selected",
        disabled=not ions,
        help="Select ions on the page Map or Clusters. Settings, the encoder and whole runs are about all ions anyway.",
    )
    material = of_clusters(corrected, ions=ions if only and ions else None, images=images)
    st.download_button(
        "Everything (.zip)",
        partial(_everything, material),
        f"msiss-{run.request.dataset.name}-{run.path.name[:4]}-{by}-{clusters}-clusters.zip",
        "application/zip",
        type="primary",
        icon=":material/folder_zip:",
        on_click="ignore",
        help=f"All files below but the last two. {_size(images)}",
    )
    for export in EXPORTS:
        _draw_one(export, material)


def _draw_one(export: Export, material: Material) -> None:
    reason = exports.lacking(export, material)
    name = export_files.file_name(export)
    row = st.container(horizontal=True, vertical_alignment="center")
    row.download_button(
        export.title,
        partial(_one, material, export.name),
        name,
        export.mime if len(export.files) == 1 else "application/zip",
        icon=":material/download:",
        on_click="ignore",
        width=BUTTON_WIDTH,
        key=f"download {export.name}",
        disabled=bool(reason),
    )
    text = row.container()
    text.caption(f"{export.about} Opens in: {export.opens}.")
    if reason:
        text.caption(f":material/block: {literal(reason)}")


def _one(material: Material, name: str) -> bytes:
    return downloads.offer(lambda folder: export_files.download(material, folder, name))


def _everything(material: Material) -> bytes:
    def write(folder: Path) -> Path:
        path = folder / "everything.zip"
        export_files.write_archive(material, path, exports.of_everything(material))
        return path

    return downloads.offer(write)


def _size(images: IonImages) -> str:
    megabytes = 3 * images.images.size * 4 / 1e6  # as h5ad, OME-TIFF and imzML, before compression
    return "" if megabytes < 100 else f"Up to about {megabytes / 1000:.1f} GB, which takes some minutes."
