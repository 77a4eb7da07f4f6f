"""The separator of the columns."""

import pytest

from msiss.data.table_separator import Candidate, likeliest

SEPARATORS = {
    "mz,name\n1.5,a; b\n": ",",
    "mz;name\n1,5;PC(16:0,18:1)\n": ";",
    "1,5;PC(16:0,18:1)\n2,5;PC(16:1,18:1)\n": ";",
    "1,5 PC\n2,5 PE\n": " ",
    "PC 34:1,760.585\nPC 32:0,734.57\n": ",",
    "mz|name\n1.5|a, b\n": "|",
    "mz\tname\n1,5\ta, b\n": "\t",
    "100.5\tPC 34:1\n200.5\tPE 34:1\n": "\t",
    '"mz" "name"\n"1" 1.5 "PC(16:0, 18:1)"\n': " ",
    "A title, with a comma\nmz;name\n1,5;a\n": ";",
    "mz\n1.5\n": "\t",
    "m/z value\n1.5\n2.5\n": "\t",  # a space in a name
}


@pytest.mark.parametrize("text", SEPARATORS)
def test_separators(text) -> None:
    assert likeliest(text.splitlines(keepends=True)).delimiter == SEPARATORS[text]


def test_what_cannot_be_parsed_is_no_candidate() -> None:
    assert "field larger" in Candidate.of(["mz,name\n", "1," + "a" * 140_000], ",").error
