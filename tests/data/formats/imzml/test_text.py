"""The text of a header, whatever its bytes and its declaration are."""

import codecs

import pytest
from helpers import read_ions

from msiss.data.formats.imzml import text
from msiss.data.formats.imzml.reader import open_imzml

BODY = '<a b="D:\\{}\\x">\n</a>'


@pytest.fixture
def decoded(tmp_path):
    def decode(data: bytes) -> str:
        path = tmp_path / "a.xml"
        path.write_bytes(data)
        return b"".join(piece for piece, _ in text.utf8(path)).decode()

    return decode


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>'


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("UTF-8", "Größe µ 小鼠"),
        ("utf8", "Größe µ 小鼠"),
        ("UTF8", "Größe µ 小鼠"),
        ("ISO-8859-1", "Größe µ é"),
        ("ISO-8859-15", "Größe é €"),
        ("windows-1250", "Łódź"),
        ("windows-1251", "Мышь"),
        ("windows-1252", "Größe „µ“"),
        ("KOI8-R", "Мышь"),
        ("GB2312", "小鼠脑"),
        ("GBK", "小鼠腦"),
        ("GB18030", "小鼠腦€"),
        ("Big5", "小鼠腦"),
        ("Shift_JIS", "マウス脳表"),  # whose second bytes may be backslashes
        ("EUC-JP", "マウス脳"),
        ("ISO-2022-JP", "マウス脳"),  # whose bytes are all ASCII
        ("EUC-KR", "마우스 뇌"),
    ],
)
def test_legal_encodings(decoded, encoding, words) -> None:
    assert decoded((declared(encoding) + BODY.format(words)).encode(encoding)) == BODY.format(words)


@pytest.mark.parametrize("encoding", ["", "klingon", "UTF-16", "utf-7", "rot13", "zlib", "unicode_escape", "utf-8 "])
def test_declarations_that_cannot_be_meant_are_utf8(decoded, encoding) -> None:
    assert decoded((declared(encoding) + BODY.format("Größe \\u0041")).encode()) == BODY.format("Größe \\u0041")


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (b"", "utf-32-be"),
    ],
)
@pytest.mark.parametrize("said", ["utf-8", "utf-16", "ISO-8859-1"])
def test_the_first_bytes_count_more_than_the_declaration(decoded, mark, encoding, said) -> None:
    assert decoded(mark + (declared(said) + BODY.format("µ小")).encode(encoding)) == BODY.format("µ小")


def test_bytes_that_contradict_utf8_are_western_letters_where_they_stand_alone(decoded) -> None:
    assert decoded((declared("UTF-8") + BODY.format("Müller 50 µm é")).encode("cp1252")) == BODY.format(
        "Müller 50 µm é"
    )
    found = decoded((declared("UTF-8") + BODY.format("小鼠脑")).encode("gbk"))
    assert found.startswith('<a b="D:\\')
    assert found.endswith('\\x">\n</a>')
    assert "\ufffd" in found


def test_nothing_is_lost_at_the_borders_of_pieces(decoded, monkeypatch) -> None:
    words = "小鼠µ & &amp; &#65; " * 40
    expected = BODY.format(words.replace("& ", "&amp; "))
    for size in (128, 129, 130, 131, 201):
        monkeypatch.setattr(text, "CHUNK", size)
        for encoding in ("utf-8", "utf-16", "gb18030"):
            assert decoded((declared(encoding) + BODY.format(words)).encode(encoding)) == expected


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a\0b\x1fc\x0bd", "a b c d"),
        ("R&D", "R&amp;D"),
        ("&uuml;&", "&amp;uuml;&amp;"),
        ("&lt;&#13;&#x41;&#0;&#x1F;&#xD800;", "&lt;&#13;&#x41;   "),
        ("a\tb\nc", "a\tb\nc"),
    ],
)
def test_what_xml_does_not_have_is_made_harmless(decoded, written, read) -> None:
    assert decoded((declared("UTF-8") + BODY.format(written)).encode()) == BODY.format(read)


def test_lines_are_those_of_the_file(decoded) -> None:
    assert decoded(b'\xef\xbb\xbf<?xml version="1.0"\nencoding="UTF-8"?>\n<a/>') == "\n\n<a/>"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("UTF-8", "cp1252"),
        ("UTF-8", "gbk"),
        ("GB2312", "gbk"),
        ("utf8", "utf-8"),
        ("", "utf-8"),
        ("Shift_JIS", "cp932"),
    ],
)
def test_images_do_not_depend_on_the_text(imzml, said, written) -> None:
    expected = read_ions(imzml, [150.02, 455.5])
    words = "Müller 50 µm" if written == "cp1252" else "表十"
    source = f'<sourceFileList count="1"><sourceFile name="{words}.d" location="D:\\{words}"/></sourceFileList>'
    body = imzml.read_text().replace("</fileContent>", f"</fileContent>{source}")
    imzml.write_bytes(body.replace('encoding="utf-8"', f'encoding="{said}"').encode(written))
    assert read_ions(imzml, [150.02, 455.5]).fingerprint == expected.fingerprint
    if (said, written) != ("UTF-8", "gbk"):
        assert open_imzml(imzml).about["Source file"] == f"{words}.d"
