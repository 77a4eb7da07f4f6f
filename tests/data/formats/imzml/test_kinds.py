"""Spectra that do not belong together are never mixed, and which ones are read is said."""

import warnings

import numpy as np
import pytest
from helpers import read_ions, reading
from imzml_of_kinds import MS1, MS2, NEGATIVE, POSITIVE, isolated, write_kinds

from msiss.data.formats import kinds
from msiss.data.formats.imzml.arrays import SpectrumReader
from msiss.data.formats.imzml.kinds import chosen, common
from msiss.data.formats.imzml.reader import open_imzml, preview_peaks, read_imzml
from msiss.data.health import check
from msiss.data.peaks import MeanSpectrum
from msiss.data.progress import ignore
from msiss.data.recipe import ReadConfig
from msiss.errors import DataError, MsissWarning, SettingError

MZ = np.array([200.0])
SIDE = 6
FRAGMENT = '<cvParam cvRef="MS" accession="MS:1000580" name="MSn spectrum" value=""/>'


def value(x: int, y: int) -> float:
    """Return the intensity of a pixel in the kind that is looked at."""
    return 10.0 * y + x


def grid(*texts: str, on=lambda x, y, number: True, other: float = 1000.0) -> list[tuple]:
    """Return spectra of a section, in each pixel one of each text; number n holds `value` + n * `other`."""
    return [
        (x, y, [200.0], [value(x, y) + other * number], text)
        for y in range(1, SIDE + 1)
        for x in range(1, SIDE + 1)
        for number, text in enumerate(texts)
        if on(x, y, number)
    ]


def expected(plus: float = 0.0) -> np.ndarray:
    """Return the image of `value`."""
    y, x = np.mgrid[1 : SIDE + 1, 1 : SIDE + 1]
    return 10.0 * y + x + plus


def settings(spectra: str = "", **more) -> ReadConfig:
    return reading(MZ).model_copy(update={"spectra": spectra, **more})


def row_of(path, name: str, **how):
    return next(row for row in check(path, **how).rows if row.check == name)


@pytest.fixture
def switching(tmp_path):
    """Return a file with a positive and a negative spectrum of each pixel."""
    return write_kinds(tmp_path / "switching.imzML", grid(POSITIVE, NEGATIVE))


@pytest.mark.parametrize(("name", "plus"), [("positive MS1", 0), ("negative MS1", 1000), (" NEGATIVE  ms1 ", 1000)])
def test_the_named_kind_is_read(switching, name, plus) -> None:
    images = read_imzml(switching, settings(ReadConfig(spectra=name).spectra))
    np.testing.assert_array_equal(images.images[0], expected(plus))
    np.testing.assert_array_equal(images.tic, expected(plus))
    assert images.polarity == name.split()[0].lower()
    assert images.mask.all()
    assert images.recipe["read"]["spectra"] == name.strip().replace("  ", " ").replace("NEGATIVE ms", "negative MS")


def test_without_a_name_one_kind_is_read_and_the_others_are_named_in_a_warning(switching) -> None:
    with pytest.warns(
        MsissWarning, match=r"positive MS1 \(36 spectra\), negative MS1 \(36 spectra\).*is read.*left out"
    ):
        images = read_ions(switching, mz=MZ)
    np.testing.assert_array_equal(images.images[0], expected())
    assert (images.polarity, images.recipe["read"]["spectra"]) == ("positive", "positive MS1")


def test_the_question_offers_every_kind_and_the_one_in_use_first(switching) -> None:
    row = row_of(switching, "kinds of spectra")
    assert (row.level, row.setting) == ("warning", "spectra")
    assert row.options == (
        ("positive MS1", "positive MS1: 36 spectra"),
        ("negative MS1", "negative MS1: 36 spectra"),
        ("all", "each kind as a data set of its own"),
    )
    chosen_row = row_of(switching, "kinds of spectra", config=ReadConfig(spectra="negative MS1"))
    assert (chosen_row.level, chosen_row.options[0][0]) == ("note", "negative MS1")
    assert row_of(switching, "kinds of spectra", config=ReadConfig(spectra="all")).level == "note"


