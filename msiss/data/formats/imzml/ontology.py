"""The terms of headers by the ontologies that pyimzML carries, with its corrections of known mistakes of programs."""

from functools import cache

NON_STANDARD = "MS:1000786"  # an array whose value says what it holds
_ONTOLOGIES = ("MS:", "IMS:", "UO:")
_MISTAKES = {("MS:1000128", "negative scan"): "MS:1000129"}  # as with "positive scan", which pyimzML knows


def corrected(accession: str, name: str) -> tuple[str, str]:
    """Return the accession and the name of a term whose two may contradict each other; unknown ones remain."""
    from pyimzml.ontology.ontology import ACCESSION_FIX_MAPPING, all_terms  # slow to import

    term = (accession, name)
    accession = _MISTAKES.get(term) or ACCESSION_FIX_MAPPING.get(term, accession)
    return accession, all_terms.get(accession, (name or accession, None))[0]


def accession_of(accession: str, name: str) -> str:
    """Return the accession of a term, by its name where programs write none or "null"; unknown ones remain.

    Small letters and spaces around it, as programs and editors leave them, are mended.
    """
    if accession.startswith(_ONTOLOGIES) and not accession[-1].isspace():
        return accession
    found = accession.strip().upper()
    return found if ":" in found else _accessions().get(name.strip().lower(), accession)


def array_name(accession: str, name: str, value: str) -> str:
    """Return the name of a term of an array; that of an array without a term of its own by its value."""
    return f"{value.strip()} data array" if accession == NON_STANDARD and value.strip() else name


@cache
def _accessions() -> dict[str, str]:
    """Return the accessions by name; where ontologies share a name, that of imaging, which is the last."""
    from pyimzml.ontology.ontology import all_terms

    return {name.lower(): accession for accession, (name, *_) in all_terms.items()}
