"""The sentences of the methods text about the method spatial."""

from msiss.analyse import consensus
from msiss.learn.spatial.config import WHITENING_RIDGE, SpatialConfig, SpatialViewsConfig
from msiss.words import listed


def text(config: SpatialConfig, ions: int) -> str:
    """Return the sentences about a training with these settings, on this number of ion images."""
    # Constants of modules that import torch are repeated here.
    settings = config.spatial
    return (
        "As in Hu, Bindu and Laskin (2022), ion images were compared by contrastive learning, but by the method of "
        "msiss, which preserves the position of structures. The similarity of two images combines three "
        "representations. First, bands from fine to coarse: the image was smoothed with Gaussians of sigma 0.7, 1.4, "
        "2.8, 5.6 and 11.2 pixels, normalised to the measured pixels; the differences between the square roots of "
        "neighbouring scales, and the residual of the widest (weight 0.3), were each weighted by their reliability, "
        "estimated from the even and the odd pixels of the image (Spearman 1910, Brown 1910). Second, Fisher's linear "
        f"discriminant (1936) of these bands, in at most {settings.components} principal components: the noise is the "
        f"variance within {settings.drawn_views} views of each ion image (of up to 1000 ions), to which "
        f"{settings.ridge:g} times its mean was added; the signal is the variance between ions; and each direction was "
        "weighted by its proportion of signal. Third, the 256 features of a small convolutional network (three layers "
        "of 48 channels, then 16 channels whose maps are not averaged), trained without labels on these ion images "
        "alone by contrastive learning (NT-Xent loss, Chen et al. 2020, "
        f"temperature {settings.temperature:g}; about {settings.steps} steps of up to about {settings.batch_size} ion "
        f"images, AdamW with a one-cycle learning rate of at most {settings.learning_rate:g}). Views were drawn with "
        f"{_views(settings.views)}. The unit vectors of the three representations were concatenated, each divided by "
        "the square root of the standard deviation of its cosines. The result was used twice, with equal weights: "
        "unchanged, and whitened, which down-weights what all ions share (each principal component divided by the "
        f"square root of the sum of its variance and {WHITENING_RIDGE:g} times the largest variance). Ion images were "
        f"compared by the cosine of these vectors. {_consensus(config.clusters, ions)}"
    )


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
