"""The page Overlay: the overlay that is shown, its channels as images, and the canvas."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.overlays import Channel, Overlay, read_overlays
from msiss.data.placement import Placement
from msiss.errors import DataError
from msiss.show.overlay import CHANNEL_COLOURS, MOST_CHANNELS, limits
from msiss.ui import selection, state
from msiss.ui.components import overlay_canvas
from msiss.ui.components.overlay_canvas import CanvasChannel, CanvasPicture
from msiss.ui.explore import tissue_picture
from msiss.ui.explore.view import View
from msiss.ui.literal import literal
from msiss.ui.widgets import ion_picker

FIRST = 3  # channels at first
PICTURE_OPACITY = 0.6


@dataclass(frozen=True, eq=False)
class Shown:
    """What can be a channel: the ion images of a data set, and the mean images of the shown clusters.

    Attributes
    ----------
    images : IonImages
    view : View or None
        The clusters; None without a finished training.
    means : dict of int to ndarray of shape (H, W)
        Mean image of each cluster, scaled to [0, 1].
    titles : dict of int to str
        Number and name of each cluster.
    """

    images: IonImages
    view: View | None
    means: dict[int, np.ndarray]
    titles: dict[int, str]

    def has(self, channel: Channel) -> bool:
        """Tell whether the image of a channel is there."""
        return channel.number in self.means if channel.what == "cluster" else channel.number < len(self.images)

    def image(self, channel: Channel) -> np.ndarray:
        """Return the image of a channel, shape (H, W)."""
        if channel.what == "cluster":
            return self.means[channel.number]
        return np.asarray(self.images.images[channel.number])

    def name_of(self, channel: Channel) -> str:
        """Return the title of a channel; text of files and people is in it."""
        if channel.what == "cluster":
            return f"Cluster {self.titles[channel.number]}"
        return ion_picker.title(self.images, channel.number)

    def span(self, channel: Channel) -> str:
        """Return between which intensities a channel becomes visible, such as "0 to 11,300 a.u."."""
        lower, upper = (f"{float(f'{value:.3g}'):,.12g}" for value in limits_of(self, channel))
        return f"{lower} to {upper} {self.unit(channel)}"

    def unit(self, channel: Channel) -> str:
        """Return the unit of its intensities."""
        return "of 1" if channel.what == "cluster" else "a.u."


def current(shown: Shown) -> Overlay:
    """Return the overlay of the session, without channels whose image is gone; at first some ions."""
    kept: Overlay | None = st.session_state.get(_key(shown.images))
    if kept is None and (name := state.linked("overlay")) is not None:
        kept = _linked(shown, name)
    if kept is None:
        selected = selection.selected()
        ions = selected[:MOST_CHANNELS] or ion_picker.spread(shown.images, FIRST)
        kept = Overlay(channels=tuple(channel_of(f"ion {ion}", place) for place, ion in enumerate(ions)))
        if shown.images.picture is not None:
            kept = kept.model_copy(update={"picture": PICTURE_OPACITY, "blend": "paint"})
        st.session_state[_key(shown.images)] = kept
    there = tuple(channel for channel in kept.channels if shown.has(channel))
    return kept.model_copy(update={"channels": there})


def change(images: IonImages, overlay: Overlay, *, name: str | None = None) -> None:
    """Show another overlay when the page is drawn next; `name` is that under which it is saved, for the address."""
    st.session_state[_key(images)] = overlay
    state.link_to("overlay", name)


def _linked(shown: Shown, name: str) -> Overlay | None:
    """Return the saved overlay that the address names; None if it cannot be shown, which is reported."""
    try:
        found = read_overlays(state.dataset_folder()).get(name)
    except DataError:  # the panel of saved overlays says so
        found = None
    if found is None:
        state.notify(f"The overlay {name} of this data set does not exist any more.")
        state.link_to("overlay", None)
        return None
    if reason := missing(found, shown):
        state.notify(reason)
    st.session_state[_key(shown.images)] = found
    return found


def channel_of(key: str, place: int) -> Channel:
    """Return a new channel that shows "ion 3" or "cluster 3", with the colour of its place."""
    what, number = key.split(" ")
    return Channel.model_validate(
        {"what": what, "number": int(number), "colour": CHANNEL_COLOURS[place % len(CHANNEL_COLOURS)]}
    )


def free_place(channels: tuple[Channel, ...]) -> int:
    """Return the first place whose colour no channel has."""
    taken = {channel.colour for channel in channels}
    return next((place for place, colour in enumerate(CHANNEL_COLOURS) if colour not in taken), len(channels))


def limits_of(shown: Shown, channel: Channel) -> tuple[float, float]:
    """Return the intensities between which a channel becomes visible."""
    high = max(channel.low, channel.high)
    return limits(shown.image(channel), shown.images.mask, channel.low, high)


def canvas(shown: Shown, overlay: Overlay, *, placing: bool) -> None:
    """Draw the overlay."""
    images = shown.images
    channels = [_sent(shown, channel) for channel in overlay.channels]
    picture = None
    if images.picture is not None and overlay.picture:
        address = tissue_picture.whole_uri(images.fingerprint, images.picture.shape, images.picture)
        picture = CanvasPicture(address, overlay.picture, tissue_picture.placement(images))
    overlay_canvas.draw(
        images.mask,
        channels,
        key=ion_picker.own_key(images, "overlay canvas"),
        pixel_size=images.pixel_size,
        blend=overlay.blend,
        dark=overlay.dark,
        label=f"Overlay of {', '.join(channel.title for channel in channels) or 'no channel'}",
        picture=picture,
        placing=placing,
        on_placed=lambda placement: _keep_place(images, placement),
    )
    if placing:
        st.caption(
            "Drag the picture to move it, with Shift to turn it; the wheel scales it after a click. By keys, after a "
            "click: arrows move, + and - scale, [ and ] turn, m mirrors."
        )
    else:
        st.caption(
            "Point at a pixel to read its intensities. Drag to move the view; the wheel zooms after a click. By keys, "
            "after a click: arrows read, + and - zoom, 0 fits."
        )


def _keep_place(images: IonImages, placement: Placement) -> None:
    try:
        tissue_picture.keep(images, placement)
    except DataError as error:
        state.notify(str(error), "error")


def _sent(shown: Shown, channel: Channel) -> CanvasChannel:
    identity = f"{shown.images.fingerprint[:16]} {channel.key}"
    if channel.what == "cluster" and shown.view is not None:
        view = shown.view
        identity += f" {view.run.path.name} {view.run.status.finished} {view.by} {view.clusters} {shown.titles}"
        identity += f" {float(shown.means[channel.number].sum(dtype=np.float64))!r}"  # corrected clusters differ
    levels, most = _packed(identity, shown.image(channel))
    lower, upper = limits_of(shown, channel)
    return CanvasChannel(
        identity=identity,
        levels=levels,
        most=most,
        title=shown.name_of(channel),
        unit=shown.unit(channel),
        colour=channel.colour,
        lower=lower,
        upper=upper,
        gamma=channel.gamma,
        opacity=channel.opacity,
    )


@st.cache_data(show_spinner=False, max_entries=50)
def _packed(identity: str, _image: np.ndarray) -> tuple[str, float]:
    return overlay_canvas.packed(_image)


def _key(images: IonImages) -> str:
    return ion_picker.own_key(images, "overlay")


def missing(overlay: Overlay, shown: Shown) -> str:
    """Return why the clusters of a saved overlay cannot be shown; empty if they can, or it has none."""
    if not any(channel.what == "cluster" for channel in overlay.channels):
        return ""
    view = shown.view
    if view is None or (view.run.path.name, view.by, view.clusters) != (overlay.run, overlay.by, overlay.clusters):
        return literal("Its clusters are those of another choice of run, representation or number.")
    return ""
