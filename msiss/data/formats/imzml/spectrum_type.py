"""Whether the spectra of a file are centroids or profiles: the data decide, and the label of the file breaks ties."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from msiss.data.findings import HealthRow
from msiss.data.formats.imzml.bytes import Spectra
from msiss.data.formats.imzml.file import ImzmlFile
from msiss.data.formats.imzml.looks import POINTS, Declared, Kind, Look, looks_like
from msiss.data.intensities import LARGEST_INTENSITY
from msiss.data.kernels import LARGEST_MZ

KINDS: tuple[Kind, Kind] = ("centroid", "profile")

# Number of spectra, spread over the file, that are looked at, as far as they hold no more values.
LOOKED_AT, FEWEST, MOST_VALUES = 100, 10, 20_000_000

CLEAR = 0.6  # share of the points in spectra that look alike from which they decide

# Spectra of few counts show no shapes, their sum does: values of few different sizes, most of them the smallest.
FEW_SIZES, SMALLEST = 20, 0.3

MIXED_SPECTRA, MIXED_POINTS = 0.1, 0.2  # shares of the rarer kind that are worth a warning


@dataclass(frozen=True)
class SpectrumType:
    """What the spectra of a file are, and why.

    Attributes
    ----------
    kind : {"centroid", "profile"}
        What they are read as.
    declared : {"centroid", "profile", "unknown"}
        What the header says.
    profiles, centroids, looked_at : int
        Spectra that look like profiles and like centroids, and those that were looked at.
    seen : {"centroid", "profile", "unknown"}
        What the data look like.
    chosen : bool
        Whether a person set the kind.
    mixed : bool
        Whether some spectra are centroids and others profiles.
    step : float
        Usual distance of the points of profiles in ppm; 0 for centroids.
    """

    kind: Kind
    declared: Declared
    profiles: int = 0
    centroids: int = 0
    looked_at: int = 0
    seen: Declared = "unknown"
    chosen: bool = False
    mixed: bool = False
    step: float = 0.0

    def row(self) -> HealthRow:
        """Return the finding."""
        level: Literal["pass", "note", "warning"] = "pass"
        said = "does not say what the spectra are" if self.declared == "unknown" else f"says {self.declared}"
        counted = self.centroids if self.seen == "centroid" else self.profiles
        found, action = f"{counted} of {self.looked_at} spectra that were looked at look like {self.seen}s.", ""
        meaning = f"{_SIGNS[self.seen]} They are read as {self.kind}s: {_MEANING[self.kind]}."
        if self.chosen:
            found, meaning = f"The spectra are read as {self.kind}s, as was chosen.", f"The header {said}."
            level = "note"
        elif self.mixed:
            found = (
                f"Of {self.looked_at} spectra that were looked at, {self.profiles} look like profiles and "
                f"{self.centroids} like centroids."
            )
            action, level = "Export all spectra of one kind, or give an m/z list.", "warning"
        elif self.seen == "unknown":
            found = f"The header {said}, and the data do not show whether the spectra are centroids or profiles."
            action, level = "If that is wrong, choose the type of the spectra.", "note"
        elif self.declared not in ("unknown", self.seen):
            found = f"The header {said}, but {found}"
            action, level = "If that is wrong, choose the type of the spectra.", "warning"
        asked = level != "pass"
        return HealthRow(
            "spectra as seen",
            level,
            found,
            meaning,
            action,
            setting="spectrum_type" if asked else "",
            options=self._options() if asked else (),
        )

    def _options(self) -> tuple[tuple[str, str], ...]:
        other: Kind = "centroid" if self.kind == "profile" else "profile"
        if self.chosen:
            return ((self.kind, f"{self.kind}s"), (other, f"{other}s"), ("data", "as the data look"))
        return (("data", f"{self.kind}s, as msiss reads them"), (other, f"{other}s"))


_SIGNS = {
    "centroid": "Their points stand alone, in uneven steps.",
    "profile": "Their points follow smooth peaks, in even steps.",
    "unknown": "There are too few peaks for that.",
}
_MEANING = {
    "centroid": "every m/z with signal can become an ion",
    "profile": "every peak of the mean spectrum can become an ion, but not each of its points",
}


def spectrum_type(file: ImzmlFile, setting: Literal["data", "centroid", "profile"] = "data") -> SpectrumType:
    """Return what the spectra of a file are.

    Parameters
    ----------
    file : ImzmlFile
        With sound offsets.
    setting : {"data", "centroid", "profile"}
        "data" if the data decide, otherwise what a person has chosen.

    Raises
    ------
    DataStop
        If a spectrum cannot be read.
    """
    held = np.flatnonzero(file.intensity.lengths)
    mean = file.intensity.lengths[held].mean() if len(held) else 1
    number = int(np.clip(MOST_VALUES / mean, FEWEST, LOOKED_AT))
    chosen = held[np.unique(np.linspace(0, len(held) - 1, number).astype(np.int64))] if len(held) else held
    with Spectra(file) as source:
        looks = _looks(source, chosen, together=file.shared_axis)
    points = {kind: sum(look.points for look in looks if look.kind == kind) for kind in KINDS}
    spectra = {kind: sum(look.kind == kind for look in looks) for kind in KINDS}
    decided = points["profile"] + points["centroid"]
    share = points["profile"] / decided if decided else 0.5
    seen: Declared = "profile" if share >= CLEAR else "centroid" if share <= 1 - CLEAR else "unknown"
    rarer = min(spectra["profile"], spectra["centroid"]) / max(spectra["profile"] + spectra["centroid"], 1)
    steps = [look.step for look in looks if look.kind == "profile"]
    kind = setting if setting != "data" else seen if seen != "unknown" else file.spectrum_type
    return SpectrumType(
        kind="profile" if kind == "profile" else "centroid",
        declared=file.spectrum_type,
        profiles=spectra["profile"],
        centroids=spectra["centroid"],
        looked_at=len(looks),
        seen=seen,
        chosen=setting != "data",
        mixed=rarer >= MIXED_SPECTRA and min(share, 1 - share) >= MIXED_POINTS,
        step=float(np.median(steps)) if steps and kind == "profile" else 0.0,
    )


def _looks(source: Spectra, chosen: np.ndarray, *, together: bool) -> list[Look]:
    """Return what the spectra with signal look like; `together` if they have the same m/z, as their sum shows more."""
    looks: list[Look] = []
    counts: list[tuple[np.ndarray, np.ndarray]] = []
    total = np.zeros(0)
    for spectrum in chosen.tolist():
        mz, intensity = _sound(*source.one(spectrum))
        held = np.flatnonzero(intensity)
        if not len(held):
            continue
        if together:
            total = total + intensity if len(total) else intensity
            looks.append(Look("unknown", len(held), 0.0))
            continue
        looks.append(looks_like(mz, intensity))
        if _of_counts(intensity[held]) and sum(len(one) for one, _ in counts) < POINTS:
            counts.append((mz[held], intensity[held]))
    if 2 * len(counts) > len(looks):
        mz, total = (np.concatenate(column) for column in zip(*counts, strict=True))
    if len(total):
        sum_of_all = looks_like(mz, total)
        if together or sum_of_all.kind == "profile":
            return [look._replace(kind=sum_of_all.kind, step=sum_of_all.step) for look in looks]
    return looks


def _sound(mz: np.ndarray, intensity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the m/z and intensities with 0 for what cannot be one."""
    possible = (mz > 0) & (mz <= LARGEST_MZ)
    sound = possible & (intensity > 0) & (intensity <= LARGEST_INTENSITY)
    return np.where(possible, mz, 0.0), np.where(sound, intensity, 0.0)


def _of_counts(intensity: np.ndarray) -> bool:
    """Return whether intensities above 0 are few counts, of which a single spectrum shows no shape."""
    return len(np.unique(intensity)) <= FEW_SIZES and float(np.mean(intensity == intensity.min())) >= SMALLEST
