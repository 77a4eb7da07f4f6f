"""What the OME-XML of a TIFF file says about the measurement (openmicroscopy.org/Schemas, June 2016)."""

from xml.etree import ElementTree

from msiss.data import about


def measurement(root: ElementTree.Element) -> dict[str, str]:
    """Return texts about the measurement by their titles, see `msiss.data.about`.

    Of annotations as keys and values, in which msiss and OMERO keep such texts, those with known titles are taken;
    others may be about people.
    """
    said = {about.SOFTWARE: root.get("Creator", "")}
    for element in root.iter():
        name, text = element.tag.rpartition("}")[2], (element.text or "").strip()
        if name == "Microscope":
            said[about.INSTRUMENT] = f"{element.get('Manufacturer', '')} {element.get('Model', '')}"
            said[about.SERIAL_NUMBER] = element.get("SerialNumber", "")
        elif name == "AcquisitionDate":
            said.setdefault(about.MEASURED_ON, text)
        elif name == "Description":
            said.setdefault(about.DESCRIPTION, text)
        elif name == "M" and element.get("K") in about.TITLES:
            said[element.get("K", "")] = text
    return about.told(said)
