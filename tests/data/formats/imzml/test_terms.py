"""What is said about a measurement, read back by another reader of imzML."""

from xml.etree import ElementTree

import pytest
from pyimzml.ImzMLParser import ImzMLParser

from msiss.data.formats.imzml.reader import open_imzml, write_imzml

RUN = "{http://psi.hupo.org/ms/mzml}run"
SAID = {
    "Instrument": 'Q Exactive HF & "more"',
    "Serial number": "7",
    "Ion source": "AP-SMALDI10",
    "Measured on": "2019-03-01",
    "Software": "Xcalibur 2.1",
    "m/z range": "m/z 400 to 1,000",
    "Number type": "32-bit float",
    "Pixel size": "5 µm",
    "Scan pattern": "meandering, horizontal line scan",
    "Tissue": "<br>{0}'\"",
}


def test_each_is_where_programs_for_imzml_look_for_it(tmp_path, spectra) -> None:
    path = tmp_path / "a.imzML"
    write_imzml(path, spectra, about=SAID)
    with ImzMLParser(str(path)) as parser:
        found = parser.metadata
    assert found.instrument_configurations["instrument"]["MS:1000031"] == SAID["Instrument"]
    assert found.instrument_configurations["instrument"]["instrument serial number"] == "7"
    assert [one.param_by_accession["MS:1000799"] for one in found.softwares.values()] == ["Xcalibur 2.1", "msiss"]
    assert {"meandering", "horizontal line scan"} <= set(found.scan_settings["settings"].param_by_name)
    told = {name: value for name, _, value, *_ in found.file_description.user_params}
    assert told == {title: SAID[title] for title in ("Ion source", "m/z range", "Tissue")}
    (run,) = ElementTree.parse(path).getroot().iter(RUN)
    assert run.get("startTimeStamp") == "2019-03-01T00:00:00"
    assert len(open_imzml(path)) == len(spectra)


@pytest.mark.parametrize(("title", "text"), [("Measured on", "last May"), ("Scan pattern", "meandering, by hand")])
def test_what_has_no_term_keeps_its_words(tmp_path, spectra, title, text) -> None:
    write_imzml(tmp_path / "a.imzML", spectra, about={title: text})
    with ImzMLParser(str(tmp_path / "a.imzML")) as parser:
        assert parser.metadata.file_description.param_by_name[title] == text


def test_without_any_nothing_is_added(tmp_path, spectra) -> None:
    write_imzml(tmp_path / "a.imzML", spectra)
    write_imzml(tmp_path / "b.imzML", spectra, about={})
    assert (tmp_path / "a.imzML").read_bytes() == (tmp_path / "b.imzML").read_bytes()
    assert "userParam" not in (tmp_path / "a.imzML").read_text(encoding="utf-8")
