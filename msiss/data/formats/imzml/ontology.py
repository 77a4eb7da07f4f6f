"""The terms of headers by the ontologies that pyimzML carries, with its corrections of known mistakes of programs."""

from functools import cache


def corrected(accession: str, name: str) -> tuple[str, str]:
    """Return the accession and the name of a term whose two may contradict each other; unknown ones remain."""
    from pyimzml.ontology.ontology import ACCESSION_FIX_MAPPING, all_terms  # slow to import

    accession = ACCESSION_FIX_MAPPING.get((accession, name), accession)
    return accession, all_terms.get(accession, (name or accession, None))[0]


def accession_of(accession: str, name: str) -> str:
    """Return the accession of a term, by its name where programs write none or "null"; unknown ones remain."""
    return accession if ":" in accession else _accessions().get(name.strip().lower(), accession)


@cache
def _accessions() -> dict[str, str]:
    """Return the accessions by name; where ontologies share a name, that of imaging, which is the last."""
    from pyimzml.ontology.ontology import all_terms

    return {name.lower(): accession for accession, (name, *_) in all_terms.items()}
