"""Search for ions by text: an m/z with any number of decimals, or a part of an annotation."""

import re
from dataclasses import dataclass

import numpy as np

from msiss.data.ion_images import IonImages
from msiss.data.recipe import ReadConfig
from msiss.errors import SettingError
from msiss.words import count

_NUMBER = re.compile(r"\d{1,7}(?:[.,](\d{0,8}))?")


@dataclass(frozen=True)
class Found:
    """The result of a search: the indices of the ions, ascending, and a sentence about it."""

    ions: tuple[int, ...]
    said: str


def known(images: IonImages, ion: int) -> list[str]:
    """Return the annotations of an ion: formula, adduct and class, then its name, unless that is its m/z.

    Several molecules may have one formula, and the name is that of the first of them.
    """
    name = images.names[ion]
    named = [] if name == images.axis.number(images.mz[ion]) else [name]
    return [*(text for values in images.annotations.values() if (text := values[ion])), *named]


def label(images: IonImages, ion: int) -> str:
    """Return the m/z of an ion and its annotations, as the text of an entry in lists of ions."""
    return " · ".join([images.axis.number(images.mz[ion]), *known(images, ion)])


def search(images: IonImages, text: str) -> Found:
    """Find ions by an m/z or a text.

    A number matches ions whose m/z rounds to it, with its number of decimals (741.531 as well as 741.5306), or lies
    within the m/z window of the import. A number without such an ion, and any other text, matches ions whose formula,
    adduct, class or name contains it, ignoring case.

    Parameters
    ----------
    images : IonImages
    text : str
        A number with a decimal point or comma, or words.
    """
    wanted = text.strip()
    if not wanted:
        return Found((), "Type a number or a name.")
    written = _NUMBER.fullmatch(wanted)
    near = _near(images, float(wanted.replace(",", ".")), len(written[1] or "")) if written else np.array([], dtype=int)
    if len(near):
        return Found(tuple(near.tolist()), f"{count(len(near), 'ion')} at {images.axis.name} {wanted}.")
    folded = wanted.casefold()
    named = [ion for ion in range(len(images)) if any(folded in one.casefold() for one in known(images, ion))]
    if named:
        return Found(tuple(named), f"{count(len(named), 'ion')} with “{wanted}”.")
    if written:
        return Found((), f"No ion at {images.axis.name} {wanted}. {_nearest(images, float(wanted.replace(',', '.')))}")
    return Found((), f"No ion has “{wanted}” in its formula, adduct, class or name.")


def one_ion(images: IonImages, wanted: float | str) -> int:
    """Return the ion that a number or a text means, see `search`.

    Raises
    ------
    SettingError
        If there is none, or a text means several. Of several ions at a number the nearest to it is meant.
    """
    text = wanted if isinstance(wanted, str) else np.format_float_positional(wanted, precision=8, trim="-")
    found = search(images, text)
    if not found.ions:
        raise SettingError(found.said)
    if not isinstance(wanted, str):
        return min(found.ions, key=lambda one: abs(images.mz[one] - wanted))
    if len(found.ions) > 1:
        listed = ", ".join(images.axis.number(images.mz[one]) for one in found.ions[:10])
        raise SettingError(f"{found.said} Say which one by its {images.axis.name}: {listed}.")
    return found.ions[0]


def _near(images: IonImages, wanted: float, decimals: int) -> np.ndarray:
    tolerance = 0.5 * 10.0**-decimals
    if images.axis.is_mz:
        ppm = images.recipe.get("read", {}).get("ppm", ReadConfig().ppm)
        tolerance = max(tolerance, wanted * ppm * 1e-6)
    rounding = 1e-9 * max(wanted, 1.0)  # 741.5305 has no exact binary representation
    return np.flatnonzero(np.abs(images.mz - wanted) <= tolerance + rounding)


def _nearest(images: IonImages, wanted: float) -> str:
    ion = int(np.abs(images.mz - wanted).argmin())
    away = abs(images.mz[ion] - wanted)
    distance = f"{away:.{images.axis.decimals}f} {images.axis.unit}".strip()
    if images.axis.is_mz and away / images.mz[ion] < 1e-3:
        distance = f"{away / images.mz[ion] * 1e6:.0f} ppm"
    return f"The nearest is {images.axis.number(images.mz[ion])}, {distance} away."
