"""HTML of tables and pictures, in which every text is only text."""

from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from msiss.show.markup import literal, paragraph, pictures, table

TEXT = '<b onclick="x">\'&'
SAFE = "&lt;b onclick=&quot;x&quot;&gt;&#x27;&amp;"


@given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" ")))
def test_literal_text_is_read_as_it_was(text: str) -> None:
    assert unescape(literal(text)) == text
    assert not set("<>\"'") & set(literal(text))


def test_control_characters_become_spaces() -> None:
    assert literal("a\nb\u202ec") == "a b c"


def test_every_cell_and_caption_is_literal() -> None:
    html = table([[TEXT, 1.5]], head=[TEXT, "number"])
    assert html.count(SAFE) == 2
    assert html.count("<td") == html.count("<th ") == 2
    assert "<thead>" not in table([["a"]])
    html = pictures([f"data:{TEXT}"], [[TEXT, "b"]], width=7)
    assert html.count(SAFE) == 3
    assert 'width="7"' in html
    assert paragraph(TEXT) == f"<p>{SAFE}</p>"
    assert paragraph("a", bold=True) == "<p><b>a</b></p>"
