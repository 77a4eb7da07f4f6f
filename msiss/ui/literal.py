"""Text of files, addresses and keyboards as it is: Streamlit takes the text of most of its elements for Markdown."""

import re
import unicodedata

LONGEST = 2000  # letters of one text; no name and no sentence about a file is longer
_JOINER = "\N{WORD JOINER}"  # cannot be seen, and no pattern of Streamlit goes across it
_ACTIVE = re.compile(
    r"[\\`*\[\]<~$]"  # code, stress, links, images, HTML and formulas
    r"|(?<![^\W_])_|_(?![^\W_])"  # stress as well, but not inside a word
    r"|&(?=#|\w+;)"
    r"|:(?=[a-zA-Z])"  # colours and badges
    r"|^[#>+-]"  # headings, quotations and lists
)
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")  # a list as well
# Found in what Markdown has left: icons and emoji, bare addresses of pages and of people. No backslash prevents that.
_FOUND_LATER = re.compile(r":(?=[\w/+-]+:)|:(?=//)|(?<=www)(?=\.)|(?<=[\w.+-])@(?=[\w-])", re.IGNORECASE)


def literal(text: object) -> str:
    """Return Markdown that shows a text as it is, in one line.

    All that comes from a file, an address or a keyboard goes through here before it is shown as Markdown: an image in
    the name of an ion would be fetched by whoever looks at it. Letters that cannot be seen, such as those that turn
    the direction of writing, become spaces.
    """
    seen = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in str(text)).strip()
    if len(seen) > LONGEST:
        seen = seen[: LONGEST - 1] + "…"
    whole = _FOUND_LATER.sub(lambda found: found.group() + _JOINER, seen)
    return _NUMBERED.sub(r"\1\\\2", _ACTIVE.sub(r"\\\g<0>", whole))
