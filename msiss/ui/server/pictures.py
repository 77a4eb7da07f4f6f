"""Ion images as PNG under addresses of the server, so that a page with hundreds of them is small and quick.

`install` adds the route to the server of this process. Browsers keep the pictures: an address names the content of the
data set, so that it never changes. Without `install`, as under ``streamlit run app.py``, addresses have the picture
itself in them.
"""

from collections import OrderedDict
from typing import TYPE_CHECKING

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.show.palette import COLOUR_MAPS
from msiss.show.thumbnails import data_uri, sheet, thumbnail

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

ROUTE = "msiss-pictures"
SHEET, SHEET_SIDE = 100, 48  # ions of one sheet, ten in a row, and screen pixels of each
MOST_KNOWN = 50  # data sets
KEEP = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}

_known: OrderedDict[str, IonImages] = OrderedDict()
_installed = False


def install() -> None:
    """Make the server of this process serve the pictures of data sets that its pages show."""
    from streamlit.web.server.starlette import starlette_app

    global _installed
    create = starlette_app.create_streamlit_routes

    def with_pictures(runtime):  # type: ignore[no-untyped-def]
        return [*routes(), *create(runtime)]

    starlette_app.create_streamlit_routes = with_pictures
    _installed = True


def routes() -> list:
    """Return the routes of the pictures."""
    from starlette.routing import Route

    place = f"{_base()}/{ROUTE}/{{fingerprint}}/{{colours}}"
    return [
        Route(f"{place}/{{ion:int}}.png", _ion, methods=["GET"]),
        Route(f"{place}/sheet-{{number:int}}.png", _sheet, methods=["GET"]),
    ]


def folder(images: IonImages, colours: str) -> str:
    """Return the address under which the pictures of a data set are: ``ION.png`` and ``sheet-NUMBER.png``.

    Empty without `install`.
    """
    if not _installed:
        return ""
    key = f"{images.fingerprint[:32]}-{images.pixel_aspect:.6g}"  # the pixel size can be entered later
    _known[key] = images
    _known.move_to_end(key)
    while len(_known) > MOST_KNOWN:
        _known.popitem(last=False)
    return f"{_base()}/{ROUTE}/{key}/{colours}"


def address(images: IonImages, ion: int, colours: str) -> str:
    """Return the address of the picture of one ion."""
    place = folder(images, colours)
    return f"{place}/{ion}.png" if place else data_uri(png(images, ion, colours))


def png(images: IonImages, ion: int, colours: str) -> bytes:
    """Return the picture of one ion."""
    return _png(images.fingerprint, images.pixel_size, int(ion), colours, images)


@st.cache_data(show_spinner=False, max_entries=5_000)
def _png(fingerprint: str, pixel_size: tuple[float, float] | None, ion: int, colours: str, _images: IonImages) -> bytes:
    return thumbnail(_images.images[ion], _images.mask, pixel_size=_images.pixel_size, colours=colours)


def _base() -> str:
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def _ion(request: "Request") -> "Response":
    found = _asked(request)
    ion = request.path_params["ion"]
    if found is None or ion >= len(found):
        return _missing()
    colours = request.path_params["colours"]
    return _picture(thumbnail(found.images[ion], found.mask, pixel_size=found.pixel_size, colours=colours))


def _sheet(request: "Request") -> "Response":
    found = _asked(request)
    first = request.path_params["number"] * SHEET
    if found is None or first >= len(found):
        return _missing()
    stack = found.images[first : first + SHEET]
    colours = request.path_params["colours"]
    return _picture(sheet(stack, found.mask, side=SHEET_SIDE, pixel_size=found.pixel_size, colours=colours))


def _asked(request: "Request") -> IonImages | None:
    known = request.path_params["colours"] in COLOUR_MAPS
    return _known.get(request.path_params["fingerprint"]) if known else None


def _picture(png: bytes) -> "Response":
    from starlette.responses import Response

    return Response(png, media_type="image/png", headers=KEEP)


def _missing() -> "Response":
    from starlette.responses import Response

    return Response("There is no such picture any more: load the page again.", status_code=404)
