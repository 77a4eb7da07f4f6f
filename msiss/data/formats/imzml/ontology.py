"""The terms of headers by the ontologies that pyimzML carries, with its corrections of known mistakes of programs."""


def corrected(accession: str, name: str) -> tuple[str, str]:
    """Return the accession and the name of a term whose two may contradict each other; unknown ones remain."""
    from pyimzml.ontology.ontology import ACCESSION_FIX_MAPPING, all_terms  # slow to import

    accession = ACCESSION_FIX_MAPPING.get((accession, name), accession)
    return accession, all_terms.get(accession, (name or accession, None))[0]
