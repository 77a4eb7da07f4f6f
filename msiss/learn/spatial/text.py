"""The sentences of a methods section about a training by the method spatial."""

from msiss.analyse import consensus
from msiss.analyse.measures import fusion
from msiss.learn.spatial.config import SpatialConfig, SpatialViewsConfig


def text(config: SpatialConfig, ions: int) -> str:
    """Return the sentences of a methods section about a training on so many ion images with these settings."""
    # Numbers that are not settings are repeated from the other modules here, which import torch.
    settings = config.spatial
    return (
        "As in Hu, Bindu and Laskin (2022), ion images were compared by contrastive learning, but by msiss's own "
        "method, which keeps the place of structures. Three parts say how alike two images are. First, bands from fine "
        "to coarse: the image was smoothed with Gaussians of sigma 0.7, 1.4, 2.8, 5.6 and 11.2 pixels, only measured "
        "pixels counting; the differences of the square roots of neighbouring scales, and what the widest leaves "
        "(weight 0.3), were each weighted by their reliability, measured between the even and the odd pixels of the "
        "image (Spearman 1910, Brown 1910). Second, Fisher's linear discriminant (1936) of these bands, in at most "
        f"{settings.components} principal components: what differs between {settings.drawn_views} views of one ion "
        f"image (of up to 1000 ions) is noise, to which {settings.ridge:g} times its mean was added; what differs "
        "between ions is signal, and each direction was shrunk by its share of signal. Third, the 256 features of a "
        "small convolutional network (three layers of 48 channels, then 16 channels whose maps are not averaged), "
        "trained without labels on these ion images alone by contrastive learning (NT-Xent loss, Chen et al. 2020, "
        f"temperature {settings.temperature:g}; about {settings.steps} steps of up to about {settings.batch_size} ion "
        f"images, AdamW with a one-cycle learning rate of at most {settings.learning_rate:g}). Views were drawn with "
        f"{_views(settings.views)}. The unit vectors of the three parts were put together, each divided by the "
        "square root of the standard deviation of its cosines. These vectors and, with the same say, the same vectors "
        f"whitened (each principal component divided by the root of its variance plus {fusion.RIDGE:g} times the "
        f"largest) are compared by the cosine. {_consensus(config.clusters, ions)}"
    )


def _consensus(clusters: int, ions: int) -> str:
    neighbours = ", ".join(map(str, consensus.NEIGHBOURS[:-1])) + f" and {consensus.NEIGHBOURS[-1]}"
    numbers = sorted({max(2, clusters + more) for more in consensus.AROUND})
    largest = consensus.LARGEST
    rest = f" This was done with {largest:,} of the ions, which the others joined." if ions > largest else ""
    return (
        f"Consensus clustering (Fred and Jain 2005) gave {clusters} clusters: spectral clustering with {neighbours} "
        "nearest neighbours, Ward's method and average linkage (the last two with "
        f"{consensus.LINKAGE_VOTES} votes each), for {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} clusters, "
        "voted which ions belong together, and average linkage of the votes gave the clusters." + rest
    )


def _views(config: SpatialViewsConfig) -> str:
    parts = [
        f"up to {config.mix:.0%} of another ion image mixed in",
        f"intensities raised to a power (its logarithm up to ±{config.contrast:g})",
        f"an even background of up to {config.background:.0%} of the mean intensity",
        f"a smooth random field of sensitivity (standard deviation of its logarithm up to {config.gain:g})",
        f"factors from line to line (up to {config.lines:g}) and from pixel to pixel (up to {config.pixels:g})",
    ]
    counts = f"{config.counts_min:,.0f} to {config.counts_max:,.0f} counts per image"
    return f"{', '.join(parts)} and {counts} drawn from the Poisson distribution"
