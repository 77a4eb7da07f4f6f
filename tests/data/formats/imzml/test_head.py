"""The head of a header as a tree, and the terms in it."""

from xml.etree import ElementTree

import pytest

from msiss.data.formats.imzml.head import DEEPEST, Head, TooMuchXml
from msiss.data.formats.imzml.head_terms import groups_of, terms_in
from msiss.data.formats.imzml.ontology import corrected


def test_the_head_ends_with_its_first_spectrum() -> None:
    head = Head()
    for name in ("mzML", "run", "spectrum", "scan"):
        head.start(name, {"id": name})
    assert not head.whole
    head.end()
    head.end()
    assert head.whole
    assert [element.get("id") for element in head.root.iter()] == ["mzML", "run", "spectrum", "scan"]


def test_elements_within_elements_have_an_end() -> None:
    head = Head()
    for _ in range(DEEPEST):
        head.start("a", {})
    with pytest.raises(TooMuchXml):
        head.start("a", {})


def test_terms_are_found_with_those_of_groups_and_incomplete_ones_are_left_out() -> None:
    root = ElementTree.fromstring(
        '<a><referenceableParamGroup id="g"><cvParam accession="MS:1000521" name="64-bit float" value=" x "/>'
        '</referenceableParamGroup><c><cvParam name="n"/><cvParam accession="A" unitName="u"/><cvParam accession=""/>'
        '<d><referenceableParamGroupRef ref="g"/><referenceableParamGroupRef ref="no"/><referenceableParamGroupRef/>'
        "</d></c></a>"
    )
    groups = groups_of(root)
    assert [term.accession for term in groups["g"]] == ["MS:1000523"]
    first, second = terms_in(root, "c", groups)
    assert first == ("A", "A", "", "", "", "u")
    assert second == ("MS:1000523", "64-bit float", "64-bit float", "x", "", "")


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (("MS:1000521", "64-bit float"), ("MS:1000523", "64-bit float")),
        (("MS:1000523", "32-bit float"), ("MS:1000521", "32-bit float")),
        (("MS:1000521", "float"), ("MS:1000521", "32-bit float")),
        (("MS:1000128", "positive scan"), ("MS:1000130", "positive scan")),
        (("X:1", "something"), ("X:1", "something")),
        (("X:1", ""), ("X:1", "X:1")),
    ],
)
def test_terms_whose_accession_and_name_contradict_each_other(term, expected) -> None:
    assert corrected(*term) == expected
