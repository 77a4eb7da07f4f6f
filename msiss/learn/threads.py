"""Compiled loops over the images of a batch in several threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def in_threads(work: Callable[[int, int], None], number: int, threads: int) -> None:
    """Call ``work(first, last)`` for as many ranges of `number` images as there are threads.

    The work must release the GIL. Its threads wait for nobody in between: where other programs take a core, the
    parallel loops of torch wait at the end of every operation.
    """
    threads = max(1, min(threads, number))
    limits = [number * part // threads for part in range(threads + 1)]
    if threads == 1:
        work(0, number)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, limits[:-1], limits[1:]))
