import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from msiss.errors import SettingError
from msiss.show.print.page import Page
from msiss.show.print.panels import Panel, Sheet, panels_figure
from msiss.show.print.save import save
from msiss.show.print.style import SINGLE, drawing

NAME = "<b>1 & $x^2$</b>"


@pytest.fixture
def figure():
    mask = np.ones((4, 6), dtype=bool)
    image = np.arange(24.0).reshape(4, 6)
    sheet = Sheet(1, width=SINGLE, footer="±5 ppm")
    return panels_figure([Panel(image, NAME)], mask, sheet, pixel_size=(50.0, 50.0))


def test_sizes_are_those_of_print(figure):
    picture = Image.open(io.BytesIO(save(figure, "png")))
    assert picture.width == round(84 / 25.4 * 300)
    page = pypdfium2.PdfDocument(save(figure, "pdf"))[0]
    assert page.get_width() == pytest.approx(84 / 25.4 * 72, abs=0.1)
    root = ElementTree.fromstring(save(figure, "svg"))
    assert float(root.get("width").removesuffix("pt")) == pytest.approx(84 / 25.4 * 72, abs=0.1)


def test_text_stays_text_as_it_was_written(figure, texts_of):
    (text,) = texts_of(save(figure, "pdf"))
    for part in (NAME, "100 µm", "±5 ppm"):
        assert part in text
    root = ElementTree.fromstring(save(figure, "svg"))
    texts = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {NAME, "100 µm", "±5 ppm"} < set(texts)


def test_fonts_are_embedded_as_truetype(figure):
    content = save(figure, "pdf")
    assert b"/FontFile2" in content
    assert b"/Type3" not in content
    assert b"'DejaVu Sans', Verdana, sans-serif" in save(figure, "svg")


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_figure_is_the_same_file_without_a_date(figure, kind):
    content = save(figure, kind)
    assert content == save(figure, kind)
    assert not re.search(rb"CreationDate|dc:date|matplotlib\.org", content)


def test_another_process_makes_the_same_file():
    program = (
        "import hashlib\nfrom msiss.show.print.page import Page\nfrom msiss.show.print.save import save\n"
        "from msiss.show.print.style import SINGLE, drawing\n"
        "with drawing():\n    page = Page(40, 10)\n    page.text(1, 1, 'm/z 741.5306 ±5 ppm')\n"
        "said = [hashlib.sha256(save(page.figure, kind)).hexdigest() for kind in ('svg', 'pdf')]\n"
    )
    here: dict[str, list[str]] = {}
    exec(program, here)
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", f"{program}print(*said)"]
    there = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.split()
    assert there == here["said"]


def test_pages_are_pages_of_a_pdf_alone(texts_of):
    def pages():
        for number in range(3):
            with drawing():
                page = Page(50, 20)
                page.text(2, 2, f"page {number}")
            yield page.figure

    assert [text.strip() for text in texts_of(save(pages(), "pdf"))] == ["page 0", "page 1", "page 2"]
    with pytest.raises(SettingError, match="3 pages, which only a PDF"):
        save(pages(), "png")
    with pytest.raises(SettingError, match="cannot be saved as gif"):
        save(pages(), "gif")
