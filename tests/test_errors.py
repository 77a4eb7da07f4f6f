"""Why the operating system refuses something, in the words of its users."""

import errno
import os

import pytest

from msiss.errors import reason, refused


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "this account has no permission"), (errno.EIO, os.strerror(5))],
)
def test_a_refusal_says_where_why_and_what_to_do(number, said) -> None:
    error = OSError(number, os.strerror(number), "/data/a")
    assert reason(error) == said
    assert refused(error) == (
        f"/data/a cannot be read or written: {said}. Check the path, its permissions and the free space of its disk."
    )


def test_what_is_said_in_words_already_is_kept() -> None:
    assert reason(PermissionError(errno.EACCES, "a.ibd lies outside")) == "a.ibd lies outside"
    assert reason(OSError("broken")) == "broken"
    assert refused(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))).startswith("A file cannot be read or written: the")


def test_of_two_paths_the_one_that_was_to_be_made_is_named() -> None:
    error = OSError(errno.EACCES, os.strerror(errno.EACCES), "/tmp/made", None, "/data/a")
    assert refused(error).startswith("/data/a cannot")
