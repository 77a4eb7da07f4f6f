"""The sentences of the methods text about the method spatial."""

from msiss.analyse import consensus, sketch
from msiss.analyse.context import NEIGHBOURS, number_of_neighbours
from msiss.analyse.representations import WITH_NEIGHBOURS
from msiss.learn.spatial.config import SpatialConfig, SpatialSettings, SpatialViewsConfig
from msiss.words import count, listed


def text(config: SpatialConfig, ions: int) -> str:
    """Return the sentences about a training with these settings, on this number of ion images."""
    # Constants of modules that import torch are repeated here.
    settings = config.spatial
    return (
        "As in Hu, Bindu and Laskin (2022), ion images were compared by contrastive learning, but by the method of "
        "msiss, which preserves the position of structures. The similarity of two images combines six representations "
        "with equal weights. Five need no training and compare the images at the measured resolution: the four of the "
        "joint measure (below) and whitened pixels. The sixth is the 256 features of a small convolutional "
        "network (three layers of 48 channels, then 16 channels whose maps "
        f"are not averaged), trained without labels on these ion images alone, at {config.prepare.side} × "
        f"{config.prepare.side} pixels, by contrastive learning (NT-Xent loss, Chen et al. 2020, "
        f"temperature {settings.temperature:g}; about {settings.steps} steps of up to about {settings.batch_size} ion "
        f"images, AdamW with a one-cycle learning rate of at most {settings.learning_rate:g}). Its input is the "
        "differences between the square roots of the image smoothed with Gaussians of sigma 0.7, 1.4, 2.8, 5.6 and "
        f"11.2 pixels, normalised to the measured pixels. {_partners(settings)}Views were drawn with "
        f"{_views(settings.views)}. The unit vectors of the six representations were concatenated, each divided by "
        "the square root of the standard deviation of its cosines. To the cosines of these vectors the similarity of "
        f"the {count(number_of_neighbours(ions), 'nearest ion')} of each was added with the weight "
        f"{WITH_NEIGHBOURS:g}, and the sum divided by the geometric mean of the mean similarities of the two ions with "
        f"their {min(NEIGHBOURS, ions - 1)} nearest ions (local scaling, Zelnik-Manor and Perona 2004). "
        f"{_of_many(ions)}{_consensus(config.clusters, ions)}"
    )


def _partners(settings: SpatialSettings) -> str:
    if not settings.near_ions:
        return ""
    return (
        f"In {settings.near_share:.0%} of the pairs, the second view was that of one of the "
        f"{count(settings.near_ions, 'ion')} nearest to it by the joint measure (as in Dwibedi et al. 2021), and "
        "views of ions near to each other were not told apart. "
    )


def _of_many(ions: int) -> str:
    if ions <= sketch.LANDMARKS:
        return ""
    text = f"What the measures learn was learned from {sketch.LANDMARKS:,} of the ions. "
    if ions > sketch.MOST_EXACT:
        text += "Near ions were looked for among these, and vectors were shortened by random projections. "
    return text


def _consensus(clusters: int, ions: int) -> str:
    neighbours = listed(consensus.NEIGHBOURS)
    numbers = sorted({max(2, clusters + more) for more in consensus.AROUND})
    largest = consensus.LARGEST
    rest = (
        f" This was done with {largest:,} of the ions; then each ion was assigned to the most frequent cluster of its "
        f"{consensus.JOIN_NEIGHBOURS} nearest neighbours among these, weighted by their confidence."
        if ions > largest
        else ""
    )
    return (
        f"Consensus clustering (Fred and Jain 2005) gave {clusters} clusters: spectral clustering with {neighbours} "
        "nearest neighbours, Ward's method and average linkage (the last two with "
        f"{consensus.LINKAGE_VOTES} votes each), for {listed(numbers)} clusters, "
        "each voted for the pairs of ions in one cluster, and average linkage of the votes gave the clusters." + rest
    )


def _views(config: SpatialViewsConfig) -> str:
    parts = [
        f"up to {config.mix:.0%} of another ion image mixed in",
        f"intensities raised to a power (its logarithm up to ±{config.contrast:g})",
        f"a uniform background of up to {config.background:.0%} of the mean intensity",
        f"a smooth random field of sensitivity (standard deviation of its logarithm up to {config.gain:g})",
        f"random factors per line and per pixel (standard deviations of their logarithms up to {config.lines:g} and "
        f"{config.pixels:g})",
    ]
    counts = f"{config.counts_min:,.0f} to {config.counts_max:,.0f} counts per image"
    return f"{', '.join(parts)} and {counts} drawn from the Poisson distribution"
