"""The data sets on the page Open: a summary of the current one, and the list to open and delete them."""

import contextlib
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.errors import DataError, RunError
from msiss.home import imports_folder
from msiss.runs.imports import ImportStore
from msiss.runs.jobs import UNFINISHED, Job
from msiss.runs.store import Run
from msiss.show.figures import image_figure
from msiss.ui import state
from msiss.ui.literal import literal
from msiss.ui.messages import caught_warnings, plain_errors, show_warnings
from msiss.ui.open import measurement
from msiss.ui.widgets import ion_picker, step_list
from msiss.words import count

PICTURE_HEIGHT = 320  # screen pixels of an upright picture of the tissue


def summary(images: IonImages) -> None:
    """Show what is in the current data set, with its total ion image."""
    st.subheader(literal(state.dataset_name()))
    with caught_warnings() as warned:
        state.library().load(str(state.dataset_name()))
    show_warnings(warned)
    left, right = st.columns([2, 3], gap="large")
    with left:
        facts = _facts(images)
        for start in range(0, len(facts), 2):
            for column, (label, value, about) in zip(st.columns(2), facts[start : start + 2], strict=True):
                column.metric(literal(label), literal(value), help=about and literal(about))
        if images.region_names:
            st.caption(f"Regions: {literal(', '.join(images.region_names))}.")
        with st.container(horizontal=True):
            measurement.edit(images)
            _download(images)
        if images.picture is not None:
            _picture(images.picture)
    with right:
        _browse(images)
    with st.expander("How this data set was made", icon=":material/receipt_long:"):
        step_list.show_recorded(images)


def list_all() -> None:
    """List the imported data sets, with buttons to open and delete them."""
    st.subheader("All data sets")
    active = _active_jobs()
    for name in state.dataset_names():
        _row(name, active.get(state.library().path(name).resolve(), []))


def _browse(images: IonImages) -> None:
    """Draw the total ion image or, on request, the image of any ion."""
    ion = ion_picker.pick_one(
        images,
        f"Image by {images.axis.title}",
        "browse",
        first=None,
        help=f"Type {images.axis.name}, or a part of a name, formula or class, to see the image of that ion.",
    )
    if ion is None:
        image, title = _total(images.fingerprint, images)
    else:
        image, title = images.images[ion], ion_picker.title(images, ion)
    figure = image_figure(image, images.mask, title=title, pixel_size=images.pixel_size)
    st.plotly_chart(figure, key="browsed image", alt=title)


def _picture(picture: np.ndarray) -> None:
    height, width = picture.shape[:2]
    with st.container(width="stretch" if height < width else max(1, PICTURE_HEIGHT * width // height)):
        st.image(picture, caption="Picture of the tissue", width="stretch", alt="Picture of the tissue")


def _download(images: IonImages) -> None:
    name = str(state.dataset_name())
    st.download_button(
        "Download as npz",
        lambda: _npz(images, name),
        f"{name}.npz",
        "application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        help="The whole data set in one small file, to open it in another msiss.",
    )


def _npz(images: IonImages, name: str) -> bytes:
    from msiss.data.formats.arrays import write_stack

    with TemporaryDirectory(prefix="msiss-") as folder:
        path = Path(folder) / f"{name}.npz"
        write_stack(images, path)
        return path.read_bytes()


def _facts(images: IonImages) -> list[tuple[str, str, str | None]]:
    axis = images.axis
    height, width = images.shape
    missing = images.mask.size - int(images.mask.sum())
    size = (
        "unknown" if images.pixel_size is None else " × ".join(f"{side:g}" for side in images.pixel_size[::-1]) + " µm"
    )
    return [
        ("Ions", f"{len(images):,}", "One ion image each.")
        if axis.is_mz
        else ("Images", f"{len(images):,}", f"One per {axis.name}."),
        (f"{axis.name} range", f"{images.mz.min():.1f} – {images.mz.max():.1f} {axis.unit}".strip(), None),
        ("Pixels", f"{width} × {height}", "Width × height of the measured rectangle."),
        ("Pixel size", size, "Width × height of one pixel, if it is known."),
        ("Polarity", images.polarity, "Of the measurement, if it is known."),
        (
            "Missing pixels",
            f"{missing:,} ({missing / images.mask.size:.1%})",
            "Pixels of the measured rectangle without a spectrum; they are empty and not used.",
        ),
    ]


@st.cache_data(show_spinner="Adding up the ion images", max_entries=10)
def _total(fingerprint: str, _images: IonImages) -> tuple[np.ndarray, str]:
    if _images.tic is not None:
        return _images.tic, "Total ion image (whole spectra)"
    return np.asarray(
        _images.images.sum(axis=0)
    ), f"Sum of the {count(len(_images), 'ion image' if _images.axis.is_mz else 'image')}"


def _row(name: str, jobs: list[Job]) -> None:
    title, facts, choose, delete = st.columns([3.5, 3.5, 1.2, 1.8], vertical_alignment="center")
    current = name == state.dataset_name()
    try:
        images = state.load(name)
    except DataError as error:
        title.markdown(f"**{literal(name)}** :red-badge[damaged]")
        facts.caption(literal(error))
    else:
        title.markdown(f"**{literal(name)}**" + (" :green-badge[open]" if current else ""))
        number = count(len(images), "ion" if images.axis.is_mz else "image")
        facts.caption(f"{number}, {images.shape[1]} × {images.shape[0]} pixels, from {literal(images.source or '–')}")
        choose.button("Open", key=f"open {name}", disabled=current, on_click=state.choose_dataset, args=(name,))
    with delete.popover("Delete"):
        if jobs:
            st.warning(_jobs_warning(jobs), icon=":material/warning:")
        st.markdown(
            f"Delete **{literal(name)}** for good? Its runs stay on disk, and appear again once the same data are "
            "imported."
        )
        label = "Stop and delete for good" if jobs else "Delete for good"
        st.button(label, key=f"delete {name}", type="primary", on_click=_delete, args=(name,))


def _active_jobs() -> dict[Path, list[Job]]:
    """Return the unfinished runs and imports, by the path of the data set or the files that they need."""
    found: dict[Path, list[Job]] = {}
    for job in (*state.store(), *ImportStore(imports_folder())):
        with contextlib.suppress(RunError):  # its status cannot be read at the moment
            if job.status.state in UNFINISHED:
                needed = (job.request.dataset,) if isinstance(job, Run) else job.request.files
                for path in needed:
                    found.setdefault(path, []).append(job)
    return found


def _jobs_warning(jobs: list[Job]) -> str:
    """Return the warning that deleting a data set stops the trainings and imports that use it."""
    numbers = Counter("training" if isinstance(job, Run) else "import" for job in jobs)
    parts = [count(number, noun) for noun, number in numbers.items()]
    verb, them = ("is", "it") if len(jobs) == 1 else ("are", "them")
    return f"{' and '.join(parts)} of it {verb} queued or running. Deleting stops {them}."


@plain_errors()
def _delete(name: str) -> None:
    for job in _active_jobs().get(state.library().path(name).resolve(), []):
        job.request_stop()
    state.library().delete(name)
    if name == state.dataset_name():
        state.choose_dataset(None)
