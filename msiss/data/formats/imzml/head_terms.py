"""The terms in the head of an imzML file; those of which nobody can say what they mean are left out."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element

from msiss.data.formats.imzml.ontology import accession_of, corrected

Groups = Mapping[str, list["Term"]]


class Term(NamedTuple):
    """A term with its value and its unit, corrected where accession and name contradict each other."""

    accession: str
    name: str
    written: str  # the name as in the file
    value: str
    unit: str
    unit_name: str


def groups_of(root: Element) -> dict[str, list[Term]]:
    """Return the groups of terms that spectra refer to, by id."""
    return {
        group.get("id", ""): [term for one in group.iter("cvParam") if (term := _term(one)).accession]
        for group in root.iter("referenceableParamGroup")
    }


def terms_in(root: Element, name: str, groups: Groups) -> Iterator[Term]:
    """Yield all terms in the elements of a name, also those of the groups that are referred to."""
    for part in root.iter(name):
        for element in part.iter():
            if element.tag == "cvParam":
                if (term := _term(element)).accession:
                    yield term
            elif element.tag == "referenceableParamGroupRef":
                yield from groups.get(element.get("ref", ""), ())


def _term(element: Element) -> Term:
    written = element.get("name", "")
    accession, name = corrected(accession_of(element.get("accession", ""), written), written)
    value, unit, unit_name = (element.get(key, "").strip() for key in ("value", "unitAccession", "unitName"))
    return Term(accession, name, written, value, unit, unit_name)
