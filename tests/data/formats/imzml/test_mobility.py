"""Ion mobility: an image of each window of a list, otherwise the sum, however a file holds mobilities."""

import warnings

import numpy as np
import pytest
from helpers import reading
from imzml_of_kinds import add_mobility, drift, write_kinds

from msiss.data.formats.imzml.reader import open_imzml, read_imzml
from msiss.data.health import check
from msiss.data.recipe import ListedIon, ReadConfig
from msiss.errors import DataError, MsissWarning

# Two isomers at m/z 500 that differ in mobility, in opposite gradients, and one other ion.
LOW, HIGH = (0.9, 1.0), (1.1, 1.2)
ISOMERS = (ListedIon(mz=500.0, name="PC", mobility=LOW), ListedIon(mz=500.0, name="PC", mobility=HIGH))
MZ, MOBILITY = [500.0, 500.0, 500.0, 700.0], [0.9, 0.95, 1.15, 1.5]
PIXELS = [(x, y) for y in (1, 2) for x in (1, 2, 3)]


def values(x: int, y: int) -> list[float]:
    return [1.0 * x, 10.0 * x, 100.0 * (4 - x), 7.0 * y]


def of(listed, **more) -> ReadConfig:
    return ReadConfig(peaks="list", mz_list=tuple(listed), **more)


def image(value) -> np.ndarray:
    """Return the image of a function of x and y."""
    return np.array([[value(x, y) for x in (1, 2, 3)] for y in (1, 2)])


@pytest.fixture(params=["processed", "processed zlib", "continuous", "continuous shared", "spectra"])
def resolved(request, tmp_path):
    """Return a file with these values: in arrays of mobilities, or in one spectrum per mobility."""
    path = tmp_path / "a.imzML"
    if request.param == "spectra":
        spectra = [
            (x, y, [mz], [value], drift(mobility))
            for x, y in PIXELS
            for mz, value, mobility in zip(MZ, values(x, y), MOBILITY, strict=True)
        ]
        return write_kinds(path, spectra)
    mode, *how = request.param.split()
    write_kinds(path, [(x, y, MZ, values(x, y), "") for x, y in PIXELS], mode=mode)
    add_mobility(path, [MOBILITY] * len(PIXELS), packed="zlib" in how, shared="shared" in how)
    return path


@pytest.mark.filterwarnings("ignore:.*twice the tolerance")  # of an ion with all mobilities
def test_a_list_with_windows_gives_an_image_of_each_window(resolved) -> None:
    images = read_imzml(resolved, of([*ISOMERS, ListedIon(mz=500.0), ListedIon(mz=700.0)]))
    np.testing.assert_allclose(images.images[0], image(lambda x, y: 11 * x))
    np.testing.assert_allclose(images.images[1], image(lambda x, y: 100 * (4 - x)))
    np.testing.assert_allclose(images.images[2], image(lambda x, y: 11 * x + 100 * (4 - x)))
    np.testing.assert_allclose(images.images[3], image(lambda x, y: 7 * y))
    np.testing.assert_allclose(images.tic, image(lambda x, y: sum(values(x, y))), rtol=1e-6)
    assert images.names == ("PC, mobility 0.9 to 1", "PC, mobility 1.1 to 1.2", "500.0000", "700.0000")
    assert images.annotations["mobility"] == ("0.9 to 1", "1.1 to 1.2", "", "")


@pytest.mark.parametrize("mz", [[500.0, 700.0]])
def test_without_windows_an_image_is_the_sum_over_all_mobilities(resolved, mz) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", MsissWarning)  # they are parts of one measurement, not repeated spectra
        images = read_imzml(resolved, reading(mz))
    np.testing.assert_allclose(images.images[0], image(lambda x, y: 11 * x + 100 * (4 - x)))
    np.testing.assert_allclose(images.images[1], image(lambda x, y: 7 * y))
    assert images.annotations == {}
    rows = {row.check: row for row in check(resolved).rows}
    assert rows["ion mobility"].level == "note"
    assert "sum over all mobilities" in rows["ion mobility"].text
    assert rows["duplicates"].level == "pass"


def test_windows_of_one_mz_share_no_signal_unless_they_overlap(resolved) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", MsissWarning)
        read_imzml(resolved, of(ISOMERS))
    wide = ListedIon(mz=500.0, mobility=(0.92, 1.2))
    with pytest.warns(MsissWarning, match="2 pairs of neighbouring m/z|1 pair of neighbouring m/z"):
        images = read_imzml(resolved, of([ISOMERS[0], wide]))
    np.testing.assert_allclose(images.images[1], image(lambda x, y: 10 * x + 100 * (4 - x)))


def test_windows_in_another_unit_are_said(resolved) -> None:
    with pytest.raises(DataError, match=r"and their windows of ion mobility.*unit of the file"):
        read_imzml(resolved, of([ListedIon(mz=500.0, mobility=(90.0, 100.0))]))


def test_picked_peaks_beside_a_list_have_all_mobilities(resolved) -> None:
    images = read_imzml(resolved, of([ISOMERS[0]]).model_copy(update={"peaks": "both"}))
    assert images.mz.round(3).tolist() == [500.0, 700.0]
    np.testing.assert_allclose(images.images[1], image(lambda x, y: 7 * y))
    assert images.annotations["mobility"] == ("0.9 to 1", "")


def test_files_side_by_side_keep_isomers_apart(resolved) -> None:
    other = resolved.with_name("b.imzML")
    for ending in (".imzML", ".ibd"):
        other.with_suffix(ending).write_bytes(resolved.with_suffix(ending).read_bytes())
    images = read_imzml([resolved, other], of(ISOMERS))
    for number, value in enumerate((lambda x, y: 11 * x, lambda x, y: 100 * (4 - x))):
        np.testing.assert_allclose(images.images[number][:, :3], image(value))
        np.testing.assert_allclose(images.images[number][:, -3:], image(value))


