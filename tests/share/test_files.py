"""Writing a file that a person has asked for."""

import pytest

from msiss.errors import MsissError
from msiss.share.files import write


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MsissError, match="cannot be written"):
        write(tmp_path / "file" / "report.pdf", b"")
    write(tmp_path / "new" / "report.pdf", b"content")
    assert (tmp_path / "new" / "report.pdf").read_bytes() == b"content"
