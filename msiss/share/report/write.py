"""The report of a run as a file."""

from datetime import datetime
from pathlib import Path

from msiss.data.health import HealthReport
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore
from msiss.errors import SettingError
from msiss.runs.grouping import Grouping
from msiss.share.figures.options import Options

FORMATS = {"html": "text/html", "pdf": "application/pdf"}  # with their MIME types


def report(
    grouping: Grouping,
    images: IonImages,
    kind: str,
    *,
    made: datetime | None = None,
    health: HealthReport | None = None,
    options: Options | None = None,
    progress: Progress = ignore,
) -> bytes:
    """Return the report of a run: data, health, clusters, reliability, corrections, settings, versions, methods text.

    Parameters
    ----------
    grouping : Grouping
        Its clusters, as they were corrected.
    images : IonImages
        Its data set.
    kind : {"html", "pdf"}
        An HTML file loads nothing from elsewhere.
    made : datetime, optional
        When the report is made; now by default.
    health : HealthReport, optional
        The health check of the files from which the data set was made, see `msiss.data.health.check`.
    options : Options, optional
        The colours of ion images.
    progress : callable, optional
        See `msiss.data.progress`.

    Raises
    ------
    SettingError
        If there is no such format.
    RunError
        If the run is not done.
    """
    if kind not in FORMATS:
        raise SettingError(f"A report cannot be written as {kind}. Choose one of {', '.join(FORMATS)}.")
    from msiss.share.report.content import content  # matplotlib, which it draws with, is slow to import

    when = made or datetime.now().astimezone()
    found = content(grouping, images, made=when, health=health, options=options, progress=progress)
    if kind == "html":
        from msiss.share.report.html import to_html

        return to_html(found)
    from msiss.share.report.pdf import to_pdf

    return to_pdf(found, made=when)


def kind_of(path: Path) -> str:
    """Return the format of a report by the ending of its file.

    Raises
    ------
    SettingError
        If it is none.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise SettingError(f"{path.name}: a report ends in .html or .pdf. Choose one of them.")
    return kind
