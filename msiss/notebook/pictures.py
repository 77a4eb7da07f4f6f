"""Galleries and pairs of ion images in notebooks: thumbnails with annotations."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from msiss.analyse.representations import title_of
from msiss.data.ion_images import IonImages
from msiss.data.ion_search import known
from msiss.errors import SettingError
from msiss.show.markup import paragraph, pictures
from msiss.show.thumbnails import data_uri, montage, thumbnail
from msiss.words import count

WIDTH = 130  # of a thumbnail in screen pixels


@dataclass(frozen=True, repr=False)
class Gallery:
    """Several ion images, each with its own scale.

    Attributes
    ----------
    title : str
        Title of the gallery.
    table : DataFrame
        One row per ion in the order of the images: ion (from 0), mz, name, and the value by which ions are ordered.
    more : int
        Number of other ions, which are not shown.
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
        """Return all images in one PNG file.

        Parameters
        ----------
        columns : int
            Images per row.
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


def cluster_gallery(table: pd.DataFrame, images: IonImages, cluster: int, *, most: int) -> Gallery:
    """Return the first ions of a cluster, by descending confidence if it is known, else by m/z.

    Parameters
    ----------
    table : DataFrame
        See `msiss.share.tables.clusters_table`.
    images : IonImages
    cluster, most : int
        Its number, and the largest number of images.

    Raises
    ------
    SettingError
        If it has no ions.
    """
    members = table[table["cluster"] == cluster]
    if members.empty:
        raise SettingError(f"There is no cluster {cluster}: they are 0 to {table['cluster'].max()}.")
    order = ["mz"] if members["confidence"].isna().any() else ["confidence"]
    members = members.sort_values(order, ascending=order == ["mz"], kind="stable")
    shown = members.head(most)[["ion", "mz", "name", "confidence"]]
    notes = ["" if np.isnan(value) else f"confidence {value:.2f}" for value in shown["confidence"]]
    title = f"Cluster {cluster}: {count(len(members), 'ion')}"
    return Gallery(title, shown, len(members) - len(shown), _images=images, _notes=notes)


@dataclass(frozen=True, repr=False)
class Pairs:
    """Pairs of ion images, each image with its own scale.

    Attributes
    ----------
    title : str
    table : DataFrame
        One row per pair in the order of the images; see `msiss.share.similar.disagreements_table`.
    """

    title: str
    table: pd.DataFrame
    _images: IonImages = field(kw_only=True)
    _measures: tuple[str, str] = field(kw_only=True)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"{self.title}\n{self.table.to_string(index=False)}"

    def _repr_html_(self) -> str:
        images, parts = self._images, [paragraph(self.title, bold=True)]
        for row in self.table.to_dict("records"):
            said = [
                f"{title_of(name)}: rank {row[f'rank_{name}']:g}, cosine {row[f'cosine_{name}']:.2f}"
                for name in self._measures
            ]
            ions = row["ion_i"], row["ion_j"]
            pngs = [thumbnail(images.images[ion], images.mask, pixel_size=images.pixel_size) for ion in ions]
            captions = [[images.axis.text(images.mz[ion]), *known(images, ion)[:2]] for ion in ions]
            parts += [paragraph("; ".join(said)), pictures([*map(data_uri, pngs)], captions, width=WIDTH)]
        return "".join(parts)
