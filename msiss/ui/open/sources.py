"""Sources of data sets: uploads, folders of the server, METASPACE and the demo, with the checks before the import."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from msiss import words
from msiss.data import foreign
from msiss.data.formats import is_imzml
from msiss.data.formats.imzml.pair import partner
from msiss.data.health import HealthReport
from msiss.data.library import LONGEST_NAME, clean_name
from msiss.data.metaspace_request import FDR_LEVELS, MetaspaceRequest
from msiss.data.progress import Progress
from msiss.data.recipe import EACH_KIND, Recipe
from msiss.ui import state
from msiss.ui.literal import literal
from msiss.ui.open import health_report, import_jobs, measurement, questions, reading
from msiss.ui.widgets import files, unpacked

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

DEMO = "demo"
LARGE_BYTES = 500_000_000  # of an .ibd file: reading all of its values takes some seconds
SEVERAL, TOGETHER, APART = "Several files", "Side by side as one data set", "One data set per file"
FIRST_ESTIMATE = 0.03  # share of the work; an earlier estimate of the time left would fluctuate


def add_demo() -> None:
    """Import the simulated section, unless it exists already, and switch to it."""
    if DEMO not in state.library().names():
        with st.spinner("Simulating a tissue section"):
            from msiss.phantom.section import make_phantom

            state.library().add(make_phantom().images, DEMO)
    state.choose_dataset(DEMO)
    st.rerun()


def upload() -> None:
    """Let the user choose the files of a data set in the browser."""
    whole_folder = st.toggle("Choose a whole folder", help="Such as a folder with one PNG per ion, named by its m/z.")
    chosen = st.file_uploader(
        "Choose an .imzML file **together with** its .ibd file, a stack of ion images (npz, npy, h5ad, CSV, Excel, "
        "ENVI, TIFF), or pictures named by m/z, one by one; all of them may come in a zip file",
        type=[*files.upload_endings(), *([] if whole_folder else files.REFUSED_ENDINGS)],
        accept_multiple_files="directory" if whole_folder else True,
        key=files.fresh_key(f"upload {whole_folder}"),
    )
    if chosen:
        kept = files.keep_upload(chosen)
        opened, _ = unpacked.opened(kept.data_sets, [kept.folder], kept.folder)
        found, lists = files.split_lists(opened)
        chosen_sets = _choose(found, kept.folder)
        if chosen_sets:
            _offer(chosen_sets, lists, own_files=kept.folder)
    else:
        files.forget_upload()


def _choose(found: Sequence[Path], folder: Path) -> list[Path]:
    """Let the user choose among the data sets of an upload if there are several."""
    if len(found) == 1:
        return list(found)
    names = {str(path.relative_to(folder)): path for path in found}
    preselected = files.preselected(found)
    chosen = st.multiselect(
        "Data sets among these files",
        list(names),
        default=[name for name, path in names.items() if path in preselected],
        key=f"chosen of {folder.name}",
        help="Leave out what should not be imported.",
    )
    return [names[name] for name in chosen]


def from_server() -> None:
    """Let the user choose data files from the allowed folders of the server."""
    roots = files.roots()
    if not roots:
        st.info(
            "For files that are too large to upload. No folder is allowed yet: the person who runs this msiss lists "
            "the folders that it may read in the environment variable `MSISS_DATA_ROOTS` and restarts it.",
            icon=":material/folder_off:",
        )
        return
    chosen = st.multiselect(
        "Data files on the server",
        [str(path) for root in roots for path in files.data_files(root)],
        accept_new_options=True,
        filter_mode="contains",
        placeholder="Choose a file, or type its path",
        key=files.fresh_key("server files"),
        help=f"Files, and folders of pictures, in {literal(', '.join(map(str, roots)))}. Type the path of one "
        "that is not listed.",
    )
    if chosen:
        paths = [files.allowed(path) for path in chosen]
        opened, own_files = unpacked.opened(paths, files.within(paths))
        _offer(*files.split_lists(opened), own_files)


def from_metaspace() -> None:
    """Let the user fetch a data set of METASPACE."""
    identity = st.text_input(
        "Id or address of a data set on METASPACE",
        placeholder="2016-09-22_11h16m17s",
        key="metaspace",
        help="Its annotated ion images are fetched from metaspace2020.org. Only what you enter here is sent there.",
    ).strip()
    left, right = st.columns(2)
    database = left.text_input(
        "Database of molecules (optional)",
        placeholder="HMDB v4, or the data set's first one",
        key="metaspace database",
        help="One of the databases that the data set was annotated with, by its name, such as LipidMaps or HMDB v4.",
    ).strip()
    fdr = right.segmented_control(
        "False discovery rate",
        FDR_LEVELS,
        default=MetaspaceRequest.model_fields["fdr"].default,
        required=True,
        format_func=lambda level: f"{level:.0%}",
        key="metaspace fdr",
        help="At most this share of the annotations is expected to be wrong. A higher one brings more ions.",
    )
    if st.button("Fetch", type="primary", icon=":material/cloud_download:", key="fetch", disabled=not identity):
        name = clean_name(identity.rstrip("/").rpartition("/")[2])
        import_jobs.start((), Recipe(), name, metaspace=MetaspaceRequest(id=identity, database=database, fdr=fdr))


def _offer(paths: Sequence[Path], lists: Sequence[Path], own_files: Path | None = None) -> None:
    """Check data files and, if they are usable, import them on request; `lists` are tables that came with them."""
    asked = questions.about(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths))
    reports = _check(paths, asked)
    health_report.show(reports)
    questions.ask(asked, (row for report in reports for row in report.rows))
    if not all(report.usable for report in reports):
        st.error("This cannot be imported as it is. The rows marked “stop” say what to do.", icon=":material/block:")
        return
    separate = len(paths) > 1 and st.radio(SEVERAL, [TOGETHER, APART], horizontal=True, key="several") == APART
    with st.expander("Add a recipe or a picture of the tissue", icon=":material/attach_file:"):
        left, right = st.columns(2)
        with left:
            loaded = reading.load()
        with right:
            picture = reading.picture()
    recipe = measurement.ask(reading.recipe(paths, asked, loaded, lists), files.fresh_key(str(paths[0])))
    name = paths[0].stem
    if len(paths) > 1:
        name += f" and {paths[1].stem}" if len(paths) == 2 else f" and {len(paths) - 1} more"
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    kind = recipe.read.spectra
    if not separate and kind == EACH_KIND:
        name = left.text_input(
            "Name of the data sets, to which the kind of the spectra is added", clean_name(name), max_chars=LONGEST_NAME
        )
    elif not separate:
        free = state.library().free_name(f"{name} {kind}")
        name = left.text_input("Name of the data set", free, max_chars=LONGEST_NAME)
    if right.button("Import", type="primary", icon=":material/download_done:", key="import files", width="stretch"):
        if picture is not None:
            own_files, picture = files.with_picture(own_files, picture)
        import_jobs.start(paths, recipe, name, separate=separate, picture=picture, own_files=own_files)


def _check(paths: Sequence[Path], asked: questions.Questions) -> list[HealthReport]:
    """Check the files, unless they were checked last; every value of large ones only on request."""
    thorough = not any(map(_is_large, paths)) or st.toggle(
        "Check every value, too",
        key="thorough",
        help="This reads the whole file once. Without it, the import checks every value and reports what is unusual.",
    )
    identity = (thorough, asked.identity, asked.changes)
    kept = st.session_state.get("checked")
    place = st.empty()  # always, so that nothing below moves when the bar is gone
    if kept is None or kept[0] != identity:
        progress = _progress(place.progress(0.0, "Checking the file"))
        how: dict[str, Any] = {"thorough": thorough, "config": asked.changes}
        reports = foreign.check_each(paths, within=files.within(paths), progress=progress, **how)
        place.empty()
        kept = st.session_state["checked"] = (identity, reports)
    return kept[1]


def _is_large(path: Path) -> bool:
    ibd = partner(path) if is_imzml(path) else None
    return ibd is not None and ibd.stat().st_size > LARGE_BYTES


def _progress(bar: "DeltaGenerator") -> Progress:
    """Return a callback that updates a progress bar with the time left."""
    started = time.monotonic()

    def show(fraction: float, text: str) -> None:
        spent = time.monotonic() - started
        left = spent * (1 - fraction) / fraction if fraction > FIRST_ESTIMATE else None
        bar.progress(min(fraction, 1.0), " – ".join(filter(None, [literal(text), words.time_left(left)])))

    return show
