"""Templates give what Expat gives, for every file, however it deviates from its first spectra."""

import random
from pathlib import Path

import numpy as np
import pytest

from msiss.data.formats.imzml import scan, templates
from msiss.data.formats.imzml.roles import IGNORED, TAKEN, VALUE_IGNORED, array_role, place_role
from msiss.data.formats.imzml.scan import Scan
from msiss.data.formats.imzml.table import SpectrumRow
from msiss.data.formats.imzml.templates import Templates
from msiss.data.progress import ignore

NEVER = 10**15
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<mzML><run><spectrumList count="9">'
TAIL = "\n</spectrumList></run></mzML>\n"


def outcome(path: Path, first: int, monkeypatch) -> tuple[dict, list, list, str, int]:
    """Return all columns, descriptions and kinds of arrays, the error if there was one, and its line."""
    monkeypatch.setattr(scan, "FIRST_BYTES", first)
    one = Scan()
    error, line = "", 0
    try:
        one.read(path, ignore)
    except scan.expat.ExpatError as raised:
        error, line = scan.expat.ErrorString(raised.code), one.line(raised)
    except Exception as raised:
        error = repr(raised)
    columns = {name: values.tolist() for name, values in one.spectra.columns().items()}
    columns = {name: [str(value) for value in values] for name, values in columns.items()}  # NaN equals NaN
    return columns, list(one.spectra.descriptions), list(one.spectra.array_kinds), error, line


@pytest.fixture
def agrees(monkeypatch):
    """Return a function that says how many spectra were read by templates, once both ways have given the same."""

    def check(path: Path) -> int:
        read, used = Templates.read, []

        def counted(self, data, start, table):
            before = len(table)
            result = read(self, data, start, table)
            used.append(len(table) - before if before else 0)  # a template is first tried on an empty table
            return result

        expected = outcome(path, NEVER, monkeypatch)
        monkeypatch.setattr(Templates, "read", counted)
        assert outcome(path, 0, monkeypatch) == expected
        monkeypatch.setattr(Templates, "read", read)
        return sum(used)

    return check


def test_every_file_of_the_test_data(test_data, agrees) -> None:
    files = [path for path in test_data.rglob("*") if path.suffix.lower() == ".imzml" and path.is_file()]
    assert len(files) > 50
    used = {path.name: agrees(path) for path in files}
    assert used["bladder79.imzML"] > 34_000
    assert used["HD_rep1.imzML"] > 150


