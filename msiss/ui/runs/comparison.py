"""The comparison of two runs on the page Runs: settings, matched clusters and the ions that moved, with images."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.prepare import mean_images
from msiss.runs.comparison import RunComparison, compare, title_of_setting
from msiss.runs.decisions import digest
from msiss.runs.grouping import Grouping
from msiss.runs.jobs import State
from msiss.runs.labels import titles_of_runs
from msiss.runs.store import Run
from msiss.show.comparison_figures import shared_figure
from msiss.show.thumbnails import thumbnail
from msiss.ui import state
from msiss.ui.explore import ions
from msiss.ui.literal import literal
from msiss.words import count

SMALL = 96  # screen pixels of the mean image of a cluster
COLUMNS = 3  # matched pairs of clusters side by side


def show(first: Run, second: Run, images: IonImages) -> None:
    """Draw the comparison of two runs of one data set."""
    titles = titles_of_runs([first, second])
    one, other = (titles[run.path.name] for run in (first, second))
    st.subheader("Comparison")
    st.markdown(f"**A**: {literal(one)}  \n**B**: {literal(other)}")
    unfinished = [run for run in (first, second) if run.status.state is not State.DONE]
    if unfinished:
        st.info("Both runs must be done to compare their clusters.", icon=":material/hourglass:")
        return
    found = compare(first, second)
    _settings(found)
    _agreement(found)
    matching = found.matching
    order = matching.ordered()
    st.plotly_chart(
        shared_figure(
            matching.table[:, order],
            [found.first.clusters[int(cluster)].title for cluster in matching.first],
            [found.second.clusters[int(matching.second[place])].title for place in order],
            row_title="Cluster of A",
            column_title="Cluster of B",
        ),
        key="shared",
        alt="How many ions each cluster of A shares with each cluster of B",
    )
    st.caption("Numbers are ions. The columns are ordered so that matched clusters are on the diagonal.")
    _pairs(found, images)
    _moved(found, images)


def _settings(found: RunComparison) -> None:
    st.markdown("**Settings that differ**")
    if not found.same_code:
        st.caption(":material/info: The two were made by different versions of msiss.")
    first, second = found.first.run.config, found.second.run.config
    if first.method != second.method:
        st.caption("The two methods have settings of their own besides these.")
    if not found.settings:
        st.caption("None.")
        return
    rows = [
        {"Setting": title_of_setting(first, name), "A": str(a), "B": str(b)} for name, (a, b) in found.settings.items()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Settings that differ between the two runs")


def _agreement(found: RunComparison) -> None:
    matching = found.matching
    moved, number = int(matching.moved.sum()), len(matching.moved)
    columns = st.columns(3)
    columns[0].metric(
        "Ions that moved",
        f"{moved} of {number}",
        help="Ions whose two clusters are not matched. Clusters are matched one to one so that as few ions as possible "
        "move.",
    )
    columns[1].metric("ARI", f"{matching.ari:.3f}", help="Agreement pair of ions by pair: 1 is the same, 0 chance.")
    columns[2].metric("AMI", f"{matching.ami:.3f}", help="The same in terms of information: 1 is the same, 0 chance.")


def _pairs(found: RunComparison, images: IonImages) -> None:
    """Draw the mean images of matched clusters beside each other, and those without a partner."""
    st.markdown("**Matched clusters**")
    means = [_means(one, images) for one in (found.first, found.second)]
    matching = found.matching
    partner_of = {a: b for b, a in matching.partners.items()}
    pairs: list[tuple[int | None, int | None]] = [(int(a), partner_of.get(int(a))) for a in matching.first]
    pairs += [(None, int(b)) for b in matching.second if int(b) not in matching.partners]
    columns = st.columns(COLUMNS)
    for place, (a, b) in enumerate(pairs):
        with columns[place % COLUMNS].container(border=True):
            for side, name, cluster, group, mean in zip(
                st.columns(2), "AB", (a, b), (found.first, found.second), means, strict=True
            ):
                if cluster is None:
                    side.caption(f"{name}: no partner")
                    continue
                caption = (
                    f"{name}: {literal(group.clusters[cluster].title)}  \n{count(len(group.members(cluster)), 'ion')}"
                )
                alt = f"Mean image of cluster {cluster} of {name}"
                side.image(mean[cluster], caption=caption, width="stretch", alt=alt)
            if a is not None and b is not None:
                shared = np.intersect1d(found.first.members(a), found.second.members(b))
                st.caption(f"{count(len(shared), 'ion')} in both")


def _moved(found: RunComparison, images: IonImages) -> None:
    """Draw the ions that moved, those that moved together beside each other."""
    moved = np.flatnonzero(found.matching.moved)
    st.markdown("**Ions that moved**")
    if not len(moved):
        st.caption("None.")
        return
    before, after = found.first.labels[moved], found.second.labels[moved]
    ways, way_of, sizes = np.unique(np.stack([before, after], 1), axis=0, return_inverse=True, return_counts=True)
    order = np.lexsort((images.mz[moved], ways[way_of, 1], ways[way_of, 0], -sizes[way_of]))
    both = zip(before.tolist(), after.tolist(), strict=True)
    notes = [f"A {found.first.clusters[a].title} → B {found.second.clusters[b].title}" for a, b in both]
    ions.gallery(
        images,
        moved[order].tolist(),
        key="moved ions",
        about="Ions that moved",
        notes=[notes[place] for place in order],
        size=24,
    )


def _means(group: Grouping, images: IonImages) -> dict[int, bytes]:
    run, labels = group.run, group.labels
    return _mean_pictures(str(run.path), run.status.finished, digest(labels), state.colours(), run, images, labels)


@st.cache_data(show_spinner="Averaging the ion images", max_entries=20)
def _mean_pictures(
    path: str, finished: float | None, made: str, colours: str, _run: Run, _images: IonImages, _labels: np.ndarray
) -> dict[int, bytes]:
    """Return the mean image of each cluster as PNG; every ion image is scaled to [0, 1] first."""
    means = mean_images(_images, _run.config.prepare, _labels)
    draw = partial(thumbnail, mask=_images.mask, pixel_size=_images.pixel_size, colours=colours)
    return {cluster: draw(mean) for cluster, mean in means.items()}
