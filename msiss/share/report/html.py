"""A report as one HTML file, which loads nothing from elsewhere."""

from html import escape

from msiss.share.report.blocks import Block, Heading, Listing, Picture, Pictures, Report, Table, Text
from msiss.show.markup import literal
from msiss.show.thumbnails import data_uri

SCREEN_PIXELS = 4.6  # per mm, so that a figure of two columns is 800 px wide
# Nothing but pictures in the file itself may be loaded, whatever a name in it says.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light dark; --text: #1c1c1c; --back: #ffffff; --soft: #5a5a5a; --line: #d5d5d5;
  --stripe: #f5f6f7; }
@media screen and (prefers-color-scheme: dark) {
  :root { --text: #e8e8e8; --back: #14171c; --soft: #a8adb5; --line: #3a3f47; --stripe: #1c2027; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 60rem; color: var(--text); background: var(--back);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; margin: 2.4rem 0 .6rem; padding-bottom: .2rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .4rem; overflow-wrap: anywhere; }
p, li { overflow-wrap: anywhere; }
.about { color: var(--soft); margin: 0; }
nav { margin: 1rem 0; }
nav a { margin-right: 1rem; white-space: nowrap; }
a { color: inherit; }
.dot { display: inline-block; width: .75em; height: .75em; margin-right: .4em; border-radius: 2px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .87rem; margin: .5rem 0 1rem; min-width: 40%; }
th, td { padding: .25rem .7rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { border-bottom: 2px solid var(--line); }
tbody tr:nth-child(even) { background: var(--stripe); }
th, td { overflow-wrap: break-word; max-width: 34rem; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody th { font-weight: 600; white-space: nowrap; }
figure { margin: 1rem 0; }
figure.sheet img { max-width: 100%; height: auto; background: #ffffff; padding: 8px; border-radius: 4px; }
figcaption { color: var(--soft); font-size: .85rem; }
.row { display: flex; flex-wrap: wrap; gap: 12px; margin: .6rem 0; }
.row figure { margin: 0; }
.row img { width: 100%; height: auto; display: block; }
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  nav { display: none; }
  h2, h3 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  thead { display: table-header-group; }
}
@page { size: A4; margin: 18mm; }
"""


def to_html(report: Report) -> bytes:
    """Return a report as an HTML file in UTF-8."""
    sections = [block for block in report.blocks if isinstance(block, Heading) and block.level == 2]
    links = " ".join(f'<a href="#part-{number}">{literal(one.text)}</a>' for number, one in enumerate(sections))
    places = {id(one): number for number, one in enumerate(sections)}
    body = "\n".join(_block(block, places) for block in report.blocks)
    title = literal(report.title)
    page = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<header><h1>{title}</h1>\n"
        f'<p class="about">{literal(report.about)}</p></header>\n<nav>{links}</nav>\n<main>\n{body}\n</main>\n'
        "</body>\n</html>\n"
    )
    return page.encode()


def _block(block: Block, places: dict[int, int]) -> str:
    match block:
        case Heading(level=2):
            return f'<h2 id="part-{places[id(block)]}">{literal(block.text)}</h2>'
        case Heading():
            dot = f'<span class="dot" style="background:{escape(block.colour)}"></span>' if block.colour else ""
            return f"<h3>{dot}{literal(block.text)}</h3>"
        case Text():
            return f"<p>{literal(block.text)}</p>"
        case Listing():
            return f"<ul>{''.join(f'<li>{literal(item)}</li>' for item in block.items)}</ul>"
        case Table():
            return _table(block)
        case Picture():
            width = round(block.width * SCREEN_PIXELS)
            return (
                f'<figure class="sheet"><img src="{data_uri(block.png)}" width="{width}" alt="{literal(block.about)}">'
                f"<figcaption>{literal(block.about)}</figcaption></figure>"
            )
        case Pictures():
            return _pictures(block)


def _table(table: Table) -> str:
    def cell(tag: str, column: int, text: str) -> str:
        kind = ' class="n"' if column in table.numbers else ""
        return f"<{tag}{kind}>{literal(text)}</{tag}>"

    head = "".join(cell("th", column, text) for column, text in enumerate(table.head))
    first = "th" if not table.head else "td"
    rows = "".join(
        f"<tr>{''.join(cell(first if column == 0 else 'td', column, text) for column, text in enumerate(row))}</tr>"
        for row in table.rows
    )
    titles = f"<thead><tr>{head}</tr></thead>" if table.head else ""
    return f'<div class="wide"><table>{titles}<tbody>{rows}</tbody></table></div>'


def _pictures(row: Pictures) -> str:
    width = round(row.width * SCREEN_PIXELS)
    shown = []
    for png, lines in zip(row.pngs, row.lines, strict=True):
        about = "<br>".join(literal(line) for line in lines)
        shown.append(
            f'<figure style="width:{width}px"><img src="{data_uri(png)}" alt="{literal(" ".join(lines))}">'
            f"<figcaption>{about}</figcaption></figure>"
        )
    return f'<div class="row">{"".join(shown)}</div>'
