"""What colours the ions of a map: clusters, a number, what is known about them, a kept selection, or another run."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from msiss.data.ion_images import UNLABELLED, IonImages
from msiss.runs.grouping import Grouping
from msiss.runs.jobs import State
from msiss.runs.labels import titles_of_runs
from msiss.runs.store import Run
from msiss.show.palette import ION_COLOURS, cluster_colour, colour_table
from msiss.ui import selection, state
from msiss.ui.components.ion_map import Colours
from msiss.ui.explore import results
from msiss.ui.explore.view import WIDTH

GREY = "#8c8c8c"  # of ions about which nothing is known; seen on white and on black
MOST_GROUPS = 60  # of a column that tells ions apart; one value per ion says nothing in colours
LEVELS = 256

Make = Callable[[], Colours]


def choose(images: IonImages, grouping: Grouping) -> Colours:
    """Let the user choose what colours the ions; the address has it."""
    options = _options(images, grouping)
    wanted = state.linked("colour")
    if wanted is not None and wanted not in options:
        state.notify(f"The link asks for colours by “{wanted}”, which these data do not have.")
        state.link_to("colour", None)
        wanted = None
    first = next(iter(options))
    st.session_state["map colour"] = wanted or first
    chosen = st.selectbox(
        "Coloured by",
        list(options),
        key="map colour",
        width=WIDTH,
        format_func=lambda name: options[name][0],
        on_change=lambda: state.link_to("colour", _unless_first(st.session_state["map colour"], first)),
    )
    return options[chosen][1]()


def by_cluster(grouping: Grouping) -> Colours:
    """Return the colours of the clusters."""
    numbers = list(grouping.clusters)
    sizes = [len(grouping.members(number)) for number in numbers]
    return Colours(
        key=f"cluster {grouping.run.path.name} {grouping.by} {grouping.n_clusters}",
        of_ions=np.searchsorted(numbers, grouping.labels),
        palette=[grouping.clusters[number].colour for number in numbers],
        groups=[f"{grouping.clusters[number].title} ({size})" for number, size in zip(numbers, sizes, strict=True)],
    )


def on_scale(key: str, title: str, values: np.ndarray, *, log: bool = False, form: str = ".3g") -> Colours:
    """Return colours on a scale from the lowest to the highest of the values (N,)."""
    known = np.isfinite(values)
    shown = np.log10(np.maximum(values, 1e-30)) if log else values
    low, high = (float(shown[known].min()), float(shown[known].max())) if known.any() else (0.0, 0.0)
    levels = np.nan_to_num((shown - low) / (high - low or 1) * (LEVELS - 1)).astype(int).clip(0, LEVELS - 1)
    palette = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in colour_table(ION_COLOURS).tolist()]
    ends = (format(10**low if log else low, form), format(10**high if log else high, form))
    return Colours(key=key, of_ions=levels, palette=palette, scale=(title, *ends))


def by_groups(key: str, values: Sequence[str]) -> Colours:
    """Return a colour for each different text; the most frequent ones first, and grey for an empty one."""
    names, inverse, sizes = np.unique(np.array(values, dtype=str), return_inverse=True, return_counts=True)
    order = sorted(range(len(names)), key=lambda at: (names[at] == "", -sizes[at], names[at]))
    place = np.argsort(order)
    palette = [GREY if names[at] == "" else cluster_colour(number) for number, at in enumerate(order)]
    groups = [f"{names[at] or 'unknown'} ({sizes[at]})" for at in order]
    return Colours(key=key, of_ions=place[inverse], palette=palette, groups=groups)


def _options(images: IonImages, grouping: Grouping) -> dict[str, tuple[str, Make]]:
    """Return what can colour the ions, by the name in an address: its title and what makes the colours."""
    options: dict[str, tuple[str, Make]] = {"cluster": ("Cluster", lambda: by_cluster(grouping))}
    confidence = grouping.table["confidence"].to_numpy()
    if np.isfinite(confidence).any():
        options["confidence"] = ("Confidence", lambda: on_scale("confidence", "Confidence", confidence, form=".2f"))
    options["position"] = (
        images.axis.title,
        lambda: on_scale("position", images.axis.title, images.mz, form=f".{images.axis.decimals}f"),
    )
    options["intensity"] = (
        "Mean intensity",
        lambda: on_scale("intensity", "Mean intensity (a.u.)", results.mean_intensities(images), log=True),
    )
    if images.labels is not None and (images.labels != UNLABELLED).any():
        classes = ["" if one == UNLABELLED else f"class {one}" for one in images.labels.tolist()]
        options["class"] = ("Known class", lambda: by_groups("class", classes))
    for name, values in images.annotations.items():
        if 1 < len(set(values)) <= MOST_GROUPS:
            options[f"known {name}"] = (name.capitalize(), _made(by_groups, f"known {name}", values))
    for name, kept in selection.saved().items():
        options[f"selection {name}"] = (f"Selection: {name}", _made(_by_selection, images, name, kept.ions))
    runs = state.runs()
    titles = titles_of_runs(runs)
    for other in runs:
        if other.path.name != grouping.run.path.name and other.status.state is State.DONE:
            options[f"run {other.path.name}"] = (f"Run: {titles[other.path.name]}", _made(_by_run, other))
    return options


def _made(make: Callable[..., Colours], *arguments: object) -> Make:
    return lambda: make(*arguments)


def _by_selection(images: IonImages, name: str, ions: Sequence[int]) -> Colours:
    within = np.isin(np.arange(len(images)), list(ions))
    groups = [f"{name} ({int(within.sum())})", f"others ({int((~within).sum())})"]
    return Colours(f"selection {name}", np.where(within, 0, 1), [cluster_colour(0), GREY], groups)


def _by_run(other: Run) -> Colours:
    labels = other.clusters()[other.config.result].to_numpy()
    return by_groups(f"run {other.path.name}", [f"cluster {one}" for one in labels])


def _unless_first(name: str, first: str) -> str | None:
    return None if name == first else name
