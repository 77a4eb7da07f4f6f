"""A report as PDF.

It is set by fpdf2, which flows text and tables over pages and writes bookmarks; matplotlib has pages, but no text that
flows.
"""

import io
import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

import matplotlib as mpl
from fpdf import FPDF
from PIL import Image

from msiss.share.report.blocks import Block, Heading, Listing, Picture, Pictures, Report, Table, Text
from msiss.show.print.style import printable

MARGIN, WIDTH, HEIGHT = 18.0, 174.0, 297.0  # mm, on A4
FONT = "DejaVu"
TITLE, SECTION, PART, TEXT, SMALL = 16, 12, 9.5, 8.5, 7  # points
MM = 25.4 / 72  # per point
LINE = 1.35  # height of a line over the size of its letters
PAD = 1.2  # mm between columns
GAP = 3.0  # mm between small pictures
GREY, RULE, STRIPE = (90, 90, 90), (200, 200, 200), (245, 246, 247)
HEADING_ROOM, CAPTION_ROOM, LEAST_ROOM = 15.0, 10.0, 20.0  # mm
FOOT = 12.0  # mm, where the number of the page stands


def to_pdf(report: Report, *, made: datetime) -> bytes:
    """Return a report as a PDF file whose text can be selected.

    Parameters
    ----------
    report : Report
    made : datetime
        When it was made, as the file says.
    """
    document = _Document(report.title, made)
    document.write_text(report.title, TITLE, bold=True)
    document.write_text(report.about, TEXT, colour=GREY)
    document.ln(3)
    for block, following in zip_longest(report.blocks, report.blocks[1:]):
        document.add_block(block, following)
    return bytes(document.output())


