"""What OME-XML says about a measurement."""

from xml.etree import ElementTree

from msiss.data.formats.ome_about import measurement

OME = """<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" Creator="SCiLS Lab 2024b">
<Experimenter ID="Experimenter:0" LastName="Lovelace"/>
<Instrument ID="Instrument:0"><Microscope Manufacturer="Bruker" Model="timsTOF fleX" SerialNumber="18"/></Instrument>
<Image ID="Image:0"><AcquisitionDate>2019-03-01T10:11:12</AcquisitionDate><Description>Liver &lt;4&gt;</Description>
<Pixels/></Image><Image ID="Image:1"><AcquisitionDate>2020-01-01T00:00:00</AcquisitionDate></Image>
<StructuredAnnotations><MapAnnotation ID="Annotation:0"><Value><M K="Matrix">DHB</M><M K="Owner">Ada</M></Value>
</MapAnnotation></StructuredAnnotations></OME>"""


def test_instrument_date_and_known_annotations_are_told_and_people_are_not() -> None:
    assert measurement(ElementTree.fromstring(OME)) == {
        "Instrument": "Bruker timsTOF fleX",
        "Serial number": "18",
        "Measured on": "2019-03-01T10:11:12",
        "Software": "SCiLS Lab 2024b",
        "Matrix": "DHB",
        "Description": "Liver <4>",
    }


def test_nothing_is_told_where_nothing_is_said() -> None:
    assert measurement(ElementTree.fromstring("<OME><Image><Description/></Image></OME>")) == {}
