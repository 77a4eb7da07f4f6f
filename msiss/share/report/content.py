"""The content of a report, from a run with its data set and its corrected clusters."""

from collections.abc import Iterator
from datetime import datetime

from msiss.analyse.representations import title_of
from msiss.data.health import HealthReport
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore
from msiss.runs.grouping import Grouping
from msiss.share.figures.options import Options
from msiss.share.figures.subject import Subject
from msiss.share.methods import methods_text
from msiss.share.report import about_clusters, about_data, about_quality, about_settings
from msiss.share.report.blocks import Block, Heading, Report, Text
from msiss.words import count


def content(
    grouping: Grouping,
    images: IonImages,
    *,
    made: datetime,
    health: HealthReport | None = None,
    options: Options | None = None,
    progress: Progress = ignore,
) -> Report:
    """Return the content of the report of a run.

    Parameters
    ----------
    grouping : Grouping
        Its clusters, as they were corrected.
    images : IonImages
        Its data set.
    made : datetime
        When the report is made.
    health : HealthReport, optional
        The health check of the files from which the data set was made.
    options : Options, optional
        The colours of ion images.
    progress : callable, optional
        See `msiss.data.progress`.
    """
    run = grouping.run
    subject = Subject(grouping, images, options or Options())
    blocks: list[Block] = []
    parts: list[tuple[str, Iterator[Block]]] = [
        ("Data", about_data.data(images)),
        ("Health of the data", about_data.health(images, health)),
        ("Clusters", about_clusters.overview(subject)),
        ("Ions of each cluster", about_clusters.each(subject)),
        ("Isotopes and adducts", about_clusters.pairs(subject)),
        ("Reliability", about_quality.quality(subject)),
        ("Corrections", about_quality.corrections(subject)),
        ("Settings", about_settings.settings(run)),
        ("Versions", about_settings.versions(run)),
        ("Methods text", _paragraphs(methods_text(run, images, grouping.by, grouping.n_clusters))),
        ("All ions", about_clusters.table(subject)),
    ]
    for number, (title, part) in enumerate(parts):
        progress(number / len(parts), f"Report: {title}")
        blocks += [Heading(title), *part]
    name = run.request.dataset.name
    about = (
        f"{count(len(images), 'ion image')} in {count(len(grouping.clusters), 'cluster')} by: {title_of(grouping.by)}. "
        f"Run {run.path.name}; report made on {made:%Y-%m-%d %H:%M}."
    )
    return Report(f"{name}: {count(len(grouping.clusters), 'cluster')} of co-localized ions", about, blocks)


def _paragraphs(text: str) -> Iterator[Block]:
    for paragraph in text.split("\n\n"):
        yield Text(paragraph)