class _Document(FPDF):
    def __init__(self, title: str, made: datetime) -> None:
        super().__init__(format="A4")
        logging.getLogger("fontTools.subset").setLevel(logging.WARNING)
        fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
        self.add_font(FONT, "", fonts / "DejaVuSans.ttf")
        self.add_font(FONT, "B", fonts / "DejaVuSans-Bold.ttf")
        self.set_title(printable(title))
        self.set_creator("msiss")
        self.set_creation_date(made)
        self.set_lang("en")
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, MARGIN)
        self._named = title
        self.add_page()

    def footer(self) -> None:
        """Write title and number of the page."""
        self.set_y(-FOOT)
        self._use(SMALL, colour=GREY)
        self.cell(WIDTH * 0.8, SMALL * MM * LINE, self._cut(printable(self._named), WIDTH * 0.8))
        self.cell(WIDTH * 0.2, SMALL * MM * LINE, f"{self.page_no()} / {{nb}}", align="R")

    def add_block(self, block: Block, following: Block | None) -> None:
        """Write a block at the current place; a heading stays with the block that follows."""
        match block:
            case Heading():
                self._keep(HEADING_ROOM + self._room(following))
                self._heading(block)
            case Text():
                self.text_block(block.text)
            case Listing():
                for item in block.items:
                    self.text_block(f"• {item}", gap=0.8)
                self.ln(1.5)
            case Table():
                self._table(block)
            case Picture():
                self._picture(block)
            case Pictures():
                self._pictures(block)

    def write_text(self, text: str, size: float, *, bold: bool = False, colour: Sequence[int] = (0, 0, 0)) -> None:
        """Write a text over the whole width."""
        self._use(size, bold=bold, colour=colour)
        self.multi_cell(WIDTH, size * MM * LINE, printable(text), align="L", new_x="LMARGIN", new_y="NEXT")

    def text_block(self, text: str, gap: float = 2.0) -> None:
        """Write a paragraph."""
        self.write_text(text, TEXT)
        self.ln(gap)

    def _use(self, size: float, *, bold: bool = False, colour: Sequence[int] = (0, 0, 0)) -> None:
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(*colour)

    def _keep(self, height: float) -> None:
        """Begin a new page unless `height` mm are left on this one."""
        if self.get_y() + height > HEIGHT - MARGIN:
            self.add_page()

    def _room(self, block: Block | None) -> float:
        """Return the height in mm that a block needs on the page on which it begins."""
        match block:
            case Picture():
                return self._fitted(block)[1] + CAPTION_ROOM
            case Pictures():
                wide, high = _size(block.pngs[0])
                return 2 * (block.width * high / wide + CAPTION_ROOM)
        return LEAST_ROOM

    def _fitted(self, block: Picture) -> tuple[float, float]:
        """Return width and height of a picture in mm."""
        wide, high = _size(block.png)
        width = min(block.width, WIDTH)
        most = HEIGHT - 2 * MARGIN - CAPTION_ROOM - HEADING_ROOM
        return (width, width * high / wide) if width * high / wide <= most else (most * wide / high, most)

    def _heading(self, block: Heading) -> None:
        main = block.level == 2
        self.ln(4 if main else 2)
        self.start_section(printable(block.text), level=block.level - 2)
        size = SECTION if main else PART
        if block.colour:
            side = 0.7 * size * MM
            self.set_fill_color(*(int(block.colour[at : at + 2], 16) for at in (1, 3, 5)))
            self.rect(MARGIN, self.get_y() + (size * MM * LINE - side) / 2, side, side, style="F")
            self.set_x(MARGIN + side + 1.5)
        self._use(size, bold=True)
        text = printable(block.text)
        self.multi_cell(0, size * MM * LINE, text, align="L", new_x="LMARGIN", new_y="NEXT")
        if main:
            self.set_draw_color(*RULE)
            self.line(MARGIN, self.get_y() + 0.5, MARGIN + WIDTH, self.get_y() + 0.5)
        self.ln(1.5)

    def _table(self, table: Table) -> None:
        total = sum(table.widths)
        widths = [WIDTH * width / total for width in table.widths]
        if table.head:
            self._row(table.head, widths, table.numbers, bold=True)
        for number, row in enumerate(table.rows):
            self._use(SMALL)
            cells = [self._lines(printable(text), width - PAD) for text, width in zip(row, widths, strict=True)]
            height = max(map(len, cells)) * SMALL * MM * LINE + 0.8
            if self.get_y() + height > HEIGHT - MARGIN:
                self.add_page()
                if table.head:
                    self._row(table.head, widths, table.numbers, bold=True)
            self._cells(cells, widths, table.numbers, height, stripe=number % 2 == 1, facts=not table.head)
        self.ln(3)

    def _row(self, row: Sequence[str], widths: Sequence[float], numbers: frozenset[int], *, bold: bool) -> None:
        self._use(SMALL, bold=bold)
        cells = [self._lines(printable(text), width - PAD) for text, width in zip(row, widths, strict=True)]
        height = max(map(len, cells)) * SMALL * MM * LINE + 0.8
        self._keep(2 * height)
        self._cells(cells, widths, numbers, height, bold=bold)

    def _cells(
        self,
        cells: Sequence[Sequence[str]],
        widths: Sequence[float],
        numbers: frozenset[int],
        height: float,
        *,
        bold: bool = False,
        stripe: bool = False,
        facts: bool = False,
    ) -> None:
        top, left, line = self.get_y(), MARGIN, SMALL * MM * LINE
        if stripe:
            self.set_fill_color(*STRIPE)
            self.rect(MARGIN, top, WIDTH, height, style="F")
        for column, (lines, width) in enumerate(zip(cells, widths, strict=True)):
            self._use(SMALL, bold=bold or (facts and column == 0))
            for number, text in enumerate(lines):
                self.set_xy(left, top + 0.4 + number * line)
                self.cell(width - PAD, line, text, align="R" if column in numbers else "L")
            left += width
        self.set_draw_color(*RULE)
        self.line(MARGIN, top + height, MARGIN + WIDTH, top + height)
        self.set_xy(MARGIN, top + height)

    def _picture(self, block: Picture) -> None:
        width, height = self._fitted(block)
        self._keep(height + CAPTION_ROOM)
        self.image(io.BytesIO(block.png), MARGIN, self.get_y(), width, alt_text=printable(block.about))
        self.set_xy(MARGIN, self.get_y() + height + 1)
        self.write_text(block.about, SMALL, colour=GREY)
        self.ln(3)

    def _pictures(self, row: Pictures) -> None:
        columns = max(1, int((WIDTH + GAP) // (row.width + GAP)))
        line = SMALL * MM * LINE
        for start in range(0, len(row.pngs), columns):
            part = slice(start, start + columns)
            heights = [row.width * high / wide for wide, high in map(_size, row.pngs[part])]
            lines = max(map(len, row.lines[part]))
            self._keep(max(heights) + lines * line + 2)
            top = self.get_y()
            for place, (png, texts) in enumerate(zip(row.pngs[part], row.lines[part], strict=True)):
                left = MARGIN + place * (row.width + GAP)
                self.image(io.BytesIO(png), left, top, row.width, alt_text=printable(" ".join(texts)))
                self._use(SMALL, colour=GREY)
                for number, text in enumerate(texts):
                    self.set_xy(left, top + heights[place] + 0.5 + number * line)
                    self.cell(row.width, line, self._cut(printable(text), row.width))
            self.set_xy(MARGIN, top + max(heights) + 0.5 + lines * line + 2)

    def _lines(self, text: str, width: float) -> list[str]:
        """Return a text as lines of at most `width` mm in the current font, broken at spaces or else anywhere."""
        room = width - 2 * self.c_margin
        if self.get_string_width(text) <= room:
            return [text]
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.get_string_width(longer) <= room:
                lines[-1] = longer
                continue
            lines.append(word)
            while self.get_string_width(lines[-1]) > room and len(lines[-1]) > 1:
                end = len(lines[-1])
                while end > 1 and self.get_string_width(lines[-1][:end]) > room:
                    end -= 1
                lines[-1:] = [lines[-1][:end], lines[-1][end:]]
        return lines or [""]

    def _cut(self, text: str, width: float) -> str:
        room = width - 2 * self.c_margin
        if self.get_string_width(text) <= room:
            return text
        while text and self.get_string_width(f"{text}…") > room:
            text = text[:-1]
        return f"{text}…"


def _size(png: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(png)) as picture:
        return picture.size
