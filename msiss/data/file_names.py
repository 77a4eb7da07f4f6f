"""Names of files: those of uploads, sanitised for every operating system, and names that are spelled in other ways."""

import os
import re
import unicodedata
from pathlib import Path, PurePosixPath

LONGEST = 180  # bytes without the ending: names may have 255, and msiss appends some
DEEPEST = 12  # nested folders in an upload
# Reserved for devices on Windows, with any ending (learn.microsoft.com, "Naming Files, Paths, and Namespaces").
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$", re.IGNORECASE)
_DRIVE = re.compile(r"[a-zA-Z]:")


def kept_path(name: str) -> PurePosixPath:
    """Return the path of an uploaded file of that name, which is below the folder of its upload on any system.

    Of an absolute path of Windows, with its drive, only the file name is used.
    """
    parts = name.replace("\\", "/").lstrip("/").split("/")
    if _DRIVE.match(parts[0]):
        parts = [_DRIVE.sub("", parts[-1], count=1)]
    kept = [part for part in map(safe_name, parts) if part]
    return PurePosixPath(*kept[-DEEPEST:]) if kept else PurePosixPath("file")


def safe_name(part: str) -> str:
    """Return a name without characters and forms that are invalid or reserved on some system; may be empty.

    Equal stems remain equal, so that the two files of an imzML data set still belong together.
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
    """Return a key that is equal for names that some system treats as the same, by case or Unicode composition."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def without_links(path: Path) -> Path:
    """Return the absolute path with links resolved; links that lead in a circle, or nowhere, stay as they are."""
    return Path(os.path.realpath(path))


def as_stored(path: Path) -> Path:
    """Return `path`, or where it does not exist, the only entry of its folder that is the same but for `same_place`."""
    if path.exists() or not path.name or not path.parent.is_dir():
        return path
    wanted = same_place(path.name)
    same = [other for other in path.parent.iterdir() if same_place(other.name) == wanted]
    return same[0] if len(same) == 1 else path
