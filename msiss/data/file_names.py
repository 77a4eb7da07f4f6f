"""Names that strangers gave to files, as names that any system can keep."""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 180  # bytes without the ending: systems take 255 for a name, and msiss adds some
DEEPEST = 12  # folders within folders that an upload may come with
# Windows takes these for devices, with any ending (learn.microsoft.com, "Naming Files, Paths, and Namespaces").
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$", re.IGNORECASE)
_DRIVE = re.compile(r"[a-zA-Z]:")


def kept_path(name: str) -> PurePosixPath:
    """Return the path at which an uploaded file of that name is kept, below the folder of its upload on any system.

    Of a whole path of Windows, with its drive, only the name of the file counts.
    """
    parts = name.replace("\\", "/").lstrip("/").split("/")
    if _DRIVE.match(parts[0]):
        parts = [_DRIVE.sub("", parts[-1], count=1)]
    kept = [part for part in map(safe_name, parts) if part]
    return PurePosixPath(*kept[-DEEPEST:]) if kept else PurePosixPath("file")


def safe_name(part: str) -> str:
    """Return a name without what some system cannot keep or takes for something else; empty where nothing is left.

    Files that belong together by their stems, such as a pair of imzML and ibd, still do.
    """
    composed = unicodedata.normalize("NFC", part)
    plain = "".join("_" if letter in '<>:"|?*/\\' else letter for letter in composed if letter.isprintable())
    plain = unicodedata.normalize("NFC", plain)  # an accent may now follow a letter that a control kept it from
    path = PurePosixPath(plain.strip().rstrip(" .") or ".")
    stem, ending = (path.stem, path.suffix) if len(path.suffix) <= 20 else (path.name, "")
    stem = _shortened(stem).rstrip(" .") if ending == "" else _shortened(stem)
    if _DEVICES.match(stem.split(".")[0].strip()):
        stem = f"_{stem}"
    return f"{stem}{ending}" if stem not in ("", "..") else ""


def _shortened(stem: str) -> str:
    return stem.encode("utf-8", "ignore")[:LONGEST].decode("utf-8", "ignore")


def same_place(name: str) -> str:
    """Return what names have in common that some systems take for one: capital and composed letters do not count."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
