"""Which spectra belong together, as programs write polarity, MS level and precursor."""

import numpy as np
import pytest
from imzml_of_kinds import MS1, MS2, POSITIVE, isolated

from msiss.data.formats.imzml.reader import open_imzml, write_imzml
from msiss.data.formats.imzml.spectrum_kinds import MOST_TARGETS, ONE_TARGET, SpectrumKind, spectrum_kinds

NEGATIVE = '<cvParam cvRef="MS" accession="MS:1000129" name="negative scan"/>'
FRAGMENTS = '<cvParam cvRef="MS" accession="MS:1000580" name="MSn spectrum"/>'


def selected(mz: float) -> str:
    return (
        '<precursorList count="1"><precursor><selectedIonList count="1"><selectedIon><cvParam cvRef="MS" '
        f'accession="MS:1000744" name="selected ion m/z" value="{mz}"/></selectedIon></selectedIonList></precursor>'
        "</precursorList>"
    )


def line_of_filter(line: str) -> str:
    return f'<cvParam cvRef="MS" accession="MS:1000512" name="filter string" value="{line}"/>'


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a file with these texts in its spectra, one each, and opens it."""

    def write(*texts, where="<scanList", content="", group=""):
        path = tmp_path / "a.imzML"
        write_imzml(path, [(x + 1, 1, [100.0, 200.0], [1.0, 2.0]) for x in range(len(texts))])
        before, *spectra = path.read_text().split("<spectrum ")
        before = before.replace("<fileContent>", f"<fileContent>{content}")
        before = before.replace('id="spectrum">', 'id="spectrum">' + group)
        spectra = [one.replace(where, text + where, 1) for one, text in zip(spectra, texts, strict=True)]
        path.write_text("<spectrum ".join([before, *spectra]))
        return open_imzml(path)

    return write


def names(file) -> list[str]:
    """Return the kind of each spectrum in words."""
    return [file.kinds[kind].name for kind in file.kind]


def test_polarities_that_alternate(written) -> None:
    file = written(POSITIVE, NEGATIVE, POSITIVE, NEGATIVE)
    assert names(file) == ["positive MS1", "negative MS1", "positive MS1", "negative MS1"]
    assert [kind.name for kind in file.kinds] == ["positive MS1", "negative MS1"]
    assert (file.polarity, file.kind.dtype) == ("mixed", np.int16)


def test_some_spectra_keep_their_kinds(written) -> None:
    some = written(POSITIVE, NEGATIVE, POSITIVE).of(np.array([1, 2]))
    assert names(some) == ["negative MS1", "positive MS1"]


def test_a_polarity_of_the_group_or_of_the_spectrum_is_the_same(written) -> None:
    assert names(written("", POSITIVE, group=POSITIVE)) == ["positive MS1", "positive MS1"]


def test_a_term_of_a_spectrum_itself_overrides_its_group(written) -> None:
    assert names(written("", NEGATIVE, MS2, group=POSITIVE + MS1)) == ["positive MS1", "negative MS1", "positive MS2"]


def test_the_file_says_the_polarity_only_where_spectra_do_not(written) -> None:
    silent = written("", "", content=POSITIVE)
    assert (silent.polarity, names(silent)) == ("positive", ["positive MS1"] * 2)
    silent = written("", "", content=POSITIVE + NEGATIVE)
    assert (silent.polarity, names(silent)) == ("mixed", ["MS1"] * 2)
    said = written(POSITIVE, POSITIVE, content=POSITIVE + NEGATIVE)
    assert (said.polarity, names(said)) == ("positive", ["positive MS1"] * 2)


def test_spectra_without_a_polarity_have_that_of_the_others(written) -> None:
    assert names(written(POSITIVE, "", POSITIVE)) == ["positive MS1"] * 3
    assert names(written(POSITIVE, "", NEGATIVE)) == ["positive MS1", "MS1", "negative MS1"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (MS2, "MS2"),  # bbCID isolates nothing
        (MS2 + isolated(184.0733), "MS2 of m/z 184.07"),
        (MS2 + selected(760.5851), "MS2 of m/z 760.59"),
        (isolated(184.0733), "MS2 of m/z 184.07"),
        (MS1 + isolated(500.0), "MS1"),
        ('<cvParam accession="MS:1000511" name="ms level" value="0"/>', "MS1"),
        ('<cvParam accession="MS:1000511" name="ms level"/>', "MS1"),
        ('<userParam name="msLevel" value="2"/>', "MS2"),
        ('<userParam name="Polarity" value="Positive"/>', "positive MS1"),
        ('<userParam name="scan polarity" value="-"/>', "negative MS1"),
        ('<userParam name="polarity" value="unknown"/>', "MS1"),
        (POSITIVE + '<userParam name="FAIMS compensation voltage" value="-45"/>', "positive MS1 at -45 V"),
        ('<userParam name="polarity" value="pos"/>', "positive MS1"),
        ('<userParam name="ion mode" value="Negative ion mode"/>', "negative MS1"),
        ('<userParam name="ionization mode" value="n"/>', "negative MS1"),
        ('<cvParam accession="MS:1000465" name="scan polarity" value="negative"/>', "negative MS1"),
        ('<cvParam accession="MS:1000128" name="positive scan"/>', "positive MS1"),  # known mistakes
        ('<cvParam accession="MS:1000128" name="negative scan"/>', "negative MS1"),
        ('<cvParam accession="MS:1000511" name="ms level" value="2.0"/>', "MS2"),
        ('<cvParam accession="MS:1000511" name="ms level" value="MS3"/>', "MS3"),
        (MS1 + FRAGMENTS, "MS2"),  # the level of a writer that knows no other
        (line_of_filter("FTMS + p MALDI Full lock ms [500.00-1500.00]"), "positive MS1"),
        (line_of_filter("ITMS - p NSI Full ms [100,00-800,00]"), "negative MS1"),
        (line_of_filter("FTMS - p ESI d Full ms2 184.07@hcd30.00 [50.00-200.00]"), "negative MS2 of m/z 184.07"),
        (line_of_filter("ITMS + c NSI Full ms3 500,5@cid35,00 184,1@cid35,00 [50-200]"), "positive MS3 of m/z 184.10"),
        (line_of_filter("FTMS + p NSI cv=-45.00 Full ms [500.00-1500.00]"), "positive MS1 at -45 V"),
        (line_of_filter("FTMS + p ESI Full ms2 184.07@hcd30.00 [50.0-200.0]") + NEGATIVE + MS1, "negative MS1"),
        (
            POSITIVE + '<cvParam accession="MS:1001581" name="FAIMS compensation voltage" value="-45"/>',
            "positive MS1 at -45 V",
        ),
    ],
)
def test_what_programs_write(written, text, name) -> None:
    assert names(written(POSITIVE + MS1, NEGATIVE + MS1, text))[2] == name
    assert names(written(text, POSITIVE + MS1, NEGATIVE + MS1))[0] == name


def test_terms_in_the_scan_count(written) -> None:
    where = '<cvParam cvRef="IMS" accession="IMS:1000050"'
    assert names(written(POSITIVE, NEGATIVE, where=where)) == ["positive MS1", "negative MS1"]


def test_the_line_of_a_filter_counts_in_a_group_too(written) -> None:
    assert names(written("", "", group=line_of_filter("FTMS - p MALDI Full ms [500-900]"))) == ["negative MS1"] * 2


def test_fragments_by_the_kind_of_the_spectrum(written) -> None:
    file = written("", "", group=FRAGMENTS)  # the group of the writer says MS1, too
    assert names(file) == ["MS1", "MS1"]
    assert names(written(FRAGMENTS, ""))[0] == "MS2"


def test_one_target_of_isolation_is_one_kind(written) -> None:
    file = written(*(MS2 + isolated(mz) for mz in (184.0731, 184.0735, 86.0964, 184.0733)))
    assert names(file) == ["MS2 of m/z 184.07", "MS2 of m/z 184.07", "MS2 of m/z 86.10", "MS2 of m/z 184.07"]
    assert [kind.precursor for kind in file.kinds] == [86.0964, 184.0733]


def test_targets_that_an_instrument_chooses_by_itself_are_one_kind() -> None:
    count = MOST_TARGETS + 1
    kinds, kind = spectrum_kinds(
        [(("MS:1000511", "2"),)],
        np.zeros(count, dtype=int),
        lambda _: (),
        precursors=100 + 2 * ONE_TARGET * np.arange(count),
        voltages=np.full(count, np.nan),
    )
    assert kinds == (SpectrumKind(ms_level=2),)
    assert not kind.any()


def test_kinds_come_in_an_order_that_does_not_depend_on_the_file(written) -> None:
    texts = [MS2 + NEGATIVE + isolated(300.5), MS2 + isolated(200.5), NEGATIVE, POSITIVE, MS2 + POSITIVE]
    expected = [
        "positive MS1",
        "negative MS1",
        "positive MS2",
        "negative MS2 of m/z 300.50",
        "MS2 of m/z 200.50",
    ]
    for order in (texts, texts[::-1]):
        assert [kind.name for kind in written(*order).kinds] == expected


def test_the_index_keeps_kinds(written) -> None:
    first = written(POSITIVE, MS2 + isolated(184.07), NEGATIVE)
    again = open_imzml(first.path)
    assert again.kinds == first.kinds
    np.testing.assert_array_equal(again.kind, first.kind)
