"""The representations of ion images that msiss puts side by side."""

from enum import StrEnum


class Representation(StrEnum):
    """A way to turn an ion image into a vector; the cosine of two vectors says how alike their ions are."""

    IMAGE_VECTORS = "image-vectors"
    PEARSON = "pearson"
    METASPACE = "metaspace"
    SPEARMAN = "spearman"
    BANDS = "bands"
    WHITENED = "whitened"
    FUSED = "fused"
    PRETRAINED = "pretrained"
    CONTRASTIVE = "contrastive"
    SELF_LABELLED = "self-labelled"
    MSISS = "msiss"


# Those that need no training, in the order in which they are shown.
PLAIN = (
    Representation.IMAGE_VECTORS,
    Representation.PEARSON,
    Representation.METASPACE,
    Representation.SPEARMAN,
    Representation.BANDS,
    Representation.WHITENED,
    Representation.FUSED,
)

TITLES = {
    Representation.IMAGE_VECTORS: "Image vectors (plain pixels)",
    Representation.PEARSON: "Correlation of smoothed pixels",
    Representation.METASPACE: "METASPACE-style filtered pixels",
    Representation.SPEARMAN: "Rank correlation of pixels",
    Representation.BANDS: "Bands (coarse to fine structures)",
    Representation.WHITENED: "Whitened pixels (what tells ions apart)",
    Representation.FUSED: "Bands and whitened pixels together",
    Representation.PRETRAINED: "CNN before training (ImageNet)",
    Representation.CONTRASTIVE: "CNN after contrastive learning",
    Representation.SELF_LABELLED: "CNN after self-labelling",
    Representation.MSISS: "msiss (trained)",
}

# What each does, for whoever has to choose one; read on from the title.
ABOUT = {
    Representation.IMAGE_VECTORS: "compare the pixels one by one, as most tools do.",
    Representation.PEARSON: "asks whether two images rise and fall in the same places, after single bright pixels are "
    "smoothed away.",
    Representation.METASPACE: "leave out the fainter half of the pixels, then compare the rest, smoothed.",
    Representation.SPEARMAN: "asks which pixels are brighter, not by how much.",
    Representation.BANDS: "compare fine and coarse structures apart, and trust each as far as the image confirms it, "
    "so that faint ions are compared by their coarse structures.",
    Representation.WHITENED: "count little what all ions share, such as the outline of the tissue, and much what tells "
    "them apart.",
    Representation.FUSED: "are one measure made of both.",
    Representation.PRETRAINED: "sees the images as a network does that knows photographs only.",
    Representation.CONTRASTIVE: "is the network after it has learned what stays the same in varied views of your ions.",
    Representation.SELF_LABELLED: "is the network after it has also taught itself the clusters.",
    Representation.MSISS: "has learned, from varied views of your ions, what stays the same at each place, and adds "
    "the bands.",
}

# What answers "which ions look like this one" before anything is trained.
FAST = Representation.FUSED
