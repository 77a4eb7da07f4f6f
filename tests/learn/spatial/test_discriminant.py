"""The discriminant: signal is told from noise, in closed form, and data without either."""

import numpy as np
import pytest
import scipy.linalg
import torch
import torch.nn.functional as F

from msiss.learn.spatial import discriminant
from msiss.learn.spatial.discriminant import fit_discriminant, landmarks

NOISE = torch.tensor([5, 5, 0.1, 0.1, 0.1, 1])  # what differs between the views of one image, along six directions
SIGNAL = torch.tensor([0, 0, 1, 1, 1, 1])  # what differs between images


def drawn(number: int = 200, views: int = 4, seed: int = 0) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Return images along rotated directions of `SIGNAL` and `NOISE`, and views of them."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    truth = normal(number, 6) * SIGNAL
    rotation = torch.linalg.qr(normal(6, 6))[0]
    return (truth + 3) @ rotation, [(truth + 3 + normal(number, 6) * NOISE) @ rotation for _ in range(views)]


def oracle(views: list[np.ndarray], ridge: float) -> np.ndarray:
    """Return axes @ axes.T: the generalised eigenvectors of signal and noise, each shrunk by s / (s + 1)."""
    stacked = np.stack(views)  # (V, N, P)
    number_views, number, dimensions = stacked.shape
    within, between = np.zeros((dimensions, dimensions)), np.zeros((dimensions, dimensions))
    for image in range(number):
        mean = stacked[:, image].mean(axis=0)
        from_all = mean - stacked.mean(axis=(0, 1))
        between += np.outer(from_all, from_all) / (number - 1)
        for view in stacked[:, image]:
            within += np.outer(view - mean, view - mean) / (number * (number_views - 1))
    between -= within / number_views
    noise = within + ridge * np.trace(within) / dimensions * np.eye(dimensions)
    signal, vectors = scipy.linalg.eigh(between, noise)
    signal = signal.clip(0)
    return vectors @ np.diag((signal / (signal + 1)) ** 2) @ vectors.T


@pytest.mark.parametrize("ridge", [0.0, 0.3, 2.0])
def test_it_is_the_shrunk_fisher_discriminant(ridge: float) -> None:
    images, views = drawn()
    fitted = fit_discriminant(images, views, components=50, ridge=ridge)
    expected = oracle([view.double().numpy() for view in views], ridge)
    found = (fitted.axes @ fitted.axes.T).double().numpy()
    np.testing.assert_allclose(found, expected, atol=1e-3 * np.abs(expected).max())
    np.testing.assert_allclose(fitted.centre, torch.stack(views).mean((0, 1)), atol=1e-5)


def found_again(vectors: torch.Tensor, view: torch.Tensor) -> float:
    """Return the share of views whose nearest image by the cosine is their own."""
    nearest = (F.normalize(view, dim=1) @ F.normalize(vectors, dim=1).T).argmax(1)
    return float((nearest == torch.arange(len(view))).float().mean())


def test_views_find_their_image_by_the_signal_where_noise_hid_it() -> None:
    images, views = drawn(number=20)
    fitted = fit_discriminant(images, views, components=6, ridge=0.0)
    (unseen,) = drawn(number=20, views=5)[1][4:]
    plain = found_again(images - fitted.centre, unseen - fitted.centre)
    assert found_again(fitted(images), fitted(unseen)) > plain + 0.4


def test_vectors_of_length_1_come_out() -> None:
    images, views = drawn()
    fitted = fit_discriminant(images, views, components=6, ridge=1.0)
    torch.testing.assert_close(fitted(10 * images).norm(dim=1), torch.ones(200))


@pytest.mark.parametrize(
    ("number", "components", "axes"), [(200, 3, 3), (200, 500, 6), (4, 500, 4)]
)  # no more than asked for, than dimensions and than images
def test_number_of_axes(number: int, components: int, axes: int) -> None:
    images, views = drawn(number=number)
    fitted = fit_discriminant(images, views, components=components, ridge=1.0)
    assert fitted.axes.shape == (6, axes)
    assert fitted(images).isfinite().all()


@pytest.mark.parametrize("ridge", [0.0, 1.0])
@pytest.mark.parametrize(
    "images", [torch.zeros(5, 4), torch.ones(5, 4), torch.eye(5, 4), torch.ones(1, 4)],
    ids=["empty", "all the same", "without noise", "one image"],
)  # fmt: skip
def test_data_without_noise_or_signal_give_finite_vectors(images: torch.Tensor, ridge: float) -> None:
    fitted = fit_discriminant(images, [images, images], components=10, ridge=ridge)
    assert fitted(images).isfinite().all()


def test_landmarks_are_spread_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    assert landmarks(7).tolist() == list(range(7))
    monkeypatch.setattr(discriminant, "LANDMARKS", 11)
    assert landmarks(101).tolist() == list(range(0, 101, 10))
