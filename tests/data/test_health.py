"""The report says what an import would, and never raises."""

import json
from dataclasses import replace

import numpy as np
import pytest

from msiss.data.formats import read
from msiss.data.formats.imzml.reader import write_imzml
from msiss.data.health import check
from msiss.errors import MsissError


def test_a_good_file_passes_everywhere(imzml) -> None:
    report = check(imzml)
    assert report.usable
    assert {row.level for row in report.rows} == {"pass"}
    found = {row.check: row.found for row in report.rows}
    assert found["pixels"] == "4 rows x 5 columns, 18 pixels measured, 2 not measured and masked."
    assert found["pixel size"] == "Pixel size: 20 x 10 micrometres (height x width)."
    assert found["m/z type"] == "The m/z arrays are float64, not compressed."
    assert check(imzml.with_suffix(".ibd")).rows == report.rows


def test_what_stops_does_not_hide_the_rest(imzml) -> None:
    imzml.with_suffix(".ibd").write_bytes(b"short")
    report = check(imzml)
    assert not report.usable
    assert [row.check for row in report.rows if row.level == "stop"] == ["identity", "ibd size"]
    assert {"pixels", "duplicates", "spectrum type"} <= {row.check for row in report.rows if row.level == "pass"}


def test_both_files_are_looked_at_before_the_report_ends(test_data) -> None:
    rows = check(test_data / "odd" / "lfs_pointer" / "MouseBrainCerebellum.imzML").rows
    assert [(row.check, row.found.split()[0]) for row in rows] == [
        ("files", "MouseBrainCerebellum.imzML"),
        ("files", "MouseBrainCerebellum.ibd"),
    ]


def test_the_values_of_another_file_are_looked_at_where_they_can_be(test_data) -> None:
    levels = {row.check: row.level for row in check(test_data / "bad" / "03_uuid_mismatch.imzML").rows}
    assert (levels["identity"], levels["m/z order"], levels["intensities"]) == ("stop", "pass", "pass")


def test_no_value_is_looked_at_where_the_header_would_have_them_misread(imzml, edit) -> None:
    edit(imzml, 'array length" value="15"', 'array length" value="14"')
    checks = {row.check for row in check(imzml).rows}
    assert "array lengths" in checks
    assert not {"zeros", "effort"} & checks


def test_wrong_mz_do_not_hide_the_intensities(tmp_path, spectra) -> None:
    spectra[4][2][3] = np.nan
    spectra[5][3][2] = -1
    write_imzml(tmp_path / "wrong.imzML", spectra)
    levels = {row.check: row.level for row in check(tmp_path / "wrong.imzML").rows}
    assert (levels["m/z values"], levels["intensities"]) == ("stop", "warning")


def test_a_quick_look_leaves_the_values_out(imzml) -> None:
    assert "zeros" in {row.check for row in check(imzml).rows}
    assert "zeros" not in {row.check for row in check(imzml, thorough=False).rows}


# What is not as it should be in each real file, by check: level and the decisive words.
STOP, WARNING = "stop", "warning"
EXPECTED = {
    "bad/01_missing_ibd.imzML": {"files": (STOP, "The file 01_missing_ibd.ibd is missing")},
    "bad/02_truncated_ibd.imzML": {"ibd size": (STOP, "302,372 bytes, but the m/z array of spectrum 5")},
    "bad/03_uuid_mismatch.imzML": {"identity": (STOP, "may belong to another file")},
    "bad/04_truncated_xml.imzML": {"header": (STOP, "cut off at line 246, after 4 complete spectra")},
    "bad/05_empty.imzML": {"files": (STOP, "is empty")},
    "bad/07_duplicate_coords.imzML": {"duplicates": (WARNING, "1 pixel has several spectra, the first is x=1, y=1")},
    "bad/08_missing_position_x.imzML": {"header": (STOP, "Spectrum 1 has no position x")},
    "bad/10_single_pixel.imzML": {
        "ibd layout": (WARNING, "refers to 67,208 of the 335,976 bytes"),
        "pixels": (STOP, "All spectra lie in a single pixel"),
    },
    "bad/11_no_spectra.imzML": {"spectra": (STOP, "lists no spectra")},
    "bad/15_not_xml.imzML": {"header": (STOP, "is not XML")},
    "bad/16_nan_inf_negative.imzML": {"intensities": (WARNING, "200 of 75,591 intensities are not numbers")},
    "bad/17_all_zero.imzML": {"signal": (STOP, "All intensities are 0")},
    "bad/18_uppercase_ext.IMZML": {},
    "imzml/galaxy/Combat_40pixel.imzML": {
        "dimensions": (WARNING, "declares 27 x 21 pixels, but there are spectra at x = 2 to 74, y = 3 to 56"),
        "pixels": (WARNING, "Only 40 of the 73 x 54 pixels"),
    },
    "imzml/galaxy/spatial_DGMM_input.imzML": {},
    "imzml/imzy/simple_imzml.imzML": {},
    "imzml/metaspace/Untreated_3_434_tiny.imzML": {},
    "imzml/pyimzml/Example_Continuous.imzML": {},
    "imzml/pyimzml/Example_Processed.imzML": {},
    "imzml/pym2aia/test.imzML": {"header": (WARNING, 'The name "profile spectrum" stands beside the accession')},
    "odd/analyze75/Analyze75.hdr": {"file": (STOP, "an Analyze 7.5 file")},
    "odd/analyze75/Analyze75.img": {"file": (STOP, "an Analyze 7.5 file")},
    "odd/analyze75/Analyze75.t2m": {"file": (STOP, "an Analyze 7.5 file")},
    "odd/lfs_pointer/MouseBrainCerebellum.imzML": {"files": (STOP, "is a Git-LFS pointer")},
    "odd/no_ibd/imzml_file.imzML": {"files": (STOP, "The file imzml_file.ibd is missing")},
    "odd/thyra/iontof_sparse.imzML": {"spectra as seen": (WARNING, "says profile, but 6 of 6")},
    "odd/thyra/unit_nanometre.imzML": {},
}


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
@pytest.mark.parametrize("name", EXPECTED)
def test_the_report_of_a_real_file(test_data, name) -> None:
    report = check(test_data / name)
    found = {row.check: row for row in report.rows if row.level != "pass"}
    assert {check: row.level for check, row in found.items()} == {
        check: level for check, (level, _) in EXPECTED[name].items()
    }
    for check_name, (_, words) in EXPECTED[name].items():
        assert words in found[check_name].text
    assert all(row.action for row in found.values() if row.level == "stop")


