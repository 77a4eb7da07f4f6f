"""Escapes text from files, links and users: most elements of Streamlit interpret their text as Markdown."""

import re
import unicodedata

LONGEST = 2000  # characters of one text; no name and no sentence about a file is longer
_JOINER = "\N{WORD JOINER}"  # invisible, and no pattern of Streamlit matches across it
_ACTIVE = re.compile(
    r"[\\`*\[\]<~$]"  # code, emphasis, links, images, HTML and formulas
    r"|(?<![^\W_])_|_(?![^\W_])"  # emphasis as well, but not inside a word
    r"|&(?=#|\w+;)"
    r"|:(?=[a-zA-Z])"  # colours and badges
    r"|^[#>+-]"  # headings, quotations and lists
)
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")  # a list as well
# Icons, emoji, bare links and e-mail addresses are replaced after Markdown, where no backslash prevents it.
_AFTER_MARKDOWN = re.compile(r":(?=[\w/+-]+:)|:(?=//)|(?<=www)(?=\.)|(?<=[\w.+-])@(?=[\w-])", re.IGNORECASE)


def literal(text: object) -> str:
    """Return Markdown that shows a text literally, in one line.

    All text from a file, a link or a user passes through here before it is shown as Markdown: an image in the name of
    an ion would be fetched by every browser that shows it. Invisible characters, such as those that change the writing
    direction, become spaces.
    """
    visible = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in str(text)).strip()
    if len(visible) > LONGEST:
        visible = visible[: LONGEST - 1] + "…"
    joined = _AFTER_MARKDOWN.sub(lambda found: found.group() + _JOINER, visible)
    return _NUMBERED.sub(r"\1\\\2", _ACTIVE.sub(r"\\\g<0>", joined))
