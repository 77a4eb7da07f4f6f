"""Which arrays of the spectra hold m/z, intensities and ion mobilities, and how they lie in the .ibd file."""

from collections.abc import Iterator, Mapping

import numpy as np

from msiss.data.findings import HealthRow
from msiss.data.formats.imzml.file import ArrayLayout
from msiss.data.formats.imzml.head_terms import Groups
from msiss.data.formats.imzml.ontology import NON_STANDARD, array_name, corrected
from msiss.data.formats.imzml.remedies import CONVERT
from msiss.data.formats.imzml.table import ArrayKind, SpectrumTable

# Accession of a number type -> little-endian NumPy type, as prescribed by imzML.
NUMBER_TYPES = {
    "MS:1000520": "<f2",
    "MS:1000521": "<f4",
    "MS:1000523": "<f8",
    "MS:1000519": "<i4",
    "MS:1000522": "<i8",
    "IMS:1000141": "<i4",
    "IMS:1000142": "<i8",
    "IMS:1100000": "<i1",
    "IMS:1100001": "<i2",
}
MZ, INTENSITY = "m/z array", "intensity array"


class ArrayLayouts:
    """The arrays of the spectra of a file, by what they hold.

    Attributes
    ----------
    others : list of str
        Names of arrays beside m/z and intensities, sorted; an empty one if the header does not say what it is.
    other_bytes : int
        Declared bytes of these and of arrays that have no name, without those of ion mobilities.
    """

    def __init__(self, spectra: SpectrumTable, groups: Groups) -> None:
        self._spectra = spectra
        self._kinds = list(spectra.array_kinds)
        self._terms = [_terms(kind, groups) for kind in self._kinds]
        self._filled = spectra.filled()
        self._groups = groups
        names = {name for terms in self._terms for name in terms if name.endswith(" array")}
        names |= {"" for kind in self._filled if _is_nameless(self._terms[kind])}
        self.others = sorted(names - {MZ, INTENSITY})
        unread = {place for place, terms in enumerate(self._terms) if not any(map(_is_read, terms))}
        self.other_bytes = spectra.bytes_of(unread)

    def problems(self) -> Iterator[HealthRow]:
        """Yield the reasons why it is not known which arrays hold m/z and intensities."""
        known = self._spectra.holds(self._named(MZ)) & self._spectra.holds(self._named(INTENSITY))
        for number in sorted(self._filled):
            if _is_nameless(self._terms[number]) and not known[self._spectra.holds([number])].all():
                missing = [name for term, name in self._kinds[number] if not term and name not in self._groups]
                why = f'It refers to the group "{missing[0]:.50}", which does not exist.' if missing else ""
                spectrum = self._spectra.first_of([number]) + 1
                found = f"The header does not say whether an array of spectrum {spectrum:,} holds m/z or intensities."
                yield HealthRow("header", "stop", found, why, CONVERT)
        for name in (MZ, INTENSITY):
            kinds = self._named(name)
            if self._filled and not kinds & self._filled:
                yield HealthRow("header", "stop", f"No array of the spectra is described as {name}.", "", CONVERT)
            *_, several = self._spectra.arrays(kinds)
            if (several > 1).any():
                found = f"Spectrum {np.argmax(several > 1) + 1:,} has {several.max()} arrays of the kind {name}."
                yield HealthRow("header", "stop", found, "It is not known which one is meant.", CONVERT)

    def layout(self, name: str) -> ArrayLayout:
        """Return the layout of all arrays of one name; spectra without one have an empty one."""
        kinds = self._named(name)
        offsets, lengths, encoded, _ = self._spectra.arrays(kinds)
        telling = [self._terms[kind] for kind in sorted(kinds & self._filled or kinds)]
        accessions = {accession for terms in telling for accession in terms.values()}
        types = {NUMBER_TYPES[accession] for accession in accessions & NUMBER_TYPES.keys()}
        compressions = {_compression(terms) for terms in telling}
        return ArrayLayout(
            offsets=offsets,
            lengths=lengths,
            encoded=encoded,
            dtype=np.dtype(types.pop()) if len(types) == 1 else None,
            compression=" + ".join(sorted(compressions)) or "none",
        )

    def mobility(self) -> ArrayLayout | None:
        """Return the layout of the arrays of ion mobilities, if there are any."""
        names = list(filter(is_mobility, self.others))
        return self.layout(names[0]) if names else None

    def _named(self, name: str) -> set[int]:
        return {number for number, terms in enumerate(self._terms) if name in terms}


def _is_nameless(terms: Mapping[str, str]) -> bool:
    return not any(name.endswith(" array") for name in terms)


def _is_read(name: str) -> bool:
    return name in (MZ, INTENSITY) or is_mobility(name)


def is_mobility(name: str) -> bool:
    """Return whether an array of this name holds ion mobilities."""
    return "mobility" in name or "drift time" in name


def _terms(kind: ArrayKind, groups: Groups) -> dict[str, str]:
    """Return the names, in lower case, and the accessions of the terms of an array, including those of its groups."""
    found: dict[str, str] = {}
    for accession, name in kind:
        if accession:
            known = [(accession, name) if accession == NON_STANDARD else corrected(accession, name)]
        else:
            terms = groups.get(name, ())
            known = [(term.accession, array_name(term.accession, term.name, term.value)) for term in terms]
        found |= {name.lower(): accession for accession, name in known}
    return found


def _compression(terms: Mapping[str, str]) -> str:
    names = sorted(name for name in terms if "compression" in name or "numpress" in name)
    packed = [name for name in names if name != "no compression"]
    return " + ".join(packed).replace("zlib compression", "zlib") or "none"