def spectrum(number: int, **more: str) -> str:
    """Return a spectrum as programs write it, with parts replaced."""
    parts = {
        "x": str(number % 7 + 1),
        "y": str(number // 7 + 1),
        "offset": str(16 + 120 * number),
        "length": str(5 + number % 3),
        "tic": f"{1000 / (number + 1):.4f}",
        "id": f"spectrum={number}",
        "terms": "",
        "scan": "",
        "array": "",
        "after": "",
        "between": "\n  ",
        "end": "</spectrum>",
    } | more
    return (
        '{between}<spectrum id="{id}" index="' + str(number) + '" defaultArrayLength="0">'
        '<cvParam cvRef="MS" accession="MS:1000285" name="total ion current" value="{tic}"/>{terms}'
        '<scanList count="1"><scan><cvParam accession="IMS:1000050" name="position x" value="{x}"/>'
        "<cvParam accession='IMS:1000051' name='position y' value='{y}'/>{scan}</scan></scanList>"
        '<binaryDataArrayList count="2"><binaryDataArray encodedLength="0"><referenceableParamGroupRef ref="mz"/>'
        '<cvParam accession="IMS:1000102" value="{offset}"/><cvParam accession="IMS:1000103" value="{length}"/>{array}'
        '<binary/></binaryDataArray><binaryDataArray><referenceableParamGroupRef ref="i"/>'
        '<cvParam accession="IMS:1000103" value="{length}"/><cvParam accession="IMS:1000102" value="{offset}"/>'
        '<cvParam accession="IMS:1000104" value="{length}0"/><binary></binary></binaryDataArray>'
        "</binaryDataArrayList>{end}{after}"
    ).format_map(parts)


TERM = '<cvParam accession="{}" value="{}"/>'
# Deviations of a spectrum from the others: harmless ones, odd ones, and such that break the file.
DEVIATIONS = {
    "nothing": {},
    "long numbers": {"offset": "123456789012345678"},
    "longer numbers": {"offset": "1234567890123456789"},
    "too long numbers": {"offset": "9" * 25},
    "negative": {"offset": "-2147483632"},
    "scientific": {"offset": "1.2e+06", "length": "5E0"},
    "a plus and zeros": {"length": "+007"},
    "spaces": {"length": " 5 "},
    "no number": {"length": "five"},
    "half": {"x": "2.5"},
    "empty number": {"offset": ""},
    "empty array": {"length": "0"},
    "odd id": {"id": "größe µ 小"},
    "references": {"id": "a&amp;b &#65;"},
    "quotes": {"id": "it's"},
    "a bracket": {"id": "a>b"},
    "an open bracket": {"id": "a<b"},
    "long id": {"id": "x" * 5000},
    "a float": {"terms": TERM.format("MS:1000744", "184.0733")},
    "another float": {"terms": TERM.format("MS:1000744", "1.840734E+02")},
    "no float": {"terms": TERM.format("MS:1000744", "1-2")},
    "two floats": {"terms": TERM.format("MS:1000744", "x") + TERM.format("MS:1000744", "5.5")},
    "mobility": {"scan": TERM.format("MS:1002815", ".85")},
    "stage": {"scan": '<userParam name="3DPositionX" value="15.5"/><userParam name="3DPositionY" value="-1e3"/>'},
    "user position": {"scan": '<userParam name="x" value="77"/>'},
    "polarity": {"terms": TERM.format("MS:1000130", "")},
    "level": {"terms": TERM.format("MS:1000511", "2")},
    "two positions": {"scan": TERM.format("IMS:1000050", "99")},
    "layer": {"scan": TERM.format("IMS:1000052", "3")},
    "comment": {"terms": "<!-- <cvParam accession='IMS:1000052' value='4'/> -->"},
    "comment around": {"between": "\n  <!-- ", "after": " -->"},
    "comment with an end": {"after": "<!-- </spectrum> -->"},
    "open comment": {"after": "<!-- "},
    "CDATA": {"terms": "<userParam name='a'><![CDATA[</spectrum>]]></userParam>"},
    "instruction": {"between": "<?a </spectrum> ?>"},
    "tag inside": {"terms": "<a b='c'/>"},
    "spaces in tags": {"terms": '<cvParam  accession = "IMS:1000052"\n value\t= "5" />'},
    "another order": {"terms": '<cvParam value="6" accession="IMS:1000052"/>'},
    "a term twice": {"array": TERM.format("IMS:1000102", "777")},
    "no value": {"terms": '<cvParam accession="IMS:1000052"/>'},
    "a missing end": {"terms": "<a>"},
    "an end too much": {"terms": "</a>"},
    "duplicate attribute": {"terms": '<a b="c" b="c"/>'},
    "unknown entity": {"terms": '<a b="&amp"/>'},
    "prefix": {"terms": "<x:cvParam accession='IMS:1000052' value='4'/>"},
    "spectrum in spectrum": {"terms": "<spectrum></spectrum>"},
    "end with space": {"end": "</spectrum >"},
    "comment over others": {"end": "</spectrum ><!-- </spectrum>"},
    "a list between": {"after": "</spectrumList><spectrumList>"},
}


@pytest.fixture
def write(tmp_path):
    def write(spectra) -> Path:
        path = tmp_path / "a.imzML"
        path.write_text(HEAD + "".join(spectra) + TAIL)
        return path

    return write


@pytest.mark.parametrize("name", DEVIATIONS)
def test_one_spectrum_that_deviates(write, agrees, name) -> None:
    assert agrees(write(spectrum(number, **DEVIATIONS[name] if number == 20 else {}) for number in range(40))) >= 15


@pytest.mark.parametrize("name", DEVIATIONS)
def test_all_spectra_but_a_few(write, agrees, name) -> None:
    agrees(write(spectrum(number, **{} if number in (3, 4, 20) else DEVIATIONS[name]) for number in range(40)))


@pytest.mark.parametrize("seed", range(40))
def test_any_mixture_of_deviations_in_pieces_of_any_size(write, agrees, monkeypatch, seed) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(scan.text, "CHUNK", chance.choice([150, 999, 4096, 2**20]))
    monkeypatch.setattr(templates, "MOST_TEMPLATES", chance.choice([1, 3, 16]))
    monkeypatch.setattr(templates, "AT_ONCE", chance.choice([1, 7, 4096]))
    monkeypatch.setattr(scan, "MOST_IN_VAIN", chance.choice([2, 1000]))
    some = chance.sample([name for name in DEVIATIONS if chance.random() < 0.9], 5)
    how = [{} if chance.random() < 0.6 else DEVIATIONS[chance.choice(some)] for _ in range(80)]
    agrees(write(spectrum(number, **deviation) for number, deviation in enumerate(how)))


@pytest.mark.parametrize("seed", range(40))
def test_damaged_text(write, agrees, seed) -> None:
    """Any byte may be another, missing or doubled."""
    chance = random.Random(seed)
    path = write(spectrum(number) for number in range(30))
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 1, 1, 5])):
        place = chance.randrange(len(data))
        data[place : place + chance.choice([0, 1, 1, 30])] = chance.choice(
            [b"", b"<", b'"', b"7", b"x", b"\0", b"\xb5"]
        )
    path.write_bytes(data)
    agrees(path)


