"""Encodings of tables, and files that are none."""

from pathlib import Path

import pytest

from msiss.data.findings import DataStop
from msiss.data.table_encoding import encoding_of

TEXT = "m/z\tName\r\n760,585\tSäure µ\r\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((TEXT, encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")),
        (TEXT.replace("\r\n", "\r"), "mac-roman"),
        ("质荷比,名称\n760.585,\n", "utf-16-le"),
    ],
)
def test_text_is_read_as_it_was_written(text, encoding) -> None:
    data = text.encode(encoding)
    assert data.decode(encoding_of(Path("a.csv"), data)) == text


def test_a_sign_that_is_cut_at_the_end_is_no_other_encoding() -> None:
    assert encoding_of(Path("a.csv"), "aé".encode()[:-1]) == "utf-8-sig"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", r"old Excel workbook \(\.xls\), or one with a password, .* Save it as \.xlsx"),
        (b"%PDF-1.7", "PDF"),
        (b" <!DOCTYPE html><table>", "web page"),
        (b"{\\rtf1", "RTF"),
        (b"mz\n1\0\0\0", "This is not a text file"),
    ],
)
def test_other_kinds_are_named(data, kind) -> None:
    with pytest.raises(DataStop, match=rf"a\.csv: .*{kind}"):
        encoding_of(Path("a.csv"), data)
