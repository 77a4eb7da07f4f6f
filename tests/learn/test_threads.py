"""Every image is worked on once, whatever the number of threads."""

import numpy as np
import pytest

from msiss.learn.threads import in_threads


@pytest.mark.parametrize("threads", [1, 2, 3, 50])
def test_ranges_of_threads_are_all_images_once(threads: int) -> None:
    seen = np.zeros(17, dtype=int)

    def work(first: int, last: int) -> None:
        seen[first:last] += 1

    in_threads(work, 17, threads)
    assert (seen == 1).all()
