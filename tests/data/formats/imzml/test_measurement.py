"""What the head of an imzML file says about the measurement."""

from xml.etree import ElementTree

import pytest
from helpers import read_ions

from msiss.data.formats.imzml.measurement import measurement
from msiss.data.formats.imzml.reader import open_imzml, write_imzml
from msiss.version import __version__

# As the examples of the standard have it, with groups and persons.
HEAD = """<mzML xmlns="http://psi.hupo.org/ms/mzml"><fileDescription><fileContent/>
<sourceFileList><sourceFile location="C:\\Users\\Ada" name="D:\\Ada\\Example.raw"/></sourceFileList>
<contact><cvParam accession="MS:1000586" name="contact name" value="Ada Lovelace"/></contact></fileDescription>
<referenceableParamGroupList><referenceableParamGroup id="common">
<cvParam accession="MS:1000557" name="LTQ FT Ultra" value=""/></referenceableParamGroup></referenceableParamGroupList>
<softwareList><software id="Xcalibur" version="2.2"><cvParam accession="MS:1000532" name="Xcalibur"/></software>
<software id="TMC" version="1.1 beta"><cvParam accession="MS:1000799" name="custom unreleased software tool" value=""/>
</software></softwareList>
<scanSettingsList><scanSettings><cvParam accession="IMS:1000401" name="top down"/>
<cvParam accession="IMS:1000413" name="fly back"/><cvParam accession="IMS:1000491" name="linescan left right"/>
<cvParam accession="IMS:1000053" name="absolute position offset x" value="15000.5" unitName="micrometer"/>
<cvParam accession="IMS:1000054" name="absolute position offset y" value="-20" unitName="micrometer"/>
</scanSettings></scanSettingsList>
<instrumentConfigurationList><instrumentConfiguration id="a"><referenceableParamGroupRef ref="common"/>
<cvParam accession="MS:1000529" name="instrument serial number" value="none"/><componentList>
<source order="1"><cvParam accession="MS:1000075" name="matrix-assisted laser desorption ionization"/>
<cvParam accession="MS:1000836" name="dried droplet MALDI matrix preparation"/>
<cvParam accession="MS:1000843" name="wavelength" value="337"/>
<cvParam accession="MS:1000834" name="matrix solution" value="DHB"/></source>
<analyzer order="2"><cvParam accession="MS:1000264" name="ion trap"/></analyzer></componentList>
</instrumentConfiguration></instrumentConfigurationList>
<run startTimeStamp="2009-08-11T15:59:44"><spectrumList><spectrum><scanList><scan><scanWindowList><scanWindow>
<cvParam accession="MS:1000501" name="scan window lower limit" value="400.0"/>
<cvParam accession="MS:1000500" name="scan window upper limit" value="1000"/>
</scanWindow></scanWindowList></scan></scanList></spectrum></spectrumList></run></mzML>"""


@pytest.mark.parametrize("space", [' xmlns="http://psi.hupo.org/ms/mzml"', "", ' xmlns="urn:other"'])
def test_every_part_is_found_in_any_namespace_and_people_are_left_out(space) -> None:
    root = ElementTree.fromstring(HEAD.replace(' xmlns="http://psi.hupo.org/ms/mzml"', space))
    assert measurement(root) == {
        "Instrument": "LTQ FT Ultra",
        "Ion source": "matrix-assisted laser desorption ionization",
        "Mass analyzer": "ion trap",
        "Measured on": "2009-08-11 15:59:44",
        "Software": "Xcalibur 2.2, TMC 1.1 beta",
        "Source file": "Example.raw",
        "m/z range": "m/z 400 to 1,000",
        "Origin on the stage": "x = 15000.5 micrometer, y = -20 micrometer",
        "Scan pattern": "flyback",
        "Scan direction": "top down, linescan left right",
        "Matrix": "DHB",
    }


@pytest.mark.parametrize(
    "head",
    [
        "<mzML/>",
        "<mzML><software/><run/><sourceFile/><instrumentConfiguration><cvParam/></instrumentConfiguration></mzML>",
        "<mzML><scanSettings><cvParam accession='IMS:1000053' value='0.0'/></scanSettings></mzML>",
        "<mzML><cvParam accession='MS:1000501' value='x'/><referenceableParamGroupRef ref='no'/><source/></mzML>",
    ],
)
def test_whatever_is_missing_is_not_told(head) -> None:
    assert measurement(ElementTree.fromstring(head)) == {}


def test_what_was_written_comes_back_also_from_the_index(tmp_path, spectra) -> None:
    said = {
        "Instrument": "Q Exactive HF",
        "Ion source": "AP-SMALDI10",
        "Measured on": "2019-03-01",
        "m/z range": "m/z 400 to 1,000",
        "Scan pattern": "meandering, horizontal line scan",
        "Tissue": "<brain> & more",
    }
    write_imzml(tmp_path / "a.imzML", spectra, about=said | {"Software": "Xcalibur 2.1"})
    expected = said | {"Software": f"Xcalibur 2.1, msiss {__version__}"}
    assert open_imzml(tmp_path / "a.imzML").about == expected
    assert open_imzml(tmp_path / "a.imzML").about == expected
    assert read_ions(tmp_path / "a.imzML", spectra[0][2][:1], ppm=5).about == expected
