"""Ion images as a notebook shows them: small pictures with what is known under each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from msiss.data.ion_images import IonImages
from msiss.data.ion_search import known
from msiss.show.markup import paragraph, pictures
from msiss.show.thumbnails import data_uri, montage, thumbnail

WIDTH = 130  # screen pixels of a picture


@dataclass(frozen=True, repr=False)
class Gallery:
    """Some ion images, each scaled on its own.

    Attributes
    ----------
    title : str
        What they have in common.
    table : DataFrame
        One row per ion in the order of the pictures: ion (from 0), mz, name, and a column that says why it is here.
    more : int
        How many other ions there are that are not shown.
    """

    title: str
    table: pd.DataFrame
    more: int = 0
    _images: IonImages = field(kw_only=True)
    _notes: Sequence[str] = field(kw_only=True)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"{self._heading()}\n{self.table.to_string(index=False)}"

    def _repr_html_(self) -> str:
        images = self._images
        shown, captions = [], []
        for ion, note in zip(self.table["ion"], self._notes, strict=True):
            png = thumbnail(images.images[ion], images.mask, pixel_size=images.pixel_size)
            shown.append(data_uri(png))
            captions.append([images.axis.text(images.mz[ion]), *known(images, ion)[:2], note])
        return paragraph(self._heading(), bold=True) + pictures(shown, captions, width=WIDTH)

    def png(self, *, columns: int = 6) -> bytes:
        """Return all pictures on one sheet as a PNG file.

        Parameters
        ----------
        columns : int
            Pictures per row.
        """
        ions = self.table["ion"].to_numpy()
        captions = [self._images.axis.number(self._images.mz[ion]) for ion in ions]
        return montage(
            np.asarray(self._images.images[ions]),
            self._images.mask,
            captions=captions,
            columns=columns,
            pixel_size=self._images.pixel_size,
        )

    def _heading(self) -> str:
        return f"{self.title}; {self.more:,} more are not shown" if self.more else self.title
