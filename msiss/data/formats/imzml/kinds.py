"""The choice of the spectra that images are made of: those of one plane and one kind.

Spectra of different polarity, MS level, precursor or compensation voltage are never mixed, see `SpectrumKind`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.image_findings import polarity_row
from msiss.data.formats.imzml.file import ImzmlFile
from msiss.data.formats.imzml.spectrum_kinds import SpectrumKind
from msiss.data.recipe import EACH_KIND, ReadConfig
from msiss.errors import SettingError
from msiss.words import count

NAMED = 10  # kinds that a message lists
MOST_OFFERED = 100  # kinds that a person can choose among

Counts = dict[SpectrumKind, int]


def chosen(whole: ImzmlFile, config: ReadConfig, *, kind: str = "") -> tuple[ImzmlFile, list[HealthRow]]:
    """Return the spectra to read of a file, and the rows about the kinds of spectra.

    Parameters
    ----------
    whole : ImzmlFile
    config : ReadConfig
        Which plane, which kind of spectra, and what becomes of several spectra of a pixel.
    kind : str
        Name of the kind if `config` leaves it open, such as that of `common`; by default, that of `preferred`.

    Raises
    ------
    DataStop
        If the file has several planes and none is named, or not the named one.
    SettingError
        If there are no spectra of the named kind.
    """
    file = whole.on_plane(config.plane)
    counts = counted(file)
    one = _named(counts, kind or config.spectra, whole.path.name) or preferred(counts)
    read = replace(file, per_pixel=config.per_pixel)
    if len(counts) > 1:
        read = read.of(np.flatnonzero(read.kind == file.kinds.index(one)))
    polarity = file.polarity if one.polarity == "unknown" and len(counts) == 1 else one.polarity
    if file.types and (own := file.types[file.kinds.index(one)]) != "unknown":
        read = replace(read, spectrum_type=own)
    read = replace(read, types=(), kinds=(one,), kind=np.zeros(len(read), dtype=np.int16), polarity=polarity)
    return read, [_kinds_row(counts, one, config), _polarity_row(counts, read)]


def common(wholes: Sequence[ImzmlFile], config: ReadConfig) -> str:
    """Return the name of the kind of spectra to read from all files, which are placed side by side.

    Raises
    ------
    DataStop
        If there is no kind that all of them hold, or one of them does not hold the kind of the settings.
    SettingError
        If none of them holds the kind of the settings, or each kind is to be a data set of its own.
    """
    files = [whole.on_plane(config.plane) for whole in wholes]
    held = [counted(file) for file in files]
    if config.spectra and config.spectra != EACH_KIND:
        found = [_by_name(counts).get(config.spectra.lower()) for counts in held]
        for file, counts, kind in zip(files, held, found, strict=True):
            if kind is None and any(found):
                raise _lacks(file, counts, f"no {config.spectra}")
        names = [kind.name for kind in found if kind is not None and kind.name.lower() == config.spectra.lower()]
        return names[0] if names else config.spectra
    names = in_all(held)
    if config.spectra == EACH_KIND and len(names) > 1:
        raise SettingError(f"Each kind of spectra becomes a data set of its own. Name one of them: {', '.join(names)}.")
    if not names:
        raise _lacks(files[-1], held[-1], f"none of the spectra of {files[0].path.name} ({_listed(held[0])})")
    return names[0]


def in_all(held: Sequence[Mapping[SpectrumKind, int]]) -> list[str]:
    """Return the names of the kinds that all files hold, by their numbers of spectra; the preferred one first."""
    named = [_by_name(counts) for counts in held]
    shared: Counts = {}
    for kind in dict.fromkeys(kind for counts in held for kind in counts):
        name = kind.name.lower()
        if all(name in kinds for kinds in named):
            shared[kind] = sum(counts[kinds[name]] for counts, kinds in zip(held, named, strict=True))
    return list(dict.fromkeys(kind.name for kind in _in_order(shared)))


def counted(file: ImzmlFile) -> Counts:
    """Return the number of spectra of each kind, without kinds that have none."""
    numbers = np.bincount(file.kind, minlength=len(file.kinds))
    return {kind: int(number) for kind, number in zip(file.kinds, numbers, strict=True) if number}


def preferred(counts: Mapping[SpectrumKind, int]) -> SpectrumKind:
    """Return the kind that is read unless another one is named: of the lowest MS level that with the most spectra."""
    return _in_order(counts)[0]


def _in_order(counts: Mapping[SpectrumKind, int]) -> list[SpectrumKind]:
    return sorted(counts, key=lambda kind: (kind.ms_level, -counts[kind], kind.order))


def _by_name(counts: Mapping[SpectrumKind, int]) -> dict[str, SpectrumKind]:
    """Return the kinds by their names in small letters. Where the only kind has no polarity, it may be of any."""
    kinds = {kind.name.lower(): kind for kind in counts}
    (name, only), *more = kinds.items()
    if not more and only.polarity == "unknown":
        kinds |= {f"positive {name}": only, f"negative {name}": only}
    return kinds


def _named(counts: Mapping[SpectrumKind, int], name: str, file: str) -> SpectrumKind | None:
    """Return the kind of the settings, None if they leave it open."""
    if not name or name == EACH_KIND:
        return None
    kind = _by_name(counts).get(name.lower())
    if kind is None:
        raise SettingError(f"{file} holds no spectra {name}. It holds {_listed(counts)}. Choose one of these.")
    return kind


def _kinds_row(counts: Counts, kind: SpectrumKind, config: ReadConfig) -> HealthRow:
    """Return the row about the kinds of spectra."""
    if len(counts) == 1:
        return HealthRow("kinds of spectra", "pass", f"All spectra are of one kind: {kind.name}.")
    apart = config.spectra == EACH_KIND
    here = f"The rows on pixels and values are about {kind.name}."
    read = f"They are never mixed: {kind.name} is read, the others are left out."
    options = {one.name: f"{one.name}: {count(counts[one], 'spectrum')}" for one in [kind, *_in_order(counts)]}
    offered = dict(list(options.items())[:MOST_OFFERED])
    if len(counts) <= MOST_OFFERED:
        offered[EACH_KIND] = "each kind as a data set of its own"
    return HealthRow(
        "kinds of spectra",
        "note" if config.spectra else "warning",
        f"There are {len(counts):,} kinds of spectra: {_listed(counts)}.",
        f"Each becomes a data set of its own. {here}" if apart else read,
        "" if config.spectra else "Choose another kind, or a data set of each, on the page Open or with --spectra.",
        setting="spectra",
        options=tuple(offered.items()),
    )


def _polarity_row(counts: Counts, read: ImzmlFile) -> HealthRow:
    """Return the row about the polarity of the spectra that are read."""
    if read.polarity == "mixed":
        return HealthRow(
            "polarity",
            "warning",
            "The file is declared as positive and negative, but not which spectrum is which.",
            "An ion image may mix both polarities.",
            "Export the spectra of each polarity as a file of its own.",
        )
    if len({kind.polarity for kind in counts}) > 1:
        said = "of unknown polarity" if read.polarity == "unknown" else read.polarity
        found = f"The spectra that are read are {said}, the file has others, too."
        return HealthRow("polarity", "pass", found)
    return polarity_row(read.polarity)


def _listed(counts: Mapping[SpectrumKind, int]) -> str:
    """Return the kinds with their numbers of spectra in words."""
    ordered = _in_order(counts)
    named = ", ".join(f"{kind.name} ({count(counts[kind], 'spectrum')})" for kind in ordered[:NAMED])
    return named + (f" and {len(ordered) - NAMED:,} more" if len(ordered) > NAMED else "")


def _lacks(file: ImzmlFile, counts: Counts, what: str) -> DataStop:
    row = HealthRow(
        "kinds of spectra",
        "stop",
        f"The file holds {what}. It holds {_listed(counts)}.",
        "Files that are placed side by side must hold spectra of the same polarity, MS level and precursor.",
        "Import them as several data sets, or leave this file out.",
    )
    return DataStop(row, file.path.name)
