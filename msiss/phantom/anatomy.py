"""The tissue of the phantom: a cross-section of a hollow organ, drawn from smooth random fields.

The parts are those of a section of uterus or gut: a lumen lined by epithelium, stroma with glands, two layers of muscle
with vessels, a surrounding serosa, and an adjacent fat pad. No part was copied from a real section.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.special import expit, softmax


@dataclass(frozen=True)
class SpatialClass:
    """Molecules that share a spatial pattern.

    Attributes
    ----------
    name : str
        Description of the pattern.
    parts : dict
        Intensity in each part of the tissue, relative to the brightest part.
    share : float
        Frequency of molecules of this class, relative to the other classes.
    """

    name: str
    parts: dict[str, float]
    share: float = 1.0


# Chosen so that neighbours in this list share parts and differ in relative intensities: luminal against luminal and
# glandular epithelium, one muscle layer against both, stroma against one side of it. The shares are as uneven as the
# expert's classes of the uterus section in Hu, Bindu & Laskin (2022): 10 to 58 of 367 ions.
CLASSES = (
    SpatialClass("luminal epithelium", {"epithelium": 1.0, "stroma": 0.1}),
    SpatialClass("luminal and glandular epithelium", {"epithelium": 1.0, "glands": 0.5, "stroma": 0.1}, 2.0),
    SpatialClass("glands", {"glands": 1.0, "epithelium": 0.25, "stroma": 0.1}),
    SpatialClass("mucosa", {"epithelium": 1.0, "glands": 0.8, "stroma": 0.6}, 2.0),
    SpatialClass("stroma", {"stroma": 1.0, "glands": 0.3, "inner muscle": 0.25}, 1.5),
    SpatialClass("upper stroma", {"upper stroma": 1.0, "stroma": 0.2, "glands": 0.2}),
    SpatialClass("inner muscle", {"inner muscle": 1.0, "outer muscle": 0.3, "stroma": 0.15}),
    SpatialClass("muscle", {"inner muscle": 0.7, "outer muscle": 1.0, "serosa": 0.6, "stroma": 0.15}, 2.0),
    SpatialClass("outer wall", {"serosa": 1.0, "outer muscle": 0.45, "inner muscle": 0.1}),
    SpatialClass("vessels", {"vessels": 1.0, "lumen": 0.3, "section": 0.12}),
    SpatialClass("fat", {"fat": 1.0, "serosa": 0.2, "section": 0.05}),
    SpatialClass("whole section", {"section": 1.0}, 2.0),
    SpatialClass("matrix", {"outside": 1.0, "lumen": 0.6, "section": 0.08}, 1.5),
)

MATRIX = next(number for number, spatial in enumerate(CLASSES) if spatial.name == "matrix")


def class_profiles(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Draw a section and return the noise-free image of each class, with a mean square of 1.

    Parameters
    ----------
    shape : tuple of two int
        Height and width in pixels.
    rng : numpy.random.Generator
        Source of randomness; determines the section.

    Returns
    -------
    ndarray of shape (C, H, W), float64
        In the order of `CLASSES`.
    """
    parts = tissue_parts(shape, rng)
    profiles = np.stack([sum(weight * parts[part] for part, weight in spatial.parts.items()) for spatial in CLASSES])
    return profiles / np.sqrt(np.square(profiles).mean(axis=(1, 2), keepdims=True))


