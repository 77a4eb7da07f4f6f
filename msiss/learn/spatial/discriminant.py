"""A linear discriminant learned from views: directions that augmentation changes little get high weights.

A closed-form counterpart of contrastive learning. Several views of each ion image are drawn; the variance within the
views of one image is noise, the variance between images is signal. Fisher's linear discriminant (1936) finds the
directions with the highest ratio of signal to noise, and each is weighted by its share of signal (Wiener).
"""

from collections.abc import Sequence

import torch
from scipy.linalg import eigh

# Learned from at most so many ions, evenly spaced over the data set: more add cost but few directions.
LANDMARKS = 1000


class Projection(torch.nn.Module):
    """A linear map from vectors (B, P) to unit vectors (B, Q); zero vectors stay zero.

    Parameters
    ----------
    centre : Tensor of shape (P,)
    axes : Tensor of shape (P, Q)
    """

    centre: torch.Tensor
    axes: torch.Tensor

    def __init__(self, centre: torch.Tensor, axes: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("centre", centre)
        self.register_buffer("axes", axes)

    @classmethod
    def like(cls, name: str, weights: dict[str, torch.Tensor]) -> "Projection":
        """Return the projection `name` of a model from the weights of the model."""
        return cls(weights[f"{name}.centre"], weights[f"{name}.axes"])

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the projected vectors, of length 1."""
        centred = (vectors - self.centre) * vectors.any(1, keepdim=True)
        return torch.nn.functional.normalize(centred @ self.axes, dim=1)


def fit_discriminant(
    images: torch.Tensor, views: Sequence[torch.Tensor], *, components: int, ridge: float
) -> Projection:
    """Fit the discriminant.

    Parameters
    ----------
    images : Tensor of shape (N, P)
        Vectors of the images without augmentation.
    views : sequence of at least two Tensors of shape (N, P)
        Vectors of one view of each image.
    components : int
        Largest number of principal components in which it is computed; Q is at most this.
    ridge : float
        Added to the noise of every component, as a fraction of the mean noise, for noise that the views do not model.

    Returns
    -------
    Projection
        With at most as many axes as images.
    """
    centre = torch.stack([view.mean(0) for view in views]).mean(0)
    axes = _principal_axes(torch.cat([images, *views[:2]]).sub_(centre), min(components, len(images)))  # (P, Q)
    if not axes.shape[1]:  # all images are equal
        return Projection(centre, torch.zeros_like(centre)[:, None])
    drawn = torch.stack([(view - centre) @ axes for view in views]).double().cpu()  # (V, N, Q)
    number_views, number = drawn.shape[:2]
    means = drawn.mean(0)  # (N, Q)
    rest = (drawn - means).flatten(0, 1)
    within = rest.T @ rest / (number * (number_views - 1))
    centred = means - means.mean(0)
    between = centred.T @ centred / max(1, number - 1) - within / number_views
    noise = within + ridge * within.diagonal().mean() * torch.eye(len(within), dtype=within.dtype)
    variances, directions = torch.linalg.eigh(noise)
    whitening = directions / variances.clamp(min=1e-12 * float(variances[-1]) + 1e-30).sqrt()
    signal, rotation = torch.linalg.eigh(whitening.T @ between @ whitening)
    signal = signal.clamp(min=0)
    shrunk = whitening @ rotation * (signal / (signal + 1))  # (Q, Q)
    return Projection(centre, axes @ shrunk.float().to(axes.device))


def landmarks(number: int) -> torch.Tensor:
    """Return the indices of the ions to learn from, at most `LANDMARKS`."""
    return torch.linspace(0, number - 1, min(number, LANDMARKS)).round().long()


def _principal_axes(vectors: torch.Tensor, number: int) -> torch.Tensor:
    """Return the first principal axes (P, at most `number`) of centred vectors (M, P)."""
    products = (vectors @ vectors.T).double().cpu().numpy()
    # Ascending; only the last ones, as all of 3,000 vectors take ten times longer.
    found = eigh(products, subset_by_index=[len(products) - number, len(products) - 1])
    variances, left = (torch.from_numpy(value) for value in found)
    kept = variances > 1e-6 * variances[-1].clamp(min=1e-30)  # smaller ones are rounding errors of the float32 products
    variances, left = variances[kept], left[:, kept]
    return vectors.T @ (left / variances.sqrt()).float().to(vectors.device)
