"""The text of an imzML header as UTF-8, whatever its encoding is and whatever its declaration says about it.

Expat knows five encodings and stops at the first byte that contradicts the declared one, as in the path of a lab with a
µ. No image depends on such a character, so that it is replaced where it cannot be decoded.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

CHUNK = 2**20  # bytes

_DECLARATION = re.compile(rb"<\?xml\b[^>]*?\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark is the beginning of it
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    codecs.BOM_UTF8: "utf-8",
}
_UNMARKED = {b"<\0\0\0": "utf-32-le", b"\0\0\0<": "utf-32-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
# Encodings that programs mean when they declare a smaller one.
_LARGER = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# Encodings that cannot be those of bytes that begin with a readable declaration, or that are none.
_NEVER = re.compile("utf|.*escape|punycode|idna|undefined|mbcs|oem")
_STATEFUL = ("utf-16", "utf-32", "iso2022", "hz")  # in which bytes of ASCII may be parts of other letters
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_SPACES = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)(?:#(\d{1,7}|x[0-9A-Fa-f]{1,6});)?")
_LONGEST_REFERENCE = 12


def utf8(path: Path) -> Iterator[tuple[bytes, float]]:
    """Yield the text of an XML file in pieces of UTF-8 without its declaration, each with the share of the file read.

    Control characters, which XML does not have, become spaces; an ampersand that begins no reference is written as one.
    """
    size = max(path.stat().st_size, 1)
    with path.open("rb") as file:
        data = file.read(CHUNK)
        mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
        unmarked = next((name for start, name in _UNMARKED.items() if data.startswith(start)), "")
        name = _MARKS.get(mark) or unmarked or _declared(data)
        data = data.removeprefix(mark)
        decoder = codecs.getincrementaldecoder(name)(errors=_LONE_BYTES if name == "utf-8" else "replace")
        ascii_is_itself = not name.startswith(_STATEFUL)
        beginning, held = True, b""
        while data:
            if not (ascii_is_itself and data.isascii() and not decoder.getstate()[0]):
                data = decoder.decode(data).encode()
            data = data.translate(_SPACES)
            if beginning and (data := data.lstrip(b" \t\r\n")):
                data, beginning = _DECLARATION.sub(_only_lines, data, count=1), False
            data, held = _with_references(held + data)
            yield data, file.tell() / size
            data = file.read(CHUNK)
        if held := held + decoder.decode(b"", final=True).encode():
            yield _AMPERSAND.sub(_reference, held), 1.0


def _declared(start: bytes) -> str:
    """Return the name of a codec for the declared encoding of 8-bit text; UTF-8 if there is none that is meant."""
    declaration = _DECLARATION.search(start[:1000])
    found = _ENCODING.search(declaration[0]) if declaration else None
    try:
        name = codecs.lookup(found[1].decode("ascii").strip()).name if found else "utf-8"
        name = _LARGER.get(name, name)
        return "utf-8" if _NEVER.match(name) or b"<a".decode(name) != "<a" else name
    except (LookupError, ValueError):
        return "utf-8"


def _only_lines(match: re.Match[bytes]) -> bytes:
    """Keep the number of lines, so that errors are located where an editor shows them."""
    return b"\n" * match[0].count(b"\n")


def _with_references(data: bytes) -> tuple[bytes, bytes]:
    """Return text in which every ampersand begins a reference, and its end that may hold a part of one."""
    place = data.rfind(b"&", max(0, len(data) - _LONGEST_REFERENCE))
    end = place if place >= 0 else len(data)
    data, held = data[:end], data[end:]
    return (_AMPERSAND.sub(_reference, data) if b"&" in data else data), held


def _reference(match: re.Match[bytes]) -> bytes:
    """Write an ampersand as a reference; a reference to a character that XML does not have becomes a space."""
    if match[1] is None:
        return b"&amp;"
    number = int(match[1][1:], 16) if match[1].startswith(b"x") else int(match[1])
    known = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 2**16 <= number < 0x110000
    return match[0] if known else b" "


def _lone_byte(error: UnicodeError) -> tuple[str, int]:
    """Take a byte that is not UTF-8 for a letter of Western Windows if it stands alone, and else for an unknown one."""
    assert isinstance(error, UnicodeDecodeError)
    data, start = error.object, error.start
    alone = not (start and data[start - 1] > 127) and not data[start + 1 : start + 2] > b"\x7f"
    return (data[start : start + 1].decode("cp1252", "replace") if alone else "\ufffd"), start + 1


_LONE_BYTES = "msiss-lone-bytes"
codecs.register_error(_LONE_BYTES, _lone_byte)
