"""What is written while a call works."""

import sys

import pytest

from msiss.progress_line import ProgressLine


def shown(line: ProgressLine, capsys: pytest.CaptureFixture[str]) -> str:
    for fraction in (0.0, 0.01, 0.02, 0.5):
        line.show(fraction, "reading spectra" if fraction < 0.02 else "ready")
    line.show(0.9, "")
    line.end("Done.")
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_a_log_has_a_line_per_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(ProgressLine(True), capsys) == "  0% reading spectra\n 50% ready\nDone.\n"


def test_a_notebook_rewrites_its_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    assert shown(ProgressLine(True), capsys) == (
        "\r  0% reading spectra\r  1% reading spectra\r  2% ready          \r 50% ready\nDone.\n"
    )


def test_nothing_is_written_where_nobody_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(ProgressLine(False), capsys) == ""
