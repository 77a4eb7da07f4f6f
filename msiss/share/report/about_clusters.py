"""The parts of a report about the clusters and their ions."""

from collections.abc import Iterator

import numpy as np

from msiss.errors import SettingError
from msiss.share.figures.options import Options
from msiss.share.figures.registry import FIGURES, pages
from msiss.share.figures.subject import Subject
from msiss.share.report.blocks import Block, Heading, Picture, Pictures, Table, Text, facts
from msiss.show.print.save import save
from msiss.show.print.style import MM
from msiss.show.thumbnails import thumbnail
from msiss.words import count

DPI = 200  # of figures in a report, sharp on a screen and in print
MOST_IMAGES = 360  # small ion images of all clusters together, so that a report of many ions is not too large to mail
MOST_OF_A_CLUSTER, LEAST_OF_A_CLUSTER = 12, 2
MEAN_WIDTH, SMALL_WIDTH = 42.0, 26.0  # mm
MEAN_SIDE, SMALL_SIDE = 300, 160  # pixels


def overview(subject: Subject) -> Iterator[Block]:
    """Yield the sheet of all clusters, their table, and where they lie in spectrum and map."""
    grouping = subject.grouping
    yield figure(subject, "clusters")
    rows = []
    for number, cluster in grouping.clusters.items():
        members = grouping.members(number)
        confidence = grouping.table["confidence"].to_numpy()[members]
        known = f"{np.nanmean(confidence):.2f}" if np.isfinite(confidence).any() else ""
        moved = int((grouping.table["original"].to_numpy()[members] != number).sum())
        rows.append(
            (
                str(number),
                cluster.name,
                f"{len(members):,}",
                known,
                f"{moved:,}" if moved else "",
                "" if cluster.tissue else "no",
                cluster.note,
            )
        )
    head = ("Cluster", "Name", "Ions", "Mean confidence", "Moved here", "Tissue", "Note")
    yield Table(head, rows, (1.1, 3, 0.9, 1.5, 1.2, 1, 5), frozenset({0, 2, 3, 4}))
    yield figure(subject, "spectrum")
    yield figure(subject, "map")
    labels = subject.images.labels
    if labels is not None and (labels >= 0).any():
        yield figure(subject, "map-classes")
    yield figure(subject, "similarity")


def each(subject: Subject) -> Iterator[Block]:
    """Yield the mean image, the note and the most confident ions of each cluster."""
    grouping = subject.grouping
    number_shown = int(np.clip(MOST_IMAGES // len(grouping.clusters), LEAST_OF_A_CLUSTER, MOST_OF_A_CLUSTER))
    yield Text(
        f"Of each cluster the mean of its ion images, each scaled to [0, 1], and up to {number_shown} ions by "
        f"descending confidence, each on its own scale. Ion images: {subject.how}. All ions are in the table at the "
        "end."
    )
    for number, cluster in grouping.clusters.items():
        ordered = subject.ordered(number)
        yield Heading(f"Cluster {cluster.title}: {count(len(ordered), 'ion')}", level=3, colour=cluster.colour)
        if cluster.note or not cluster.tissue:
            yield facts([("Note", cluster.note), ("Tissue", "" if cluster.tissue else "no")])
        yield Pictures([_thumbnail(subject, subject.means[number], MEAN_SIDE)], [("mean image",)], MEAN_WIDTH)
        shown = ordered[:number_shown].tolist()
        yield Pictures(
            [_thumbnail(subject, subject.image(ion), SMALL_SIDE) for ion in shown],
            [_lines(subject, ion) for ion in shown],
            SMALL_WIDTH,
        )


def pairs(subject: Subject) -> Iterator[Block]:
    """Yield the images of pairs of isotopes and adducts, or why there are none."""
    try:
        yield figure(subject, "pairs")
    except SettingError as error:
        yield Text(str(error))


def table(subject: Subject) -> Iterator[Block]:
    """Yield the table of all ions, by cluster and confidence, without columns that are empty."""
    grouping, images = subject.grouping, subject.images
    order = np.concatenate([subject.ordered(cluster) for cluster in grouping.clusters])
    rows = grouping.table.iloc[order]
    number = images.axis.number
    columns: dict[str, list[str]] = {
        images.axis.title: [number(images.mz[ion]) for ion in order],
        "Name": ["" if images.names[ion] == number(images.mz[ion]) else images.names[ion] for ion in order],
        **{name.capitalize(): [texts[ion] for ion in order] for name, texts in images.annotations.items()},
        "Cluster": [str(cluster) for cluster in rows["cluster"]],
        "Confidence": ["" if np.isnan(value) else f"{value:.2f}" for value in rows["confidence"]],
        "Before": [str(old) if old != new else "" for old, new in zip(rows["original"], rows["cluster"], strict=True)],
        "By hand": ["yes" if by_hand else "" for by_hand in rows["by_hand"]],
    }
    shown = {title: texts for title, texts in columns.items() if any(texts)}
    texts_of = {"Name", "By hand", *(name.capitalize() for name in images.annotations)}
    numbers = frozenset(place for place, title in enumerate(shown) if title not in texts_of)
    widths = [3.0 if title in texts_of else 1.5 for title in shown]
    yield Table(tuple(shown), list(zip(*shown.values(), strict=True)), widths, numbers)


def figure(subject: Subject, name: str) -> Picture:
    """Return a figure of one page as a picture."""
    light = Options(colours=subject.options.colours, quantile=subject.options.quantile)
    ((_, drawn),) = pages(name, subject.grouping, subject.images, light)
    kind = FIGURES[name]
    return Picture(save(drawn, "png", dpi=DPI), f"{kind.title}. {kind.about}", drawn.get_figwidth() / MM)


def _thumbnail(subject: Subject, image: np.ndarray, side: int) -> bytes:
    light, images = subject.light, subject.images
    return thumbnail(
        image,
        images.mask,
        side=side,
        pixel_size=images.pixel_size,
        quantile=light.quantile,
        colours=light.colours,
    )


def _lines(subject: Subject, ion: int) -> tuple[str, ...]:
    return tuple(filter(None, (subject.title(ion), subject.about(ion), subject.confidence(ion))))
