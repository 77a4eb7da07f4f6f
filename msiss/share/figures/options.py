"""What can be chosen for the figures of a run."""

from dataclasses import dataclass

from msiss.errors import SettingError
from msiss.show.palette import COLOUR_MAPS, ION_COLOURS

MOST_IONS = 60  # in the figure of chosen ions; the members of clusters have figures of their own


@dataclass(frozen=True)
class Options:
    """Choices for figures; each figure uses those that it names.

    Attributes
    ----------
    ions : tuple of int
        The ions of the figures ions, similarity and dendrograms, from 0; if empty, each of them says which it takes.
    clusters : tuple of int
        The clusters of the figure members; all if empty.
    whole : bool
        All ions of a cluster on as many pages as they need, instead of those that fit on one page.
    colours : str
        Colour map of ion images, one of `msiss.show.palette.COLOUR_MAPS`.
    quantile : float
        Intensities above this quantile of an ion image get the brightest colour.
    zoom : tuple of two float, optional
        First and last m/z of the spectrum, in Th.
    method : {"umap", "tsne"}
        Of the maps.
    compare : tuple of str
        The representations of the figures similarity and dendrograms, up to three; by default that of the clusters, and
        the plain pixels.

    Raises
    ------
    SettingError
        If a value is not possible.
    """

    ions: tuple[int, ...] = ()
    clusters: tuple[int, ...] = ()
    whole: bool = False
    colours: str = ION_COLOURS
    quantile: float = 0.999
    zoom: tuple[float, float] | None = None
    method: str = "umap"
    compare: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.colours not in COLOUR_MAPS:
            raise SettingError(f"colours: there is no colour map {self.colours}. There are: {', '.join(COLOUR_MAPS)}.")
        if not 0.5 <= self.quantile <= 1:
            raise SettingError(f"quantile: {self.quantile:g} is not between 0.5 and 1.")
        if self.zoom is not None and not self.zoom[0] < self.zoom[1]:
            raise SettingError(f"zoom: {self.zoom[0]:g} is not below {self.zoom[1]:g}. Give the lower m/z first.")
        if len(self.compare) > 3:
            raise SettingError(
                f"compare: {len(self.compare)} representations do not fit beside each other. Choose up to 3."
            )
