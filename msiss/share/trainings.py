"""What a training did, by the method of its settings: the middle of the methods text, and what it cites."""

from collections.abc import Callable, Sequence

from msiss.analyse import consensus
from msiss.analyse.measures import fusion
from msiss.learn.config import Encoder, Method, RunConfig
from msiss.learn.paper.config import AugmentConfig
from msiss.learn.spatial.config import SpatialViewsConfig

ENCODERS = {
    Encoder.EFFICIENTNET_B0: "EfficientNet-B0",
    Encoder.EFFICIENTNET_LITE0: "EfficientNet-Lite0",
}
HU = "Hu, H.; Bindu, J. P.; Laskin, J. Chem. Sci. 2022, 13, 90-98, doi:10.1039/D1SC04077D"
CHEN = "Chen, T.; Kornblith, S.; Norouzi, M.; Hinton, G. Proc. Mach. Learn. Res. 2020, 119, 1597-1607"
TAN = "Tan, M.; Le, Q. V. Proc. Mach. Learn. Res. 2019, 97, 6105-6114"
FISHER = "Fisher, R. A. Ann. Eugen. 1936, 7, 179-188, doi:10.1111/j.1469-1809.1936.tb02137.x"
FRED = (
    "Fred, A. L. N.; Jain, A. K. IEEE Trans. Pattern Anal. Mach. Intell. 2005, 27, 835-850, doi:10.1109/TPAMI.2005.113"
)
SPEARMAN = "Spearman, C. Br. J. Psychol. 1910, 3, 271-295"
BROWN = "Brown, W. Br. J. Psychol. 1910, 3, 296-322"
OVCHINNIKOVA = "Ovchinnikova, K. et al. Bioinformatics 2020, 36, 3215-3224, doi:10.1093/bioinformatics/btaa085"
REFERENCES = {
    Method.PAPER: (HU, CHEN, TAN, SPEARMAN, BROWN, OVCHINNIKOVA),
    Method.MSISS: (HU, CHEN, FISHER, FRED, SPEARMAN, BROWN, OVCHINNIKOVA),
}


def training_text(config: RunConfig, ions: int) -> str:
    """Return what a training on so many ion images does with these settings, as sentences of a methods section."""
    return TRAININGS[config.method](config, ions)


def references(method: Method) -> Sequence[str]:
    """Return what the methods text of a run by this method cites, that of the measures without training included."""
    return REFERENCES[method]


def _paper(config: RunConfig, _ions: int) -> str:
    contrastive, classifier, labelling = config.contrastive, config.classifier, config.self_label
    threshold = (
        f"the {labelling.threshold:g} quantile of the probabilities after that step"
        if labelling.threshold_is_quantile
        else f"{labelling.threshold:g}"
    )
    return (
        f"The method is that of Hu, Bindu and Laskin (2022). An ImageNet-pretrained {ENCODERS[config.encoder]} (Tan "
        "and Le 2019) was re-trained by contrastive learning (SimCLR, Chen et al. 2020; NT-Xent loss, "
        f"temperature {contrastive.temperature:g}; {contrastive.epochs} epochs, batch size {config.batch_size}, Adam "
        f"with learning rate {contrastive.learning_rate:g} and cosine decay) on views with "
        f"{_views(contrastive.views)}. Spectral clustering of the features ({config.neighbours} nearest neighbours) "
        f"gave {config.clusters} initial clusters, which a linear classifier learned with the encoder frozen "
        f"({classifier.epochs} epochs, learning rate {classifier.learning_rate:g}). Encoder and classifier were then "
        f"refined together by self-labelling ({labelling.epochs} epochs, learning rate {labelling.learning_rate:g}, "
        f"confidence threshold {threshold}) on weak views with {_views(labelling.weak_views)} and strong views with "
        f"{_views(labelling.strong_views)}."
    )


def _msiss(config: RunConfig, ions: int) -> str:
    # The numbers that are no settings are those of the modules in msiss.learn.spatial, which import torch.
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
        f"{_place_views(settings.views)}. The unit vectors of the three parts were put together, each divided by the "
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


TRAININGS: dict[Method, Callable[[RunConfig, int], str]] = {Method.PAPER: _paper, Method.MSISS: _msiss}


def _views(config: AugmentConfig) -> str:
    parts = [
        f"Gaussian blur (sigma {config.blur_min:g} to {config.blur_max:g} pixels)",
        f"brightness ±{config.brightness:.0%}",
        f"contrast ±{config.contrast:.0%}",
        f"Gaussian noise (sigma up to {config.noise:g}{', on the tissue only' if config.mask_noise else ''})",
    ]
    if config.translation:
        parts.append(f"translation up to {config.translation:.0%} of the side")
    if config.crop:
        parts.append(f"crops of up to {config.crop:.0%} of the area")
    if config.rotation:
        parts.append(f"rotation up to {config.rotation:g}°")
    return ", ".join(parts[:-1]) + f" and {parts[-1]}"


def _place_views(config: SpatialViewsConfig) -> str:
    parts = [
        f"up to {config.mix:.0%} of another ion image mixed in",
        f"intensities raised to a power (its logarithm up to ±{config.contrast:g})",
        f"an even background of up to {config.background:.0%} of the mean intensity",
        f"a smooth random field of sensitivity (standard deviation of its logarithm up to {config.gain:g})",
        f"factors from line to line (up to {config.lines:g}) and from pixel to pixel (up to {config.pixels:g})",
    ]
    counts = f"{config.counts_min:,.0f} to {config.counts_max:,.0f} counts per image"
    return f"{', '.join(parts)} and {counts} drawn from the Poisson distribution"
