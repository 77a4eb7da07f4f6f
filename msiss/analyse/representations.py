"""The representations of ion images that msiss puts side by side."""

from enum import StrEnum


class Representation(StrEnum):
    """A way to turn an ion image into a vector; similar vectors mean co-localized ions."""

    IMAGE_VECTORS = "image-vectors"
    METASPACE = "metaspace"
    PRETRAINED = "pretrained"
    CONTRASTIVE = "contrastive"
    SELF_LABELLED = "self-labelled"


TITLES = {
    Representation.IMAGE_VECTORS: "Image vectors (plain pixels)",
    Representation.METASPACE: "METASPACE-style filtered pixels",
    Representation.PRETRAINED: "CNN before training (ImageNet)",
    Representation.CONTRASTIVE: "CNN after contrastive learning",
    Representation.SELF_LABELLED: "CNN after self-labelling",
}

# Shown first and reported as the default: what the paper's method ends with.
DEFAULT = Representation.SELF_LABELLED
