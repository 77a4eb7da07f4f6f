"""The library of imported data sets: one folder, with one sub-folder per data set.

The files of a data set are::

    images.npy, mz.npy, mask.npy ...   one file per array of `msiss.data.ion_images.IonImages`; never changed
    meta.json                          everything else; replaced when pixel size or polarity is entered later
    choice.json                        which ions and pixels are selected for the next data set
    areas.jsonl                        named regions, drawn or loaded, one line per change
    placement.json                     where the picture of the tissue lies on the section
    overlays.json                      overlays that were saved under a name
    origin.txt                         the import by which it was made
"""

import contextlib
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from msiss.data import stored
from msiss.data.file_names import safe_name
from msiss.data.ion_images import IonImages
from msiss.data.recipe import MeasurementConfig, Recipe
from msiss.data.stored import META
from msiss.durable import appear, keeping, replace_text, unfinished_name
from msiss.durable import replace as replace_file
from msiss.errors import DataError, reason

LONGEST_NAME = 80
CHOICE = "choice.json"  # in the folder of a data set: which of its ions and pixels are selected
ORIGIN = "origin.txt"  # in the folder of a data set: the import by which it was made, see `DataLibrary.move_in`


class DataLibrary:
    """The library of the data sets in `folder`, which need not exist yet.

    Parameters
    ----------
    folder : Path
        Folder of the data sets. Names that begin with a dot are unfinished and never listed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Return the names of all data sets, sorted, including damaged ones."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if _is_listed(path))

    def newest_first(self) -> list[str]:
        """Return the names of all data sets, the newest first."""
        ages = {}
        for name in self.names():
            images = self.folder / name / "images.npy"  # unlike its folder, it is never modified
            try:
                ages[name] = (images if images.exists() else images.parent).stat().st_mtime
            except FileNotFoundError:  # deleted meanwhile
                continue
            except OSError:  # no right to read it
                ages[name] = 0.0
        return sorted(ages, key=lambda name: ages[name], reverse=True)

    def path(self, name: str) -> Path:
        """Return the folder of the data set `name`, whether or not it exists.

        Raises
        ------
        DataError
            If `name` is not the name of a data set but a path, hidden or empty.
        """
        if name != clean_name(name) and name not in self.names():  # such as a folder that was copied there by hand
            raise DataError(f'"{name}" cannot be the name of a data set; "{clean_name(name)}" can.')
        return self.folder / name

    def free_name(self, name: str) -> str:
        """Return `name`, cleaned, with a number appended if there is a data set of that name."""
        first = cleaned = clean_name(name)
        number = 2
        while self.path(cleaned).exists():
            suffix = f" ({number})"
            cleaned = first[: LONGEST_NAME - len(suffix)] + suffix
            number += 1
        return cleaned

    def add(self, images: IonImages, name: str) -> Path:
        """Save `images` under `name`, cleaned by `clean_name`, and return its folder.

        Raises
        ------
        DataError
            If there is a data set of that name, or it cannot be saved.
        """
        path = self.path(clean_name(name))
        images.save(path)
        return path

    def move_in(self, folder: Path, name: str, *, origin: str) -> Path:
        """Move the saved data set `folder`, on the same disk, to `free_name` of `name`, and return its new folder.

        Parameters
        ----------
        folder : Path
        name : str
        origin : str
            The import by which it was made, for `made_by`.

        Raises
        ------
        DataError
            If it cannot be moved.
        """
        while True:
            path = self.path(self.free_name(name))
            try:
                (folder / ORIGIN).write_text(origin, encoding="utf-8")
                appear(folder, path)
                return path
            except OSError as error:
                if not path.exists():  # no other process took the name meanwhile
                    raise DataError(f"The data set {name} cannot be saved: {reason(error)}.") from error

    def made_by(self, origin: str) -> str | None:
        """Return the name of the data set that the import `origin` moved in, or None."""
        for name in self.names():
            with contextlib.suppress(OSError, UnicodeDecodeError):  # not from an import, or unreadable
                if (self.folder / name / ORIGIN).read_text(encoding="utf-8") == origin:
                    return name
        return None

    def load(self, name: str) -> IonImages:
        """Return a data set with memory-mapped images.

        Raises
        ------
        DataError
            If there is none of that name, or it is damaged.
        """
        return IonImages.load(self._existing(name))

    def set_measurement(self, name: str, measurement: MeasurementConfig) -> None:
        """Set pixel size and polarity of a data set, if given, also in its recipe.

        Raises
        ------
        DataError
            If there is no data set of that name, it is damaged, or cannot be written.
        """
        folder = self._existing(name)
        before = IonImages.load(folder)
        after = replace(before, **measurement.given())
        recipe = dict(before.recipe)
        recipe["measurement"] = recipe.get("measurement", {}) | measurement.model_dump(mode="json", exclude_none=True)
        changes = measurement.model_dump(mode="json", exclude_none=True) | {"recipe": recipe}
        if after.pixel_aspect != before.pixel_aspect:  # the shape of the section in a training has changed
            changes["fingerprint"] = after.fingerprint
        stored.change_meta(folder, changes)

    def set_picture(self, name: str, picture: np.ndarray) -> None:
        """Set the picture of the tissue of a data set, shape (h, w, 3), uint8; no result depends on it.

        Raises
        ------
        DataError
            If there is no data set of that name, or its folder cannot be written.
        """
        path = self._existing(name) / "picture.npy"

        def write(unfinished: Path) -> None:
            with unfinished.open("wb") as file:  # np.save adds an ending to a path
                np.save(file, picture)

        try:
            replace_file(path, write)
        except OSError as error:
            raise DataError(f"The picture cannot be kept in {path}: {reason(error)}.") from error

    def choice(self, name: str) -> Recipe:
        """Return which ions and pixels of a data set are selected for the next one, as stored by `keep_choice`.

        Raises
        ------
        DataError
            If there is no data set of that name.
        SettingError
            If the choice cannot be read.
        """
        path = self._existing(name) / CHOICE
        return Recipe.load(path) if path.exists() else Recipe()

    def keep_choice(self, name: str, recipe: Recipe) -> None:
        """Store which ions and pixels of a data set are selected, beside its images, which are unchanged.

        Raises
        ------
        DataError
            If there is no data set of that name, or nothing can be written to its folder.
        """
        path = self._existing(name) / CHOICE
        chosen = Recipe(ions=recipe.ions, mask=recipe.mask)
        with keeping("What is chosen", path, DataError):
            if chosen == Recipe():
                path.unlink(missing_ok=True)
            else:
                replace_text(path, chosen.to_json())

    def delete(self, name: str) -> None:
        """Delete a data set.

        Raises
        ------
        DataError
            If there is none of that name, or it cannot be deleted.
        """
        path = self._existing(name)
        doomed = unfinished_name(path)
        try:
            path.rename(doomed)  # atomic, so that no incomplete data set is listed
        except OSError as error:
            raise DataError(f"The data set {name} cannot be deleted: {reason(error)}.") from error
        shutil.rmtree(doomed, ignore_errors=True)

    def _existing(self, name: str) -> Path:
        path = self.path(name)
        if not path.is_dir():
            raise DataError(f'There is no data set "{name}". There is: {", ".join(self.names()) or "none yet"}.')
        return path


def _is_listed(path: Path) -> bool:
    """Return whether a folder is a data set, possibly a damaged one."""
    try:
        return not path.name.startswith(".") and any((path / name).is_file() for name in (META, "images.npy"))
    except OSError:  # no right to read it
        return True


def clean_name(name: str) -> str:
    """Return `name` as the name of a folder that is valid on every operating system.

    Letters, digits, space, dot, dash, underscore and round brackets are kept.
    """
    cleaned = re.sub(r"[^\w .()\-]+", "_", name).strip(" ._")[:LONGEST_NAME].rstrip(" .")
    if not cleaned:
        return "data"
    return cleaned if safe_name(cleaned) == cleaned else f"{cleaned} data"  # such as CON, a device of Windows
