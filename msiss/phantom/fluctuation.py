"""What differs from pixel to pixel beside counting noise: in all ions, in those of a class or a molecule, or in one.

Every function returns factors whose expectation is 1 in each pixel, so that the expected image stays what it was, and
exactly 1 where its spread is 0.
"""

import numpy as np
from scipy.ndimage import gaussian_filter

REFERENCE_MZ = 600.0  # Th, where the noise of an ion has the spread that is asked for


def factors(shape: tuple[int, ...], spread: float, rng: np.random.Generator, *, grain: float = 0.0) -> np.ndarray:
    """Return log-normal factors with expectation 1.

    Parameters
    ----------
    shape : tuple of int
        The last two are height and width in pixels.
    spread : float
        Standard deviation of their logarithm.
    rng : numpy.random.Generator
        Source of randomness.
    grain : float
        Sigma in pixels of the Gaussian that ties neighbouring pixels together; 0 for pixels of their own.
    """
    field = rng.standard_normal(shape)
    if grain > 0:
        field = gaussian_filter(field, grain, mode="wrap", axes=(-2, -1)) / _remaining(shape[-2:], grain)
    return np.exp(spread * field - spread**2 / 2)


def drift(shape: tuple[int, int], change: float) -> np.ndarray:
    """Return factors, shape (H, 1), that change by ``exp(change)`` from the first line to the last, with mean 1."""
    change_of_line = np.exp(np.linspace(-change / 2, change / 2, shape[0]))[:, None]
    return change_of_line / change_of_line.mean()


def noise_spreads(mz: np.ndarray, spread: float) -> np.ndarray:
    """Return the spread of the noise of each ion, shape (N,): `spread` at `REFERENCE_MZ`, in proportion to m/z."""
    return spread * np.asarray(mz) / REFERENCE_MZ


def suppression(total: np.ndarray, exponent: float) -> np.ndarray:
    """Return how ions are suppressed in each pixel: to the power `-exponent` of the expected total of all ions there.

    Parameters
    ----------
    total : ndarray of shape (H, W)
        Expected counts of all ions; less than a thousandth of the mean counts as that.
    exponent : float
        0 for none; with 1 all pixels have the same total.
    """
    return (total / total.mean()).clip(1e-3) ** -exponent


def _remaining(shape: tuple[int, ...], grain: float) -> float:
    """Return the standard deviation that white noise keeps under the Gaussian, from its impulse response."""
    impulse = np.zeros(shape)
    impulse[0, 0] = 1
    return float(np.sqrt(np.square(gaussian_filter(impulse, grain, mode="wrap")).sum()))