def test_kinds_of_spectra_that_alternate_are_all_read_by_templates(write, agrees) -> None:
    kinds = [
        {"terms": TERM.format("MS:1000130", "")},
        {"terms": TERM.format("MS:1000129", "")},
        {"terms": TERM.format("MS:1000511", "2") + TERM.format("MS:1000827", "184.07")},
    ]
    path = write(spectrum(number, **kinds[number % 3]) for number in range(300))
    assert agrees(path) >= 290


def test_a_value_that_was_looked_at_is_no_field(write, agrees) -> None:
    agrees(write(spectrum(number, terms=TERM.format("MS:1000511", 1 + number // 5 % 3)) for number in range(40)))


WORDS = {
    "a polarity": '<userParam name="polarity" value="{}"/>',
    "a filter": '<cvParam accession="MS:1000512" name="filter string" value="{}"/>',
}


@pytest.mark.parametrize("name", WORDS)
def test_words_that_say_nothing_at_first_are_no_fields(write, agrees, name) -> None:
    said = ["unknown", "FTMS Full", "+", "FTMS - p Full ms2 184.07@hcd30 [50-200]"]
    agrees(write(spectrum(number, terms=WORDS[name].format(said[number // 5 % 4])) for number in range(40)))


def test_numbers_that_are_given_twice_are_no_fields(write, agrees) -> None:
    """Of which the first counts, also where both were the same at first."""
    twice = "".join(TERM.format("MS:1000744", value) for value in ("{0}.5", "{1}.5"))
    agrees(write(spectrum(number, terms=twice.format(number, max(number, 5))) for number in range(5, 9)))
    agrees(write(spectrum(number, terms=twice.format(number, min(number, 5))) for number in range(40)))


def test_a_default_length_counts_where_there_is_no_other(write, agrees) -> None:
    spectra = [spectrum(number) for number in range(9)]
    length = '<cvParam accession="IMS:1000103" value="{}"/>'
    changed = [
        one.replace(length.format(5 + number % 3), "").replace('Length="0">', f'Length="{number + 1}">', 1)
        for number, one in enumerate(spectra)
    ]
    path = write(changed)
    agrees(path)
    one = Scan()
    one.read(path, ignore)
    assert one.spectra.columns()["length"].tolist() == [number + 1 for number in range(9) for _ in "mi"]


ROW = SpectrumRow((1, 2, 1), 0, {}, [(0, 16, 5, -1)])
TEXT = b'<s i="a"><x value="1"/><y value="2"/><o value="16"/><l value="5"/></s>'
ROLES = (IGNORED, place_role(0), place_role(1), array_role(0, 1), array_role(0, 2))


def marks(roles=ROLES) -> list:
    return list(zip((TEXT.index(b"<" + name) for name in (b"s", b"x", b"y", b"o", b"l")), roles, strict=True))


def test_a_template_must_give_what_was_read() -> None:
    assert Templates().learn(TEXT, marks(), ROW)
    assert not Templates().learn(TEXT, marks(), SpectrumRow((2, 1, 1), 0, {}, [(0, 16, 5, -1)]))
    assert not Templates().learn(TEXT, marks((IGNORED, place_role(0), place_role(0), TAKEN, VALUE_IGNORED)), ROW)
    assert not Templates().learn(TEXT, [(1, IGNORED)], ROW)


def test_an_array_without_an_offset_may_not_become_one_with_values() -> None:
    empty = SpectrumRow((1, 2, 1), 0, {}, [(0, 0, 0, -1)])
    text = TEXT.replace(b'"5"', b'"0"')
    assert Templates().learn(text, marks(), empty)
    assert not Templates().learn(text, marks((*ROLES[:3], TAKEN, ROLES[4])), empty)


def test_values_that_nobody_looked_at_may_differ_and_others_may_not() -> None:
    known = Templates()
    assert known.learn(TEXT, marks((IGNORED, place_role(0), place_role(1), TAKEN, VALUE_IGNORED)), ROW)
    table = scan.SpectrumTable()
    fitting = TEXT.replace(b'"a"', b'"anything else"').replace(b'"5"', b'""').replace(b'"1"', b'"-12"')
    stop, unfinished = known.read(fitting + TEXT.replace(b"16", b"17"), 0, table)
    assert (stop, unfinished) == (len(fitting), False)
    np.testing.assert_array_equal(table.coordinates, [[-12, 2, 1]])
    assert known.read(fitting[:-1], 0, table) == (0, True)
