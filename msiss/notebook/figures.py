"""Figures for print in notebooks."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msiss.data.ion_images import IonImages
from msiss.errors import SettingError
from msiss.runs.grouping import Grouping
from msiss.share.figures.options import Options
from msiss.share.figures.registry import pages
from msiss.share.files import write
from msiss.show.print.save import save
from msiss.words import count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCREEN_DPI = 150  # of a figure that is shown


@dataclass(frozen=True, repr=False)
class PrintFigure:
    """A figure for print.

    Attributes
    ----------
    name : str
        Of the figure.
    pages : dict of str to Figure
        Its pages as matplotlib figures, by their names; the name of an only page is empty.
    """

    name: str
    pages: "Mapping[str, Figure]"

    def __repr__(self) -> str:
        return f"PrintFigure({self.name}: {count(len(self.pages), 'page')}; save it as .png, .svg or .pdf)"

    def _repr_png_(self) -> bytes:
        return save(next(iter(self.pages.values())), "png", dpi=SCREEN_DPI)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the figure as .png (300 dpi), .svg or .pdf, by the ending of `path`, and return it.

        Raises
        ------
        SettingError
            If it is another ending, or one that cannot hold several pages.
        MsissError
            If the file cannot be written.
        """
        target = Path(path).expanduser()
        write(target, save(self.pages.values(), target.suffix.lower().removeprefix(".")))
        return target


def draw(name: str, grouping: Grouping, images: IonImages, **options: Any) -> "dict[str, Figure]":
    """Return the pages of a figure with the fields of `Options` in `options`.

    Raises
    ------
    SettingError
        If there is no such option, or as for `msiss.share.figures.registry.pages`.
    """
    unknown = set(options) - set(Options.__dataclass_fields__)
    if unknown:
        known = ", ".join(Options.__dataclass_fields__)
        raise SettingError(f"A figure has no option {min(unknown)}. It has: {known}.")
    chosen: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
    return dict(pages(name, grouping, images, Options(**chosen)))
