"""Names of ions on the pages, and widgets to pick ions."""

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.ion_search import known, label, search
from msiss.ui import state


def position(images: IonImages, ion: int) -> str:
    """Return the m/z of an ion, or its position on another axis, as shown under its image."""
    return images.axis.text(images.mz[ion])


def title(images: IonImages, ion: int) -> str:
    """Return the m/z of an ion with its unit and what is known about it."""
    return " · ".join([position(images, ion), *known(images, ion)])


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
    place = own_key(images, key)
    chosen = st.multiselect(
        f"{text} by {images.axis.title}",
        range(len(images)),
        default=st.session_state.get(place, list(default)[:most]),  # see `forms` for why it is given again
        format_func=lambda ion: label(images, ion),
        max_selections=most,
        filter_mode="contains",
        placeholder=f"Type {images.axis.name} or name",
        key=place,
        persist_state="session",
        wrap=True,
        accept_new_options=True,
        on_change=_take_typed,
        args=(images, place, most),
        help=f"Type {images.axis.name}, as precisely as you know it, or a part of a name, formula or class, and press "
        f"Enter; at most {most} ions.",
    )
    return [ion for ion in chosen if isinstance(ion, int)]  # text is replaced before the page is drawn


@overload
def pick_one(images: IonImages, text: str, key: str, *, first: int, **more: Any) -> int: ...
@overload
def pick_one(images: IonImages, text: str, key: str, *, first: None, **more: Any) -> int | None: ...
def pick_one(images: IonImages, text: str, key: str, *, first: int | None, **more: Any) -> int | None:
    """Let the user choose one ion, or none where `first` is None and nothing is chosen.

    Parameters
    ----------
    images : IonImages
    text : str
        The widget's label.
    key : str
        Names the widget; every data set has its own choice.
    first : int or None
        Chosen at first; with None all ions together can be chosen as well.
    **more
        For `st.selectbox`.
    """
    place = own_key(images, key)
    kept = f"{place} before"
    options = [*([None] if first is None else []), *range(len(images))]
    chosen = st.selectbox(
        text,
        options,
        index=options.index(st.session_state.get(place, first)),
        format_func=lambda ion: "All together" if ion is None else label(images, ion),
        filter_mode="contains",
        key=place,
        accept_new_options=True,
        on_change=_take_typed_one,
        args=(images, place, st.session_state.get(kept, first)),
        **more,
    )
    st.session_state[kept] = chosen
    return chosen


def find(images: IonImages, text: str) -> list[int]:
    """Return the ions that match a text, see `msiss.data.ion_search`, and show a note on what was found."""
    found = search(images, text)
    state.notify(found.said, "search")
    return list(found.ions)


def _take_typed(images: IonImages, key: str, most: int) -> None:
    """Replace typed text in a choice of ions by the ions that match it."""
    chosen = st.session_state[key]
    meant = [ion for one in chosen for ion in (find(images, one) if isinstance(one, str) else [one])]
    if any(isinstance(one, str) for one in chosen):
        st.session_state[key] = list(dict.fromkeys(meant))[:most]


def _take_typed_one(images: IonImages, key: str, before: int | None) -> None:
    typed = st.session_state[key]
    if isinstance(typed, str):
        st.session_state[key] = next(iter(find(images, typed)), before)


def own_key(images: IonImages, key: str) -> str:
    """Return a widget key that is unique to the data set, as the numbers of ions differ between data sets."""
    return f"{key} {images.fingerprint[:12]}"


def nearest(images: IonImages, mz: float) -> int:
    """Return the ion whose m/z is nearest to `mz` in Th."""
    return int(np.abs(images.mz - mz).argmin())


def spread(images: IonImages, number: int) -> list[int]:
    """Return the most intense ion of each of `number` equal parts of the m/z list, as a varied default."""
    return _spread(images.fingerprint, number, images)


@st.cache_data(show_spinner="Looking through the ion images", max_entries=50)
def _spread(fingerprint: str, number: int, _images: IonImages) -> list[int]:
    totals = np.array([image.sum() for image in _images.images])
    parts = np.array_split(np.argsort(_images.mz), min(number, len(_images)))
    return [int(part[totals[part].argmax()]) for part in parts]
