"""The representations of ion images that msiss compares.

To add a measure that needs no training, write its `fit` in a module of `msiss.analyse.measures` and add a `Measure`
here. Representations that are trained are described by their method, see `msiss.learn.method`.
"""

from dataclasses import dataclass, field

from msiss.registry import Registry

IMAGE_VECTORS, HUB_CORRECTED, CORRELATION = "image-vectors", "hub-corrected", "correlation"
BANDS, WHITENED, JOINT, METASPACE = "bands", "whitened", "joint", "metaspace"
HUBS_ALONE, WITH_NEIGHBOURS = 0.0, 0.3  # weights of the similarity of the neighbours, see `msiss.analyse.context`
# The representations to start with, for searches by similarity and for clusters: those with the best mean over the open
# real sets (benchmarks/advice.py) of those without training. For clusters the lead is small.
FIRST = JOINT
FIRST_FOR_CLUSTERS = HUB_CORRECTED

SPEARMAN = "Spearman, C. Br. J. Psychol. 1910, 3, 271-295"
BROWN = "Brown, W. Br. J. Psychol. 1910, 3, 296-322"
ZELNIK_MANOR = "Zelnik-Manor, L.; Perona, P. Adv. Neural Inf. Process. Syst. 2004, 17, 1601-1608"
OVCHINNIKOVA = "Ovchinnikova, K. et al. Bioinformatics 2020, 36, 3215-3224, doi:10.1093/bioinformatics/btaa085"


@dataclass(frozen=True)
class Representation:
    """A mapping from ion images to vectors; the cosine of two vectors is the similarity of their ions.

    Attributes
    ----------
    name : str
        In files, settings and addresses.
    title : str
        On screen.
    about : str
        What it does, for a user who chooses one; continues the title.
    context : float, optional
        Weight of the similarity of the neighbours, if ions are compared in the context of all ions, see
        `msiss.analyse.context`; None if the cosine of two ions depends on these two alone.
    """

    name: str
    title: str
    about: str
    context: float | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Measure(Representation):
    """A representation that needs no training.

    Attributes
    ----------
    fit : str
        The function that fits it to ion images, as "module:function"; see `msiss.analyse.measures.fit`.
    by : str
        What ion images are compared by, in the methods text, after "by".
    references : tuple of str
        Publications that the methods text cites for it.
    """

    fit: str = field(kw_only=True)
    by: str = field(kw_only=True)
    references: tuple[str, ...] = ()


REPRESENTATIONS: Registry[Representation] = Registry(
    "representation",
    (
        Measure(
            IMAGE_VECTORS,
            "Image vectors (plain pixels)",
            "compare the pixels one by one, as most tools do.",
            fit="msiss.analyse.measures.image_vectors:fit",
            by="the cosine of their pixels",
        ),
        Measure(
            HUB_CORRECTED,
            "Image vectors, without hubs",
            "compare the pixels one by one, and correct for ions that resemble nearly all others.",
            context=HUBS_ALONE,
            fit="msiss.analyse.measures.image_vectors:fit",
            by="the cosine of their pixels, divided by the geometric mean of the mean cosines of the two ions with "
            "their ten nearest ions (local scaling, Zelnik-Manor and Perona 2004)",
            references=(ZELNIK_MANOR,),
        ),
        Measure(
            CORRELATION,
            "Correlation of pixels",
            "asks whether two images rise and fall in the same pixels.",
            fit="msiss.analyse.measures.correlation:fit",
            by="the Pearson correlation of their pixels",
        ),
        Measure(
            METASPACE,
            "METASPACE-style filtered pixels",
            "leave out the fainter half of the pixels, then compare the rest, smoothed.",
            fit="msiss.analyse.measures.metaspace:fit",
            by="the cosine of median-thresholded, median-filtered pixels (Ovchinnikova et al. 2020)",
            references=(OVCHINNIKOVA,),
        ),
        Measure(
            "spearman",
            "Rank correlation of pixels",
            "asks which pixels are brighter, not by how much.",
            fit="msiss.analyse.measures.spearman:fit",
            by="rank correlation (Spearman)",
        ),
        Measure(
            BANDS,
            "Bands (coarse to fine structures)",
            "compare fine and coarse structures separately, weighted by how reliable each is in the image, so that "
            "faint ions are compared by their coarse structures.",
            fit="msiss.analyse.measures.bands:fit",
            by="bands from fine to coarse structures, each weighted by its reliability, measured between the even and "
            "the odd pixels (Spearman 1910, Brown 1910)",
            references=(SPEARMAN, BROWN),
        ),
        Measure(
            WHITENED,
            "Whitened pixels (what tells ions apart)",
            "down-weight what all ions share, such as the outline of the tissue, and emphasise what tells them apart.",
            fit="msiss.analyse.measures.whitened:fit",
            by="whitened pixels",
        ),
        Measure(
            JOINT,
            "Joint measure (four together)",
            "combines pixels without the mean image, shares of each pixel's total, smoothed pixels and bands. The "
            "neighbours of two ions count, too, and ions that resemble nearly all others are corrected.",
            context=WITH_NEIGHBOURS,
            fit="msiss.analyse.measures.joint:fit",
            by="four measures with equal weights: the correlation of the pixels partial to the mean image, the "
            "correlation of the square roots of the smoothed shares of each pixel's total, the correlation of slightly "
            "smoothed pixels centred over the ions, and bands (Spearman 1910, Brown 1910). The similarity of the ten "
            f"nearest ions of each was added with the weight {WITH_NEIGHBOURS:g}, and the sum divided by the geometric "
            "mean of the mean similarities of the two ions with their ten nearest ions (local scaling, Zelnik-Manor "
            "and Perona 2004)",
            references=(SPEARMAN, BROWN, ZELNIK_MANOR),
        ),
    ),
)


def title_of(name: str) -> str:
    """Return the title of a representation on screen."""
    return REPRESENTATIONS[name].title


def measures() -> tuple[Measure, ...]:
    """Return the representations that need no training, in the order in which they are shown."""
    return tuple(one for one in REPRESENTATIONS if isinstance(one, Measure))


def measure_names() -> tuple[str, ...]:
    """Return the names of `measures`."""
    return tuple(one.name for one in measures())


def is_measure(name: str) -> bool:
    """Tell whether a representation needs no training."""
    return name in measure_names()
