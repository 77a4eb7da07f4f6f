"""The figures that show the clusters of all ions: map, spectrum, similarities and trees."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from msiss.analyse.representations import title_of
from msiss.data.ion_images import IonImages
from msiss.errors import SettingError
from msiss.runs.grouping import Grouping
from msiss.share.figures.options import Options
from msiss.share.figures.subject import Subject
from msiss.show.maps import MAP_TITLES
from msiss.show.print.dendrograms import dendrograms as draw_trees
from msiss.show.print.groups import Groups
from msiss.show.print.heat_maps import heat_maps
from msiss.show.print.scatter import map_figure
from msiss.show.print.spectrum import spectrum_figure

MOST_IN_A_TREE = 2000  # ions; the distances of all pairs are kept in memory

Pages = Iterator[tuple[str, Figure]]


def cluster_map(grouping: Grouping, images: IonImages, options: Options) -> Pages:
    """Draw the map of the ions, coloured by cluster."""
    subject = Subject(grouping, images, options)
    yield "", _map(subject, subject.groups)


def class_map(grouping: Grouping, images: IonImages, options: Options) -> Pages:
    """Draw the map of the ions, coloured by known class, as Figure 2c and d of the paper."""
    subject = Subject(grouping, images, options)
    yield "", _map(subject, subject.classes)


def spectrum(grouping: Grouping, images: IonImages, options: Options) -> Pages:
    """Draw the mean spectrum, each ion in the colour of its cluster, as Figure 5b of the paper."""
    subject, axis = Subject(grouping, images, options), images.axis
    if options.zoom and not ((images.mz >= options.zoom[0]) & (images.mz <= options.zoom[1])).any():
        raise SettingError(
            f"zoom: no ion lies between {axis.number(options.zoom[0])} and {axis.number(options.zoom[1])}."
        )
    figure = spectrum_figure(
        images.mz,
        images.mean_intensities(),
        subject.groups,
        zoom=options.zoom,
        axis=axis.title,
        decimals=axis.decimals,
    )
    yield "", figure


def similarity(grouping: Grouping, images: IonImages, options: Options) -> Pages:
    """Draw the cosine of each pair of ions by several representations, as Figure 4b of the paper."""
    from msiss.analyse.similarity import cosine_similarity

    subject = Subject(grouping, images, options)
    chosen = subject.chosen
    matrices = {title_of(name): cosine_similarity(grouping.run.features(name)[chosen]) for name in subject.compared}
    yield (
        "",
        heat_maps(matrices, subject.names(chosen), subject.groups_of(chosen), colours=options.colours),
    )


def dendrograms(grouping: Grouping, images: IonImages, options: Options) -> Pages:
    """Draw the trees of the ions by several representations, as Figure S9 of the paper."""
    from msiss.analyse.trees import ward_tree

    subject = Subject(grouping, images, options)
    chosen = np.sort(subject.chosen)
    if not 2 <= len(chosen) <= MOST_IN_A_TREE:
        raise SettingError(
            f"A tree of {len(chosen)} ions cannot be drawn. Choose 2 to {MOST_IN_A_TREE:,} ions for the dendrograms."
        )
    trees = {}
    for name in subject.compared:
        tree = ward_tree(grouping.run.features(name)[chosen])
        trees[title_of(name)] = tree.links, tree.order
    label = "Ward distance (of vectors of length 1)"
    yield "", draw_trees(trees, subject.names(chosen), subject.groups_of(chosen), label=label)


def _map(subject: Subject, groups: Groups) -> Figure:
    run, method = subject.grouping.run, subject.options.method
    if method not in MAP_TITLES:
        raise SettingError(f"method: there is no map by {method}. There are: {', '.join(MAP_TITLES)}.")
    # Few representations have maps; that of the result of the training always has.
    of = subject.grouping.by if subject.grouping.by in run.mapped else run.config.result
    title = MAP_TITLES[method]
    heading = f"{title} of: {title_of(of)}"
    axes = (f"{title} 1 (no unit)", f"{title} 2 (no unit)")
    return map_figure(run.positions(of, method), groups, axes_titles=axes, heading=heading)