def test_every_real_file_has_an_expected_report(test_data) -> None:
    files = {
        str(path.relative_to(test_data))
        for folder in ("bad", "odd", "imzml")
        for path in (test_data / folder).rglob("*")
        if path.is_file() and path.suffix.lower() != ".ibd"
    }
    assert files == set(EXPECTED)


def test_json(imzml) -> None:
    report = check(imzml)
    values = json.loads(report.to_json())
    assert values["file"] == "good.imzML"
    assert values["usable"] is True
    assert len(values["rows"]) == len(report.rows)
    assert set(values["rows"][0]) == {"check", "level", "found", "meaning", "action", "file", "setting", "options"}


def test_several_files_are_one_report_in_which_each_row_names_its_file(imzml, tmp_path) -> None:
    other = tmp_path / "other" / imzml.name
    other.parent.mkdir()
    other.write_bytes(imzml.read_bytes())  # without its .ibd file
    np.savez(tmp_path / "a.npz", images=np.ones((1, 2, 2)), mz=[5.0])
    report = check([imzml, imzml.with_suffix(".ibd"), other, tmp_path / "a.npz", tmp_path / "none.npz"])
    folder = tmp_path.name
    names = [f"{folder}/good.imzML", "other/good.imzML", "a.npz", "none.npz"]
    assert report.file == " + ".join(names)
    assert list(dict.fromkeys(row.file for row in report.rows)) == names
    assert {row.file for row in report.rows if row.level == "stop"} == {"other/good.imzML", "none.npz"}
    alone = [replace(row, file=names[0]) for row in check(imzml).rows]
    assert [row for row in report.rows if row.file == names[0]] == alone


def test_no_file_is_said() -> None:
    assert [row.level for row in check([]).rows] == ["stop"]


def test_progress_of_several_files_rises(imzml, tmp_path) -> None:
    np.savez(tmp_path / "a.npz", images=np.ones((1, 2, 2)), mz=[5.0])
    told: list[float] = []
    check([imzml, tmp_path / "a.npz"], progress=lambda share, _: told.append(share))
    assert told == sorted(told)
    assert 0 < told[0] <= told[-1] <= 1


def test_stacks(tmp_path) -> None:
    np.savez(tmp_path / "a.npz", images=np.array([[[1.0, -2]]]), mz=[5.0])
    report = check(tmp_path / "a.npz")
    assert report.usable
    assert [row.check for row in report.rows if row.level == "warning"] == ["intensities"]
    np.savez(tmp_path / "a.npz", images=np.zeros((1, 1, 2)), mz=[5.0])
    assert not check(tmp_path / "a.npz").usable


@pytest.mark.parametrize("name", ["none.imzML", "a.img", "a", "folder.imzML", "broken.npy"])
def test_anything_gives_a_report(tmp_path, name) -> None:
    (tmp_path / "a.img").write_bytes(b"x")
    (tmp_path / "broken.npy").write_bytes(b"x")
    (tmp_path / "folder.imzML").mkdir()
    report = check(tmp_path / name)
    assert not report.usable
    assert report.rows[-1].found
    assert report.file == name


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_usable_means_that_it_can_be_read(test_data) -> None:
    """Every real file, good, odd and bad, except the large one."""
    files = [
        path
        for folder in ("bad", "odd", "imzml", "uterus")
        for path in (test_data / folder).rglob("*")
        if path.is_file() and path.suffix.lower() != ".ibd"
    ]
    assert len(files) > 20
    for path in files:
        try:
            read(path)
            readable = True
        except MsissError:
            readable = False
        assert check(path).usable == readable, path.name
