"""Work in threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from msiss.analyse.parallel import each, one_blas_thread


def blas_threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_every_item_is_worked_on_once() -> None:
    counts = np.zeros(500, int)
    lock = threading.Lock()

    def count(item: int) -> None:
        with lock:
            counts[item] += 1

    each(count, range(500))
    assert (counts == 1).all()


def test_an_error_is_raised() -> None:
    def fail(item: int) -> None:
        if item == 3:
            raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item 3"):
        each(fail, range(10))


def test_blas_has_one_thread_meanwhile_and_as_many_as_before_afterwards() -> None:
    before = blas_threads()
    seen: list[list[int]] = []
    each(lambda _: seen.append(blas_threads()), range(20))
    assert len(seen) == 20
    assert all(number == 1 for threads in seen for number in threads)
    assert blas_threads() == before


def test_who_leaves_first_does_not_matter() -> None:
    before = blas_threads()
    entered, leave = threading.Event(), threading.Event()

    def other() -> None:
        with one_blas_thread():
            entered.set()
            leave.wait()

    with ThreadPoolExecutor(1) as pool:
        with one_blas_thread():
            waiting = pool.submit(other)
            entered.wait()
        assert all(number == 1 for number in blas_threads())  # the other still wants it
        leave.set()
        waiting.result()
    assert blas_threads() == before


def test_one_thread_is_that_of_the_caller() -> None:
    seen = []
    each(lambda _: seen.append(threading.current_thread()), range(5), threads=1)
    assert set(seen) == {threading.current_thread()}
