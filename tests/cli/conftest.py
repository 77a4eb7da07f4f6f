"""The commands in this process, with what they read; `children` and what is read once for a file use real children."""

import pytest


@pytest.fixture(autouse=True)
def _without_children(no_children: None) -> None:
    pass
