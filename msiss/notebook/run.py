"""A finished run in a notebook."""

import contextlib
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from msiss.analyse.representations import IMAGE_VECTORS
from msiss.data.ion_images import IonImages
from msiss.data.ion_search import label, one_ion
from msiss.errors import DataError, RunError, SettingError
from msiss.learn.config import RunConfig
from msiss.notebook.pictures import Gallery, Pairs, cluster_gallery
from msiss.notebook.trust import Trust
from msiss.runs import store
from msiss.runs.jobs import State
from msiss.runs.quality.evidence import evidence_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from msiss.notebook.figures import PrintFigure
    from msiss.notebook.scoring import Classes
    from msiss.runs.grouping import Grouping


class Run:
    """One run: a training and its results, with the figures and tables that the dashboard shows.

    It reads the folder of a run through its attribute `stored`, a `msiss.runs.store.Run`.

    Parameters
    ----------
    folder : path
        The folder of a run, such as of ``msiss run`` or the dashboard.
    images : IonImages, optional
        The images of the training; by default those of the data set of the run.

    Raises
    ------
    RunError
        If `folder` holds no run, or one that this version cannot read.
    """

    def __init__(self, folder: str | os.PathLike[str], *, images: IonImages | None = None) -> None:
        self.stored = store.Run(Path(folder).expanduser())
        self._images = images

    @property
    def folder(self) -> Path:
        """The folder of the run."""
        return self.stored.path

    @property
    def config(self) -> RunConfig:
        """All settings of the run."""
        return self.stored.config

    @property
    def representations(self) -> tuple[str, ...]:
        """The representations, trained ones first."""
        return self.stored.representations

    @property
    def images(self) -> IonImages:
        """The images of the training.

        Raises
        ------
        DataError
            If the data set was deleted or changed.
        """
        if self._images is None:
            self._images = self.stored.images()
        return self._images

    def table(self, *, by: str | None = None, clusters: int | None = None) -> pd.DataFrame:
        """Return one row per ion with its cluster.

        Parameters
        ----------
        by : str, optional
            Representation of the clusters, one of `representations`; by default the result of the training.
        clusters : int, optional
            Another number of clusters than that of the run; the ions are clustered again without a training.

        Returns
        -------
        DataFrame
            See `msiss.share.tables.clusters_table`.
        """
        from msiss.share.tables import clusters_table

        return clusters_table(self.stored, self._by(by), clusters)

    def map(
        self,
        of: str | None = None,
        *,
        method: str = "umap",
        by: str | None = None,
        clusters: int | None = None,
        selected: Collection[int] = (),
    ) -> "go.Figure":
        """Draw every ion as a point; ions with a similar spatial pattern lie close together.

        Parameters
        ----------
        of : str, optional
            Representation of the map, one of `representations`; by default the result of the training.
        method : {"umap", "tsne"}
            Method of the embedding.
        by, clusters : optional
            The clusters that colour the points, as for `table`.
        selected : collection of int
            Ions to emphasise, from 0.
        """
        from msiss.show.figures import map_figure

        points = self.stored.positions(self._by(of), method)
        table = self.table(by=by, clusters=clusters)
        return map_figure(
            points,
            table["cluster"].to_numpy(),
            self._labels(table),
            method=method,
            selected=selected,
        )

    def gallery(self, cluster: int, *, by: str | None = None, clusters: int | None = None, most: int = 36) -> Gallery:
        """Show the ion images of one cluster, by descending confidence if it is known, else by m/z.

        Parameters
        ----------
        cluster : int
            Number of the cluster, from 0, the largest.
        by, clusters : optional
            As for `table`.
        most : int
            Largest number of images.
        """
        table = self.table(by=by, clusters=clusters)
        return cluster_gallery(table, self.images, cluster, most=most)

    def similar(self, ion: float | str, *, number: int = 7, by: str | None = None) -> Gallery:
        """Find the ions most similar to one ion.

        Parameters
        ----------
        ion : float or str
            Its m/z in Th, with any number of decimals, or a part of its name, formula or class.
        number : int
            Number of ions to find.
        by : str, optional
            Representation by which ions are compared; by default the result of the training.

        Returns
        -------
        Gallery
            The ion itself and the most similar ones, with their cosine as a column of `table`.
        """
        from msiss.notebook.similar import similar

        return similar(self.stored, self.images, ion, self._by(by), number)

    def partners(self, ion: float | str, *, by: str | None = None, against: str = IMAGE_VECTORS) -> pd.DataFrame:
        """Rank all other ions by how similar they are to one ion, by two representations.

        Parameters
        ----------
        ion : float or str
            As for `similar`.
        by : str, optional
            Representation that orders the ions; by default the result of the training.
        against : str
            The other representation.

        Returns
        -------
        DataFrame
            See `msiss.share.similar.partners_table`.
        """
        from msiss.notebook.similar import partners

        return partners(self.stored, self.images, ion, self._by(by), self._by(against))

    def disagreements(self, *, by: str | None = None, against: str = IMAGE_VECTORS, number: int = 20) -> Pairs:
        """Find the pairs of ions that two representations judge most differently.

        Parameters
        ----------
        by : str, optional
            A representation; by default the result of the training.
        against : str
            The other representation.
        number : int
            Number of pairs.

        Returns
        -------
        Pairs
            Their images, and a `table`; see `msiss.share.similar.disagreements_table`.

        Raises
        ------
        SettingError
            If the two are the same.
        """
        from msiss.notebook.similar import disagreements

        return disagreements(self.stored, self.images, self._by(by), self._by(against), number)

    def trust(self) -> Trust:
        """Return which representation is the most reliable, by scores that need no labels.

        Raises
        ------
        RunError
            If the run was made by a version of msiss without these scores.
        """
        evidence = evidence_of(self.stored)
        if evidence is None:
            raise RunError("This run was made by a version of msiss without these checks. Train it again.")
        return Trust.of(evidence)

    def scores(
        self,
        *,
        labels: "Classes | np.ndarray | None" = None,
        pairs: str | os.PathLike[str] | None = None,
    ) -> pd.DataFrame:
        """Score every representation against known classes and pairs.

        Parameters
        ----------
        labels : path or sequence, optional
            A table of known classes (columns mz, class), or the class of each ion, empty or negative if unknown; by
            default those of the data set.
        pairs : path, optional
            A table of pairs of ions that should co-localize.

        Returns
        -------
        DataFrame
            One row per representation: purity, ari, ami and knn10 against the classes; top5, mrr, same_cluster and
            chance of the pairs. NaN if unknown.
        """
        from msiss.notebook.scoring import scores

        if labels is None:
            with contextlib.suppress(DataError):  # without the data set there are no known classes
                labels = self.images.labels
        return scores(self.stored, labels, pairs)

    def refine(
        self,
        labels: Mapping[float | str, int | str] | str | os.PathLike[str],
        *,
        by: str | None = None,
        clusters: int | None = None,
        along: str | None = None,
        who: str = "",
        why: str = "",
    ) -> pd.DataFrame:
        """Say to which clusters some ions belong, and find the clusters again around them.

        What you say is kept with the run, whose results never change, and `Run.undo` takes it back.

        Parameters
        ----------
        labels : dict or path
            The number or the name of the cluster of each ion, by the m/z or name of the ion as for `similar`; or a
            table with the columns mz and cluster. A new name makes a new cluster.
        by, clusters : optional
            The clusters that are corrected, as for `table`.
        along : str, optional
            The representation whose similar ions follow; by default that of the clusters.
        who, why : str
            Kept with what you say.

        Returns
        -------
        DataFrame
            One row per ion that is in another cluster now: ion, mz, name, before and after (numbers of clusters) and
            by_hand (whether you named it; the others followed).
        """
        from msiss.data import foreign
        from msiss.notebook.correcting import refined

        if isinstance(labels, Mapping):
            wanted = {one_ion(self.images, ion): cluster for ion, cluster in labels.items()}
        else:
            wanted = dict(foreign.read_corrections(Path(labels).expanduser(), self.stored.clusters()["mz"].to_numpy()))
        return refined(self.stored, self._by(by), clusters, wanted, along=along, who=who, why=why)

    def undo(self, *, by: str | None = None, clusters: int | None = None) -> bool:
        """Take back the last thing that was said about clusters; return whether there was any."""
        from msiss.runs.grouping import grouping, undo

        return undo(grouping(self.stored, self._by(by), clusters)) is not None

    def export(
        self,
        folder: str | os.PathLike[str],
        *,
        by: str | None = None,
        clusters: int | None = None,
        formats: Sequence[str] | None = None,
        ions: Collection[int] | None = None,
    ) -> Path:
        """Write results into a folder, and return it.

        Parameters
        ----------
        folder : path
            A new or empty folder, or one with an earlier export, which is replaced.
        by, clusters : optional
            As for `table`.
        formats : sequence of str, optional
            Names of `msiss.share.exports.EXPORTS`, such as "xlsx", "h5ad", "ome-tiff", "imzml" and "encoder"; by
            default clusters.csv, embedding.csv, features.npy and config.json are written.
        ions : collection of int, optional
            The ions to write, from 0; by default all.
        """
        from msiss.share.export_files import write_files
        from msiss.share.exports import usual
        from msiss.share.material import gather

        target = Path(folder).expanduser()
        chosen = None if ions is None else list(ions)
        material = gather(self.stored, self._by(by), clusters, ions=chosen, images=self._images)
        write_files(material, target, usual() if formats is None else formats)
        return target

    def figure(self, name: str, *, by: str | None = None, clusters: int | None = None, **options: Any) -> "PrintFigure":
        """Draw a figure for print: white, at the width of one or two columns, with all text as text.

        Parameters
        ----------
        name : str
            One of `figures`.
        by, clusters : optional
            As for `table`.
        **options
            Fields of `msiss.share.figures.options.Options`, such as `colours` and `zoom`. Ions may be given as for
            `similar`: by their m/z in Th or a part of their name.

        Returns
        -------
        PrintFigure
            It is shown in the notebook, and saved as PNG, SVG or PDF by its `save`.

        Raises
        ------
        SettingError
            If there is no such figure, it cannot be made of these data, or an option does not fit.
        """
        from msiss.notebook.figures import PrintFigure, draw

        ions = tuple(one_ion(self.images, ion) for ion in options.pop("ions", ()))
        pages = draw(name, self._grouping(by, clusters), self.images, ions=ions, **options)
        return PrintFigure(name, pages)

    @property
    def figures(self) -> dict[str, str]:
        """What the figures of `figure` show, by their names."""
        from msiss.share.figures.registry import FIGURES

        return {one.name: one.about for one in FIGURES}

    def report(
        self,
        path: str | os.PathLike[str],
        *,
        by: str | None = None,
        clusters: int | None = None,
        data: str | os.PathLike[str] | None = None,
    ) -> Path:
        """Write everything about the run into one file, and return it.

        Parameters
        ----------
        path : path
            Ends in .html or .pdf. An existing file is replaced.
        by, clusters : optional
            As for `table`.
        data : path, optional
            The file from which the data set was made, to report its health, too.
        """
        from msiss.data import foreign
        from msiss.share.files import write
        from msiss.share.report.write import kind_of, report

        target = Path(path).expanduser()
        kind = kind_of(target)
        health = None if data is None else foreign.check([Path(data).expanduser()])
        write(target, report(self._grouping(by, clusters), self.images, kind, health=health))
        return target

    def __repr__(self) -> str:
        return f"Run({'; '.join(f'{title}: {text}' for title, text in self._facts())})"

    def _repr_html_(self) -> str:
        from msiss.show.markup import table

        return table(self._facts())

    def _facts(self) -> list[tuple[str, str]]:
        status = self.stored.status
        told = [
            ("data set", self.stored.request.dataset.name),
            ("method", str(self.config.method)),
            ("clusters", str(self.config.clusters)),
            ("state", str(status.state)),
        ]
        if status.state == State.DONE and status.started and status.finished:
            told.append(("took", f"{status.finished - status.started:.0f} s on {status.device}"))
        return [*told, ("folder", str(self.folder))]

    def _by(self, by: str | None) -> str:
        if by is None:
            return self.config.result
        if by not in self.representations:
            raise SettingError(f"by: this run has no {by!r}. It has: {', '.join(self.representations)}.")
        return by

    def _grouping(self, by: str | None, clusters: int | None) -> "Grouping":
        from msiss.runs.grouping import grouping

        return grouping(self.stored, self._by(by), clusters)

    def _labels(self, table: pd.DataFrame) -> list[str]:
        """Return the names of the ions on a map, also if the data set was deleted."""
        try:
            images = self.images
        except DataError:
            return [str(name) for name in table["name"]]
        return [label(images, ion) for ion in range(len(images))]
