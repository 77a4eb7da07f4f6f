"""The channels of the page Overlay: which, in which colour, and between which limits."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.ion_search import label
from msiss.data.overlays import Channel, Overlay
from msiss.show.overlay import BLENDS, MOST_CHANNELS
from msiss.ui import selection
from msiss.ui.explore import overlay as overlays
from msiss.ui.explore.overlay import Shown
from msiss.ui.literal import literal
from msiss.ui.widgets import ion_picker

GROUNDS = {True: "Black", False: "White"}


def panel(shown: Shown, overlay: Overlay) -> None:
    """Draw the settings of all channels."""
    _choose(shown, overlay)
    for place, channel in enumerate(overlay.channels):
        _one(shown, overlay, place, channel)
    _blend(shown.images, overlay)


def _choose(shown: Shown, overlay: Overlay) -> None:
    images = shown.images
    named = {f"cluster {number}": f"Cluster {shown.titles[number]}" for number in shown.means}
    ions = {f"ion {ion}": label(images, ion) for ion in range(len(images))}
    options = named | ions
    key = ion_picker.own_key(images, "overlay channels")
    st.session_state[key] = [channel.key for channel in overlay.channels]
    st.multiselect(
        f"Channels: ions by {images.axis.title}, or clusters",
        list(options),
        format_func=lambda one: options.get(one, one),
        max_selections=MOST_CHANNELS,
        filter_mode="contains",
        placeholder=f"Type {images.axis.name}, name or cluster",
        key=key,
        wrap=True,
        accept_new_options=True,
        on_change=_chosen,
        args=(images, overlay, key, frozenset(options)),
        help=f"At most {MOST_CHANNELS}. Type a number or a name and press Enter, or open the list.",
    )
    if selected := selection.selected():
        st.button(
            "Take the selected ions",
            icon=":material/select_all:",
            help=f"The first {MOST_CHANNELS} of the ions that are selected on the other pages.",
            on_click=_take,
            args=(images, overlay, [f"ion {ion}" for ion in selected]),
        )


def _chosen(images: IonImages, overlay: Overlay, key: str, options: frozenset[str]) -> None:
    keys = []
    for one in st.session_state[key]:
        keys += [one] if one in options else [f"ion {ion}" for ion in ion_picker.find(images, one)]
    _take(images, overlay, keys)


def _take(images: IonImages, overlay: Overlay, keys: list[str]) -> None:
    """Show these channels; those that are shown already keep their settings."""
    wanted = list(dict.fromkeys(keys))
    before = {channel.key: channel for channel in overlay.channels if channel.key in wanted}
    for key in wanted:
        if key not in before and len(before) < MOST_CHANNELS:
            before[key] = overlays.channel_of(key, overlays.free_place(tuple(before.values())))
    channels = tuple(before[key] for key in wanted if key in before)
    overlays.change(images, overlay.model_copy(update={"channels": channels}))


def _one(shown: Shown, overlay: Overlay, place: int, channel: Channel) -> None:
    images = shown.images
    key = ion_picker.own_key(images, f"overlay {channel.key}")
    with st.container(horizontal=True, vertical_alignment="center"):
        _widget(st.color_picker, "Colour", images, overlay, place, "colour", key)
        st.markdown(
            f"**{literal(shown.name_of(channel))}**  \n:small[{shown.span(channel)}]",
            width="stretch",
        )
        with st.popover("", icon=":material/tune:", help="Limits, opacity and contrast", key=f"{key} more"):
            _limits(images, overlay, place, channel, key)
            _widget(
                st.slider, "Opacity", images, overlay, place, "opacity", key, min_value=0.0, max_value=1.0, step=0.05
            )
            _widget(
                st.slider,
                "Gamma",
                images,
                overlay,
                place,
                "gamma",
                key,
                min_value=0.1,
                max_value=3.0,
                step=0.1,
                help="Below 1, weak intensities become visible; above 1, only strong ones stay.",
            )


def _widget(
    draw: Any, title: str, images: IonImages, overlay: Overlay, place: int, field: str, key: str, **more: Any
) -> None:
    """Draw a widget for one setting of a channel; the overlay has the value, not the widget."""
    own = f"{key} {field}"
    st.session_state[own] = getattr(overlay.channels[place], field)
    if field == "colour":
        more["label_visibility"] = "collapsed"
    draw(title, key=own, on_change=_set, args=(images, overlay, place, {field: own}), **more)


def _limits(images: IonImages, overlay: Overlay, place: int, channel: Channel, key: str) -> None:
    own = f"{key} limits"
    st.session_state[own] = (round(100 * channel.low, 1), round(100 * max(channel.low, channel.high), 1))
    st.slider(
        "Dark and bright limit (% of the pixels)",
        0.0,
        100.0,
        step=0.1,
        key=own,
        on_change=_set_limits,
        args=(images, overlay, place, own),
        help="Pixels below the lower limit are dark, those above the upper one as bright as can be.",
    )


def _set(images: IonImages, overlay: Overlay, place: int, fields: dict[str, str]) -> None:
    _update(images, overlay, place, {field: st.session_state[key] for field, key in fields.items()})


def _set_limits(images: IonImages, overlay: Overlay, place: int, key: str) -> None:
    low, high = st.session_state[key]
    _update(images, overlay, place, {"low": low / 100, "high": high / 100})


def _update(images: IonImages, overlay: Overlay, place: int, values: dict[str, Any]) -> None:
    channels = list(overlay.channels)
    channels[place] = channels[place].model_copy(update=values)
    overlays.change(images, overlay.model_copy(update={"channels": tuple(channels)}))


def _blend(images: IonImages, overlay: Overlay) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for title, field, options, about in (
            ("Colours", "blend", BLENDS, "Light adds up to brighter colours; paint covers what is below."),
            ("Background", "dark", GROUNDS, "On white, colours mix as inks do."),
        ):
            key = f"overlay {field}"
            st.session_state[key] = getattr(overlay, field)
            st.segmented_control(
                title,
                list(options),
                required=True,
                format_func=partial(_named, options),
                key=key,
                on_change=_set_whole,
                args=(images, overlay, field, key),
                help=about,
            )


def _named(options: Mapping[Any, str], one: Any) -> str:
    return options[one]


def _set_whole(images: IonImages, overlay: Overlay, field: str, key: str) -> None:
    overlays.change(images, overlay.model_copy(update={field: st.session_state[key]}))
