"""Galleries of the pages under Explore: every image leads to its partners."""

from collections.abc import Callable, Sequence

from msiss.data.ion_images import IonImages
from msiss.ui.components.ion_gallery import Target
from msiss.ui.explore import similarity
from msiss.ui.widgets import gallery as pictures


def gallery(
    images: IonImages,
    ions: Sequence[int],
    *,
    key: str,
    about: str,
    notes: Sequence[str] | None = None,
    size: int = 36,
    width: int = 110,
    targets: Sequence[Target] = (),
    on_move: Callable[[list[int], int], None] | None = None,
) -> None:
    """Draw a gallery, see `msiss.ui.widgets.gallery.selectable`."""
    pictures.selectable(
        images,
        ions,
        key=key,
        about=about,
        notes=notes,
        size=size,
        width=width,
        menu={"Co-localized with this ion": similarity.show_partners_of},
        targets=targets,
        on_move=on_move,
    )
