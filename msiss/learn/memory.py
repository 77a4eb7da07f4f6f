"""Memory that a training frees and asks for again at every step."""

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Parameters of mallopt(3) in glibc's malloc.h, and their values here.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
MOST = 2**31 - 1  # bytes
# What glibc comes to by itself when large blocks are freed: twice the largest that it takes from the heap, and that.
USUAL = {TRIM_THRESHOLD: 2 * 32 * 2**20, MMAP_THRESHOLD: 32 * 2**20}


@contextmanager
def kept_memory() -> Iterator[None]:
    """Let the C library keep what a training frees for its next step, and give everything back at the end.

    Otherwise every step takes its memory from the system anew, which fills it with zeros: a fifth of the time of a step
    of the paper's method. Does nothing where there is no glibc, and outside the main thread, whose heap alone grows
    without limit.
    """
    library = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
    if not hasattr(library, "mallopt") or threading.current_thread() is not threading.main_thread():
        yield
        return
    assert library is not None
    for parameter in USUAL:
        library.mallopt(parameter, MOST)
    try:
        yield
    finally:
        for parameter, value in USUAL.items():
            library.mallopt(parameter, value)
        library.malloc_trim(0)
