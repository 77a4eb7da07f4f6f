"""The two losses of the paper's method, and alignment and uniformity, as pure functions.

References
----------
Chen et al., A simple framework for contrastive learning of visual representations, ICML 2020 (NT-Xent).
Wang & Isola, Understanding contrastive representation learning through alignment and uniformity on the hypersphere,
ICML 2020 (alignment, uniformity).
Van Gansbeke et al., SCAN: learning to classify images without labels, ECCV 2020 (self-labelling).
"""

import torch
import torch.nn.functional as F


def nt_xent(
    first: torch.Tensor, second: torch.Tensor, *, temperature: float, related: torch.Tensor | None = None
) -> torch.Tensor:
    """Return the normalised temperature-scaled cross entropy (NT-Xent) of two views per image.

    Each view is classified as its partner among the 2B - 1 other views of the batch, by cosine similarity.

    Parameters
    ----------
    first, second : Tensor of shape (B, D)
        Projections of the two views; row i of both belongs to image i.
    temperature : float
        Divides the similarities; the paper uses 0.5.
    related : Tensor of shape (2B, 2B), bool, optional
        Views that must not be told apart, first views before second ones; a view is classified without these, except
        its partner.
    """
    views = F.normalize(torch.cat([first, second]).float(), dim=1)  # (2B, D)
    similarity = views @ views.T / temperature  # (2B, 2B)
    batch = len(first)
    partner = torch.arange(2 * batch, device=views.device).roll(batch)  # (2B,)
    if related is not None:
        similarity = similarity.masked_fill(related.scatter(1, partner[:, None], value=False), -torch.inf)
    similarity.fill_diagonal_(-torch.inf)
    return F.cross_entropy(similarity, partner)


@torch.no_grad()
def alignment_and_uniformity(first: torch.Tensor, second: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the alignment of the two views of an image, and the uniformity of the images on the sphere.

    NT-Xent reduces both; if uniformity improves at the expense of alignment, further training impairs the clusters (Hu,
    Bindu & Laskin 2022, Fig. S4). They are defined in `msiss.analyse.learning_curves`.

    Parameters
    ----------
    first, second : Tensor of shape (B, D)
        As for `nt_xent`, B at least 2; no gradient flows into them.

    Returns
    -------
    alignment, uniformity : Tensor of shape ()
        The uniformity is the mean of that of the first and that of the second views.
    """
    first, second = (F.normalize(views.float(), dim=1) for views in (first, second))
    alignment = (first - second).square().sum(1).mean()
    return alignment, (_uniformity(first) + _uniformity(second)) / 2


def _uniformity(views: torch.Tensor) -> torch.Tensor:
    batch = len(views)
    distances = (2 - 2 * (views @ views.T)).fill_diagonal_(torch.inf)  # (B, B), squared
    return ((-2 * distances).exp().sum() / (batch * (batch - 1))).log()


def confident_cross_entropy(
    weak: torch.Tensor, strong: torch.Tensor, threshold: torch.Tensor | float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the class-balanced cross entropy of the strong views, and the fraction of confident images.

    The class of an image's weak view is the target of its strong view if its probability is above the threshold. All
    classes with targets in the batch have the same weight, regardless of their number of images.

    Parameters
    ----------
    weak, strong : Tensor of shape (B, K)
        Logits of the weak view (no gradient flows into them) and of the strong view.
    threshold : float
        Of the softmax probability.

    Returns
    -------
    loss, confident : Tensor of shape ()
        The loss is 0 if no image is confident.
    """
    probability, target = weak.detach().float().softmax(1).max(1)  # (B,), (B,)
    confident = (probability > threshold).float()  # (B,)
    per_class = torch.zeros(weak.shape[1], device=weak.device).index_add_(0, target, confident)  # (K,)
    weight = confident / per_class[target].clamp(min=1)  # (B,)
    losses = F.cross_entropy(strong.float(), target, reduction="none")  # (B,)
    return (weight * losses).sum() / weight.sum().clamp(min=1e-12), confident.mean()