def test_windows_for_spectra_without_mobility_are_a_warning_and_one_image_per_mz(tmp_path) -> None:
    path = write_kinds(tmp_path / "a.imzML", [(x, y, MZ, values(x, y), "") for x, y in PIXELS])
    with pytest.warns(MsissWarning, match="windows of ion mobility for 2 ions, but the spectra hold no ion mobility"):
        images = read_imzml(path, of(ISOMERS))
    assert images.names == ("PC",)
    np.testing.assert_allclose(images.images[0], image(lambda x, y: 11 * x + 100 * (4 - x)))


def test_files_with_and_without_mobility_are_not_read_with_windows(resolved) -> None:
    other = write_kinds(resolved.with_name("b.imzML"), [(x, y, MZ, values(x, y), "") for x, y in PIXELS])
    with pytest.raises(DataError, match=r"the spectra of b\.imzML hold no ion mobility"):
        read_imzml([resolved, other], of(ISOMERS))


def test_spectra_of_one_mobility_follow_the_rule_and_those_of_others_add_up(tmp_path) -> None:
    """The first mobility was measured twice in the first pixel."""
    spectra = [
        (1, 1, [500.0], [2.0], drift(0.9)),
        (1, 1, [500.0], [6.0], drift(0.9)),
        (1, 1, [500.0], [10.0], drift(1.1)),
        (2, 1, [500.0], [1.0], drift(0.9)),
    ]
    path = write_kinds(tmp_path / "a.imzML", spectra)
    for rule, value in (("mean", 14.0), ("sum", 18.0), ("last", 16.0)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MsissWarning)
            images = read_imzml(path, reading([500.0]).model_copy(update={"per_pixel": rule}))
        np.testing.assert_allclose(images.images, [[[value, 1.0]]])
        np.testing.assert_allclose(images.tic, [[value, 1.0]])
    rows = {row.check: row for row in check(path).rows}
    assert rows["duplicates"].setting == "per_pixel"
    assert "added up" in rows["parts of pixels"].text


@pytest.mark.parametrize("name", ["drift time", "Ion mobility", "inverse reduced ion mobility"])
def test_mobilities_that_programs_name_in_words(tmp_path, name) -> None:
    said = [f'<userParam name="{name}" value="{value}"/>' for value in (1.5, 2.5)]
    spectra = [(1, 1, [500.0], [2.0], said[0]), (1, 1, [500.0], [3.0], said[1]), (2, 1, [500.0], [1.0], said[0])]
    path = write_kinds(tmp_path / "a.imzML", spectra)
    np.testing.assert_array_equal(open_imzml(path).mobility, [1.5, 2.5, 1.5])
    np.testing.assert_array_equal(read_imzml(path, reading([500.0])).images, [[[5.0, 1.0]]])


@pytest.mark.filterwarnings("ignore:.*twice the tolerance")  # of an ion with all mobilities
def test_spectra_whose_mobility_is_unknown_are_in_no_window(tmp_path) -> None:
    spectra = [(1, 1, [500.0], [2.0], drift(0.95)), (2, 1, [500.0], [3.0], ""), (3, 1, [500.0], [4.0], drift(0.95))]
    path = write_kinds(tmp_path / "a.imzML", spectra)
    images = read_imzml(path, of([ISOMERS[0], ListedIon(mz=500.0)]))
    np.testing.assert_allclose(images.images[:, 0], [[2, 0, 4], [2, 3, 4]])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('value="4"/><cvParam cvRef="IMS" accession="IMS:1000104" name="external encoded length" value="32"/>',
         'value="3"/><cvParam cvRef="IMS" accession="IMS:1000104" name="external encoded length" value="24"/>',
         "one value for each m/z"),
        ('name="mean inverse reduced ion mobility array" value=""/>',
         'name="mean inverse reduced ion mobility array" value=""/><cvParam cvRef="MS" accession="MS:1002314" '
         'name="MS-Numpress short logged float compression" value=""/>',
         "their compression"),
    ],
)  # fmt: skip
def test_mobilities_that_cannot_be_read_are_left_out_with_the_reason(tmp_path, old, new, why) -> None:
    path = write_kinds(tmp_path / "a.imzML", [(x, y, MZ, values(x, y), "") for x, y in PIXELS])
    add_mobility(path, [MOBILITY] * len(PIXELS))
    text = path.read_text()
    place = text.rindex(old)
    path.write_text(text[:place] + new + text[place + len(old) :])
    assert open_imzml(path).mobility_array is None
    with pytest.warns(MsissWarning, match=f"arrays of ion mobility are left out: .*{why}"):
        images = read_imzml(path, reading([500.0]))
    np.testing.assert_allclose(images.images[0], image(lambda x, y: 11 * x + 100 * (4 - x)))


def test_mobilities_outside_the_file_are_left_out(tmp_path) -> None:
    path = write_kinds(tmp_path / "a.imzML", [(x, y, MZ, values(x, y), "") for x, y in PIXELS])
    add_mobility(path, [MOBILITY] * len(PIXELS))
    ibd = path.with_suffix(".ibd")
    ibd.write_bytes(ibd.read_bytes()[:-8])
    with pytest.warns(MsissWarning, match=r"they do not lie in a\.ibd"):
        read_imzml(path, reading([500.0]))


def test_arrays_of_mobility_count_as_used_bytes(resolved) -> None:
    rows = {row.check: row for row in check(resolved).rows}
    assert rows.get("ibd layout", rows["files"]).level == "pass"
