"""Families of phantoms whose statistics were fitted to those of real sets, for the benchmarks.

Each member is a phantom like one real set: its settings were found by `benchmarks/realism_fit.py`, which compares
statistics of the images and does not look at any measure; the distances below are in standard deviations of a statistic
over the real sets, where those of two real sets are 0.9 to 1.8. No image or number of a real set is in it.
"""

from dataclasses import dataclass

from msiss.phantom.regime import Regime


@dataclass(frozen=True)
class Likeness:
    """A phantom that is like a real set.

    Attributes
    ----------
    like : str
        Name of the real set, as in `benchmarks/real_sets.py`.
    regime : Regime
        The settings of the section.
    shape : tuple of two int
        Height and width in pixels.
    ions : int
        Number of ion images.
    """

    like: str
    regime: Regime
    shape: tuple[int, int]
    ions: int


FAMILIES: dict[str, tuple[Likeness, ...]] = {
    "tissue": (
        # distance 0.56 over 3 seeds, of 320 settings tried
        Likeness(
            "bladder",
            Regime(
                anatomy="nested",
                counts=4.14,
                mix=0.0476,
                contrast=0.668,
                background=0.236,
                field=0.501,
                line=0.0,
                pixel=0.262,
                hot_spots=0.0,
                missing=0.0,
                classes=6,
                scale=0.205,
                sharpness=5.07,
                overlap=0.129,
                cells=1.08,
                molecule=0.307,
                grain=0.932,
                spectrum=0.554,
                drift=0.482,
                suppression=0.338,
                abundance=0.654,
            ),
            (40, 56),
            150,
        ),
        # distance 0.42 over 3 seeds, of 320 settings tried
        Likeness(
            "barley",
            Regime(
                anatomy="nested",
                counts=39.1,
                mix=0.138,
                contrast=0.339,
                background=0.461,
                field=0.373,
                line=0.0,
                pixel=0.183,
                hot_spots=0.0,
                missing=0.0,
                scale=0.22,
                sharpness=1.11,
                overlap=0.243,
                cells=0.191,
                molecule=0.132,
                grain=0.777,
                spectrum=0.614,
                drift=0.801,
                edge=0.788,
                abundance=0.751,
            ),
            (24, 24),
            150,
        ),
        # distance 0.67 over 3 seeds, of 320 settings tried
        Likeness(
            "isotopologues",
            Regime(
                anatomy="nested",
                counts=12.9,
                mix=0.532,
                contrast=0.517,
                background=0.99,
                field=0.387,
                line=0.185,
                pixel=0.425,
                hot_spots=0.00718,
                missing=0.0,
                classes=6,
                scale=0.055,
                sharpness=1.91,
                overlap=0.221,
                gradient=0.645,
                cells=0.319,
                molecule=0.213,
                spectrum=0.219,
                suppression=0.244,
                noise=0.212,
                threshold=8.0,
                abundance=0.819,
            ),
            (40, 56),
            250,
        ),
    ),
    "genes": (
        # distance 0.38 over 3 seeds, of 320 settings tried
        Likeness(
            "cerebellum",
            Regime(
                anatomy="nested",
                counts=0.0815,
                mix=0.461,
                contrast=0.373,
                background=0.281,
                field=0.0955,
                line=0.0,
                pixel=0.283,
                hot_spots=0.00981,
                missing=0.0,
                classes=6,
                scale=0.0852,
                sharpness=1.81,
                overlap=0.294,
                cells=1.41,
                molecule=0.382,
                spectrum=0.0849,
                edge=0.81,
                suppression=0.0958,
                abundance=0.693,
            ),
            (40, 56),
            250,
        ),
        # distance 0.59 over 3 seeds, of 320 settings tried
        Likeness(
            "olfactory bulb",
            Regime(
                anatomy="nested",
                counts=47.7,
                mix=0.184,
                contrast=0.186,
                background=0.873,
                field=0.361,
                line=0.0,
                pixel=0.148,
                hot_spots=0.0,
                missing=0.0,
                classes=6,
                scale=0.0242,
                sharpness=3.44,
                whole=False,
                overlap=0.904,
                cells=0.372,
                molecule=0.208,
                grain=0.875,
                spectrum=0.296,
                edge=0.664,
                noise=0.263,
                threshold=4.0,
                abundance=0.613,
            ),
            (28, 36),
            150,
        ),
    ),
}
