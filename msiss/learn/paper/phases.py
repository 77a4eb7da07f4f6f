"""The three phases of the paper's method."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import nn

from msiss.learn.loop import Phase
from msiss.learn.losses import alignment_and_uniformity, confident_cross_entropy, nt_xent
from msiss.learn.paper.augment import augment
from msiss.learn.paper.config import ClassifierConfig, ContrastiveConfig, SelfLabelConfig
from msiss.learn.paper.efficientnet import FEATURES

PROJECTION = 1024  # outputs of the projection head in the paper's code
# Steps per epoch: the paper's 367 images in batches of 183. Its epochs and learning rates are made for a hundred steps,
# so that fewer images are split into two batches as well, each with half of them as in the paper.
STEPS = 2


class Contrastive(Phase):
    """Phase 1: contrastive learning of two views per ion image (SimCLR)."""

    name = "contrastive"
    cost = 2 * 3.0  # two views; a backward pass costs about two forward passes
    in_bfloat16 = True
    least_batches = STEPS

    def __init__(self, encoder: nn.Module, images: torch.Tensor, mask: torch.Tensor, config: ContrastiveConfig) -> None:
        super().__init__(config.epochs, config.learning_rate)
        self.encoder = encoder
        self.projection = nn.Sequential(nn.Linear(FEATURES, FEATURES), nn.ReLU(), nn.Linear(FEATURES, PROJECTION))
        self.images, self.mask, self.config = images, mask, config

    def forward(self, batch: torch.Tensor, generator: torch.Generator) -> dict[str, torch.Tensor]:
        """Return the NT-Xent loss of two views of each image, and the alignment and uniformity of their projections.

        As in the paper's code, the first views and the second ones pass the encoder one after the other, so that the
        batch normalisation of each has statistics of its own, and the running statistics are renewed twice.
        """
        images = self.images[batch]
        views = [augment(images, self.config.views, self.mask, generator) for _ in range(2)]
        first, second = (self.projection(self.encoder(each)) for each in views)  # (B, 1024) each
        loss = nt_xent(first, second, temperature=self.config.temperature)
        alignment, uniformity = alignment_and_uniformity(first, second)
        return {"loss": loss, "alignment": alignment, "uniformity": uniformity}


class Classify(Phase):
    """Phase 2: a linear classifier is trained on the initial clusters, without augmentation; the encoder is frozen.

    As in the paper's code, the frozen encoder stays in training mode, so that the classifier is trained with the
    dropout and the batch normalisation of phase 3.
    """

    name = "classifier"
    cost = 1.0
    in_bfloat16 = True
    least_batches = STEPS

    def __init__(
        self,
        encoder: nn.Module,
        classifier: nn.Linear,
        images: torch.Tensor,
        labels: torch.Tensor,
        config: ClassifierConfig,
    ) -> None:
        super().__init__(config.epochs, config.learning_rate)
        self.encoder, self.classifier = encoder, classifier
        self.images, self.labels = images, labels

    def trained_parameters(self) -> Iterator[nn.Parameter]:
        """Return the parameters of the classifier."""
        return self.classifier.parameters()

    def forward(self, batch: torch.Tensor, _generator: torch.Generator) -> dict[str, torch.Tensor]:
        """Return the cross entropy against the initial clusters."""
        with torch.no_grad():
            features = self.encoder(self.images[batch])  # (B, 1280)
        return {"loss": F.cross_entropy(self.classifier(features), self.labels[batch])}


class SelfLabel(Phase):
    """Phase 3: the class of a weak view is the target of the strong view of the same image, if it is confident."""

    name = "self-label"
    cost = 1 + 3.0  # the weak view needs no backward pass
    in_bfloat16 = True
    least_batches = STEPS

    def __init__(
        self,
        encoder: nn.Module,
        classifier: nn.Linear,
        images: torch.Tensor,
        mask: torch.Tensor,
        threshold: float,
        config: SelfLabelConfig,
    ) -> None:
        super().__init__(config.epochs, config.learning_rate)
        self.encoder, self.classifier = encoder, classifier
        self.images, self.mask, self.threshold, self.config = images, mask, threshold, config
        # The class of each image by its weak view, epoch by epoch; -1 where an epoch leaves it out. As a buffer it is
        # part of the checkpoint.
        self.seen: torch.Tensor
        unseen = torch.full((config.epochs, len(images)), -1, dtype=torch.int16, device=images.device)
        self.register_buffer("seen", unseen)

    def forward(self, batch: torch.Tensor, generator: torch.Generator) -> dict[str, torch.Tensor]:
        """Return the loss of the strong views and the fraction of confident images."""
        images = self.images[batch]
        with torch.no_grad():
            weak = self._classify(augment(images, self.config.weak_views, self.mask, generator))
            self.seen[self.epoch, batch] = weak.argmax(1).to(self.seen.dtype)
        strong = self._classify(augment(images, self.config.strong_views, self.mask, generator))
        loss, confident = confident_cross_entropy(weak, strong, self.threshold)
        return {"loss": loss, "confident": confident}

    def _classify(self, views: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.encoder(views))  # (B, K)