def test_the_polarity_of_a_mixed_file_is_never_declared_as_one(switching) -> None:
    assert row_of(switching, "polarity").text == "The spectra that are read are positive, the file has others, too."


def test_a_kind_that_is_not_there_is_an_error_that_lists_the_others(switching) -> None:
    message = r"no spectra positive MS2\. It holds positive MS1 \(36 spectra\), negative MS1"
    with pytest.raises(SettingError, match=message):
        read_imzml(switching, settings("positive MS2"))
    row = check(switching, config=ReadConfig(spectra="positive MS2")).rows[-1]
    assert row.level == "stop"
    assert "It holds positive MS1" in row.text


def test_all_kinds_are_not_one_data_set(switching) -> None:
    with pytest.raises(SettingError, match="Name one of them: positive MS1, negative MS1"):
        read_imzml(switching, settings("all"))
    assert kinds([switching], ReadConfig()) == ["positive MS1", "negative MS1"]


def test_polarity_that_alternates_by_pixel_leaves_the_others_unmeasured(tmp_path) -> None:
    spectra = grid(POSITIVE, NEGATIVE, on=lambda x, y, number: (x + y) % 2 == number)
    images = read_imzml(write_kinds(tmp_path / "a.imzML", spectra), settings("positive MS1"))
    even = np.indices((SIDE, SIDE)).sum(axis=0) % 2 == 0
    np.testing.assert_array_equal(images.mask, even)
    np.testing.assert_array_equal(images.images[0], np.where(even, expected(), 0))


def test_polarity_that_alternates_by_row_closes_up(tmp_path) -> None:
    spectra = grid(POSITIVE, NEGATIVE, on=lambda x, y, number: y % 2 == 1 - number)
    path = write_kinds(tmp_path / "a.imzML", spectra, pixel_size=(20.0, 20.0))
    images = read_imzml(path, settings("negative MS1"))
    np.testing.assert_array_equal(images.images[0], expected(1000)[1::2])
    assert (images.mask.all(), images.pixel_size) == (True, (40.0, 20.0))
    np.testing.assert_array_equal(images.positions[:, 0], [[1, 2], [1, 4], [1, 6]])


def test_of_unequal_numbers_the_larger_is_read(tmp_path) -> None:
    path = write_kinds(tmp_path / "a.imzML", grid(POSITIVE, NEGATIVE, on=lambda x, y, number: number or y > 2))
    assert common([open_imzml(path)], ReadConfig()) == "negative MS1"


def test_the_lowest_ms_level_is_read_even_if_it_is_rare(tmp_path) -> None:
    texts = (MS2 + isolated(184.0733) + POSITIVE, MS2 + isolated(760.585) + POSITIVE, MS1 + POSITIVE)
    path = write_kinds(tmp_path / "a.imzML", grid(*texts, on=lambda x, y, number: number < 2 or y < 5))
    row = row_of(path, "kinds of spectra")
    assert "There are 3 kinds" in row.found
    assert [name for name, _ in row.options] == [
        "positive MS1",
        "positive MS2 of m/z 184.07",
        "positive MS2 of m/z 760.59",
        "all",
    ]
    np.testing.assert_array_equal(read_imzml(path, settings("positive MS1")).images[0], expected(2000)[:4])
    other = read_imzml(path, settings("positive MS2 of m/z 760.59"))
    np.testing.assert_array_equal(other.images[0], expected(1000))


@pytest.mark.parametrize("fragments", [MS2, FRAGMENT + MS2, '<userParam name="msLevel" value="2"/>'])
def test_fragments_without_a_precursor_are_left_out(tmp_path, fragments) -> None:
    path = write_kinds(tmp_path / "a.imzML", grid("", fragments))
    with pytest.warns(MsissWarning, match=r"MS1 \(36 spectra\), MS2 \(36 spectra\)"):
        np.testing.assert_array_equal(read_ions(path, mz=MZ).images[0], expected())