def patch_profiles(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Draw a section of random patches, and return the noise-free image of each class, with a mean square of 1.

    The number of tissues is that of classes. Each pixel belongs to the tissue with the highest of the smooth random
    fields of all tissues, and each class is intense in one to three tissues, some with a gradient. Classes share
    tissues, as in `class_profiles`; the last class is the matrix, outside the section.

    Parameters
    ----------
    shape : tuple of two int
        Height and width in pixels.
    rng : numpy.random.Generator
        Source of randomness; determines the section.

    Returns
    -------
    ndarray of shape (C, H, W), float64
        As many classes as `CLASSES` has.
    """
    number = len(CLASSES)
    scales = np.exp(rng.uniform(np.log(0.02), np.log(0.12), number))  # from the size of glands to that of lobes
    fields = np.stack([smooth_field(shape, scale, rng) for scale in scales])
    tissues = softmax(8 * fields, axis=0)
    section = _section(shape, rng)
    profiles = []
    for _ in range(number - 1):
        chosen = rng.choice(number, size=rng.integers(1, 4), replace=False)
        weights = rng.uniform(0.2, 1.0, len(chosen))
        gradient = expit(rng.choice([0.0, 3.0]) * smooth_field(shape, 0.2, rng))
        profiles.append(section * (0.05 + gradient * np.tensordot(weights, tissues[chosen], axes=1)))
    profiles.append(1 - 0.9 * section)
    return np.stack([profile / np.sqrt(np.square(profile).mean()) for profile in profiles])


def nested_profiles(
    shape: tuple[int, int], rng: np.random.Generator, *, classes: int, scale: float, sharpness: float
) -> np.ndarray:
    """Draw a section of organs that hold tissues, and return the noise-free image of each class, mean square 1.

    A third of the classes are found in a whole organ, as many of them as organs; the others in one of the tissues of an
    organ, so that they are nested in the former. The last class is the matrix, outside the section.

    Parameters
    ----------
    shape : tuple of two int
        Height and width in pixels.
    rng : numpy.random.Generator
        Source of randomness; determines the section.
    classes : int
        Number of classes, at least 4.
    scale : float
        Size of the organs as a fraction of the longer side; tissues are half as large.
    sharpness : float
        How sharp borders are: with 1 all is gradients, with 8 regions are flat.

    Returns
    -------
    ndarray of shape (classes, H, W), float64
    """
    organs = max(2, (classes - 1) // 3)
    section = _section(shape, rng)
    organ = softmax(sharpness * np.stack([smooth_field(shape, scale, rng) for _ in range(organs)]), axis=0)
    profiles = list(organ)
    inside = [number % organs for number in range(classes - 1 - organs)]
    fields = np.stack([smooth_field(shape, scale / 2, rng) for _ in inside])
    for number, one in enumerate(inside):
        siblings = [other for other, organ_of in enumerate(inside) if organ_of == one]
        against = np.concatenate([fields[siblings], np.zeros((1, *shape))])  # the rest of the organ has none
        share = softmax(sharpness * against, axis=0)[siblings.index(number)]
        profiles.append(organ[one] * share)
    profiles = [section * (0.02 + profile) for profile in profiles]
    profiles.append(1 - 0.9 * section)
    return np.stack([profile / np.sqrt(np.square(profile).mean()) for profile in profiles])


def _section(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return a roundish section, (H, W), from 0 outside to 1 inside."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return expit(25 * (1 - np.hypot(x, y) / rng.uniform(0.85, 1.0) + 0.08 * smooth_field(shape, 0.08, rng)))


def smooth_field(shape: tuple[int, int], scale: float, rng: np.random.Generator) -> np.ndarray:
    """Return a smooth random field with mean 0 and standard deviation 1.

    Parameters
    ----------
    shape : tuple of two int
        Height and width in pixels.
    scale : float
        Sigma of the smoothing, as a fraction of the longer side.
    rng : numpy.random.Generator
        Source of randomness.
    """
    field = gaussian_filter(rng.standard_normal(shape), scale * max(shape), mode="reflect")
    return (field - field.mean()) / field.std()


def tissue_parts(shape: tuple[int, int], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw the parts of a section.

    Parameters
    ----------
    shape : tuple of two int
        Height and width in pixels.
    rng : numpy.random.Generator
        Source of randomness; determines the section.

    Returns
    -------
    dict of str to ndarray of shape (H, W)
        Fraction of each pixel that belongs to each part, in [0, 1]. The borders are smooth, as if a laser spot or a
        solvent bridge covers two tissues.
    """
    height, width = shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    y = y + 0.05 * smooth_field(shape, 0.1, rng)
    x = x + 0.05 * smooth_field(shape, 0.1, rng)
    depth = np.hypot((x + 0.16) / 0.70, y / 0.84) + 0.02 * smooth_field(shape, 0.03, rng)  # 1 at the organ's border
    lumen = np.hypot((x + 0.18) / 0.24, y / 0.10) + 0.30 * smooth_field(shape, 0.03, rng)  # 1 at the lumen's border

    organ = expit(50 * (1 - depth))
    solid = organ * expit(6 * (lumen - 1))  # the organ without its lumen
    epithelium = solid * expit(6 * (2.0 - lumen))
    mucosa = solid * expit(50 * (0.68 - depth)) * (1 - epithelium)
    glands = _spots(shape, mucosa, 0.02, 0.018, rng)
    stroma = mucosa * (1 - 0.8 * glands)
    vessels = _spots(shape, _layer(depth, 0.66, 0.96), 0.006, 0.022, rng)
    upper = expit(4 * (0.4 * smooth_field(shape, 0.15, rng) - y))

    fat_pad = expit(25 * (1 - np.hypot((x - 0.62) / 0.34, (y + 0.3) / 0.62))) * (1 - organ)
    cell_walls = np.exp(-np.square(3 * smooth_field(shape, 0.012, rng)))  # bright where the field crosses 0
    section = solid + fat_pad
    return {
        "lumen": organ - solid,
        "epithelium": epithelium,
        "glands": glands,
        "stroma": stroma,
        "upper stroma": stroma * upper,
        "inner muscle": _layer(depth, 0.70, 0.81) * (1 - vessels),
        "outer muscle": _layer(depth, 0.83, 0.95) * (1 - vessels),
        "serosa": _layer(depth, 0.96, 1.03),
        "vessels": vessels,
        "fat": fat_pad * (1 - 0.7 * cell_walls),
        "section": section,
        "outside": (1 - organ - fat_pad).clip(0),
    }


def _layer(depth: np.ndarray, start: float, end: float) -> np.ndarray:
    return expit(60 * (depth - start)) * expit(60 * (end - depth))


def _spots(
    shape: tuple[int, int], where: np.ndarray, density: float, radius: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw soft round spots, `density` per pixel of `where`, with a radius given as a fraction of the longer side."""
    weight = np.where(where > 0.5, where, 0).ravel()
    number = max(3, round(density * weight.sum()))
    centres = rng.choice(weight.size, size=number, replace=False, p=weight / weight.sum())
    rows, columns = np.divmod(centres, shape[1])
    radii = radius * max(shape) * rng.uniform(0.7, 1.4, number)
    y, x = np.mgrid[: shape[0], : shape[1]]
    distance = np.hypot(y[None] - rows[:, None, None], x[None] - columns[:, None, None])  # (number, H, W)
    return expit(3 * (radii[:, None, None] - distance)).max(axis=0)
