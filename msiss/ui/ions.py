"""How the pages name ions and let the user pick some."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages


def position(images: IonImages, ion: int) -> str:
    """Return the m/z of an ion, or its place on another axis, as it is written under its image."""
    return images.axis.text(images.mz[ion])


def known(images: IonImages, ion: int) -> list[str]:
    """Return what is known about an ion: its name, if it has one but its m/z, its formula, adduct and class."""
    name = images.names[ion]
    named = [] if name == images.axis.number(images.mz[ion]) else [name]
    return [*named, *(text for values in images.annotations.values() if (text := values[ion]))]


def label(images: IonImages, ion: int) -> str:
    """Return the m/z of an ion as a number and what is known about it: what is looked for in lists of ions."""
    return " · ".join([images.axis.number(images.mz[ion]), *known(images, ion)])


def title(images: IonImages, ion: int) -> str:
    """Return the m/z of an ion with its unit and what is known about it."""
    return " · ".join([position(images, ion), *known(images, ion)])


def matching(images: IonImages, text: str) -> list[int]:
    """Return the ions in whose names, formulas, adducts or classes a text occurs, whatever its case."""
    wanted = text.casefold()
    return [ion for ion in range(len(images)) if any(wanted in one.casefold() for one in known(images, ion))]


def pick(images: IonImages, key: str, *, default: Sequence[int], most: int, text: str = "Ions") -> list[int]:
    """Let the user choose ions by m/z; the choice is kept while other pages are shown.

    Parameters
    ----------
    images : IonImages
    key : str
        Names the widget; every data set has its own choice.
    default : sequence of int
        Chosen at first.
    most : int
        How many can be chosen.
    text : str
        The widget's label.
    """
    return st.multiselect(
        f"{text} by {images.axis.title}",
        range(len(images)),
        default=list(default)[:most],
        format_func=lambda ion: label(images, ion),
        max_selections=most,
        filter_mode="contains",
        placeholder=f"Type {images.axis.name} or name",
        key=own_key(images, key),
        persist_state="session",
        wrap=True,
        help=f"Type a part of {images.axis.name}, name, formula or class to find an ion; at most {most} ions.",
    )


def own_key(images: IonImages, key: str) -> str:
    """Return a widget key of its own for each data set, as the ions of one mean nothing in another."""
    return f"{key} {images.fingerprint[:12]}"


def nearest(images: IonImages, mz: float) -> int:
    """Return the ion whose m/z is nearest to `mz` in Th."""
    return int(np.abs(images.mz - mz).argmin())


def spread(images: IonImages, number: int) -> list[int]:
    """Return the most intense ion of each of `number` equal stretches of the m/z list: a varied first choice."""
    return _spread(images.fingerprint, number, images)


@st.cache_data(show_spinner="Looking through the ion images", max_entries=50)
def _spread(fingerprint: str, number: int, _images: IonImages) -> list[int]:  # noqa: ARG001
    totals = np.array([image.sum() for image in _images.images])
    parts = np.array_split(np.argsort(_images.mz), min(number, len(_images)))
    return [int(part[totals[part].argmax()]) for part in parts]
