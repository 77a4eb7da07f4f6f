"""The report of a run: what is in it, in both formats, and that nothing in it is taken for HTML."""

import dataclasses
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2
import pytest

from msiss.data.findings import HealthRow
from msiss.data.health import HealthReport
from msiss.errors import SettingError
from msiss.share.methods import methods_text
from msiss.share.report.blocks import Heading, Report, Table, Text
from msiss.share.report.content import content
from msiss.share.report.html import POLICY, to_html
from msiss.share.report.pdf import to_pdf
from msiss.share.report.write import kind_of, report

HOSTILE = "<img src=http://a.b> & $x_1$"
MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
HEALTH = HealthReport("a.imzML", (HealthRow("m/z order", "warning", "Some m/z <b>descend</b>.", "They are sorted."),))


class Reader(HTMLParser):
    """Collects the tags with their attributes, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags, self.text, self._skipped = [], "", False

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._skipped = tag == "style"

    def handle_data(self, data):
        self.text += "" if self._skipped else f"{data} "


@pytest.fixture(scope="module")
def read_html():
    def read(file: bytes) -> Reader:
        reader = Reader()
        reader.feed(file.decode())
        return reader

    return read


@pytest.fixture
def images(small_images):
    names = (f"{HOSTILE} ion", *small_images.names[1:])
    return dataclasses.replace(small_images, names=names, about={"Instrument": f"Q Exactive HF {HOSTILE}"})


def expected(corrected, images) -> list[str]:
    """Return what must be in a report."""
    return [
        "small: 3 clusters of co-localized ions",
        "report made on 2026-01-02 03:04",
        "20 × 16 (width × height), 305 measured",
        images.fingerprint[:30],
        f"Instrument Q Exactive HF {HOSTILE}",
        "Every ion image holds signal.",
        "Some m/z <b>descend</b>. They are sorted.",
        f"Cluster 1 {HOSTILE}: 5 ions",
        f"{HOSTILE} note",
        f"{HOSTILE} ion",
        "purity 0.917",  # ion 3 was moved out of its class
        "5 decisions; 1 ion now in another cluster than after the run.",
        f"1 ion (m/z {images.mz[3]:.4f}) moved to cluster 1.",
        "it follows the edge",
        "=1+1",
        "self_label.threshold",
        "No isotopes or adducts were found",
        corrected.run.request.method,
        "doi:10.1039/D1SC04077D",
        *(f"{mz:.4f}" for mz in images.mz),
    ]


def test_both_formats_have_everything_and_nothing_in_them_is_active(corrected, images, read_html):
    found = content(corrected, images, made=MADE, health=HEALTH)
    html, pdf = to_html(found), to_pdf(found, made=MADE)
    assert (html, pdf) == (to_html(found), to_pdf(found, made=MADE))  # the same file each time
    _check_html(read_html(html), html, corrected, images)
    _check_pdf(pdf, corrected, images)


def _check_html(reader, file, corrected, images):
    said = " ".join(reader.text.split())
    for part in expected(corrected, images):
        assert part in said
    paragraphs = methods_text(corrected.run, images, corrected.by, corrected.n_clusters).split("\n\n")
    assert all(" ".join(paragraph.split()) in said for paragraph in paragraphs)
    assert {tag for tag, _ in reader.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "h1", "h2", "h3", "p", "ul", "li"),
        *("table", "thead", "tbody", "tr", "th", "td", "div", "figure", "figcaption", "img", "a", "span", "br"),
    }
    sources = [attributes["src"] for tag, attributes in reader.tags if tag == "img"]
    assert len(sources) > 3 + 12  # means and ions
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert all(attributes.get("alt") for tag, attributes in reader.tags if tag == "img")
    assert not any(name.startswith("on") for _, attributes in reader.tags for name in attributes)
    assert ("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}) in reader.tags
    links = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
    assert links == [f"#{attributes['id']}" for tag, attributes in reader.tags if tag == "h2"]
    assert b"url(" not in file
    assert b"@import" not in file


def _check_pdf(file, corrected, images):
    document = pypdfium2.PdfDocument(file)
    said = "".join("".join(page.get_textpage().get_text_bounded() for page in document).split())
    for part in expected(corrected, images):
        assert "".join(part.split()) in said
    assert [one.get_title() for one in document.get_toc() if one.level == 0][:3] == [
        "Data",
        "Health of the data",
        "Clusters",
    ]
    assert document.get_metadata_value("Title") == "small: 3 clusters of co-localized ions"


def test_long_tables_go_on_with_their_head_on_the_next_page():
    table = Table(("m/z (Th)", "Name"), [(f"{400 + n}.0000", "x" * 300) for n in range(90)], (1, 2), frozenset({0}))
    file = to_pdf(Report("Title", "About", [Heading("Ions"), table, Text("the end")]), made=MADE)
    document = pypdfium2.PdfDocument(file)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    assert len(texts) > 2
    assert all("m/z (Th)" in text for text in texts)
    found = re.findall(r"\d{3}\.0000", "".join(texts))
    assert found == [f"{400 + n}.0000" for n in range(90)]
    assert "".join(texts).count("x") >= 90 * 300
    assert "the end" in texts[-1]
    assert f"{len(texts)} / {len(texts)}" in texts[-1]
    for page, text in zip(document, texts, strict=True):  # nothing is written off the page
        textpage = page.get_textpage()
        boxes = [textpage.get_charbox(n) for n in range(0, len(text), 7)]
        assert all(left >= 0 and right <= page.get_width() for left, _, right, _ in boxes)


def test_scores_are_in_it_where_the_run_has_them(corrected, small_images, read_html):
    said = " ".join(read_html(report(corrected, small_images, "html")).text.split())
    assert "The clusters shown, as corrected, against the known classes of 12 ions: purity 0.917" in said
    assert "10-NN purity" in said
    plain = dataclasses.replace(small_images, labels=None)
    said = " ".join(read_html(report(corrected, plain, "html")).text.split())
    assert "known classes of" not in said
    assert "before msiss had scores that need no labels" in said


def test_the_format_is_that_of_the_ending():
    assert kind_of(Path("a/Report.HTML")) == "html"
    assert kind_of(Path("report.pdf")) == "pdf"
    with pytest.raises(SettingError, match=r"report\.docx: a report ends in \.html or \.pdf"):
        kind_of(Path("report.docx"))


def test_there_are_no_other_formats(corrected, small_images):
    with pytest.raises(SettingError, match="cannot be written as docx"):
        report(corrected, small_images, "docx")
