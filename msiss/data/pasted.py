"""Paths as people paste them: from a file manager, a browser, a chat, or another computer."""

import os
import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote

from msiss.errors import DataError

_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "„": "“", "«": "»"}
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)  # a drive has one letter only
_OF_WINDOWS = re.compile(r"[a-z]:[\\/]|\\\\", re.IGNORECASE)
_DRIVE_IN_URL = re.compile(r"/[a-z][:|]/", re.IGNORECASE)


def pasted(text: str) -> Path:
    """Return the path that a text means, which need not exist.

    Quotes and spaces around it are left out, ``file://`` too, and ``~`` is the user's own folder. A file whose name
    really has such letters is found first.

    Raises
    ------
    DataError
        If it is empty, or an address or a path that this computer cannot have.
    """
    if _exists(text):
        return Path(text)
    plain = _without_quotes(text)
    if not plain:
        raise DataError("A path is missing. Name a file or a folder.")
    if any(ord(letter) < 32 for letter in plain):
        raise DataError(f"{plain!r} is not a path: it holds a control character. Copy the path again.")
    if plain.lower().startswith("file:/"):
        plain = _of_url(plain)
    elif _ADDRESS.match(plain):
        raise DataError(
            f"{plain} is an address, not a path of this computer. Download the file, or connect its network drive, and "
            "give the path that it then has here."
        )
    if os.name != "nt" and _OF_WINDOWS.match(plain):
        raise DataError(
            f"{plain} is a path of a Windows computer, and msiss runs on another one. Give the path that the file has "
            "there, or upload it in the dashboard."
        )
    if plain.startswith("~"):
        try:
            return Path(plain).expanduser()
        except RuntimeError as error:
            raise DataError(f"{plain}: there is no such user on this computer. Give the whole path.") from error
    bare = re.sub(r"\\(.)", r"\1", plain)  # a terminal writes a backslash before a space
    return Path(bare if os.name != "nt" and not _exists(plain) and _exists(bare) else plain)


def _exists(text: str) -> bool:
    try:
        return bool(text) and Path(text).exists()
    except OSError:  # such as for a name that is too long
        return False


def _without_quotes(text: str) -> str:
    plain = _stripped(text)
    while len(plain) > 1 and _QUOTES.get(plain[0]) == plain[-1]:
        plain = _stripped(plain[1:-1])
    return plain


def _stripped(text: str) -> str:
    """Return a text without spaces and invisible letters around it, such as Windows copies with a path."""
    unseen = {letter for letter in text if letter.isspace() or unicodedata.category(letter) == "Cf"}
    return text.strip("".join(unseen)) if unseen else text


def _of_url(url: str) -> str:
    """Return the path of a file:// address."""
    rest = unquote(url[len("file:") :])
    if rest.startswith("//"):
        host, _, path = rest[2:].partition("/")
        rest = f"/{path}" if host.lower() in ("", "localhost") else f"\\\\{host}\\{path}"
    if _DRIVE_IN_URL.match(rest):
        rest = f"{rest[1]}:{rest[3:]}"
    return rest
