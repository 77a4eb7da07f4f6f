"""Terms of an imzML header as text, and what is said in them about a measurement.

Names and numbers are those of the ontologies of mass spectrometry (psi-ms.obo) and of imaging (imagingMS.obo).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from msiss.data import about

_OF_INSTRUMENTS = {
    about.INSTRUMENT: ("MS:1000031", "instrument model"),
    about.SERIAL_NUMBER: ("MS:1000529", "instrument serial number"),
}
SCANS = {
    "bottom up": "IMS:1000400",
    "top down": "IMS:1000401",
    "left right": "IMS:1000402",
    "right left": "IMS:1000403",
    "no direction": "IMS:1000404",
    "meandering": "IMS:1000410",
    "one way": "IMS:1000411",
    "random access": "IMS:1000412",
    "flyback": "IMS:1000413",
    "horizontal line scan": "IMS:1000480",
    "vertical line scan": "IMS:1000481",
    "linescan right left": "IMS:1000490",
    "linescan left right": "IMS:1000491",
    "linescan bottom up": "IMS:1000492",
    "linescan top down": "IMS:1000493",
}
_OF_THE_FILE = (about.PIXEL_SIZE, about.NUMBER_TYPE)  # a new file has its own


@dataclass(frozen=True)
class Said:
    """What is said about a measurement, as the content of the elements of a header.

    Attributes
    ----------
    run : str
        Attribute of the run.
    file, instrument, settings, software : str
        Parameters of the content of the file, of the instrument and of the scan settings; elements of the software.
    """

    run: str = ""
    file: str = ""
    instrument: str = ""
    settings: str = ""
    software: str = ""


def said(texts: Mapping[str, str]) -> Said:
    """Return texts about a measurement in the terms that there are for them, and others as user parameters."""
    parts = dict.fromkeys(("run", "file", "instrument", "settings", "software"), "")
    for title, text in texts.items():
        when = about.moment(text) if title == about.MEASURED_ON else None
        names = [name.strip() for name in text.split(",")]
        if title in _OF_THE_FILE:
            continue
        if title in _OF_INSTRUMENTS:
            parts["instrument"] += param(*_OF_INSTRUMENTS[title], text)
        elif when is not None:
            parts["run"] = f' startTimeStamp="{when.isoformat()}"'
        elif title in (about.SCAN_PATTERN, about.SCAN_DIRECTION) and all(name in SCANS for name in names):
            parts["settings"] += "".join(param(SCANS[name], name) for name in names)
        elif title == about.SOFTWARE:
            tool = param("MS:1000799", "custom unreleased software tool", text)
            parts["software"] = f'<software id="measured" version="">{tool}</software>'
        else:
            parts["file"] += f"<userParam name={quoteattr(title)} value={quoteattr(text)}/>"
    return Said(**parts)


def param(accession: str, name: str, value: object = "", unit: str = "") -> str:
    """Return a term of an ontology with its value; `unit` has the attributes of its unit."""
    source = accession.split(":")[0]
    return f'<cvParam cvRef="{source}" accession="{accession}" name="{name}" value={quoteattr(str(value))}{unit}/>'
