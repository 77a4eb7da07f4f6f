"""The figures of a run by name, and their files.

Nothing here imports matplotlib before a figure is drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msiss.data.ion_images import IonImages
from msiss.registry import Registry, load
from msiss.runs.grouping import Grouping
from msiss.share.figures.options import MOST_IONS, Options

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}  # with their MIME types


@dataclass(frozen=True)
class FigureKind:
    """A figure that can be made of a run.

    Attributes
    ----------
    name : str
        In file names and commands.
    title : str
        On screen.
    about : str
        What it shows, in a sentence.
    draw : str
        The function that draws it, as "module:function": it takes a `Grouping`, the `IonImages` and `Options`, and
        yields pages: a name, empty for the only one, and a matplotlib figure.
    uses : tuple of str
        The fields of `Options` that it uses.
    paged : bool
        Whether it has a page per cluster.
    most_ions : int
        Number of ions that can be chosen for it.
    """

    name: str
    title: str
    about: str
    draw: str
    uses: tuple[str, ...] = ()
    paged: bool = False
    most_ions: int = MOST_IONS


FIGURES: Registry[FigureKind] = Registry(
    "figure",
    (
        FigureKind(
            "clusters",
            "All clusters",
            "The mean image of every cluster on one sheet.",
            "msiss.share.figures.of_ions:clusters",
            ("colours", "quantile"),
        ),
        FigureKind(
            "members",
            "Ions of each cluster",
            "The ion images of each cluster by confidence, a page per cluster, each on its own scale.",
            "msiss.share.figures.of_ions:members",
            ("clusters", "whole", "colours", "quantile"),
            paged=True,
        ),
        FigureKind(
            "ions",
            "Ion images",
            "Chosen ion images with colour bars; if none are chosen, the most confident one of each cluster.",
            "msiss.share.figures.of_ions:ions",
            ("ions", "colours", "quantile"),
        ),
        FigureKind(
            "spectrum",
            "Mean spectrum",
            "The mean intensity of each ion, in the colour of its cluster.",
            "msiss.share.figures.of_groups:spectrum",
            ("zoom",),
        ),
        FigureKind(
            "map",
            "Map by cluster",
            "Every ion as a point, in the colour of its cluster; similar ions lie close together.",
            "msiss.share.figures.of_groups:cluster_map",
            ("method",),
        ),
        FigureKind(
            "map-classes",
            "Map by known class",
            "The same map in the colours of the known classes.",
            "msiss.share.figures.of_groups:class_map",
            ("method",),
        ),
        FigureKind(
            "similarity",
            "Similarity of pairs",
            "The cosine of each pair of ions by up to three representations on one colour scale, ordered by cluster; "
            "of chosen ions, or of all.",
            "msiss.share.figures.of_groups:similarity",
            ("ions", "compare", "colours"),
            most_ions=200,
        ),
        FigureKind(
            "dendrograms",
            "Dendrograms",
            "Trees of the ions (Ward) by up to three representations; of chosen ions, or of all.",
            "msiss.share.figures.of_groups:dendrograms",
            ("ions", "compare"),
            most_ions=200,
        ),
        FigureKind(
            "pairs",
            "Isotopes and adducts",
            "The images of pairs of isotopes and adducts, those in two clusters first.",
            "msiss.share.figures.of_ions:pairs",
            ("colours", "quantile"),
        ),
    ),
)


def pages(
    name: str, grouping: Grouping, images: IonImages, options: Options | None = None
) -> Iterator[tuple[str, "Figure"]]:
    """Yield the pages of a figure: a name, empty if it is the only page, and the figure.

    Parameters
    ----------
    name : str
        One of `FIGURES`.
    grouping : Grouping
    images : IonImages
        The data set of the run.
    options : Options, optional

    Raises
    ------
    SettingError
        If there is no such figure, it cannot be made of these data, or an option does not fit.
    """
    yield from load(FIGURES[name].draw)(grouping, images, options or Options())


def files(
    name: str, grouping: Grouping, images: IonImages, kind: str, options: Options | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of the files of a figure.

    Parameters
    ----------
    name, grouping, images, options
        As for `pages`.
    kind : {"png", "svg", "pdf"}
        A PDF file holds all pages; there is a PNG or SVG file for each.

    Raises
    ------
    SettingError
        As for `pages`, or if there is no such format.
    """
    from msiss.show.print.save import save

    drawn = pages(name, grouping, images, options)
    if kind == "pdf":
        yield f"{name}.pdf", save((figure for _, figure in drawn), kind)
    else:
        for page, figure in drawn:
            yield f"{'-'.join(filter(None, (name, page)))}.{kind}", save(figure, kind)
