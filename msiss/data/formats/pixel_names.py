"""Names of pixels that tell column and row, such as x3_y7, R00X003Y007, (3, 7) or 3_7."""

import re

LONGEST_NAME = 60  # characters
_NUMBER = r"(-?\d{1,9}(?:\.\d+)?)"
_BEFORE = r"[(\[]?\s*(?:[a-z]+[\s_]+)?(?:r\d+)?"
_NAMED = re.compile(rf"{_BEFORE}x[\s=:_]*{_NUMBER}[\s,;_|]*y[\s=:_]*{_NUMBER}\s*[)\]]?", re.IGNORECASE)
_TURNED = re.compile(rf"{_BEFORE}y[\s=:_]*{_NUMBER}[\s,;_|]*x[\s=:_]*{_NUMBER}\s*[)\]]?", re.IGNORECASE)
_BARE = re.compile(rf"[(\[]\s*{_NUMBER}\s*[,;_ ]\s*{_NUMBER}\s*[)\]]|(\d{{1,9}})_(\d{{1,9}})")


def place_in(name: str) -> tuple[float, float] | None:
    """Return x and y in the name of a pixel, or None."""
    if len(name) > LONGEST_NAME:
        return None
    turned = _TURNED.fullmatch(name)
    match = turned or _NAMED.fullmatch(name) or _BARE.fullmatch(name)
    if match is None:
        return None
    first, second = (float(text) for text in match.groups() if text is not None)
    return (second, first) if turned else (first, second)


def is_bare(name: str) -> bool:
    """Return whether the name of a pixel does not say which of its numbers is x."""
    return _BARE.fullmatch(name) is not None
