"""What the C library is told, where it is told anything."""

import ctypes
import threading
from collections.abc import Callable

import pytest

from msiss.learn.memory import kept_memory


class Library:
    def __init__(self) -> None:
        self.calls: list[tuple[str, int, int] | str] = []

    def mallopt(self, parameter: int, value: int) -> int:
        self.calls.append(("mallopt", parameter, value))
        return 1

    def malloc_trim(self, _pad: int) -> int:
        self.calls.append("trim")
        return 1


def use(work: Callable[[], None] = lambda: None) -> None:
    with kept_memory():
        work()


def test_memory_is_kept_and_given_back_even_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)

    def fail() -> None:
        assert library.calls == [("mallopt", -1, 2**31 - 1), ("mallopt", -3, 2**31 - 1)]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use(fail)
    assert library.calls[2:] == [("mallopt", -1, 64 * 2**20), ("mallopt", -3, 32 * 2**20), "trim"]


@pytest.mark.parametrize("library", [Library(), object()])
def test_nothing_is_said_in_another_thread_or_to_another_library(
    library: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)
    if isinstance(library, Library):
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
        assert library.calls == []
    else:
        use()


def test_another_system_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: pytest.fail("there is no such library"))
    use()


def test_it_works_with_the_library_of_this_system() -> None:
    use()
