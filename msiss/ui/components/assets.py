"""The files of the components."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def asset(name: str) -> str:
    """Return the content of a file of the components."""
    return (FOLDER / name).read_text(encoding="utf-8")
