"""What the tests of figures for print share."""

from collections.abc import Callable

import numpy as np
import pypdfium2
import pytest

from msiss.show.palette import cluster_colour
from msiss.show.print.groups import Groups


@pytest.fixture
def groups() -> Groups:
    """Return the groups of six ions."""
    of = np.array([0, 0, 0, 1, 1, 2])
    return Groups(of, {n: f"Cluster {n}" for n in range(3)}, {n: cluster_colour(n) for n in range(3)})


@pytest.fixture
def texts_of() -> Callable[[bytes], list[str]]:
    """Return a function that returns the text of each page of a PDF file."""

    def read(content: bytes) -> list[str]:
        document = pypdfium2.PdfDocument(content)
        return [page.get_textpage().get_text_bounded() for page in document]

    return read
