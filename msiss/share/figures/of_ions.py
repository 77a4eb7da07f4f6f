"""The figures that show ion images."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from msiss.analyse.representations import title_of
from msiss.data.ion_images import IonImages
from msiss.errors import SettingError
from msiss.runs.grouping import Grouping
from msiss.share.figures.options import MOST_IONS, Options
from msiss.share.figures.subject import UNIT, Subject
from msiss.show.print.montage import montage_pages
from msiss.show.print.pairs import Pair, pairs_that_fit
from msiss.show.print.pairs import pairs_figure as draw_pairs
from msiss.show.print.panels import Panel, Sheet, panels_figure
from msiss.show.print.style import DOUBLE, SINGLE
from msiss.words import count

COLUMNS, MONTAGE_COLUMNS = 3, 6
MOST_SHEET_COLUMNS = 6

Pages = Iterator[tuple[str, Figure]]


def ions(grouping: Grouping, images: IonImages, options: Options) -> Pages:
    """Draw the chosen ions; by default the most confident one of each cluster."""
    subject = Subject(grouping, images, options)
    chosen = options.ions or tuple(int(subject.ordered(cluster)[0]) for cluster in grouping.clusters)
    if len(chosen) > MOST_IONS:
        if options.ions:
            raise SettingError(f"ions: {len(chosen)} ion images do not fit on one page; up to {MOST_IONS} do.")
        chosen = chosen[:MOST_IONS]
    panels = [
        Panel(
            subject.image(ion),
            subject.title(ion),
            tuple(
                filter(None, (subject.about(ion), subject.how, *_of_cluster(subject, ion))),
            ),
            subject.colour(ion),
        )
        for ion in chosen
    ]
    single = len(panels) == 1
    columns = 1 if single else COLUMNS if len(panels) <= 4 * COLUMNS else 5
    sheet = Sheet(columns, SINGLE if single else DOUBLE, footer=subject.clipped.strip(), unit=f"Intensity ({UNIT})")
    figure = panels_figure(panels, images.mask, sheet, pixel_size=images.pixel_size, light=subject.light)
    yield "", figure


def clusters(grouping: Grouping, images: IonImages, options: Options) -> Pages:
    """Draw the mean image of every cluster on one sheet, as Figure 3 of the paper."""
    subject = Subject(grouping, images, options)
    panels = []
    for number, cluster in grouping.clusters.items():
        notes = [count(len(grouping.members(number)), "ion")]
        if not cluster.tissue:
            notes.append("not tissue")
        panels.append(Panel(subject.means[number], f"Cluster {cluster.title}", (", ".join(notes),), cluster.colour))
    columns = int(np.clip(np.ceil(np.sqrt(len(panels))), min(3, len(panels)), MOST_SHEET_COLUMNS))
    sheet = Sheet(
        columns,
        bar="Mean of the ion images, each scaled to [0, 1]",
        footer=f"{count(len(panels), 'cluster')} by: {title_of(grouping.by)}. Ion images: {subject.how}.",
    )
    light = subject.light
    yield "", panels_figure(panels, images.mask, sheet, pixel_size=images.pixel_size, light=light)


def members(grouping: Grouping, images: IonImages, options: Options) -> Pages:
    """Draw the ions of each cluster by confidence, a page or more per cluster."""
    subject = Subject(grouping, images, options)
    for number in options.clusters or grouping.clusters:
        cluster, ordered = grouping.clusters[number], subject.ordered(number)
        lines = [_member_lines(subject, ion) for ion in ordered.tolist()]
        panels = _LazyPanels(subject, ordered, lines)
        sheet = Sheet(
            MONTAGE_COLUMNS,
            heading=f"Cluster {cluster.title}: {count(len(ordered), 'ion')}",
            footer=f"Ion images: {subject.how}; each on its own scale ({UNIT}).{subject.clipped}",
            colour=cluster.colour,
            title_lines=1,
        )
        pages = montage_pages(
            panels, images.mask, sheet, pixel_size=images.pixel_size, light=subject.light, whole=options.whole
        )
        for page, figure in enumerate(pages, start=1):
            yield (f"cluster-{number}" if page == 1 else f"cluster-{number}-page-{page}"), figure


def pairs(grouping: Grouping, images: IonImages, options: Options) -> Pages:
    """Draw the pairs of isotopes and adducts, those that the clusters tear apart first, as Figure 5a of the paper."""
    from msiss.analyse.mass_tolerance import find_pairs
    from msiss.analyse.metrics import same_cluster

    if not images.axis.is_mz:
        raise SettingError("Isotopes and adducts are found by m/z, which this data set does not have.")
    found = find_pairs(images.mz, polarity=images.polarity)
    if found.table.empty:
        raise SettingError("No isotopes or adducts were found in this data set beyond those of chance.")
    subject = Subject(grouping, images, options)
    table = found.table.assign(
        apart=grouping.labels[found.table["i"]] != grouping.labels[found.table["j"]],
        mz=images.mz[found.table["i"]],
    ).sort_values(["apart", "mz"], ascending=[False, True], kind="stable")
    together, chance = same_cluster(grouping.labels, found.table[["i", "j"]].to_numpy())
    footer = (
        f"{count(len(table), 'pair')} of isotopes and adducts within {found.tolerance} (about "
        f"{sum(found.by_chance.values()):.0f} expected by chance); {together:.0%} of them in one cluster, {chance:.0%} "
        f"for permuted clusters. Ion images: {subject.how}; each on its own scale ({UNIT}).{subject.clipped}"
    )
    most = pairs_that_fit(images.mask, footer=footer, pixel_size=images.pixel_size)
    shown = [
        Pair(
            (subject.image(one), subject.image(other)),
            (subject.title(one), subject.title(other)),
            (subject.colour(one), subject.colour(other)),
            _about_pair(subject, one, other, kind),
        )
        for one, other, kind in table[["i", "j", "kind"]].head(most).itertuples(index=False)
    ]
    more = f", the first {len(shown)} of {len(table)}" if len(table) > len(shown) else ""
    heading = f"Isotopes and adducts{more}"
    figure = draw_pairs(
        shown, images.mask, heading=heading, footer=footer, pixel_size=images.pixel_size, light=subject.light
    )
    yield "", figure


class _LazyPanels:
    """Panels whose images are read when they are drawn, as a cluster may have thousands of ions."""

    def __init__(self, subject: Subject, ions: np.ndarray, lines: list[tuple[str, ...]]) -> None:
        self._subject, self._ions, self._lines = subject, ions, lines
        self.most_notes = max(map(len, lines))

    def __len__(self) -> int:
        return len(self._ions)

    def __getitem__(self, part: slice) -> list[Panel]:
        subject = self._subject
        return [
            Panel(subject.image(ion), subject.title(ion), lines)
            for ion, lines in zip(self._ions[part].tolist(), self._lines[part], strict=True)
        ]


def _member_lines(subject: Subject, ion: int) -> tuple[str, ...]:
    return tuple(filter(None, (subject.about(ion), subject.confidence(ion))))


def _of_cluster(subject: Subject, ion: int) -> tuple[str, ...]:
    """Return cluster and confidence of an ion, in a line each if the cluster has a name, which may be long."""
    cluster = int(subject.groups.of[ion])
    parts = subject.groups.titles[cluster], subject.confidence(ion)
    return parts if subject.grouping.clusters[cluster].name else (", ".join(filter(None, parts)),)


def _about_pair(subject: Subject, one: int, other: int, kind: str) -> str:
    clusters = subject.grouping.clusters
    first, second = (clusters[int(subject.grouping.labels[ion])] for ion in (one, other))
    where = (
        f"both in cluster {first.title}"
        if first.number == second.number
        else f"apart: clusters {first.title} and {second.title}"
    )
    return f"{kind}, {where}"
