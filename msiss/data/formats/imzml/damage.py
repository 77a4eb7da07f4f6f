"""Explanations why the header of an imzML file cannot be read."""

from xml.parsers import expat

from msiss.data.findings import HealthRow
from msiss.data.formats.imzml.elements import SpectrumProblem
from msiss.data.formats.imzml.head import EntitiesDeclared, TooMuchXml
from msiss.data.formats.imzml.remedies import CONVERT, COPY_AGAIN
from msiss.data.formats.imzml.scan import Scan

UNREADABLE = (EntitiesDeclared, TooMuchXml, SpectrumProblem, expat.ExpatError)
_CUT_OFF = {
    expat.errors.codes[error] for error in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
}


def explain(error: Exception, scan: Scan) -> HealthRow:
    """Return why a scan ended with one of the `UNREADABLE` errors."""
    if isinstance(error, EntitiesDeclared):
        return HealthRow(
            "header",
            "stop",
            "The .imzML file declares XML entities.",
            "imzML does not use them, and they can be made to fill the memory.",
            "Do not use this file unless you know where it comes from; export the data again.",
        )
    if isinstance(error, TooMuchXml):
        return _stop("The .imzML file has more XML in one place than any imzML file needs.", CONVERT)
    if isinstance(error, SpectrumProblem):
        return _stop(str(error), CONVERT)
    if scan.head is None:
        return _stop("The .imzML file is not XML.", COPY_AGAIN)
    assert isinstance(error, expat.ExpatError)
    what = "is cut off" if error.code in _CUT_OFF else "is damaged"
    place = f"at line {scan.line(error):,}, after {len(scan.spectra):,} complete spectra"
    return _stop(f"The .imzML file {what} {place} ({expat.ErrorString(error.code)}).", COPY_AGAIN)


def no_spectra(scan: Scan) -> HealthRow:
    """Return why a file that is well-formed XML has no spectra."""
    root = "" if scan.head is None else scan.head.tag
    if root not in ("mzML", "indexedmzML"):
        return _stop(f"The file is XML, but not imzML: it begins with <{root}>.", "Export it as imzML.")
    return HealthRow("spectra", "stop", "The .imzML file lists no spectra.", "", COPY_AGAIN)


def _stop(found: str, action: str) -> HealthRow:
    return HealthRow("header", "stop", found, "", action)