def test_a_polarity_of_the_group_in_one_half_and_of_the_spectrum_in_the_other_is_one_kind(tmp_path) -> None:
    spectra = [(*one[:4], POSITIVE if one[1] > 3 else "") for one in grid("")]
    path = write_kinds(tmp_path / "a.imzML", spectra, group=POSITIVE)
    assert row_of(path, "kinds of spectra").text == "All spectra are of one kind: positive MS1."
    np.testing.assert_array_equal(read_ions(path, mz=MZ).images[0], expected())


def test_both_polarities_of_a_file_that_does_not_say_which_spectrum_is_which_are_a_warning(tmp_path) -> None:
    path = write_kinds(tmp_path / "a.imzML", grid(""), content=POSITIVE + NEGATIVE)
    with pytest.warns(MsissWarning, match="not which spectrum is which"):
        assert read_ions(path, mz=MZ).polarity == "mixed"


def test_planes_and_kinds_are_chosen_together(tmp_path) -> None:
    path = write_kinds(tmp_path / "a.imzML", grid(POSITIVE, NEGATIVE))
    z = '<cvParam cvRef="IMS" accession="IMS:1000052" name="position z" value="{}"/>'
    before, *rest = path.read_text().split("</scan>")
    path.write_text(before + "".join(z.format(1 + n // 36) + "</scan>" + one for n, one in enumerate(rest)))
    file, rows = chosen(open_imzml(path), ReadConfig(plane=2, spectra="negative MS1"))
    assert len(file) == 18
    assert "negative MS1 (18 spectra)" in rows[0].found
    assert file.place(0) == "spectrum 38 (pixel x=1, y=4)"  # as in the whole file


def test_picked_peaks_and_their_preview_are_those_of_the_kind(tmp_path) -> None:
    spectra = grid(POSITIVE) + [(x, y, [300.0], [50.0 * x * y], NEGATIVE) for x, y, *_ in grid("")]
    path = write_kinds(tmp_path / "a.imzML", spectra)
    for name, mz in (("positive MS1", 200.0), ("negative MS1", 300.0)):
        config = ReadConfig(spectra=name)
        assert preview_peaks(path, config).peak_mz == pytest.approx([mz])
        assert read_imzml(path, config).mz == pytest.approx([mz])


def test_thousands_of_precursors_are_quick_and_named_in_short(tmp_path) -> None:
    spectra = [(x, y, [200.0], [1.0], MS2 + isolated(100 + 0.1 * (70 * y + x))) for x in range(70) for y in range(70)]
    path = write_kinds(tmp_path / "a.imzML", [*spectra, *grid("")])
    row = row_of(path, "kinds of spectra", thorough=False)
    assert "There are 4,901 kinds of spectra" in row.found
    assert "and 4,891 more" in row.found
    assert (len(row.options), row.options[0][0]) == (100, "MS1")
    np.testing.assert_array_equal(read_imzml(path, settings("MS1")).images[0], expected())


def test_files_side_by_side_have_the_kind_that_all_of_them_hold(switching, tmp_path) -> None:
    other = write_kinds(tmp_path / "b.imzML", grid(NEGATIVE))
    with pytest.warns(MsissWarning, match="negative MS1 is read"):
        images = read_imzml([switching, other], settings())
    np.testing.assert_array_equal(images.images[0][:, :SIDE], expected(1000))
    np.testing.assert_array_equal(images.images[0][:, SIDE + 2 :], expected())
    assert images.polarity == "negative"
    assert kinds([switching, other], ReadConfig()) == ["negative MS1"]


def test_a_file_without_the_kind_of_the_others_is_named(switching, tmp_path) -> None:
    other = write_kinds(tmp_path / "b.imzML", grid(NEGATIVE))
    with pytest.raises(DataError, match=r"b\.imzML: The file holds no positive MS1\. It holds negative MS1"):
        read_imzml([switching, other], settings("positive MS1"))
    fragments = write_kinds(tmp_path / "c.imzML", grid(MS2 + POSITIVE))
    with pytest.raises(DataError, match=r"c\.imzML: The file holds none of the spectra of switching\.imzML"):
        read_imzml([switching, fragments], settings())


def test_a_file_that_does_not_say_its_polarity_fits_any(switching, tmp_path) -> None:
    silent = write_kinds(tmp_path / "b.imzML", grid(""))
    images = read_imzml([switching, silent], settings("negative MS1"))
    np.testing.assert_array_equal(images.images[0][:, :SIDE], expected(1000))


@pytest.mark.parametrize("rule", ["mean", "sum", "last"])
@pytest.mark.parametrize("mode", ["processed", "continuous"])
def test_several_spectra_of_a_pixel_count_by_the_rule(tmp_path, rule, mode) -> None:
    """Three spectra in each pixel with x=1, in the file from the lowest to the highest value."""
    spectra = grid(POSITIVE, POSITIVE, POSITIVE, on=lambda x, y, number: x == 1 or not number)
    path = write_kinds(tmp_path / "a.imzML", spectra, mode=mode)
    right, first = expected(), expected()[:, 0]
    right[:, 0] = {"mean": first + 1000, "sum": 3 * first + 3000, "last": first + 2000}[rule]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MsissWarning)
        images = read_imzml(path, settings("positive MS1", per_pixel=rule))
    said = [str(one.message) for one in caught if "6 pixels have several spectra" in str(one.message)]
    assert bool(said) == (rule == "mean")  # the other rules were chosen
    np.testing.assert_allclose(images.images[0], right, rtol=1e-6)
    np.testing.assert_allclose(images.tic, right, rtol=1e-6)
    row = row_of(path, "duplicates", config=ReadConfig(per_pixel=rule))
    assert (row.setting, row.options[0][0], len(row.options)) == ("per_pixel", rule, 3)


@pytest.mark.parametrize("rule", ["mean", "sum", "last"])
@pytest.mark.parametrize("mode", ["processed", "continuous"])
def test_the_mean_spectrum_follows_the_rule(tmp_path, rule, mode) -> None:
    """In the last spectrum of the pixel only the second m/z has signal."""
    spectra = [
        (1, 1, [200.0, 300.0], [8.0, 2.0], ""),
        (1, 1, [200.0, 300.0], [0.0, 4.0], ""),
        (2, 1, [200.0, 300.0], [0.0, 1.0], ""),
    ]
    path = write_kinds(tmp_path / "a.imzML", spectra, mode=mode)
    file, _ = chosen(open_imzml(path), ReadConfig(per_pixel=rule))
    if mode == "continuous":
        mz, total = SpectrumReader(file).mean_on_axis(progress=ignore)
        found = [total.sum(), (total * mz).sum()]
    else:
        mean = MeanSpectrum(10)
        SpectrumReader(file).mean_spectrum(mean, progress=ignore)
        found = [column.sum() for column in mean.grid[-2:]]
    first, second = {"mean": (4.0, 4.0), "sum": (8.0, 7.0), "last": (0.0, 5.0)}[rule]
    assert found == pytest.approx([first + second, 200 * first + 300 * second])


def test_each_kind_is_of_the_type_that_its_own_spectra_declare(tmp_path) -> None:
    """As profiles of MS1 beside centroids of MS2; two ions do not show what they are."""
    profile, centroid = (f'<cvParam accession="MS:100012{one}" name=""/>' for one in (8, 7))
    path = write_kinds(tmp_path / "a.imzML", grid(profile + MS1, centroid + MS2))
    for config, declared in ((settings(), "profile"), (settings("MS2"), "centroid")):
        for _ in range(2):  # the second time from the index
            assert chosen(open_imzml(path), config)[0].spectrum_type == declared
