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
    Representation.MSISS: "msiss (trained, keeps the place)",
}

# What answers "which ions look like this one" before anything is trained.
FAST = Representation.FUSED
