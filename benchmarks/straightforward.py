"""Contrastive learning as one writes it down first, for `speed.py` to compare with: not a part of msiss.

In the manner of the authors' notebook (https://github.com/LabLaskin/MSI-self-supervised-clustering), written anew:
every ion image is a PIL picture of three equal channels, torchvision and NumPy make its two views one picture at a time
in the workers of a DataLoader, efficientnet_pytorch's network computes in single precision as it comes, one view after
the other, and the loss compares all pairs in one tensor of shape (2B, 2B, D). The jitter of hue and saturation, which
does nothing to grey pictures, is left out.
"""

import os
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from efficientnet_pytorch import EfficientNet
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from msiss.learn.paper.config import AugmentConfig

TEMPERATURE = 0.5


class NoiseOfForeground:
    """Gaussian noise in proportion to the mean of the first of four foregrounds that is not empty."""

    def __init__(self, largest: float) -> None:
        self.largest = largest

    def __call__(self, picture: Image.Image) -> Image.Image:
        """Return the picture with noise."""
        pixels = np.array(picture)[:, :, 0]
        foregrounds = (pixels[pixels > level] for level in (25, 20, 15, 10))
        mean = next((float(np.mean(values)) for values in foregrounds if len(values)), float(np.mean(pixels)))
        sigma = np.random.uniform(0.001, self.largest) / 153 * mean
        noisy = np.clip(pixels / 255 + np.random.normal(0, sigma, pixels.shape), 0, 1)
        return Image.fromarray(np.repeat((noisy * 255).astype(np.uint8)[:, :, None], 3, axis=2))


class TwoViews(Dataset):
    """Two normalised views (3, H, W) of each ion image of `images` (N, H, W) in [0, 1]."""

    def __init__(self, images: np.ndarray, config: AugmentConfig) -> None:
        self.pictures = [
            Image.fromarray(np.repeat((image * 255).astype(np.uint8)[:, :, None], 3, axis=2)) for image in images
        ]
        self.view = transforms.Compose(
            [
                transforms.GaussianBlur(9, sigma=(config.blur_min, config.blur_max)),
                transforms.ColorJitter(brightness=config.brightness, contrast=config.contrast),
                NoiseOfForeground(config.noise),
                transforms.ToTensor(),
                transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
            ]
        )

    def __len__(self) -> int:
        """Return the number of ion images."""
        return len(self.pictures)

    def __getitem__(self, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return two views of one ion image."""
        return self.view(self.pictures[number]), self.view(self.pictures[number])


def loader(images: np.ndarray, config: AugmentConfig, batch_size: int) -> DataLoader:
    """Return batches of views, made by as many workers as there are cores, which stay from epoch to epoch."""
    return DataLoader(
        TwoViews(images, config),
        batch_size,
        shuffle=True,
        drop_last=True,
        num_workers=os.cpu_count() or 1,
        persistent_workers=True,
    )


class Network(nn.Module):
    """EfficientNet-B0 with random weights and a projection head."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = EfficientNet.from_name("efficientnet-b0")
        self.encoder._fc = nn.Identity()
        self.head = nn.Sequential(nn.Linear(1280, 1280), nn.ReLU(), nn.Linear(1280, 1024))

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        """Return projections (B, 1024) of views (B, 3, H, W)."""
        return self.head(self.encoder(views))


def loss_of_all_pairs(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Return NT-Xent of two views (B, D) each."""
    views, batch = torch.cat([first, second]), len(first)
    similarity = F.cosine_similarity(views.unsqueeze(1), views.unsqueeze(0), dim=2)  # over (2B, 2B, D)
    positive = torch.cat([torch.diag(similarity, batch), torch.diag(similarity, -batch)])
    others = ~torch.eye(2 * batch, dtype=torch.bool)
    of_all = (others * torch.exp(similarity / TEMPERATURE)).sum(1)
    return -torch.log(torch.exp(positive / TEMPERATURE) / of_all).mean()


def train(images: np.ndarray, config: AugmentConfig, batch_size: int, epochs: int) -> Iterator[float]:
    """Train, and give the mean loss of every epoch."""
    network = Network().train()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    batches = loader(images, config, batch_size)
    for _ in range(epochs):
        losses = []
        for first, second in batches:
            loss = loss_of_all_pairs(network(first), network(second))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
        yield float(np.mean(losses))
