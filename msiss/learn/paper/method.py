"""The description of the paper's method, without torch.

References
----------
Hu, Bindu & Laskin, Self-supervised clustering of mass spectrometry imaging data using contrastive learning,
Chem. Sci. 2022, 13, 90, doi:10.1039/D1SC04077D.
"""

from msiss.analyse.representations import Representation
from msiss.learn.method import Method, Stage, Views
from msiss.learn.paper.config import (
    AUGMENT_PRESETS,
    CONTRASTIVE,
    PRETRAINED,
    SELF_LABELLED,
    PaperConfig,
)
from msiss.learn.paper.encoders import B0, ENCODERS
from msiss.learn.references import CHEN, HU

SIDE = 96  # pixels; side of the images for which the times of the encoders were measured


def training_seconds(config: PaperConfig, ions: int) -> float:
    """Return how long the three phases take on two idle cores; the time per image is proportional to its area."""
    epochs = (config.contrastive.epochs, config.classifier.epochs, config.self_label.epochs)
    spent = zip(epochs, ENCODERS[config.encoder].seconds, strict=True)
    return ions * (config.prepare.side / SIDE) ** 2 * sum(number * each for number, each in spent)


def summary(config: PaperConfig) -> list[str]:
    """Return the settings by which trainings differ."""
    epochs = (config.contrastive.epochs, config.classifier.epochs, config.self_label.epochs)
    started = [f"started from the encoder {config.start[:8]}"] if config.start else []
    return [config.encoder, *started, f"{' + '.join(map(str, epochs))} epochs"]


def references(config: PaperConfig) -> tuple[str, ...]:
    """Return the publications that the methods text of a training cites."""
    return (HU, CHEN, *ENCODERS[config.encoder].references)


PAPER = Method(
    name="paper",
    title="paper",
    about="A network that was trained on photographs is re-trained, as published by Hu, Bindu & Laskin (2022). "
    "Choose it to reproduce the publication, or to compare; it takes long without a GPU.",
    config=PaperConfig,
    presets={
        # Small images and few epochs, sized so that the demo ends within three minutes on two cores (measured by
        # benchmarks/presets.py).
        "quick": {
            "prepare": {"side": 64},
            "contrastive": {"epochs": 15},
            "classifier": {"epochs": 40},
            "self_label": {"epochs": 20, "threshold": 0.4, "threshold_is_quantile": True},
        },
        "paper": {"encoder": B0},
    },
    about_presets="Quick is for a first look: small images and few epochs. Paper is the schedule of Hu, Bindu & Laskin "
    "(2022).",
    learn="msiss.learn.paper.training:learn_paper",
    representations=(
        Representation(
            PRETRAINED,
            "CNN before training",
            "are the features of the network that the training starts from; usually it has seen photographs only "
            "(ImageNet).",
        ),
        Representation(
            CONTRASTIVE,
            "CNN after contrastive learning",
            "are the features after the network has learned what varied views of an ion have in common.",
        ),
        Representation(
            SELF_LABELLED,
            "CNN after self-labelling",
            "are the features after the network was also trained on its own clusters.",
        ),
    ),
    stages=(
        Stage("contrastive", "1 Contrastive learning"),
        Stage("classifier", "2 First clusters"),
        Stage("self-label", "3 Self-labelling"),
    ),
    tabs={
        "Phase 1": {"contrastive": "Contrastive learning", "contrastive.views": "Views"},
        "Phase 2": {"classifier": "First clusters"},
        "Phase 3": {
            "self_label": "Self-labelling",
            "self_label.weak_views": "Weak views",
            "self_label.strong_views": "Strong views",
        },
    },
    views={
        "contrastive.views": Views(
            "Contrastive",
            "Phase 1 draws two such views of every ion image and pulls their features together.",
            strengths=AUGMENT_PRESETS,
        ),
        "self_label.weak_views": Views(
            "Self-labelling, weak",
            "Phase 3 reads the cluster of an ion from a weakly changed view ...",
            strengths=AUGMENT_PRESETS,
        ),
        "self_label.strong_views": Views(
            "Self-labelling, strong",
            "... and teaches the network to find the same cluster in a strongly changed view.",
            strengths=AUGMENT_PRESETS,
        ),
    },
    preview="msiss.learn.paper.augment:preview",
    confidence="the probability that the trained network gives to the ion's own cluster",
    consensus=False,
    about_other_numbers="The trained classifier knows its own {clusters} clusters only: these are spectral clusters of "
    "the trained features, without a confidence.",
    on_a_gpu=True,
    training_seconds=training_seconds,
    analyse_seconds=0.030,
    check_seconds=0.022,
    summary=summary,
    text="msiss.learn.paper.text:text",
    references=references,
    encoder="msiss.learn.paper.portable:portable",
    refine="msiss.learn.paper.refine:refine_paper",
)
