"""The parts of a report about the data set."""

from collections.abc import Iterator

from msiss.data.formats.image_findings import image_rows
from msiss.data.health import HealthReport, HealthRow
from msiss.data.ion_images import IonImages
from msiss.share import data_facts
from msiss.share.report.blocks import Block, Heading, Listing, Table, Text, facts
from msiss.words import count

LEVELS = {"pass": "fine", "note": "decided", "warning": "look at it", "stop": "cannot be used"}


def data(images: IonImages) -> Iterator[Block]:
    """Yield facts about the data set, what its file says about the measurement, and how it was made."""
    yield facts(data_facts.facts(images))
    if images.about:
        yield Heading("As the file says", level=3)
        yield facts([*images.about.items()])
    if made := data_facts.how_made(images):
        yield Heading("How it was made", level=3)
        for part, sentences in made.items():
            yield Text(f"{part}:")
            yield Listing(sentences)


def health(images: IonImages, report: HealthReport | None) -> Iterator[Block]:
    """Yield the findings about the files, if they were looked at, and about the ion images."""
    if report is not None:
        rows = [
            (*([row.file] if len({one.file for one in report.rows}) > 1 else []), *_row(row)) for row in report.rows
        ]
        several = rows and len(rows[0]) > 3
        yield Heading(f"Files: {report.file}", level=3)
        yield Table(
            (*(["File"] if several else []), "", "Looked at", "Found"), rows, (*([2] if several else []), 1, 1.5, 6)
        )
        yield Heading("Ion images", level=3)
    found = list(image_rows(images))
    warned = sum(row.level != "pass" for row in found)
    yield Text(f"{count(warned, 'finding')} to look at." if warned else "Nothing unusual was found.")
    yield Table(("", "Looked at", "Found"), [_row(row) for row in found], (1, 1.5, 6))


def _row(row: HealthRow) -> tuple[str, str, str]:
    return LEVELS[row.level], row.check, row.text
