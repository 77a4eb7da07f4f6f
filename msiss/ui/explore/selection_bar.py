"""The bar of the selection: how many ions are selected, and what can be done with them."""

from collections.abc import Callable, Mapping

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.ui import selection
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import ion_picker as ion_names
from msiss.words import count


def draw(
    images: IonImages,
    *,
    more: Mapping[str, Callable[[], None]] | None = None,
    beside: Callable[[], None] | None = None,
) -> list[int]:
    """Draw the bar and return the selected ions.

    Parameters
    ----------
    images : IonImages
    more : dict of str to callable, optional
        Further buttons, shown while something is selected.
    beside : callable, optional
        Draws further elements in the bar.
    """
    chosen = selection.selected()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="selection bar"):
        text = f"{count(len(chosen), 'selected ion')}" if chosen else "Nothing is selected"
        st.markdown(f"**{text}**", width="content")
        _button("Undo", "undo", selection.undo, off=not selection.can_undo())
        _button("Redo", "redo", selection.redo, off=not selection.can_redo())
        _button("Clear", "close", selection.clear, off=not chosen)
        _button("Invert", "invert_colors", lambda: selection.invert(len(images)))
        with st.popover("Find, save, load", icon=":material/bookmark:"):
            _find(images)
            _save(chosen)
            _load()
        for title, act in (more or {}).items():
            if chosen:
                st.button(title, on_click=plain_errors()(act), key=f"selection {title}")
        if beside is not None:
            beside()
    return chosen


def _button(title: str, icon: str, act: Callable[[], None], *, off: bool = False) -> None:
    st.button(
        title,
        icon=f":material/{icon}:",
        key=f"selection {title}",
        type="tertiary",
        on_click=plain_errors()(act),
        disabled=off,
    )


def _find(images: IonImages) -> None:
    key = ion_names.own_key(images, "find ions")
    st.text_input(
        f"Find {images.axis.title} or name",
        placeholder=f"such as {images.mz[len(images) // 2]:.3f}",
        icon=":material/search:",
        key=key,
        on_change=_found,
        args=(images, key),
        help=f"A number selects the ions at that {images.axis.name}, as precisely as it is typed; a word all ions in "
        "whose name, formula or class it occurs.",
    )


def _found(images: IonImages, key: str) -> None:
    if (text := st.session_state[key].strip()) and (found := ion_names.find(images, text)):
        selection.select(found)


def _save(chosen: list[int]) -> None:
    name = st.text_input(
        "Save the selection as", key="selection name", placeholder="such as white matter", max_chars=80
    ).strip()
    st.button(
        "Save",
        icon=":material/bookmark_add:",
        key="save selection",
        disabled=not (name and chosen),
        on_click=plain_errors()(selection.save),
        args=(name,),
    )


def _load() -> None:
    for name, kept in reversed(selection.saved().items()):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                f"{literal(name)} ({count(len(kept.ions), 'ion')})",
                key=f"load {name}",
                on_click=selection.select,
                args=(kept.ions,),
                width="stretch",
            )
            st.button(
                "Delete",
                icon=":material/delete:",
                type="tertiary",
                key=f"forget {name}",
                on_click=plain_errors()(selection.forget),
                args=(name,),
            )
